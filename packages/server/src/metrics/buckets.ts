// The time axis of charts: buckets of equal length that begin at multiples of their length, at most 200, the last of them
// open. Minutes are kept for days, whole hours for longer: what lies further back is told in hours. Pure.

export interface Buckets {
  readonly bucketMs: number
  /** Inclusive, a multiple of the bucket. */
  readonly from: number
  /** Exclusive, a multiple of the bucket. */
  readonly until: number
  /** The start of each. */
  readonly at: readonly number[]
}

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
const BUCKETS_MAX = 200
/** What minutes are sure to be kept for. */
const MINUTES_KEPT_MS = 47 * HOUR_MS

/** In minutes. Each divides a day, so that buckets begin where people expect it. */
const LENGTHS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1_440].map((minutes) => minutes * MINUTE_MS)

/** The buckets that cover a window, as short as they can be. */
export function bucketsOf(from: number, until: number, now: number): Buckets {
  const least = now - from > MINUTES_KEPT_MS ? HOUR_MS : MINUTE_MS
  const fits = LENGTHS.find((length) => length >= least && countOf(from, until, length) <= BUCKETS_MAX)
  // Past 200 days a bucket has several days.
  const day = 24 * HOUR_MS
  return cut(from, until, fits ?? day * Math.ceil((until - from) / day / (BUCKETS_MAX - 1)))
}

/** Buckets of a given length that end with the one that holds `now`. */
export function lastBuckets(now: number, count: number, bucketMs: number): Buckets {
  const until = floor(now, bucketMs) + bucketMs
  return cut(until - count * bucketMs, until, bucketMs)
}

/** The bucket of an instant; -1 outside. */
export function bucketIndex({ from, bucketMs, at }: Buckets, instant: number): number {
  const index = Math.floor((instant - from) / bucketMs)
  return index >= 0 && index < at.length ? index : -1
}

/** Whole minutes of a bucket that have passed or have begun. */
export function minutesIn({ at, bucketMs }: Buckets, index: number, now: number): number {
  const start = at[index] ?? now
  const end = Math.min(start + bucketMs, floor(now, MINUTE_MS) + MINUTE_MS)
  return Math.max(0, Math.round((end - start) / MINUTE_MS))
}

function cut(from: number, until: number, bucketMs: number): Buckets {
  const first = floor(from, bucketMs)
  const count = countOf(from, until, bucketMs)
  const at = Array.from({ length: count }, (_, index) => first + index * bucketMs)
  return { bucketMs, from: first, until: first + count * bucketMs, at }
}

function countOf(from: number, until: number, length: number): number {
  return Math.max(1, Math.ceil((until - floor(from, length)) / length))
}

function floor(instant: number, length: number): number {
  return Math.floor(instant / length) * length
}
