import { histogramClass } from '@pawl/engine'
import { describe, expect, test } from 'vitest'
import { lastBuckets, MINUTE_MS } from './buckets.ts'
import { Counted, chartsOf, rateSeries, sumSeries, topSeries } from './series.ts'

const NOW = Date.UTC(2026, 0, 31, 12, 2, 30)
const BUCKETS = lastBuckets(NOW, 3, MINUTE_MS)
const [FIRST = 0, SECOND = 0, THIRD = 0] = BUCKETS.at
const tally = (at: number, name: string, value: number, fn = 0) => ({ at, name, value, fn })

describe('what was counted', () => {
  test('is a value for each bucket, summed over functions, with gaps where there is nothing to divide', () => {
    const counted = new Counted(
      [
        tally(FIRST, 'ended:failed', 1, 1),
        tally(FIRST, 'ended:failed', 1, 2),
        tally(FIRST, 'ended:completed', 6),
        tally(THIRD, 'ended:completed', 5),
        tally(FIRST - MINUTE_MS, 'ended:completed', 99),
      ],
      BUCKETS,
      NOW,
    )
    const { ended, failureRate, throughput, refused } = chartsOf(counted)
    expect(ended).toEqual({ completed: [6, 0, 5], failed: [2, 0, 0], cancelled: [0, 0, 0], skipped: [0, 0, 0] })
    expect(failureRate).toEqual([0.25, null, 0])
    expect(throughput.ended).toEqual([8, 0, 5])
    expect(refused).toEqual({})
  })

  test('has no value for what has not begun', () => {
    const ahead = lastBuckets(NOW + MINUTE_MS, 3, MINUTE_MS)
    expect(new Counted([], ahead, NOW).count('queued')).toEqual([0, 0, null])
    expect(new Counted([], ahead, NOW + 10_000).sample('now:ready')).toEqual([0, 0, null])
  })

  test('tells percentiles of each bucket, and none where nothing was', () => {
    const fast = `delay:${histogramClass(10)}`
    const slow = `delay:${histogramClass(1_000)}`
    const counted = new Counted([tally(FIRST, fast, 98), tally(FIRST, slow, 2), tally(THIRD, slow, 1)], BUCKETS, NOW)
    const { p50, p95, p99 } = counted.percentiles('delay:')
    expect(p50.map((value) => value !== null && value < 13)).toEqual([true, false, false])
    expect(p95[0]).toBe(p50[0])
    expect(p99[0]).toBeGreaterThan(900)
    expect([p50[1], p99[1]]).toEqual([null, null])
  })

  test('averages samples over the minutes of a bucket', () => {
    const wide = lastBuckets(NOW, 1, 10 * MINUTE_MS)
    const [at = 0] = wide.at
    // Three minutes have begun: 12:00, 12:01, 12:02.
    expect(new Counted([tally(at, 'now:ready', 9)], wide, NOW).sample('now:ready')).toEqual([3])
  })

  test('knows nothing of a minute whose sample may still come, and 0 where none came', () => {
    const sampled = [tally(SECOND, 'now:ready', 4)]
    const at = (seconds: number) => new Counted(sampled, BUCKETS, THIRD + seconds * 1_000).sample('now:ready')
    expect(at(10)).toEqual([0, 4, null])
    expect(at(40)).toEqual([0, 4, 0])
    const early = new Counted([tally(THIRD, 'now:ready', 7)], BUCKETS, THIRD + 10_000)
    expect(early.sample('now:ready')[2]).toBe(7)
  })

  test('tells refusals by their reason, and those that were slowed down', () => {
    const counted = new Counted([tally(SECOND, 'refused:duplicate', 2), tally(SECOND, 'throttled', 4)], BUCKETS, NOW)
    expect(chartsOf(counted).refused).toEqual({ duplicate: [0, 2, 0], throttled: [0, 4, 0] })
  })
})

describe('series', () => {
  test('of the most frequent names stand alone, the others together', () => {
    const parts = new Map([['*', [1, 0]], ...Array.from({ length: 10 }, (_, n) => [`e${n}`, [n, n]] as const)])
    const top = topSeries(parts)
    expect(Object.keys(top)).toEqual(['e9', 'e8', 'e7', 'e6', 'e5', 'e4', 'e3', 'e2', '*'])
    expect(top['*']).toEqual([2, 1])
    expect(topSeries(new Map([['a', [1]]]))).toEqual({ a: [1] })
  })

  test('are summed, null where all are', () => {
    expect(
      sumSeries([
        [1, null, null],
        [2, 3, null],
      ]),
    ).toEqual([3, 3, null])
    expect(rateSeries({ completed: [1, null], failed: [1, null] })).toEqual([0.5, null])
  })
})
