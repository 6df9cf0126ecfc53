import { describe, expect, it } from 'vitest'
import { pageOf } from './pace.ts'

describe('the pace of a bulk operation', () => {
  it.each([
    [0.5, 1, 2_000],
    [1, 1, 1_000],
    [7, 1, 143],
    [50, 5, 100],
    [57, 5, 91],
    [1_000, 100, 100],
    [5_000, 100, 20],
  ])('of %d in a second is %d and a rest of %d ms', (perSecond, runs, restMs) => {
    expect(pageOf(perSecond)).toEqual({ runs, restMs })
  })

  it('never passes its rate in any second', () => {
    for (let perSecond = 1; perSecond <= 2_000; perSecond++) {
      const { runs, restMs } = pageOf(perSecond)
      expect(Math.ceil(1_000 / restMs) * runs).toBeLessThanOrEqual(perSecond)
    }
  })
})
