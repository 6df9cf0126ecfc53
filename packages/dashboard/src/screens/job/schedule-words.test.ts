import { expect, test } from 'vitest'
import { hasAnchor, hasStartHour, scheduleWords } from './schedule-words.ts'

const words = (intervalMinutes: number, startMinute = 0, startHour = 0) =>
  scheduleWords({ intervalMinutes, startMinute, startHour, timeZone: 'UTC', anchorDate: '2026-11-24' })

test('a schedule says at which minutes or times it fires, whatever start was typed', () => {
  expect([words(15), words(15, 50), words(30, 5), words(60, 7), words(5, 3), words(1, 9)]).toEqual([
    'Every 15 minutes at :00 :15 :30 :45',
    'Every 15 minutes at :05 :20 :35 :50',
    'Every 30 minutes at :05 :35',
    'Every hour at :07',
    'Every 5 minutes from :03',
    'Every minute',
  ])
  expect([words(120, 10), words(120, 0, 9), words(45), words(1440, 30, 9)]).toEqual([
    'Every 2 hours from 00:10',
    'Every 2 hours from 01:00',
    'Every 45 minutes from 00:00',
    'Every day at 09:30',
  ])
  expect([words(2880, 0, 6), words(10_080, 0, 6)]).toEqual(['Every 2 days at 06:00', 'Every week, Tuesday at 06:00'])
})

test('slots that do not fit a day are told from where they are counted', () => {
  expect(words(50, 5, 1)).toBe('Every 50 minutes, counted from 2026-11-24 01:05')
  expect(words(1000)).toBe('Every 1\u202f000 minutes, counted from 2026-11-24 00:00')
})

test('hour and day are asked for only where they matter', () => {
  expect([15, 60, 45, 120, 1440, 7].map(hasStartHour)).toEqual([false, false, true, true, true, true])
  expect([15, 120, 1440, 2880, 7].map(hasAnchor)).toEqual([false, false, false, true, true])
})
