/**
 * When an HTTP Job is due: every so many minutes, from a start. Pure; all instants are epoch milliseconds on whole minutes.
 *
 *     interval divides a day, or is whole days   slots are times of the wall clock in the job's zone: :00 :15 :30 :45
 *     any other interval (7, 50, 1000 minutes)   slots lie exactly that far apart, whatever the clocks do
 *
 * When clocks change, a wall-clock job of up to an hour fires at every real instant on its grid, so twice where an hour
 * comes twice; a longer one fires once for each slot, moved forward by the gap where the hour is skipped.
 */
import { nextInstant, offsetAt, type WallSchedule, type Zone, zoneOf } from '../cron/index.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
const DAY_MS = 86_400_000

/** What a job says of its slots, once it has been checked. */
export interface JobSchedule {
  /** 1 to 10,080. */
  readonly intervalMinutes: number
  /** 0 to 59. */
  readonly startMinute: number
  /** 0 to 23. */
  readonly startHour: number
  /** IANA name. */
  readonly timeZone: string
  /** `YYYY-MM-DD`, a date in the zone. Counts for intervals of several days and for those that do not divide a day. */
  readonly anchorDate: string
}

/** The first slot after `afterMs`. @throws RangeError for a zone that does not exist: it was checked before. */
export function nextSlot(schedule: JobSchedule, afterMs: number): number {
  const zone = zoneOrThrow(schedule)
  const slot = isWallClock(schedule.intervalMinutes)
    ? nextInstant(wallSchedule(schedule, zone), afterMs)
    : nextElapsed(schedule, zone, afterMs)
  // A grid of minutes names a time within every few days, so there is always a next one.
  if (slot === null) throw new RangeError('a job without a next slot')
  return slot
}

/** The next `count` slots after `afterMs`. */
export function nextSlots(schedule: JobSchedule, afterMs: number, count: number): readonly number[] {
  const slots: number[] = []
  let at = afterMs
  while (slots.length < count) {
    at = nextSlot(schedule, at)
    slots.push(at)
  }
  return slots
}

/**
 * Slots after `afterMs` and before `beforeMs`, counted up to `max`. Where the zone's offset stays the same for a while they
 * are not gone through one by one: after a month without a server there are 43,200 of a job of each minute.
 */
export function countSlots(
  schedule: JobSchedule,
  span: { readonly afterMs: number; readonly beforeMs: number; readonly max: number },
): number {
  const { beforeMs, max } = span
  if (!isWallClock(schedule.intervalMinutes)) return Math.min(max, countElapsed(schedule, span))
  const zone = zoneOrThrow(schedule)
  let count = 0
  let after = span.afterMs
  while (after < beforeMs && count < max) {
    const until = Math.min(beforeMs, after + COUNTED_AT_ONCE_MS)
    count += isQuiet(zone, after, until)
      ? countOnGrid(schedule, zone, { after, until })
      : countOneByOne(schedule, { after, until })
    // `until` itself belongs to what follows.
    after = until - 1
    if (until === beforeMs) break
  }
  return Math.min(max, count)
}

const COUNTED_AT_ONCE_MS = 7 * DAY_MS
/** A change of clocks reaches so far: what it skips or repeats is at most some hours. */
const AROUND_CHANGE_MS = DAY_MS

/** No clock changes in this time or near it. */
function isQuiet(zone: Zone, after: number, until: number): boolean {
  const from = offsetAt(zone, after - AROUND_CHANGE_MS)
  for (let at = after; at < until + AROUND_CHANGE_MS; at += AROUND_CHANGE_MS)
    if (offsetAt(zone, at) !== from) return false
  return offsetAt(zone, until + AROUND_CHANGE_MS) === from
}

/** Slots of the wall clock after `after` and before `until`, where the offset is the same all the time. */
function countOnGrid(
  schedule: JobSchedule,
  zone: Zone,
  { after, until }: { readonly after: number; readonly until: number },
): number {
  const everyMs = schedule.intervalMinutes * MINUTE_MS
  const start = startOf(schedule) * MINUTE_MS
  const firstMs = schedule.intervalMinutes <= DAY_MINUTES ? start : wallMidnight(schedule.anchorDate) + start
  const offset = offsetAt(zone, after)
  const slotsUpTo = (at: number) => Math.floor((at + offset - firstMs) / everyMs)
  return Math.max(0, slotsUpTo(until - 1) - slotsUpTo(after))
}

function countOneByOne(
  schedule: JobSchedule,
  { after, until }: { readonly after: number; readonly until: number },
): number {
  let count = 0
  for (let slot = nextSlot(schedule, after); slot < until; slot = nextSlot(schedule, slot)) count++
  return count
}

function countElapsed(
  schedule: JobSchedule,
  { afterMs, beforeMs }: { readonly afterMs: number; readonly beforeMs: number },
): number {
  const first = nextSlot(schedule, afterMs)
  return first >= beforeMs ? 0 : 1 + Math.floor((beforeMs - 1 - first) / (schedule.intervalMinutes * MINUTE_MS))
}

/** Slots are times of the wall clock; the others lie at constant distances of real time. */
export function isWallClock(intervalMinutes: number): boolean {
  return DAY_MINUTES % intervalMinutes === 0 || intervalMinutes % DAY_MINUTES === 0
}

function wallSchedule(schedule: JobSchedule, zone: Zone): WallSchedule {
  const { intervalMinutes: interval } = schedule
  const start = startOf(schedule)
  if (interval <= DAY_MINUTES) {
    const first = start % interval
    return { zone, followsRealHours: interval <= 60, nextWall: (from) => nextOnGrid(from, interval, first) }
  }
  const anchor = wallMidnight(schedule.anchorDate)
  const everyMs = interval * MINUTE_MS
  const nextWall = (from: number): number => {
    const firstMs = anchor + start * MINUTE_MS
    return firstMs + Math.ceil((from - firstMs) / everyMs) * everyMs
  }
  return { zone, followsRealHours: false, nextWall }
}

/** The first minute at or after `from` whose minute of the day is `first`, `first + interval`, … */
function nextOnGrid(from: number, interval: number, first: number): number {
  const day = Math.floor(from / DAY_MS) * DAY_MS
  const minuteOfDay = Math.ceil((from - day) / MINUTE_MS)
  const steps = Math.max(0, Math.ceil((minuteOfDay - first) / interval))
  const minute = first + steps * interval
  return minute < DAY_MINUTES ? day + minute * MINUTE_MS : day + DAY_MS + first * MINUTE_MS
}

function nextElapsed(schedule: JobSchedule, zone: Zone, afterMs: number): number {
  const everyMs = schedule.intervalMinutes * MINUTE_MS
  const first = firstMidnight(zone, schedule.anchorDate) + startOf(schedule) * MINUTE_MS
  return first + (Math.floor((afterMs - first) / everyMs) + 1) * everyMs
}

/** The first instant of a date in a zone: midnight, or where the clock skips it the instant that it goes on at. */
function firstMidnight(zone: Zone, date: string): number {
  const midnight: WallSchedule = {
    zone,
    followsRealHours: false,
    nextWall: (from) => Math.ceil(from / DAY_MS) * DAY_MS,
  }
  const wall = wallMidnight(date)
  // No zone is further than 15 hours from UTC.
  let at = nextInstant(midnight, wall - 16 * 3_600_000)
  while (at !== null && localDate(zone, at) < date) at = nextInstant(midnight, at)
  return at ?? wall
}

function localDate(zone: Zone, at: number): string {
  const part: Record<string, string> = {}
  for (const { type, value } of zone.format.formatToParts(at)) part[type] = value
  const { year = '', month = '', day = '' } = part
  return `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

function wallMidnight(date: string): number {
  return Date.parse(`${date}T00:00:00Z`)
}

function zoneOrThrow({ timeZone }: JobSchedule): Zone {
  const zone = zoneOf(timeZone)
  if (zone === null) throw new RangeError(`no time zone ${timeZone}`)
  return zone
}

function startOf({ startHour, startMinute }: JobSchedule): number {
  return startHour * 60 + startMinute
}
