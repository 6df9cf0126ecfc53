import { describe, expect, it } from 'vitest'
import { tickToRun } from './run-cron-tick.ts'

const DAY = 86_400_000

describe('of the ticks that fell due', () => {
  it.each([
    ['latest', 0, 500],
    ['latest', DAY, 500],
    ['latest', DAY + 1, null],
    ['skip', 0, 500],
    ['skip', 60_000, 500],
    ['skip', 60_001, null],
    ['all', 0, 100],
    ['all', 10 * DAY, 100],
  ] as const)('the policy %s, when the last is late by %d ms, runs %s', (policy, lateMs, run) => {
    expect(tickToRun(policy, { first: 100, last: 500, lateMs, windowMs: DAY })).toBe(run)
  })
})
