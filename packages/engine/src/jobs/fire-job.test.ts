import { describe, expect, it } from 'vitest'
import { dueSlots } from './fire-job.ts'
import type { JobSchedule } from './slots.ts'

const NINE = Date.UTC(2026, 0, 1, 9)
const SECOND = 1_000
const MINUTE = 60 * SECOND

function every(intervalMinutes: number): JobSchedule {
  return { intervalMinutes, startMinute: 0, startHour: 0, timeZone: 'UTC', anchorDate: '2026-01-01' }
}

describe('slots that are found', () => {
  it.each([
    ['in time', 1, 0, { slot: NINE, missed: 0 }],
    ['a minute late', 1, MINUTE, { slot: NINE, missed: 0 }],
    ['later than a minute, the next in time', 1, MINUTE + 1, { slot: NINE + MINUTE, missed: 1 }],
    ['ten minutes late, each minute', 1, 10 * MINUTE, { slot: NINE + 9 * MINUTE, missed: 9 }],
    ['ten minutes late, each hour', 60, 10 * MINUTE, { slot: NINE + 60 * MINUTE, missed: 1 }],
    ['a day late, each hour', 60, 1_440 * MINUTE + 5, { slot: NINE + 1_440 * MINUTE, missed: 24 }],
    ['a day and two minutes late, each hour', 60, 1_442 * MINUTE, { slot: NINE + 1_500 * MINUTE, missed: 25 }],
    ['a day late, every 7 minutes', 7, 1_440 * MINUTE, { slot: NINE + 1_442 * MINUTE, missed: 206 }],
  ])('%s: run, or are counted as missed', (_what, interval, lateMs, expected) => {
    const first = interval === 7 ? Date.UTC(2026, 0, 1, 9, 6) : NINE
    const { slot, missed } = dueSlots(every(interval), first, first + lateMs)
    expect({ slot: slot - (first - NINE), missed }).toEqual(expected)
  })
})
