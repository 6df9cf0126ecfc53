import { Cron as Croner } from 'croner'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Names, scanTicks, scanWindow } from './minute-scan.ts'
import { parseCron } from './parse.ts'
import { nextTick, previousTick, ticksBetween } from './tick.ts'

const DAY_MS = 86_400_000
const utc = (text: string): number => Date.parse(`${text}Z`)

function ticks(text: string, after: string, until: string): readonly string[] {
  const span = { afterMs: utc(after), untilMs: utc(until), max: 10_000 }
  return ticksBetween(parseCron(text), span).map((tick) => new Date(tick).toISOString().replace(':00.000Z', ''))
}

describe('nextTick', () => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['* * * * *', '2026-01-01T00:00:00', '2026-01-01T00:01'],
    ['* * * * *', '2026-01-01T00:00:59.999', '2026-01-01T00:01'],
    ['*/15 * * * *', '2026-01-01T00:46:00', '2026-01-01T01:00'],
    ['5/15 * * * *', '2026-01-01T00:20:00', '2026-01-01T00:35'],
    ['5/15 * * * *', '2026-01-01T00:50:00', '2026-01-01T01:05'],
    ['0 9 * * MON-FRI', '2026-01-02T09:00:00', '2026-01-05T09:00'],
    ['0 0 31 * *', '2026-01-31T00:00:00', '2026-03-31T00:00'],
    ['0 0 29 2 *', '2026-01-01T00:00:00', '2028-02-29T00:00'],
    ['0 0 30 2 *', '2026-01-01T00:00:00', null],
    ['0 0 31 4,6,9,11 *', '2026-01-01T00:00:00', null],
    ['TZ=Europe/Paris 0 0 30 2 *', '2026-01-01T00:00:00', null],
    ['0 0 1 1 ?', '2026-01-01T00:00:00', '2027-01-01T00:00'],
    // Both day fields restricted: either will do. A step counts as restricted.
    ['0 0 13 * 5', '2026-01-01T00:00:00', '2026-01-02T00:00'],
    ['0 0 13 * 5', '2026-01-09T00:00:00', '2026-01-13T00:00'],
    ['0 0 */2 * 1', '2026-01-03T00:00:00', '2026-01-05T00:00'],
    ['0 0 */2 * 1', '2026-01-11T00:00:00', '2026-01-12T00:00'],
    ['0 0 * * 1', '2026-01-06T00:00:00', '2026-01-12T00:00'],
    ['TZ=Asia/Kolkata 30 5 * * *', '2026-01-01T00:00:00', '2026-01-02T00:00'],
    ['CRON_TZ=America/New_York 0 9 * * *', '2026-07-01T00:00:00', '2026-07-01T13:00'],
  ]
  for (const [text, after, expected] of cases) {
    it(`${text} after ${after} is ${expected}`, () => {
      const tick = nextTick(parseCron(text), utc(after))
      expect(tick === null ? null : new Date(tick).toISOString().slice(0, 16)).toBe(expected)
    })
  }

  it('finds the leap day from every year', () => {
    for (let year = 2021; year < 2033; year += 1) {
      const tick = nextTick(parseCron('0 0 29 2 *'), Date.UTC(year, 2, 1))
      expect(tick).toBe(Date.UTC(Math.floor(year / 4 + 1) * 4, 1, 29))
    }
  })
})

// Instants worked out by hand from the published dates of each change.
describe('when clocks change', () => {
  it('Paris, spring: 02:30 is moved to 03:30, once', () => {
    expect(ticks('TZ=Europe/Paris 30 2 * * *', '2027-03-27T02:00:00', '2027-03-29T02:00:00')).toEqual([
      '2027-03-28T01:30',
      '2027-03-29T00:30',
    ])
  })

  it('Paris, autumn: 02:30 comes twice and fires at the first', () => {
    expect(ticks('TZ=Europe/Paris 30 2 * * *', '2027-10-30T02:00:00', '2027-11-01T02:00:00')).toEqual([
      '2027-10-31T00:30',
      '2027-11-01T01:30',
    ])
  })

  it('Paris: an hourly schedule follows real hours, 23 in spring and 25 in autumn', () => {
    const text = 'TZ=Europe/Paris 0 * * * *'
    expect(ticks(text, '2027-03-27T22:59:00', '2027-03-28T21:59:00')).toHaveLength(23)
    expect(ticks(text, '2027-10-30T21:59:00', '2027-10-31T22:59:00')).toHaveLength(25)
  })

  it('Paris: a step of hours skips an hour that does not exist and repeats one that does', () => {
    const text = 'TZ=Europe/Paris 0 */2 * * *'
    expect(ticks(text, '2027-03-27T23:00:00', '2027-03-28T04:00:00')).toEqual(['2027-03-28T02:00', '2027-03-28T04:00'])
    expect(ticks(text, '2027-10-30T22:00:00', '2027-10-31T03:00:00')).toEqual([
      '2027-10-31T00:00',
      '2027-10-31T01:00',
      '2027-10-31T03:00',
    ])
  })

  it('Paris, spring: two wall times that fall on one instant are one tick', () => {
    expect(ticks('TZ=Europe/Paris 30 2,3 * * *', '2027-03-28T00:00:00', '2027-03-28T12:00:00')).toEqual([
      '2027-03-28T01:30',
    ])
  })

  it('New York, spring and autumn', () => {
    const text = 'TZ=America/New_York 30 1,2 * * *'
    expect(ticks(text, '2026-03-08T05:00:00', '2026-03-08T12:00:00')).toEqual(['2026-03-08T06:30', '2026-03-08T07:30'])
    expect(ticks(text, '2026-11-01T04:00:00', '2026-11-01T12:00:00')).toEqual(['2026-11-01T05:30', '2026-11-01T07:30'])
  })

  it('Lord Howe changes by half an hour', () => {
    const text = 'TZ=Australia/Lord_Howe 15,45 2 * * *'
    // 4 October 2026: at 02:00 +10:30 the clock goes to 02:30 +11. 02:15 becomes 02:45, where 02:45 stands already.
    expect(ticks(text, '2026-10-03T12:00:00', '2026-10-04T12:00:00')).toEqual(['2026-10-03T15:45'])
    // 5 April 2026: at 02:00 +11 the clock goes back to 01:30 +10:30.
    expect(ticks('TZ=Australia/Lord_Howe 45 1 * * *', '2026-04-04T12:00:00', '2026-04-05T12:00:00')).toEqual([
      '2026-04-04T14:45',
    ])
  })

  it('Samoa left out 30 December 2011: its ticks fall on the day after', () => {
    expect(ticks('TZ=Pacific/Apia 0 9 * * *', '2011-12-29T12:00:00', '2011-12-31T20:00:00')).toEqual([
      '2011-12-29T19:00',
      '2011-12-30T19:00',
      '2011-12-31T19:00',
    ])
    expect(ticks('TZ=Pacific/Apia 0 9 30 12 *', '2011-12-01T00:00:00', '2012-01-31T00:00:00')).toEqual([
      '2011-12-30T19:00',
    ])
    expect(ticks('TZ=Pacific/Apia 0 * 30 12 *', '2011-12-01T00:00:00', '2012-01-31T00:00:00')).toEqual([])
  })
})

interface Place {
  readonly timeZone: string
  readonly days: readonly string[]
}

const PLACES: readonly Place[] = [
  { timeZone: 'Europe/Paris', days: ['2027-03-28', '2027-10-31', '2027-06-15'] },
  { timeZone: 'America/New_York', days: ['2026-03-08', '2026-11-01', '2026-12-31'] },
  { timeZone: 'Australia/Lord_Howe', days: ['2026-04-05', '2026-10-04', '2027-03-01'] },
  { timeZone: 'Pacific/Apia', days: ['2011-12-30', '2020-04-05', '2020-09-27'] },
  { timeZone: 'UTC', days: ['2026-02-28', '2028-02-29', '2026-12-31'] },
  // Clocks that change at midnight: a day that begins at 01:00, and an evening hour that comes twice.
  { timeZone: 'America/Havana', days: ['2026-03-08', '2026-11-01'] },
  { timeZone: 'Africa/Casablanca', days: ['2026-02-15', '2026-03-22'] },
]

const WINDOWS = PLACES.flatMap(({ timeZone, days }) =>
  days.map((day) => ({
    timeZone,
    ...scanWindow(timeZone, utc(`${day}T00:00`) - 3 * DAY_MS, utc(`${day}T00:00`) + 3 * DAY_MS),
  })),
)

// By number, so that a failure prints no list of minutes.
const anyWindow = fc.nat(WINDOWS.length - 1)

function windowAt(index: number): (typeof WINDOWS)[number] {
  const window = WINDOWS[index]
  if (!window) throw new Error('there is no such window')
  return window
}

interface Made {
  readonly text: string
  readonly values: ReadonlySet<number> | null
}

// A field made from its values, so that the reference never reads the text.
function fieldOf(least: number, most: number): fc.Arbitrary<Made> {
  const value = fc.integer({ min: least, max: most })
  const upTo = (from: number, to: number, step: number): Set<number> =>
    new Set(Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step))
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<Made>({ text: '*', values: null }, { text: '?', values: null }) },
    fc.array(value, { minLength: 1, maxLength: 3 }).map((list) => ({ text: list.join(','), values: new Set(list) })),
    fc.tuple(value, value).map(([left, right]) => {
      const [from, to] = [Math.min(left, right), Math.max(left, right)]
      return { text: `${from}-${to}`, values: upTo(from, to, 1) }
    }),
    fc.integer({ min: 2, max: 20 }).map((step) => ({ text: `*/${step}`, values: upTo(least, most, step) })),
    fc.tuple(value, fc.integer({ min: 1, max: 20 })).map(([from, step]) => ({
      text: `${from}/${step}`,
      values: upTo(from, most, step),
    })),
  )
}

interface Schedule {
  readonly text: string
  readonly names: Names
  readonly followsRealHours: boolean
}

const anySchedule: fc.Arbitrary<Schedule> = fc
  .tuple(fieldOf(0, 59), fieldOf(0, 23), fieldOf(1, 31), fieldOf(1, 12), fieldOf(0, 6))
  .map(([minute, hour, day, month, weekday]) => ({
    text: [minute, hour, day, month, weekday].map((field) => field.text).join(' '),
    followsRealHours: /[*?/]/.test(hour.text),
    names: (wall) => {
      const has = (field: Made, value: number): boolean => field.values === null || field.values.has(value)
      const [onDay, onWeekday] = [has(day, wall.getUTCDate()), has(weekday, wall.getUTCDay())]
      const bothRestricted = day.values !== null && weekday.values !== null
      const date = bothRestricted ? onDay || onWeekday : onDay && onWeekday
      return (
        date && has(month, wall.getUTCMonth() + 1) && has(hour, wall.getUTCHours()) && has(minute, wall.getUTCMinutes())
      )
    },
  }))

describe('any schedule', () => {
  it('has the ticks that a scan of every minute finds, in every zone and around every change', () => {
    fc.assert(
      fc.property(anySchedule, anyWindow, (schedule, index) => {
        const window = windowAt(index)
        const cron = parseCron(`TZ=${window.timeZone} ${schedule.text}`)
        // A day at either end is left out: wall times near the edges of the window may belong to instants outside.
        const afterMs = window.fromMs + DAY_MS
        const untilMs = window.fromMs + 5 * DAY_MS
        const expected = scanTicks(window, schedule.names, schedule.followsRealHours).filter(
          (tick) => tick > afterMs && tick <= untilMs,
        )
        expect(ticksBetween(cron, { afterMs, untilMs, max: 100_000 })).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('goes back to the tick before', () => {
    fc.assert(
      fc.property(anySchedule, anyWindow, fc.nat(4 * DAY_MS), (schedule, index, later) => {
        const window = windowAt(index)
        const cron = parseCron(`TZ=${window.timeZone} ${schedule.text}`)
        const beforeMs = window.fromMs + DAY_MS + later
        const previous = previousTick(cron, beforeMs)
        if (previous === null) {
          expect(nextTick(cron, beforeMs - 4 * 365 * DAY_MS) ?? beforeMs).toBeGreaterThanOrEqual(beforeMs)
          return
        }
        expect(previous).toBeLessThan(beforeMs)
        expect(nextTick(cron, previous - 1)).toBe(previous)
        expect(nextTick(cron, previous) ?? beforeMs).toBeGreaterThanOrEqual(beforeMs)
      }),
      { numRuns: 200 },
    )
  })

  it('agrees with croner where the two languages do', () => {
    const start = utc('2026-01-01T00:00')
    fc.assert(
      fc.property(anySchedule, fc.nat(3 * 365 * 24 * 60), (schedule, minutes) => {
        const [, , day = '*', month = '*', weekday = '*'] = schedule.text.split(' ')
        fc.pre(!/\d\/\d|\?/.test(schedule.text) && !/\*\//.test(month + weekday) && (day === '*' || weekday === '*'))
        const after = start + minutes * 60_000
        const theirs = new Croner(schedule.text, { timezone: 'UTC', paused: true }).nextRun(new Date(after))
        expect(nextTick(parseCron(schedule.text), after)).toBe(theirs?.getTime() ?? null)
      }),
      { numRuns: 200 },
    )
  })
})

describe('ticksBetween', () => {
  it('leaves the start out, takes the end in, and stops at the most that is wanted', () => {
    const cron = parseCron('*/5 * * * *')
    const span = { afterMs: utc('2026-01-01T00:00'), untilMs: utc('2026-01-01T00:20'), max: 100 }
    expect(ticksBetween(cron, span).map((tick) => (tick - span.afterMs) / 60_000)).toEqual([5, 10, 15, 20])
    expect(ticksBetween(cron, { ...span, max: 2 })).toHaveLength(2)
    expect(ticksBetween(cron, { ...span, untilMs: span.afterMs })).toEqual([])
  })
})

describe('previousTick', () => {
  it('is strictly before', () => {
    const cron = parseCron('0 9 * * *')
    expect(previousTick(cron, utc('2026-01-02T09:00'))).toBe(utc('2026-01-01T09:00'))
    expect(previousTick(cron, utc('2026-01-02T09:00') + 1)).toBe(utc('2026-01-02T09:00'))
    expect(previousTick(parseCron('0 0 29 2 *'), utc('2027-01-01T00:00'))).toBe(utc('2024-02-29T00:00'))
    expect(previousTick(parseCron('0 0 30 2 *'), utc('2027-01-01T00:00'))).toBe(null)
  })
})
