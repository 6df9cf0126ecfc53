import { histogramClass } from '@pawl/engine'
import { describe, expect, test } from 'vitest'
import { classCounts, classOf, percentile } from './histogram.ts'

function histogramOf(values: readonly number[]): ReadonlyMap<number, number> {
  const histogram = new Map<number, number>()
  for (const ms of values) histogram.set(histogramClass(ms), (histogram.get(histogramClass(ms)) ?? 0) + 1)
  return histogram
}

describe('a percentile', () => {
  test('of nothing is nothing', () => {
    expect(percentile(new Map(), 0.5)).toBeNull()
    expect(percentile(new Map([[3, 0]]), 0.5)).toBeNull()
  })

  test.each([0.5, 0.95, 0.99])('%d is within 19 % above the exact one', (share) => {
    const values = Array.from({ length: 1_000 }, (_, index) => 10 + index * 7)
    const exact = values[Math.ceil(values.length * share) - 1] ?? 0
    const told = percentile(histogramOf(values), share) ?? 0
    expect(told).toBeGreaterThanOrEqual(Math.floor(exact))
    expect(told / exact).toBeLessThan(1.2)
  })

  test('of what is below a millisecond is one', () => expect(percentile(histogramOf([0, 0.2]), 0.99)).toBe(1))
})

describe('a class', () => {
  test.each([
    ['delay:0', 0],
    ['delay:17', 17],
    ['delay:', 0],
    ['delay:x', null],
    ['duration:17', null],
  ])('of %s', (name, expected) => expect(classOf(name, 'delay:')).toBe(expected))

  test('is shown in ascending order, without those that hold none', () => {
    expect(
      classCounts(
        new Map([
          [8, 2],
          [0, 1],
          [4, 0],
        ]),
      ),
    ).toEqual([
      { untilMs: 1, count: 1 },
      { untilMs: 4, count: 2 },
    ])
  })
})
