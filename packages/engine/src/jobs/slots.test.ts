import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { countSlots, isWallClock, type JobSchedule, nextSlot, nextSlots } from './slots.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const USUAL: JobSchedule = {
  intervalMinutes: 15,
  startMinute: 0,
  startHour: 0,
  timeZone: 'UTC',
  anchorDate: '1970-01-01',
}

function slots(given: Partial<JobSchedule>, from: string, count: number): readonly string[] {
  return nextSlots({ ...USUAL, ...given }, Date.parse(from), count).map((at) =>
    new Date(at).toISOString().replace(':00.000Z', 'Z'),
  )
}

describe('OS-1: the schedules of the product’s examples', () => {
  it('15 from :00 is :00 :15 :30 :45', () => {
    expect(slots({ intervalMinutes: 15 }, '2026-11-24T10:50:00Z', 5)).toEqual([
      '2026-11-24T11:00Z',
      '2026-11-24T11:15Z',
      '2026-11-24T11:30Z',
      '2026-11-24T11:45Z',
      '2026-11-24T12:00Z',
    ])
  })

  it('30 from :05 is :05 :35', () => {
    expect(slots({ intervalMinutes: 30, startMinute: 5 }, '2026-11-24T10:50:00Z', 3)).toEqual([
      '2026-11-24T11:05Z',
      '2026-11-24T11:35Z',
      '2026-11-24T12:05Z',
    ])
  })

  it('60 from :00 is every hour', () => {
    expect(slots({ intervalMinutes: 60 }, '2026-11-24T10:50:00Z', 2)).toEqual([
      '2026-11-24T11:00Z',
      '2026-11-24T12:00Z',
    ])
  })

  it('120 from :10 is 00:10, 02:10, …', () => {
    expect(slots({ intervalMinutes: 120, startMinute: 10 }, '2026-11-24T22:11:00Z', 3)).toEqual([
      '2026-11-25T00:10Z',
      '2026-11-25T02:10Z',
      '2026-11-25T04:10Z',
    ])
  })

  it('1440 with 9 o’clock is 09:00 each day', () => {
    expect(slots({ intervalMinutes: 1440, startHour: 9 }, '2026-11-24T09:00:00Z', 2)).toEqual([
      '2026-11-25T09:00Z',
      '2026-11-26T09:00Z',
    ])
  })

  it('45 divides a day and so starts again at midnight, without a short gap', () => {
    expect(slots({ intervalMinutes: 45 }, '2026-11-24T22:31:00Z', 3)).toEqual([
      '2026-11-24T23:15Z',
      '2026-11-25T00:00Z',
      '2026-11-25T00:45Z',
    ])
  })

  it('7 does not divide a day: the slots drift, always 7 minutes apart', () => {
    const found = nextSlots({ ...USUAL, intervalMinutes: 7 }, Date.parse('2026-11-24T23:50:00Z'), 5)
    expect(found.map((at) => at % (7 * MINUTE_MS))).toEqual([0, 0, 0, 0, 0])
  })
})

// Instants as Temporal gives them for these local times; `+` marks what the change of the clock has moved or doubled.
describe('OS-2: days on which clocks change', () => {
  const cases: readonly (readonly [string, Partial<JobSchedule>, string, readonly string[]])[] = [
    [
      'Berlin goes forward: 15 skips what does not exist',
      { intervalMinutes: 15, timeZone: 'Europe/Berlin' },
      '2026-03-29T00:30:00Z',
      ['2026-03-29T00:45Z', '2026-03-29T01:00Z', '2026-03-29T01:15Z'],
    ],
    [
      'Berlin goes back: 60 fires at both 02:00',
      { intervalMinutes: 60, timeZone: 'Europe/Berlin' },
      '2026-10-24T23:30:00Z',
      ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'],
    ],
    [
      'Berlin goes forward: 120 moves 02:10 to 03:10',
      { intervalMinutes: 120, startMinute: 10, timeZone: 'Europe/Berlin' },
      '2026-03-28T23:30:00Z',
      ['2026-03-29T01:10Z', '2026-03-29T02:10Z', '2026-03-29T04:10Z'],
    ],
    [
      'Berlin goes back: 120 fires once for 02:10',
      { intervalMinutes: 120, startMinute: 10, timeZone: 'Europe/Berlin' },
      '2026-10-24T22:30:00Z',
      ['2026-10-25T00:10Z', '2026-10-25T03:10Z', '2026-10-25T05:10Z'],
    ],
    [
      'New York goes forward: 09:00 stays 09:00',
      { intervalMinutes: 1440, startHour: 9, timeZone: 'America/New_York' },
      '2026-03-07T15:00:00Z',
      ['2026-03-08T13:00Z', '2026-03-09T13:00Z'],
    ],
    [
      'Lord Howe goes back by half an hour: 60 stays on the hour',
      { intervalMinutes: 60, timeZone: 'Australia/Lord_Howe' },
      '2026-04-04T13:30:00Z',
      ['2026-04-04T14:00Z', '2026-04-04T15:30Z', '2026-04-04T16:30Z'],
    ],
    [
      'Berlin goes forward: 7 does not notice',
      { intervalMinutes: 7, timeZone: 'Europe/Berlin', anchorDate: '2026-03-29' },
      '2026-03-29T00:50:00Z',
      ['2026-03-29T00:52Z', '2026-03-29T00:59Z', '2026-03-29T01:06Z'],
    ],
    [
      'every second day counts local days from the anchor',
      { intervalMinutes: 2880, startHour: 9, timeZone: 'Europe/Berlin', anchorDate: '2026-03-01' },
      '2026-03-27T00:00:00Z',
      ['2026-03-27T08:00Z', '2026-03-29T07:00Z', '2026-03-31T07:00Z'],
    ],
  ]
  for (const [name, given, from, expected] of cases) {
    it(name, () => expect(slots(given, from, expected.length)).toEqual(expected))
  }

  const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Casablanca', 'UTC']
  const wallClock = fc.record({
    intervalMinutes: fc.constantFrom(5, 10, 15, 30, 45, 60, 90, 120, 360, 720, 1440, 2880, 7 * 1440),
    startMinute: fc.integer({ min: 0, max: 59 }),
    startHour: fc.integer({ min: 0, max: 23 }),
    timeZone: fc.constantFrom(...ZONES),
    anchorDate: fc.constantFrom('1970-01-01', '2026-02-10'),
  })
  // Days around changes, and others.
  const start = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') })

  it('slots of the wall clock are those of a second calendar', () => {
    fc.assert(
      fc.property(wallClock, start, (schedule, from) => {
        const untilMs = from + Math.max(2 * DAY_MS, schedule.intervalMinutes * MINUTE_MS * 2)
        expect(slotsUntil(schedule, from, untilMs)).toEqual(scanned(schedule, from, untilMs))
      }),
      { numRuns: 150 },
    )
  })

  it('slots of other intervals lie exactly so far apart, from the first midnight of the anchor date', () => {
    const interval = fc.integer({ min: 1, max: 10_080 }).filter((minutes) => !isWallClock(minutes))
    fc.assert(
      fc.property(wallClock, interval, start, (given, intervalMinutes, from) => {
        const schedule = { ...given, intervalMinutes }
        const { startHour, startMinute, timeZone, anchorDate } = schedule
        const midnight = Temporal.PlainDate.from(anchorDate).toZonedDateTime(timeZone).epochMilliseconds
        const slot = nextSlot(schedule, from)
        expect(slot).toBeGreaterThan(from)
        expect(slot - from).toBeLessThanOrEqual(intervalMinutes * MINUTE_MS)
        const sinceFirst = slot - midnight - (startHour * 60 + startMinute) * MINUTE_MS
        expect(Math.abs(sinceFirst % (intervalMinutes * MINUTE_MS))).toBe(0)
        expect(nextSlot(schedule, slot)).toBe(slot + intervalMinutes * MINUTE_MS)
      }),
    )
  })

  it('slots always go forward', () => {
    fc.assert(
      fc.property(wallClock, start, (schedule, from) => {
        const found = nextSlots(schedule, from, 20)
        for (const [index, at] of found.entries()) expect(at).toBeGreaterThan(found[index - 1] ?? from)
      }),
    )
  })
})

describe('countSlots', () => {
  const ZONES = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
    'UTC',
  ]
  const schedule = fc.record({
    intervalMinutes: fc.constantFrom(5, 15, 45, 60, 120, 720, 1440, 2880, 10_080, 7, 50, 1000),
    startMinute: fc.integer({ min: 0, max: 59 }),
    startHour: fc.integer({ min: 0, max: 23 }),
    timeZone: fc.constantFrom(...ZONES),
    anchorDate: fc.constantFrom('1970-01-01', '2026-02-10', '2027-06-01'),
  })

  it('counts what going from slot to slot would count', () => {
    const start = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') })
    const length = fc.integer({ min: 0, max: 40 * DAY_MS })
    fc.assert(
      fc.property(schedule, start, length, fc.boolean(), (given, from, lengthMs, onSlot) => {
        const afterMs = onSlot ? nextSlot(given, from) : from
        const beforeMs = afterMs + lengthMs
        let slow = 0
        for (let slot = nextSlot(given, afterMs); slot < beforeMs; slot = nextSlot(given, slot)) slow++
        expect(countSlots(given, { afterMs, beforeMs, max: Number.MAX_SAFE_INTEGER })).toBe(slow)
      }),
      { numRuns: 60 },
    )
  })

  it('counts what was missed, up to a bound', () => {
    const span = { afterMs: Date.parse('2026-11-24T10:00:00Z'), beforeMs: Date.parse('2026-11-24T11:00:00Z') }
    expect(countSlots(USUAL, { ...span, max: 100 })).toBe(3)
    expect(countSlots(USUAL, { ...span, max: 2 })).toBe(2)
  })
})

function slotsUntil(schedule: JobSchedule, from: number, untilMs: number): readonly number[] {
  const found: number[] = []
  for (let at = nextSlot(schedule, from); at <= untilMs; at = nextSlot(schedule, at)) found.push(at)
  return found
}

/** The same from the rule itself, over Temporal's calendar. */
function scanned(schedule: JobSchedule, from: number, untilMs: number): readonly number[] {
  return schedule.intervalMinutes <= 60 ? everyInstant(schedule, from, untilMs) : everyWallTime(schedule, from, untilMs)
}

function everyInstant(schedule: JobSchedule, from: number, untilMs: number): readonly number[] {
  const found: number[] = []
  for (let at = Math.floor(from / MINUTE_MS + 1) * MINUTE_MS; at <= untilMs; at += MINUTE_MS) {
    const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(schedule.timeZone)
    const minute = local.hour * 60 + local.minute
    if ((minute - schedule.startMinute - schedule.startHour * 60) % schedule.intervalMinutes === 0) found.push(at)
  }
  return found
}

/** `compatible`: a skipped time is moved forward by the gap, a repeated one is its first. */
function everyWallTime(schedule: JobSchedule, from: number, untilMs: number): readonly number[] {
  const { intervalMinutes, startHour, startMinute, timeZone } = schedule
  const start = startHour * 60 + startMinute
  const anchor = Temporal.PlainDate.from(schedule.anchorDate)
  const found = new Set<number>()
  let date = Temporal.Instant.fromEpochMilliseconds(from - 2 * DAY_MS)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
  const last = Temporal.Instant.fromEpochMilliseconds(untilMs + 2 * DAY_MS)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    const days = intervalMinutes / 1440
    if (days > 1 && anchor.until(date).days % days !== 0) continue
    const step = Math.min(intervalMinutes, 1440)
    for (let minute = start % step; minute < 1440; minute += step) {
      const local = date.toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 })
      found.add(local.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds)
    }
  }
  return [...found].filter((at) => at > from && at <= untilMs).sort((left, right) => left - right)
}
