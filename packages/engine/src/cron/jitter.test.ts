import { describe, expect, it } from 'vitest'
import { jitterFor } from './jitter.ts'

describe('jitterFor', () => {
  const tick = Date.UTC(2026, 0, 1, 9)
  const functions = Array.from({ length: 1_000 }, (_, index) => `app-function-${index}`)

  it('is the same for the same function and tick', () => {
    expect(jitterFor('app-a', tick, 30_000)).toBe(jitterFor('app-a', tick, 30_000))
    expect(jitterFor('app-a', tick, 30_000)).not.toBe(jitterFor('app-b', tick, 30_000))
    expect(jitterFor('app-a', tick, 30_000)).not.toBe(jitterFor('app-a', tick + 60_000, 30_000))
  })

  it('lies within the jitter and is spread over it', () => {
    const offsets = functions.map((id) => jitterFor(id, tick, 10_000))
    expect(offsets.every((offset) => Number.isInteger(offset) && offset >= 0 && offset < 10_000)).toBe(true)
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => offsets.filter((offset) => Math.floor(offset / 1_000) === tenth).length,
    )
    expect(Math.min(...tenths)).toBeGreaterThan(60)
    expect(Math.max(...tenths)).toBeLessThan(140)
  })

  it('is nothing where there is no jitter', () => {
    expect(jitterFor('app-a', tick, 0)).toBe(0)
  })
})
