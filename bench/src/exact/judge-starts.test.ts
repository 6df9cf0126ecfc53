import { describe, expect, it } from 'vitest'
import { judgeRateLimit, judgeThrottle, type Offer } from './judge-starts.ts'

const THROTTLE = { limit: 5, burst: 1, periodMs: 1_000 }

/** Starts as the formula gives them: six at once, then one every 200 ms. */
function ideal(count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.max(0, index - 5) * 200)
}

const holds = (starts: readonly number[]) => judgeThrottle(starts, THROTTLE, []).map((finding) => finding.holds)

describe('judgeThrottle', () => {
  it('holds for starts by the formula, and for those a little late', () => {
    expect(holds(ideal(50))).toEqual([true, true])
    expect(holds(ideal(50).map((at, index) => at + (index % 3) * 20))).toEqual([true, true])
  })

  it('does not hold for two starts more than it gives, in whatever window', () => {
    const early = [...ideal(50), 4_000, 4_001].sort((a, b) => a - b)
    expect(holds(early)[0]).toBe(false)
  })

  it('does not hold for starts that fall behind while there is work', () => {
    const slow = ideal(50).map((at) => at * 1.2)
    expect(holds(slow)).toEqual([true, false])
  })

  it('lets them fall behind while a lease runs out, but not be above', () => {
    const gap = ideal(50).map((at) => (at > 2_000 ? at + 3_000 : at))
    expect(holds(gap)[1]).toBe(false)
    const around = [{ from: 1_900, to: 5_500 }]
    expect(judgeThrottle(gap, THROTTLE, around).map((finding) => finding.holds)).toEqual([true, true])
  })
})

describe('judgeRateLimit', () => {
  const rule = { limit: 2, periodMs: 1_000 }
  const offer = (at: number, wasAdmitted: boolean): Offer => ({
    number: at,
    key: 0,
    sentAt: at,
    acknowledgedAt: at + 1,
    wasSentAgain: false,
    wasAdmitted,
  })
  const judged = (...offers: readonly Offer[]) => judgeRateLimit(offers, rule).map((finding) => finding.holds)

  it('holds when what was dropped found the period full', () => {
    expect(judged(offer(0, true), offer(10, true), offer(500, false), offer(1_010, true))).toEqual([true, true])
  })

  it('does not hold for one more in any period', () => {
    expect(judged(offer(0, true), offer(500, true), offer(900, true))).toEqual([false, true])
  })

  it('does not hold for an event that was dropped with room left', () => {
    expect(judged(offer(0, true), offer(500, false))).toEqual([true, false])
  })

  it('gives the benefit of the doubt where a POST took long', () => {
    const slow = { ...offer(100, true), acknowledgedAt: 1_500 }
    expect(judged(offer(0, true), offer(50, true), slow)).toEqual([true, true])
    const again = { ...offer(100, true), wasSentAgain: true }
    expect(judged(offer(0, true), offer(50, true), again)).toEqual([true, true])
  })
})
