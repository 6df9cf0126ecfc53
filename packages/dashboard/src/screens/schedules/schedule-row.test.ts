import { describe, expect, test } from 'vitest'
import type { Job, Schedule } from '../../api/index.ts'
import { clockIn, cronOf, filterRows, placeOf, rowOfCron, rowOfJob, sortRows } from './schedule-row.ts'

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

const job: Job = {
  id: '01J',
  name: 'Rates',
  enabled: true,
  intervalMinutes: 15,
  startMinute: 5,
  startHour: 0,
  timeZone: 'UTC',
  anchorDate: '2026-11-24',
  request: { url: 'https://api.example.com/rates?key={{secrets.KEY}}', method: 'GET', headers: [] },
  timeoutSeconds: 30,
  createdAt: '2026-11-24T00:00:00Z',
  updatedAt: '2026-11-24T00:00:00Z',
  stats: { totalRuns: 2, successfulRuns: 1, failedRuns: 1, skippedRuns: 0 },
  nextRunAt: '2026-11-24T12:05:00Z',
  liveRunId: 'b',
  strip: [
    { runId: 'b', status: 'running', scheduledAt: '2026-11-24T11:50:00Z' },
    { runId: 'a', status: 'failure', scheduledAt: '2026-11-24T11:35:00Z', durationMs: 40 },
  ],
}

describe('a row of an HTTP Job', () => {
  test('says its schedule itself, and shows the host that it calls', () => {
    expect(rowOfJob(job, NOW)).toMatchObject({
      of: { kind: 'JOB', jobId: '01J', isLive: true },
      place: 'api.example.com',
      when: { words: 'Every 15 minutes at :05 :20 :35 :50' },
      isOn: true,
      nextAt: Date.parse('2026-11-24T12:05:00Z'),
      cells: [
        { runId: 'a', status: 'FAILED', durationMs: 40 },
        { runId: 'b', status: 'RUNNING' },
      ],
    })
  })

  test('is late a minute after its slot, unless it is off', () => {
    expect(rowOfJob({ ...job, nextRunAt: '2026-11-24T11:58:00Z' }, NOW).lateSince).toBe(NOW - 120_000)
    expect(rowOfJob({ ...job, nextRunAt: '2026-11-24T11:58:00Z', enabled: false }, NOW).lateSince).toBeUndefined()
  })

  test('is found by its kind', () => {
    const rows = [rowOfCron(schedule({}), NOW), rowOfJob(job, NOW)]
    expect(filterRows(rows, { kind: 'JOB' }).map(({ name }) => name)).toEqual(['Rates'])
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
