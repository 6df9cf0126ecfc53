import { describe, expect, it } from 'vitest'
import type { Call } from './call-log.ts'
import { judgeLimit, judgeUse, judgeUseBelow, type Limit } from './judge-concurrency.ts'

const TWO: Limit = { title: 'function', limit: 2, groupOf: () => 'all', counts: 'calls' }
const ONE_BY_KEY: Limit = { title: 'key', limit: 1, groupOf: ({ key }) => key, counts: 'calls' }

/** Calls open from and to, each a run of its own unless named. */
function calls(...spans: readonly (readonly [from: number, to: number, key?: number, run?: string])[]): Call[] {
  return spans.map(([arrivedAt, endedAt, key = 0, run], index) => ({
    fn: 'only',
    run: run ?? `run-${index}`,
    step: 'step',
    stepsDone: 0,
    events: [index],
    key,
    arrivedAt,
    endedAt,
    endsRun: true,
  }))
}

describe('judgeLimit', () => {
  it('holds while no more calls are open at once than the limit', () => {
    expect(judgeLimit(calls([0, 10], [5, 15], [10, 20]), TWO).holds).toBe(true)
  })

  it('does not hold for a single moment with one more', () => {
    const finding = judgeLimit(calls([0, 10], [5, 15], [9, 20]), TWO)
    expect(finding).toEqual({ holds: false, says: 'function: most at once 3 (at most 2)' })
  })

  it('counts each key by itself', () => {
    expect(judgeLimit(calls([0, 10, 1], [0, 10, 2]), ONE_BY_KEY).holds).toBe(true)
    expect(judgeLimit(calls([0, 10, 1], [9, 12, 1]), ONE_BY_KEY).holds).toBe(false)
  })

  it('counts a whole run from its first call to its last, where runs hold the slot', () => {
    const twoRuns = calls([0, 2, 0, 'a'], [8, 10, 0, 'a'], [4, 6, 0, 'b'])
    expect(judgeLimit(twoRuns, { ...TWO, limit: 1 }).holds).toBe(true)
    expect(judgeLimit(twoRuns, { ...TWO, limit: 1, counts: 'runs' }).holds).toBe(false)
  })
})

describe('judgeUse', () => {
  it('is the share of the slots that was in use between the first start and the last', () => {
    // Two slots from 0 to 20: the second is empty from 10 to 20.
    expect(judgeUse(calls([0, 20], [0, 10], [20, 30]), TWO, []).says).toContain('used 75.0 %')
    expect(judgeUse(calls([0, 20], [0, 20], [20, 30]), TWO, []).holds).toBe(true)
  })

  it('does not hold where nothing was ever in line', () => {
    expect(judgeUse(calls([0, 10]), TWO, []).says).toContain('too little')
  })

  it('leaves out the stretches in which a lease ran out', () => {
    const holes = [{ from: 10, to: 20 }]
    expect(judgeUse(calls([0, 20], [0, 10], [20, 30]), TWO, holes).says).toContain('used 100.0 %')
  })

  it('of an outer limit counts only while as many keys as it has slots have work', () => {
    const own = calls([0, 10, 1], [0, 10, 2], [10, 20, 1], [10, 20, 2], [20, 30, 1], [30, 40, 1])
    expect(judgeUse(own, TWO, []).holds).toBe(false)
    expect(judgeUseBelow(own, { outer: TWO, inner: ONE_BY_KEY, disturbed: [] }).holds).toBe(true)
  })
})
