// The figures of the overview: each over the chosen range, over the range before it, and as a small line. Pure.
import type { Tally } from '@pawl/storage'
import { SAMPLES, TALLIES } from '../engine.ts'
import { type Buckets, HOUR_MS, lastBuckets, MINUTE_MS } from './buckets.ts'
import { percentile } from './histogram.ts'
import { Counted, endedSeries, rate, rateSeries, type Series } from './series.ts'

/** How long a range is, and the bucket of its charts. */
export const RANGES = {
  '1h': { rangeMs: HOUR_MS, bucketMs: MINUTE_MS },
  '6h': { rangeMs: 6 * HOUR_MS, bucketMs: 5 * MINUTE_MS },
  // From a day on in whole hours, which are kept as sums.
  '24h': { rangeMs: 24 * HOUR_MS, bucketMs: HOUR_MS },
  '7d': { rangeMs: 168 * HOUR_MS, bucketMs: HOUR_MS },
  '30d': { rangeMs: 720 * HOUR_MS, bucketMs: 4 * HOUR_MS },
} as const

export type Range = keyof typeof RANGES

export interface Figure {
  readonly value: number | null
  readonly before: number | null
  readonly spark: Series
}

/** Counters that the figures are made of. */
export const FIGURE_NAMES: readonly string[] = [TALLIES.started, TALLIES.ended, TALLIES.delay, SAMPLES.leased]

export interface OverviewBuckets {
  readonly range: Buckets
  readonly before: Buckets
}

/** The range up to now, and the one before it. */
export function overviewBuckets(range: Range, now: number): OverviewBuckets {
  const { rangeMs, bucketMs } = RANGES[range]
  const count = rangeMs / bucketMs
  return { range: lastBuckets(now, count, bucketMs), before: lastBuckets(now - rangeMs, count, bucketMs) }
}

/** @param running  Steps at work at this moment. */
export function overviewFigures(
  tallies: readonly Tally[],
  buckets: OverviewBuckets,
  { now, running }: { readonly now: number; readonly running: number },
) {
  const counted = new Counted(tallies, buckets.range, now)
  const before = new Counted(tallies, buckets.before, now)
  const delays = counted.percentiles(TALLIES.delay)
  const ended = endedSeries(counted)
  const started = before.total(TALLIES.started)
  const delay = (share: number, spark: Series): Figure => ({
    value: percentile(counted.histogram(TALLIES.delay), share),
    before: percentile(before.histogram(TALLIES.delay), share),
    spark,
  })
  return {
    figures: {
      started: {
        value: counted.total(TALLIES.started),
        // Nothing at all was counted then, perhaps because nothing was there to count.
        before: isEmpty(before) ? null : started,
        spark: counted.count(TALLIES.started),
      },
      failureRate: { value: rateOf(counted), before: rateOf(before), spark: rateSeries(ended) },
      queueDelayP50: delay(0.5, delays.p50),
      queueDelayP95: delay(0.95, delays.p95),
      running: { value: running, before: averageOf(before, buckets.before), spark: counted.sample(SAMPLES.leased) },
    } satisfies Record<string, Figure>,
    ended,
  }
}

function rateOf(counted: Counted): number | null {
  return rate(counted.total(`${TALLIES.ended}failed`), counted.total(`${TALLIES.ended}completed`))
}

function isEmpty(counted: Counted): boolean {
  return counted.total(TALLIES.started) === 0 && sumEnded(counted) === 0
}

function sumEnded(counted: Counted): number {
  return ['completed', 'failed', 'cancelled', 'skipped'].reduce(
    (sum, status) => sum + counted.total(`${TALLIES.ended}${status}`),
    0,
  )
}

function averageOf(counted: Counted, { from, until }: Buckets): number | null {
  const sampled = counted.total(SAMPLES.leased)
  if (sampled === 0 && isEmpty(counted)) return null
  return Math.round((sampled / ((until - from) / MINUTE_MS)) * 100) / 100
}
