// A time range as it stands in the address: the last so-long (`24h`, `7d`), or from one instant to another. Pure; the
// present moment comes in as a value.

import { oneText, type Param } from './url-state.ts'

/** `last`: such as `15m`, `24h`, `7d`. Neither `last` nor `from`: all time. */
export interface TimeRange {
  readonly last?: string | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  readonly until?: string | undefined
}

/** What the API wants: absent bounds are open. */
export interface Window {
  readonly from?: string
  readonly until?: string
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The three parameters of a range, to be spread into a route's `searchParams`. */
export const rangeParams = {
  last: readLast(),
  from: readInstant(),
  until: readInstant(),
} as const

function readLast(): Param<string> {
  const text = oneText()
  return {
    read: (texts) => {
      const found = text.read(texts)
      return found === 'all' || (found !== undefined && lastMs(found) !== undefined) ? found : undefined
    },
  }
}

function readInstant(): Param<string> {
  return { read: ([text]) => (text === undefined || Number.isNaN(Date.parse(text)) ? undefined : text) }
}

/** Milliseconds of `24h` and the like; undefined when it is none. */
export function lastMs(last: string): number | undefined {
  const found = /^([1-9]\d{0,4})([mhd])$/.exec(last)
  const unit = found?.[2]
  return unit === 'm' || unit === 'h' || unit === 'd' ? Number(found?.[1]) * unitMs[unit] : undefined
}

/**
 * The window that a range means at `now`. The start is rounded down to the minute, so that a view that renders again
 * asks for the same.
 */
export function windowOf(range: TimeRange, now: number): Window {
  if (range.from !== undefined || range.until !== undefined) {
    return {
      ...(range.from === undefined ? {} : { from: range.from }),
      ...(range.until === undefined ? {} : { until: range.until }),
    }
  }
  const ms = range.last === undefined ? undefined : lastMs(range.last)
  if (ms === undefined) return {}
  return { from: new Date(Math.floor((now - ms) / 60_000) * 60_000).toISOString() }
}

/** Text of a `datetime-local` field for an instant, in UTC or in the browser's zone. */
export function fieldText(instant: string, zone: 'utc' | 'local'): string {
  const at = Date.parse(instant)
  const shift = zone === 'utc' ? 0 : new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - shift).toISOString().slice(0, 19)
}

/** The instant that a `datetime-local` field says; undefined when it is empty or broken. */
export function instantOf(text: string, zone: 'utc' | 'local'): string | undefined {
  const at = Date.parse(zone === 'utc' ? `${text}Z` : text)
  return text === '' || Number.isNaN(at) ? undefined : new Date(at).toISOString()
}
