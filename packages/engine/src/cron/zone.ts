/**
 * Time zones: the offset at an instant, and the stretch of constant offset around it. Asking Intl costs some
 * microseconds, so answers are kept by week; the answer is always the same, so the memory of this file is not state.
 */

/** A time zone of the IANA list. */
export interface Zone {
  readonly name: string
  readonly format: Intl.DateTimeFormat
  readonly weeks: Map<number, Week>
}

/** A stretch of constant offset. All fields are milliseconds; instants are epoch milliseconds. */
export interface Stretch {
  readonly from: number
  /** First instant after the stretch. */
  readonly until: number
  readonly offset: number
  /** The last change of the offset before or at `from`, and the offset until then; equal offsets when none is near. */
  readonly changedAt: number
  readonly before: number
}

// What a week looks like: its offset at the start and the end, and the instant between at which it changed.
interface Week {
  readonly first: number
  readonly last: number
  readonly changedAt: number | undefined
}

// No zone has changed its clock twice within a week, back and forth: the shortest such time is Morocco's Ramadan.
const WEEK_MS = 7 * 86_400_000
const WEEKS_MAX = 4_096
const ZONES_MAX = 1_024

const zones = new Map<string, Zone | null>()

/** Finds a zone by name, `null` for one that does not exist. Fixed offsets (`+02:00`) are not zones. */
export function zoneOf(name: string): Zone | null {
  const known = zones.get(name)
  if (known !== undefined) return known
  if (zones.size >= ZONES_MAX) zones.clear()
  const zone = /^[A-Za-z][\w+/-]{0,63}$/.test(name) ? openZone(name) : null
  zones.set(name, zone)
  return zone
}

function openZone(name: string): Zone | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return { name: format.resolvedOptions().timeZone, format, weeks: new Map() }
  } catch {
    return null
  }
}

/** The zone's offset from UTC at an instant, in milliseconds; east is positive. */
export function offsetAt(zone: Zone, ms: number): number {
  if (zone.name === 'UTC') return 0
  const week = weekOf(zone, Math.floor(ms / WEEK_MS))
  return week.changedAt !== undefined && ms < week.changedAt ? week.first : week.last
}

/** The stretch of constant offset that an instant lies in, cut at the borders of weeks. */
export function stretchAt(zone: Zone, ms: number): Stretch {
  if (zone.name === 'UTC') return { from: -Infinity, until: Infinity, offset: 0, changedAt: -Infinity, before: 0 }
  const index = Math.floor(ms / WEEK_MS)
  const week = weekOf(zone, index)
  const [start, end] = [index * WEEK_MS, (index + 1) * WEEK_MS]
  if (week.changedAt !== undefined && ms >= week.changedAt) {
    return { from: week.changedAt, until: end, offset: week.last, changedAt: week.changedAt, before: week.first }
  }
  const earlier = weekOf(zone, index - 1)
  return {
    from: start,
    until: week.changedAt ?? end,
    offset: week.first,
    changedAt: earlier.changedAt ?? -Infinity,
    before: earlier.changedAt === undefined ? week.first : earlier.first,
  }
}

function weekOf(zone: Zone, index: number): Week {
  const known = zone.weeks.get(index)
  if (known) return known
  if (zone.weeks.size >= WEEKS_MAX) zone.weeks.clear()
  const start = index * WEEK_MS
  const first = zone.weeks.get(index - 1)?.last ?? askOffset(zone, start)
  const last = zone.weeks.get(index + 1)?.first ?? askOffset(zone, start + WEEK_MS)
  const changedAt = first === last ? undefined : findChange(zone, { from: start, offset: first })
  const week = { first, last, changedAt }
  zone.weeks.set(index, week)
  return week
}

// Halves the week until the second of the change is found.
function findChange(zone: Zone, start: { from: number; offset: number }): number {
  let [low, high] = [start.from / 1000, (start.from + WEEK_MS) / 1000]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (askOffset(zone, middle * 1000) === start.offset) low = middle
    else high = middle
  }
  return high * 1000
}

function askOffset(zone: Zone, ms: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of zone.format.formatToParts(ms)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  const wall = new Date(0)
  wall.setUTCFullYear(year, month - 1, day)
  wall.setUTCHours(hour, minute, second)
  return wall.getTime() - ms
}
