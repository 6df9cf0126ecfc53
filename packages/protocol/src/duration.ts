// Durations and instants as SDKs write them: `1d2h`, Go's `1h30m0.5s`, ISO 8601 dates, and the seconds or dates of `retry-after`.
// All results are whole milliseconds; now comes in as an argument.

import { LIMITS } from './limits.ts'

/** Milliseconds of each unit. */
const UNIT_MS: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
}

const PART = /(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|μs|ns|w|d|h|m|s)/y
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i
/** The one form of a date in a header (RFC 9110, section 5.6.7). */
const HTTP_DATE = /^[a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} (?:gmt|utc)$/i
const DURATION_CHARACTERS_MAX = 100

/**
 * Reads a duration: numbers with the units w d h m s ms us ns, one after another; a sign before the first; a bare `0`.
 *
 * @returns Milliseconds, rounded up; null for any other text.
 */
export function parseDuration(text: string): number | null {
  if (text.length > DURATION_CHARACTERS_MAX) return null
  const negative = text.startsWith('-')
  const start = negative || text.startsWith('+') ? 1 : 0
  if (text.slice(start) === '0') return 0
  let total = 0
  PART.lastIndex = start
  do {
    const part = PART.exec(text)
    if (part === null) return null
    total += Number(part[1]) * (UNIT_MS[part[2] ?? ''] ?? Number.NaN)
  } while (PART.lastIndex < text.length)
  // To the nanosecond first: 1.1 s is 1100.0000000000002 ms to a double.
  const whole = Number.isInteger(total) ? total : Math.ceil(Math.round(total * 1e6) / 1e6)
  if (!Number.isSafeInteger(whole)) return null
  return negative ? 0 - whole : whole
}

/** Writes milliseconds as `parseDuration` reads them, largest unit first: `1d2h`, `500ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let rest = Math.abs(ms)
  let text = ms < 0 ? '-' : ''
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNIT_MS[unit] ?? 1
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}

/**
 * Reads when a sleep or a wait ends: an ISO 8601 date, or a duration from now. Dates without a zone are UTC.
 *
 * @returns Epoch milliseconds, never before `now`: what is past, and '', is now. Null for a text that is neither.
 */
export function parseTimeOrDuration(text: string, now: number): { at: number } | null {
  if (text === '') return { at: now }
  const date = text.length >= 10 ? parseIsoDate(text) : null
  if (date !== null) return { at: Math.max(now, date) }
  const duration = parseDuration(text)
  return duration === null ? null : { at: Math.max(now, now + duration) }
}

/**
 * Reads a `retry-after`: seconds in up to 7 digits, an ISO 8601 date or an HTTP date.
 *
 * @returns Milliseconds to wait, held to 1 s … 24 h; null for any other text.
 */
export function parseRetryAfter(text: string, now: number): number | null {
  const trimmed = text.trim()
  const ms = /^\d{1,7}$/.test(trimmed) ? Number(trimmed) * 1000 : untilDate(trimmed, now)
  if (ms === null) return null
  return Math.min(Math.max(ms, LIMITS.retryAfterMsMin.value), LIMITS.retryAfterMsMax.value)
}

function untilDate(text: string, now: number): number | null {
  const date = HTTP_DATE.test(text) ? Date.parse(text) : (parseIsoDate(text) ?? Number.NaN)
  return Number.isNaN(date) ? null : date - now
}

/** Strict where `Date.parse` is not: it takes `10000000000` and `a 1` for dates, and text without a zone for local time. */
function parseIsoDate(text: string): number | null {
  const match = ISO_DATE.exec(text)
  if (match === null) return null
  const withTime = text.length > 10
  const time = Date.parse(withTime && match[1] === undefined ? `${text}Z` : text)
  return Number.isNaN(time) ? null : time
}
