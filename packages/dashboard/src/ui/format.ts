// How numbers, times, sizes and ids are written everywhere in the page. Pure: the present moment and the zone come in as
// values. The thin space between digits and the narrow one before units do not break a line.

export type Zone = 'utc' | 'local'

const THIN = '\u202f'
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A duration in two units at most: `340 ms`, `2.1 s`, `4 m 12 s`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  if (ms < 0) return `−${formatDuration(-ms)}`
  if (ms > 0 && ms < 1) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${trim((ms / SECOND).toFixed(1))} s`
  if (ms < HOUR - 500) return pair(Math.round(ms / SECOND), 60, ['m', 's'])
  if (ms < DAY - 30_000) return pair(Math.round(ms / MINUTE), 60, ['h', 'm'])
  return pair(Math.round(ms / HOUR), 24, ['d', 'h'])
}

function pair(total: number, size: number, units: readonly [string, string]): string {
  const rest = total % size
  const big = `${groupDigits(Math.floor(total / size))} ${units[0]}`
  return rest === 0 ? big : `${big} ${rest} ${units[1]}`
}

/** A whole or broken number with thin thousands separators; from a million on in short form, such as `1.2 M`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 999_950_000) return `${trim((value / 1e9).toFixed(1))} G`
  if (size >= 1e6) return `${trim((value / 1e6).toFixed(1))} M`
  return formatExact(value)
}

/** The number in full, with thin thousands separators. */
export function formatExact(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const isWhole = Number.isInteger(value)
  const text = isWhole ? String(Math.abs(value)) : trim(Math.abs(value).toFixed(Math.abs(value) < 10 ? 2 : 1))
  const [whole = '', fraction] = text.split('.')
  const sign = value < 0 ? '−' : ''
  return sign + groupDigits(Number(whole)) + (fraction ? `.${fraction}` : '')
}

function groupDigits(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+(?!\d))/g, THIN)
}

function trim(text: string): string {
  return text.replace(/\.0+$/, '')
}

/** A share from 0 to 1 as a percentage: `0.4 %`, `12 %`, `< 0.1 %`. */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return '–'
  const percent = share * 100
  if (percent === 0) return `0${THIN}%`
  if (percent < 0.1) return `<${THIN}0.1${THIN}%`
  if (percent > 99.9 && percent < 100) return `>${THIN}99.9${THIN}%`
  return `${percent < 10 ? trim(percent.toFixed(1)) : Math.round(percent)}${THIN}%`
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes in binary units: `812 B`, `4.2 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1023.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${trim(value.toFixed(digits))} ${BYTE_UNITS[unit]}`
}

/** First four and last four characters of an id; short ones whole. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`
}

/** A time as the tables show it: relative within 24 h (`4 m ago`, `in 2 h`), else the date. */
export function formatTime(at: number, now: number, zone: Zone): string {
  const distance = at - now
  const size = Math.abs(distance)
  if (size >= DAY) return formatDate(at, zone, now)
  if (size < 5 * SECOND) return 'just now'
  const text =
    size < MINUTE
      ? `${Math.floor(size / SECOND)} s`
      : size < HOUR
        ? `${Math.floor(size / MINUTE)} m`
        : `${Math.floor(size / HOUR)} h`
  return distance < 0 ? `${text} ago` : `in ${text}`
}

/** How long a shown relative time stays true, in milliseconds. */
export function timeStaysFor(at: number, now: number): number {
  const size = Math.abs(at - now)
  if (size < MINUTE) return SECOND
  if (size < HOUR) return 15 * SECOND
  return 5 * MINUTE
}

/** `24 Nov, 14:03`; with the year when it is not the present one. */
export function formatDate(at: number, zone: Zone, now: number): string {
  const isThisYear = new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear()
  return formatter(isThisYear ? 'short' : 'shortYear', zone).format(at)
}

/** `14:03:07`. */
export function formatClock(at: number, zone: Zone): string {
  return formatter('clock', zone).format(at)
}

/** `Tue 24 Nov 2026, 14:03:07.125 UTC`. */
export function formatExactTime(at: number, zone: Zone): string {
  const name = zone === 'utc' ? 'UTC' : localZoneName()
  return `${formatter('exact', zone).format(at)} ${name}`
}

/** The browser's zone, such as `Europe/Berlin`. */
export function localZoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

const SHAPES = {
  short: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  shortYear: { day: 'numeric', month: 'short', year: 'numeric' },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  exact: {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Making one costs 50 µs, so that a table of times keeps them. */
function formatter(shape: keyof typeof SHAPES, zone: Zone): Intl.DateTimeFormat {
  const key = `${shape} ${zone}`
  let made = formatters.get(key)
  if (made === undefined) {
    const timeZone = zone === 'utc' ? { timeZone: 'UTC' } : {}
    made = new Intl.DateTimeFormat('en-GB', { ...SHAPES[shape], ...timeZone, hourCycle: 'h23' })
    formatters.set(key, made)
  }
  return made
}
