/**
 * The slots of schedules, as `POST /v2/jobs/preview` of a running server gives them.
 */
import { describe, expect, it } from 'vitest'
import { at, type Fields, list, text } from '../harness/shapes.ts'
import { useServer } from '../harness/world.ts'
import { JobsApi } from './jobs-api.ts'

const server = useServer()

async function slots(schedule: Fields, from: string, count: number): Promise<readonly string[]> {
  const body = { ...schedule, from, count }
  const answer = await new JobsApi(server().url).ask('/v2/jobs/preview', { method: 'POST', body })
  return list(at(answer, 'data', 'slots')).map((slot) => text(slot))
}

const minute = (text: string): string => `${text}:00.000Z`

describe('OS-1: the schedules of the product’s examples', () => {
  const FROM = '2026-11-24T10:50:00Z'
  it.each([
    ['15 from :00', { intervalMinutes: 15 }, ['11:00', '11:15', '11:30', '11:45', '12:00']],
    ['30 from :05', { intervalMinutes: 30, startMinute: 5 }, ['11:05', '11:35', '12:05', '12:35']],
    ['60 from :00', { intervalMinutes: 60, startMinute: 0 }, ['11:00', '12:00', '13:00']],
    ['120 from :10', { intervalMinutes: 120, startMinute: 10 }, ['12:10', '14:10', '16:10', '18:10']],
    ['15 from :50', { intervalMinutes: 15, startMinute: 50 }, ['11:05', '11:20', '11:35', '11:50']],
  ])('%s', async (_what, schedule, expected) => {
    expect(await slots(schedule, FROM, expected.length)).toEqual(expected.map((time) => minute(`2026-11-24T${time}`)))
  })

  it('1440 with 9 o’clock is 09:00 each day, also in a zone', async () => {
    const daily = { intervalMinutes: 1440, startHour: 9 }
    expect(await slots(daily, FROM, 2)).toEqual(['2026-11-25T09:00', '2026-11-26T09:00'].map(minute))
    expect(await slots({ ...daily, timeZone: 'Europe/Berlin' }, FROM, 1)).toEqual([minute('2026-11-25T08:00')])
  })

  it('says which schedules drift over the day', async () => {
    const ask = async (intervalMinutes: number): Promise<unknown> =>
      at(
        await new JobsApi(server().url).ask('/v2/jobs/preview', { method: 'POST', body: { intervalMinutes } }),
        'data',
        'isElapsed',
      )
    expect(await Promise.all([15, 1440, 2880].map(ask))).toEqual([undefined, undefined, undefined])
    expect(await Promise.all([7, 50, 1000].map(ask))).toEqual([true, true, true])
  })
})

describe('OS-2: days on which clocks change', () => {
  it.each([
    [
      'Berlin goes back: 60 fires at both 02:00',
      { intervalMinutes: 60, timeZone: 'Europe/Berlin' },
      '2026-10-24T23:30:00Z',
      ['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'],
    ],
    [
      'Berlin goes forward: 120 moves 02:10 to 03:10',
      { intervalMinutes: 120, startMinute: 10, timeZone: 'Europe/Berlin' },
      '2026-03-28T23:30:00Z',
      ['2026-03-29T01:10', '2026-03-29T02:10', '2026-03-29T04:10'],
    ],
    [
      'New York goes forward: 09:00 stays 09:00',
      { intervalMinutes: 1440, startHour: 9, timeZone: 'America/New_York' },
      '2026-03-07T15:00:00Z',
      ['2026-03-08T13:00', '2026-03-09T13:00'],
    ],
    [
      'Lord Howe goes back by half an hour: 60 stays on the hour',
      { intervalMinutes: 60, timeZone: 'Australia/Lord_Howe' },
      '2026-04-04T13:30:00Z',
      ['2026-04-04T14:00', '2026-04-04T15:30', '2026-04-04T16:30'],
    ],
    [
      'Berlin goes forward: 7 does not notice',
      { intervalMinutes: 7, timeZone: 'Europe/Berlin', anchorDate: '2026-03-29' },
      '2026-03-29T00:50:00Z',
      ['2026-03-29T00:52', '2026-03-29T00:59', '2026-03-29T01:06'],
    ],
  ])('%s', async (_what, schedule, from, expected) => {
    expect(await slots(schedule, from, expected.length)).toEqual(expected.map(minute))
  })

  it.each([
    [{ intervalMinutes: 0 }, 'intervalMinutes'],
    [{ intervalMinutes: 10_081 }, 'intervalMinutes'],
    [{ intervalMinutes: 15, startMinute: 60 }, 'startMinute'],
    [{ intervalMinutes: 15, startHour: 24 }, 'startHour'],
    [{ intervalMinutes: 15, timeZone: 'Europe/Nowhere' }, 'timeZone'],
    [{ intervalMinutes: 15, anchorDate: '2026-02-30' }, 'anchorDate'],
    [{ intervalMinutes: 15, count: 101 }, 'count'],
  ])('%j is refused, and the answer names the field', async (body, path) => {
    const answer = await new JobsApi(server().url).exchange('/v2/jobs/preview', { body })
    expect([answer.status, at(answer.json, 'errors', 0, 'path')]).toEqual([400, path])
  })
})
