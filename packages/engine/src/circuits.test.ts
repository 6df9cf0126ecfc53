import { describe, expect, it } from 'vitest'
import { Circuits } from './circuits.ts'

const LIMITS = { circuitFailures: 3, circuitProbeMs: 1_000, circuitProbeMsMax: 4_000 }

function opened(): Circuits {
  const circuits = new Circuits(LIMITS)
  for (const now of [1, 2, 3]) circuits.failed(9, now, `failure ${now}`)
  return circuits
}

describe('a circuit', () => {
  it('opens at the failure that makes the number full, and says so once', () => {
    const circuits = new Circuits(LIMITS)
    expect([1, 2, 3, 4].map((now) => circuits.failed(9, now, `failure ${now}`))).toEqual([false, false, true, false])
    expect(circuits.unreachable(9)).toEqual({ since: 3, message: 'failure 4' })
    expect(circuits.isOpen(8)).toBe(false)
  })

  it('counts failures in a row only', () => {
    const circuits = new Circuits(LIMITS)
    circuits.failed(9, 1, '')
    circuits.failed(9, 2, '')
    expect(circuits.answered(9)).toBe(false)
    expect(circuits.failed(9, 3, '')).toBe(false)
  })

  it('closes with the first answer', () => {
    const circuits = opened()
    expect(circuits.answered(9)).toBe(true)
    expect(circuits.answered(9)).toBe(false)
    expect(circuits.unreachable(9)).toBeNull()
    expect(circuits.open()).toEqual([])
  })

  it('gives out one probe when it is due, later and later up to a bound', () => {
    const circuits = opened()
    const waits: number[] = []
    for (let now = 3; waits.length < 5; ) {
      const probeAt = circuits.open()[0]?.probeAt ?? 0
      waits.push(probeAt - now)
      expect(circuits.takeProbe(9, probeAt - 1)).toBe(false)
      expect(circuits.takeProbe(9, probeAt)).toBe(true)
      expect(circuits.takeProbe(9, probeAt)).toBe(false)
      circuits.failed(9, probeAt, 'still')
      now = probeAt
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 4_000, 4_000])
  })

  it('is not put off by calls that were under way when it opened', () => {
    const circuits = opened()
    for (let n = 0; n < 50; n++) circuits.failed(9, 4, 'also')
    expect(circuits.open()).toEqual([{ app: 9, probeAt: 1_003 }])
  })
})
