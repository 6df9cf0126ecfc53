import { describe, expect, it } from 'vitest'
import { retryDelay } from './retry.ts'

const NOW = Date.UTC(2026, 0, 1)
const wish = { attempt: 0, retryAfter: null, fixedMs: null, now: NOW, random: 0 }

describe('the delay before another attempt', () => {
  it.each([
    [0, 15],
    [1, 30],
    [2, 60],
    [3, 120],
    [4, 300],
    [5, 600],
    [6, 1_200],
    [7, 2_400],
    [8, 3_600],
    [9, 7_200],
    [10, 7_200],
    [20, 7_200],
  ])('after attempt %d is %d s, and up to 30 s more', (attempt, seconds) => {
    expect(retryDelay({ ...wish, attempt })).toBe(seconds * 1_000)
    expect(retryDelay({ ...wish, attempt, random: 0.5 })).toBe(seconds * 1_000 + 15_000)
    expect(retryDelay({ ...wish, attempt, random: 1 - Number.EPSILON })).toBe(seconds * 1_000 + 29_999)
  })

  it.each([
    ['2', 2_000],
    ['0', 1_000],
    ['9999999', 86_400_000],
    ['2026-01-01T00:00:10Z', 10_000],
    ['2025-01-01T00:00:00Z', 1_000],
    ['2027-01-01T00:00:00Z', 86_400_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ])('is what the answer asks for (%s), held between a second and a day', (retryAfter, ms) => {
    expect(retryDelay({ ...wish, retryAfter, random: 0.9 })).toBe(ms)
    expect(retryDelay({ ...wish, retryAfter, fixedMs: 5 })).toBe(ms)
  })

  it.each(['soon', '12345678', '-1', ''])('goes by the table when what is asked for (%s) is nothing', (retryAfter) => {
    expect(retryDelay({ ...wish, retryAfter })).toBe(15_000)
  })

  it('is fixed where it was configured so', () => {
    expect(retryDelay({ ...wish, attempt: 9, fixedMs: 0, random: 0.9 })).toBe(0)
  })
})
