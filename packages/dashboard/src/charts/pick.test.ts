import { describe, expect, it } from 'vitest'
import { placeUnder, seriesUnder } from './pick.ts'

const chart = {
  form: 'bars',
  isStacked: true,
  at: [0, 60, 120],
  bucketMs: 60,
  series: [
    { id: 'completed', label: '', values: [5, 2, null] },
    { id: 'failed', label: '', values: [3, 0, null] },
  ],
  shown: new Set(['completed', 'failed']),
} as const

describe('what lies under the pointer', () => {
  it('is the bucket that a bar fills, to its right end', () => {
    expect(placeUnder(chart, 59, 1)).toBe(0)
    expect(placeUnder(chart, 60, 1)).toBe(1)
    expect(placeUnder(chart, 500, 2)).toBe(2)
  })

  it('is the nearest point of a line', () => {
    expect(placeUnder({ ...chart, form: 'lines' }, 59, 1)).toBe(1)
  })

  it('is the part of a stacked bar that was hit, or none above it', () => {
    expect(seriesUnder(chart, 0, 4)).toBe('completed')
    expect(seriesUnder(chart, 0, 6)).toBe('failed')
    expect(seriesUnder(chart, 0, 9)).toBeUndefined()
    expect(seriesUnder(chart, 2, 1)).toBeUndefined()
  })

  it('leaves out series that are not shown', () => {
    expect(seriesUnder({ ...chart, shown: new Set(['failed']) }, 0, 2)).toBe('failed')
  })
})
