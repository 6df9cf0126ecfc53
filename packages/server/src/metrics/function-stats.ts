// What the list of functions tells of each one's last day, from one read of the counters of all of them.
import type { Key, ListReads } from '@pawl/storage'
import { TALLIES } from '../engine.ts'
import { type Buckets, bucketIndex, HOUR_MS, lastBuckets } from './buckets.ts'
import { addTo, classOf, percentile } from './histogram.ts'

export interface FunctionStats {
  readonly started: number
  readonly ended: number
  readonly failed: number
  readonly p95Ms: number | undefined
  /** Runs queued in each hour, oldest first. */
  readonly spark: readonly number[]
}

interface Sums {
  started: number
  ended: number
  failed: number
  readonly spark: number[]
  readonly duration: Map<number, number>
}

const HOURS = 24
const NAMES = [TALLIES.queued, TALLIES.started, TALLIES.ended, TALLIES.duration]

/** Reads the counters of the last 24 hours. @returns What they say of a function. */
export async function dayStats(lists: ListReads, now: number): Promise<(fn: Key) => FunctionStats> {
  const buckets = lastBuckets(now, HOURS, HOUR_MS)
  const { from, until, bucketMs } = buckets
  const tallies = await lists.tallies({ from, until, bucketMs, names: NAMES, byFunction: true })
  const sums = new Map<Key, Sums>()
  for (const tally of tallies) {
    const sum = sums.get(tally.fn) ?? nothing()
    sums.set(tally.fn, sum)
    add(sum, tally, buckets)
  }
  return (fn) => statsOf(sums.get(fn) ?? nothing())
}

function nothing(): Sums {
  return { started: 0, ended: 0, failed: 0, spark: Array<number>(HOURS).fill(0), duration: new Map() }
}

function add(sum: Sums, tally: { at: number; name: string; value: number }, buckets: Buckets): void {
  const { name, value } = tally
  const index = bucketIndex(buckets, tally.at)
  if (name === TALLIES.queued && index >= 0) sum.spark[index] = (sum.spark[index] ?? 0) + value
  else if (name === TALLIES.started) sum.started += value
  else if (name.startsWith(TALLIES.ended)) {
    sum.ended += value
    if (name === `${TALLIES.ended}failed`) sum.failed += value
  } else {
    const histogram = classOf(name, TALLIES.duration)
    if (histogram !== null) addTo(sum.duration, histogram, value)
  }
}

function statsOf({ started, ended, failed, spark, duration }: Sums): FunctionStats {
  return { started, ended, failed, p95Ms: percentile(duration, 0.95) ?? undefined, spark }
}
