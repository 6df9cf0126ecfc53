import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterStart, nextStartAt } from './rate.ts'

const BEGIN = Date.UTC(2026, 0, 1)

/** Starts each as soon as it is allowed, from the arrivals on. */
function starts(rate: { limit: number; periodMs: number; burst: number }, arrivals: readonly number[]): number[] {
  let tat: number | null = null
  let last = 0
  return arrivals.map((at) => {
    const now = Math.max(at, last, nextStartAt(rate, tat, at))
    tat = afterStart(rate, tat, now)
    last = now
    return now
  })
}

describe('a rate', () => {
  it.each([
    ['a limit of two in ten seconds', { limit: 2, periodMs: 10_000, burst: 0 }, [0, 0, 5_000, 10_000, 15_000]],
    ['the same with a burst of one', { limit: 2, periodMs: 10_000, burst: 1 }, [0, 0, 0, 5_000, 10_000]],
    ['a third of a second, over many starts', { limit: 3, periodMs: 1_000, burst: 0 }, [0, 0, 0, 334, 667]],
  ])('lets start by %s', (_what, rate, expected) => {
    expect(starts(rate, Array(5).fill(BEGIN)).map((at) => at - BEGIN)).toEqual(expected)
  })

  it('loses nothing over ten thousand starts of a third of a second', () => {
    const last = starts({ limit: 3, periodMs: 1_000, burst: 0 }, Array(10_003).fill(BEGIN)).at(-1) ?? 0
    expect(last - BEGIN).toBeGreaterThan(3_333_300)
    expect(last - BEGIN).toBeLessThanOrEqual(3_333_341)
  })

  it('is never passed: in each window of length W at most limit + burst + W · limit / period', () => {
    const rate = fc.record({
      limit: fc.integer({ min: 1, max: 20 }),
      periodMs: fc.integer({ min: 1_000, max: 60_000 }),
      burst: fc.integer({ min: 0, max: 5 }),
    })
    const arrivals = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 60 })
    fc.assert(
      fc.property(rate, arrivals, (one, list) => {
        const at = starts(
          one,
          list.toSorted((a, b) => a - b).map((ms) => BEGIN + ms),
        )
        for (const [first, from] of at.entries()) {
          for (let last = first; last < at.length; last++) {
            const window = (at[last] ?? 0) - from
            const most = one.limit + one.burst + Math.floor((window * one.limit) / one.periodMs + 1e-6)
            expect(last - first + 1).toBeLessThanOrEqual(most)
          }
        }
      }),
    )
  })
})
