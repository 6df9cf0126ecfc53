/**
 * Instants and lengths of time as text: what `timestamp`, `date`, `duration` and `now_plus` read, and how the results
 * are written. Instants are epoch milliseconds, and a text without a zone is UTC.
 */
import { evaluationError } from './error.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

// The years 1 to 9999, which is what RFC 3339 can write.
const MS_MIN = -62_135_596_800_000
const MS_MAX = 253_402_300_799_999

// RFC 822 §5.1 names these zones; minutes east of UTC.
const ZONES: ReadonlyMap<string, number> = new Map([
  ['z', 0],
  ['ut', 0],
  ['utc', 0],
  ['gmt', 0],
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
])

const DAY = '(?:mon|tue|wed|thu|fri|sat|sun)'
const LONG_DAY = '(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)'
const MONTH = `(?<month>${MONTHS.join('|')})`
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d)(?::(?<second>\\d\\d))?'
const ZONE = '(?<zone>[a-z]{1,4}|[+-]\\d{4})'

const RFC_3339 =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)t(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?<fraction>\.\d{1,9})?(?<zone>z|[+-]\d\d:\d\d)$/i

// The further forms of `date(text)`, none of which can take more than linear time on 64 characters.
const FORMS: readonly RegExp[] = [
  RFC_3339,
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)t(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?<fraction>\.\d{1,9})?$/i,
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/,
  // RFC 1123 and RFC 822, with and without the day's name.
  new RegExp(`^(?:${DAY}, )?(?<day>\\d{1,2}) ${MONTH} (?<year>\\d{4}|\\d{2}) ${TIME} ${ZONE}$`, 'i'),
  // RFC 850.
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} ${ZONE}$`, 'i'),
  // Unix `date`, and ANSI C, which has no zone.
  new RegExp(`^${DAY} ${MONTH} {1,2}(?<day>\\d{1,2}) ${TIME}(?: ${ZONE})? (?<year>\\d{4})$`, 'i'),
]

/** Reads an instant as RFC 3339. @throws ExpressionError `evaluation_failed` */
export function parseTimestamp(text: string): number {
  const match = text.length <= 64 ? RFC_3339.exec(text) : null
  return checkRange(match ? instantOf(match.groups ?? {}) : undefined, 'an RFC 3339 time')
}

/** Reads an instant in any of the forms that `date(text)` takes. @throws ExpressionError `evaluation_failed` */
export function parseDate(text: string): number {
  const trimmed = text.length <= 64 ? text : ''
  for (const form of FORMS) {
    const match = form.exec(trimmed)
    if (match) return checkRange(instantOf(match.groups ?? {}), 'a date')
  }
  throw evaluationError('the text is not a date')
}

type Groups = Readonly<Record<string, string | undefined>>

function instantOf(groups: Groups): number | undefined {
  const offset = offsetOf(groups.zone)
  const [year, month, day] = [yearOf(groups.year ?? ''), monthOf(groups.month ?? ''), Number(groups.day)]
  const [hour, minute, second] = [groups.hour, groups.minute, groups.second].map((part) => Number(part ?? 0))
  if (offset === undefined || hour === undefined || minute === undefined || second === undefined) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  // A day that the month does not have would otherwise run over into the next one.
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  const fraction = Number(groups.fraction ?? 0) * 1000
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + Math.trunc(fraction)
}

function yearOf(text: string): number {
  const year = Number(text)
  if (text.length > 2) return year
  return year < 69 ? 2000 + year : 1900 + year
}

function monthOf(text: string): number {
  const named = MONTHS.indexOf(text.toLowerCase())
  return named >= 0 ? named : Number(text) - 1
}

// Minutes east of UTC; undefined for a name that RFC 822 does not have.
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return 0
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone)
  if (!match) return ZONES.get(zone.toLowerCase())
  const [hours, minutes] = [Number(match[2]), Number(match[3])]
  if (hours > 23 || minutes > 59) return undefined
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

function checkRange(ms: number | undefined, wanted: string): number {
  if (ms === undefined || ms < MS_MIN || ms > MS_MAX) throw evaluationError(`the text is not ${wanted}`)
  return ms
}

const SECONDS_2000 = 946_684_800

/** An instant from a number, whose size tells seconds from milliseconds from nanoseconds: each counts from the year 2000. */
export function dateFromNumber(value: number): number {
  if (value >= SECONDS_2000 * 1e9) return inRange(Math.floor(value / 1e6))
  if (value >= SECONDS_2000 * 1e3) return inRange(Math.floor(value))
  if (value >= SECONDS_2000) return inRange(Math.floor(value * 1e3))
  throw evaluationError('the number is not a date: seconds, milliseconds or nanoseconds since 1970, from 2000 on')
}

/** Checks that an instant lies in the years 1 to 9999. @throws ExpressionError `evaluation_failed` */
export function inRange(ms: number): number {
  if (!(ms >= MS_MIN && ms <= MS_MAX)) throw evaluationError('the instant is outside the years 1 to 9999')
  return ms
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])

/** Reads a length of time such as `90s` or `1h30m`, in milliseconds. @throws ExpressionError `evaluation_failed` */
export function parseDuration(text: string): number {
  const shape = text.length <= 64 && /^[+-]?(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h|d|w))+)$/.test(text)
  if (!shape) throw evaluationError('the text is not a duration such as "90s" or "1h30m"')
  let ms = 0
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)([a-zµμ]+)/g)) {
    ms += Number(count) * (UNIT_MS.get(unit ?? '') ?? 0)
  }
  return text.startsWith('-') ? -ms : ms
}

/** Writes an instant as RFC 3339 in UTC, without a fraction where there is none. */
export function formatTimestamp(ms: number): string {
  return new Date(inRange(Math.floor(ms))).toISOString().replace('.000Z', 'Z')
}

/** Writes a length of time in seconds: `90s`, `0.5s`. */
export function formatDuration(ms: number): string {
  return `${ms / 1000}s`
}
