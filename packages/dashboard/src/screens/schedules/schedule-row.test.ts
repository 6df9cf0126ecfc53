import { describe, expect, test } from 'vitest'
import type { Schedule } from '../../api/index.ts'
import { clockIn, cronOf, filterRows, placeOf, rowOfCron, sortRows } from './schedule-row.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')

function schedule(over: Partial<Schedule>): Schedule {
  return {
    id: 'shop-nightly TZ=Europe/Paris 0 2 * * *',
    kind: 'CRON',
    name: 'Nightly',
    function: { id: 'nightly', slug: 'shop-nightly' },
    app: { id: 'shop' },
    expression: 'TZ=Europe/Paris 0 2 * * *',
    timezone: 'Europe/Paris',
    nextRunAt: '2026-11-25T01:00:00Z',
    isPaused: false,
    ...over,
  }
}

describe('a row of the schedules', () => {
  test('shows the last runs from the oldest to the newest', () => {
    const strip = [
      { runId: 'b', status: 'FAILED', queuedAt: '2026-11-24T01:00:00Z', durationMs: '20' },
      { runId: 'a', status: 'COMPLETED', queuedAt: '2026-11-23T01:00:00Z' },
    ] as const
    expect(rowOfCron(schedule({ strip }), NOW).cells).toMatchObject([{ runId: 'a' }, { runId: 'b', durationMs: 20 }])
  })

  test('is late when the server says so, and when its time went by while the page was open', () => {
    const lateOf = (over: Partial<Schedule>) => rowOfCron(schedule(over), NOW).lateSince
    expect(lateOf({})).toBeUndefined()
    expect(lateOf({ lateSince: '2026-11-24T11:00:00Z' })).toBe(NOW - 3_600_000)
    expect(lateOf({ nextRunAt: '2026-11-24T11:59:30Z' })).toBeUndefined()
    expect(lateOf({ nextRunAt: '2026-11-24T11:58:00Z' })).toBe(NOW - 120_000)
    expect(lateOf({ lateSince: '2026-11-24T11:00:00Z', isPaused: true })).toBeUndefined()
  })

  test('has its expression without the zone', () => {
    expect([cronOf('TZ=Europe/Paris 0 2 * * *'), cronOf('CRON_TZ=UTC  5 4 * * *'), cronOf('* * * * *')]).toEqual([
      '0 2 * * *',
      '5 4 * * *',
      '* * * * *',
    ])
  })

  test('tells the time on the clock of its zone', () => {
    expect(clockIn('Europe/Paris', Date.parse('2026-11-25T01:00:00Z'))).toBe('25 Nov, 02:00')
    expect([placeOf('America/New_York'), placeOf('UTC')]).toEqual(['New York', 'UTC'])
    expect(clockIn('Not/AZone', Date.parse('2026-11-25T01:00:00Z'))).toBe('25 Nov, 01:00')
  })
})

describe('the list of schedules', () => {
  const rows = [
    rowOfCron(schedule({ id: '1', name: 'Beta', nextRunAt: '2026-11-24T13:00:00Z' }), NOW),
    rowOfCron(schedule({ id: '2', name: 'alpha', nextRunAt: '2026-11-24T12:30:00Z' }), NOW),
    rowOfCron(schedule({ id: '3', name: 'Gamma', isPaused: true }), NOW),
  ]
  const ids = (found: typeof rows | readonly (typeof rows)[number][]) => found.map((row) => row.id).join('')

  test('is filtered by words and state', () => {
    expect(ids(filterRows(rows, { words: 'SHOP alp' }))).toBe('2')
    expect(ids(filterRows(rows, { state: 'off' }))).toBe('3')
    expect(ids(filterRows(rows, { state: 'late' }))).toBe('')
  })

  test('is sorted with what does not run at the end, in both directions', () => {
    expect(ids(sortRows(rows, 'next', false))).toBe('213')
    expect(ids(sortRows(rows, 'next', true))).toBe('123')
    expect(ids(sortRows(rows, 'name', false))).toBe('213')
  })
})
