// From the sums of counters to the series of charts: one value for each bucket, null where there is nothing to tell, so
// that no line is drawn across. Pure; the counters are read with one query.
import type { Tally } from '@pawl/storage'
import { SAMPLES, STORE_TALLIES, TALLIES } from '../engine.ts'
import { type Buckets, bucketIndex, MINUTE_MS, minutesIn } from './buckets.ts'
import { classCounts, classOf, type Histogram, percentile } from './histogram.ts'

export type Series = readonly (number | null)[]

export interface Percentiles {
  readonly p50: Series
  readonly p95: Series
  readonly p99: Series
}

/** The sample of a minute is taken in its first half, and is there a moment later. Milliseconds. */
const SAMPLED_MS = 35_000

/** Event names that get a series of their own; the rest share `*`. */
const EVENTS_MAX = 8

/** Counters of one window, by name and bucket. */
export class Counted {
  readonly #buckets: Buckets
  readonly #now: number
  readonly #byName = new Map<string, Float64Array>()

  /** @param tallies  Of one function or summed over several; what lies outside of the buckets is left out. */
  constructor(tallies: readonly Tally[], buckets: Buckets, now: number) {
    this.#buckets = buckets
    this.#now = now
    for (const { at, name, value } of tallies) {
      const index = bucketIndex(buckets, at)
      if (index < 0) continue
      const values = this.#byName.get(name) ?? new Float64Array(buckets.at.length)
      this.#byName.set(name, values)
      values[index] = (values[index] ?? 0) + value
    }
  }

  /** A counter; buckets that have not begun have no value. */
  count(name: string): Series {
    const values = this.#byName.get(name)
    return this.#each((index) => values?.[index] ?? 0)
  }

  /** All counters whose names begin so, by the rest of the name. */
  parts(prefix: string): ReadonlyMap<string, Series> {
    const names = [...this.#byName.keys()].filter((name) => name.startsWith(prefix)).sort()
    return new Map(names.map((name) => [name.slice(prefix.length), this.count(name)]))
  }

  /** The average of a sample. A minute in which nothing was there has no sample, and counts as 0. */
  sample(name: string): Series {
    const values = this.#byName.get(name)
    return this.#each((index) => {
      const minutes = minutesIn(this.#buckets, index, this.#now)
      if (minutes === 0 || this.#isUnsampled(index, values?.[index])) return null
      return Math.round(((values?.[index] ?? 0) / minutes) * 100) / 100
    })
  }

  /** A minute that has just begun, whose sample may still come: nothing is known of it yet, and it is not 0. */
  #isUnsampled(index: number, value = 0): boolean {
    const start = this.#buckets.at[index] ?? 0
    return value === 0 && this.#buckets.bucketMs === MINUTE_MS && this.#now < start + SAMPLED_MS
  }

  /** The percentiles of a histogram in each bucket. */
  percentiles(prefix: string): Percentiles {
    const classes = this.#classes(prefix)
    const histograms = this.#buckets.at.map(
      (_, index): Histogram => new Map(classes.map(([histogram, values]) => [histogram, values[index] ?? 0])),
    )
    const share = (of: number): Series => histograms.map((histogram) => percentile(histogram, of))
    return { p50: share(0.5), p95: share(0.95), p99: share(0.99) }
  }

  /** A histogram over all buckets. */
  histogram(prefix: string): Histogram {
    return new Map(this.#classes(prefix).map(([histogram, values]) => [histogram, sum(values)]))
  }

  /** A counter over all buckets. */
  total(name: string): number {
    return sum(this.#byName.get(name) ?? [])
  }

  /** The classes of a histogram with their counts in each bucket. */
  #classes(prefix: string): readonly (readonly [number, Float64Array])[] {
    return [...this.#byName].flatMap(([name, values]) => {
      const histogram = classOf(name, prefix)
      return histogram === null ? [] : [[histogram, values] as const]
    })
  }

  #each(value: (index: number) => number | null): Series {
    return this.#buckets.at.map((start, index) => (start > this.#now ? null : value(index)))
  }
}

function sum(values: Iterable<number>): number {
  let all = 0
  for (const value of values) all += value
  return all
}

/** Names that charts read; `event:` belongs to no function. */
export const CHART_NAMES: readonly string[] = [
  TALLIES.queued,
  TALLIES.started,
  TALLIES.ended,
  TALLIES.delay,
  TALLIES.duration,
  TALLIES.request,
  TALLIES.latency,
  TALLIES.refused,
  TALLIES.throttled,
  STORE_TALLIES.event,
  ...Object.values(SAMPLES),
]

/** How runs ended. */
export function endedSeries(counted: Counted) {
  const of = (status: string): Series => counted.count(`${TALLIES.ended}${status}`)
  return { completed: of('completed'), failed: of('failed'), cancelled: of('cancelled'), skipped: of('skipped') }
}

/** Failed of those that completed or failed; null where none did. */
export function rateSeries(ended: { readonly completed: Series; readonly failed: Series }): Series {
  return ended.failed.map((failed, index) => rate(failed ?? 0, ended.completed[index] ?? 0))
}

/** 0 to 1; null of nothing. */
export function rate(failed: number, completed: number): number | null {
  return failed + completed === 0 ? null : failed / (failed + completed)
}

/** The sum of several series; null where all are. */
export function sumSeries(series: readonly Series[]): Series {
  const [first = []] = series
  return first.map((_, index) => {
    const values = series.flatMap((one) => one[index] ?? [])
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)
  })
}

/** The most frequent names, and `*` for all others. */
export function topSeries(parts: ReadonlyMap<string, Series>): Readonly<Record<string, Series>> {
  const weight = (series: Series): number => series.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  const named = [...parts].filter(([name]) => name !== '*').sort(([, a], [, b]) => weight(b) - weight(a))
  const unnamed = parts.get('*')
  const others = [...named.slice(EVENTS_MAX).map(([, series]) => series), ...(unnamed === undefined ? [] : [unnamed])]
  const top = named.slice(0, EVENTS_MAX)
  return Object.fromEntries(others.length === 0 ? top : [...top, ['*', sumSeries(others)]])
}

/** Everything that the page of metrics shows, but for the limit. */
export function chartsOf(counted: Counted) {
  const ended = endedSeries(counted)
  return {
    ended,
    failureRate: rateSeries(ended),
    throughput: {
      queued: counted.count(TALLIES.queued),
      started: counted.count(TALLIES.started),
      ended: sumSeries(Object.values(ended)),
    },
    queueDelay: counted.percentiles(TALLIES.delay),
    duration: counted.percentiles(TALLIES.duration),
    durationClasses: classCounts(counted.histogram(TALLIES.duration)),
    runningSteps: counted.sample(SAMPLES.leased),
    backlog: {
      ready: counted.sample(SAMPLES.ready),
      sleeping: counted.sample(SAMPLES.sleeping),
      blocked: counted.sample(SAMPLES.blocked),
    },
    requests: {
      ok: counted.count(`${TALLIES.request}ok`),
      error: counted.count(`${TALLIES.request}error`),
      transport: counted.count(`${TALLIES.request}transport`),
    },
    latency: counted.percentiles(TALLIES.latency),
    refused: refusedOf(counted),
  }
}

/** By reason; those that were only slowed down are told with them, as `throttled`. */
function refusedOf(counted: Counted): Readonly<Record<string, Series>> {
  const refused = Object.fromEntries(counted.parts(TALLIES.refused))
  return counted.total(TALLIES.throttled) === 0 ? refused : { ...refused, throttled: counted.count(TALLIES.throttled) }
}
