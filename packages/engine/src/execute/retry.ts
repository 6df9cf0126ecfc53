// When an attempt that failed is tried again. Pure: randomness comes in as a number.
import { parseRetryAfter } from '@pawl/protocol'

/** Delay after the failed attempt of this number, in milliseconds; from the last entry on it stays the same. */
const BACKOFF_MS = [
  15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 2_400_000, 3_600_000, 7_200_000,
] as const

/** Spread over which retries of many runs are scattered, in milliseconds. */
const JITTER_MS = 30_000

export interface RetryWish {
  /** 0-based number of the attempt that failed. */
  readonly attempt: number
  /** The answer's `retry-after`, as sent. */
  readonly retryAfter: string | null
  /** A fixed delay instead of the table, or null. */
  readonly fixedMs: number | null
  readonly now: number
  /** Uniform in [0, 1). */
  readonly random: number
}

/** Milliseconds until the next attempt. */
export function retryDelay(wish: RetryWish): number {
  const asked = wish.retryAfter === null ? null : parseRetryAfter(wish.retryAfter, wish.now)
  if (asked !== null) return asked
  if (wish.fixedMs !== null) return wish.fixedMs
  const base = BACKOFF_MS[Math.min(wish.attempt, BACKOFF_MS.length - 1)] ?? 7_200_000
  return base + Math.floor(wish.random * JITTER_MS)
}
