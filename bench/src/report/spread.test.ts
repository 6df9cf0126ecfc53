import { describe, expect, it } from 'vitest'
import { median, spreadOf } from './spread.ts'

describe('spreadOf', () => {
  it('reads quantiles between the two nearest samples', () => {
    expect(spreadOf([5, 1, 3, 2, 4])).toMatchObject({ count: 5, min: 1, p50: 3, max: 5 })
    expect(spreadOf([4, 1, 3, 2]).p50).toBe(2.5)
    expect(spreadOf([1, 101]).p99).toBeCloseTo(100)
  })

  it('gives zeros when there are no samples', () => {
    expect(spreadOf([])).toEqual({ count: 0, min: 0, p50: 0, p99: 0, max: 0 })
  })

  it('leaves the order of the samples alone', () => {
    const samples = [3, 1, 2]
    spreadOf(samples)
    expect(samples).toEqual([3, 1, 2])
  })
})

describe('median', () => {
  it('is not moved by one sample that is far off', () => {
    expect(median([1, 2, 1000])).toBe(2)
  })
})
