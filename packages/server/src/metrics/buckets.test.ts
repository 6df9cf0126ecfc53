import { describe, expect, test } from 'vitest'
import { bucketIndex, bucketsOf, HOUR_MS, lastBuckets, MINUTE_MS, minutesIn } from './buckets.ts'

const NOW = Date.UTC(2026, 0, 31, 12, 34, 56)

describe('the buckets of a window', () => {
  test.each([
    ['an hour', HOUR_MS, MINUTE_MS],
    ['three hours', 3 * HOUR_MS, MINUTE_MS],
    ['six hours', 6 * HOUR_MS, 2 * MINUTE_MS],
    ['a day', 24 * HOUR_MS, 10 * MINUTE_MS],
    ['a week', 168 * HOUR_MS, HOUR_MS],
    ['thirty days', 720 * HOUR_MS, 4 * HOUR_MS],
    ['a year', 365 * 24 * HOUR_MS, 48 * HOUR_MS],
  ])('%s back from now', (_, rangeMs, bucketMs) => {
    const buckets = bucketsOf(NOW - rangeMs, NOW, NOW)
    expect(buckets.bucketMs).toBe(bucketMs)
    expect(buckets.at.length).toBeLessThanOrEqual(200)
    expect(buckets.from % bucketMs).toBe(0)
    expect(buckets.from).toBeLessThanOrEqual(NOW - rangeMs)
    expect(buckets.until).toBeGreaterThanOrEqual(NOW)
    expect(buckets.until - buckets.from).toBe(buckets.at.length * bucketMs)
  })

  test('that lies further back than minutes are kept are hours', () => {
    expect(bucketsOf(NOW - 100 * HOUR_MS, NOW - 99 * HOUR_MS, NOW).bucketMs).toBe(HOUR_MS)
  })

  test('up to now end with the open one', () => {
    const buckets = lastBuckets(NOW, 24, HOUR_MS)
    expect(buckets.at).toHaveLength(24)
    expect(buckets.at.at(-1)).toBe(Date.UTC(2026, 0, 31, 12))
    expect(buckets.until).toBe(Date.UTC(2026, 0, 31, 13))
  })

  test('know which of them holds an instant, and how many of its minutes there have been', () => {
    const buckets = lastBuckets(NOW, 2, HOUR_MS)
    expect([buckets.from - 1, buckets.from, NOW, buckets.until].map((at) => bucketIndex(buckets, at))).toEqual([
      -1, 0, 1, -1,
    ])
    expect([0, 1].map((index) => minutesIn(buckets, index, NOW))).toEqual([60, 35])
  })
})
