import { describe, expect, it } from 'vitest'
import { CronError, parseCron } from './parse.ts'

describe('parseCron', () => {
  it('reads values, lists, ranges, steps and names', () => {
    const cron = parseCron('5/15,3 1-3,22 */10,?/25 JAN,mar-May Sun,WED-fri')
    expect(cron.minutes).toEqual([3, 5, 20, 35, 50])
    expect(cron.hours).toEqual([1, 2, 3, 22])
    expect([...cron.daysOfMonth]).toEqual([1, 11, 21, 31, 26])
    expect([...cron.months]).toEqual([1, 3, 4, 5])
    expect([...cron.daysOfWeek]).toEqual([0, 3, 4, 5])
    expect(cron.eitherDay).toBe(true)
  })

  it('takes either day only when both fields are restricted', () => {
    const either = ['0 0 1 * 1', '0 0 */2 * 1', '0 0 1 * 0-6', '0 0 1-31 * */2']
    const both = ['0 0 * * 1', '0 0 1 * *', '0 0 ? * 1', '0 0 */1 * 1', '0 0 1,* * 1']
    expect(either.map((text) => parseCron(text).eitherDay)).toEqual(either.map(() => true))
    expect(both.map((text) => parseCron(text).eitherDay)).toEqual(both.map(() => false))
  })

  it('follows real hours when the hour is * or a step, and not when it is fixed', () => {
    expect(['*', '?', '*/2', '3/4', '1-9/2'].map((hour) => parseCron(`0 ${hour} * * *`).followsRealHours)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
    expect(['2', '1,2', '0-23'].map((hour) => parseCron(`0 ${hour} * * *`).followsRealHours)).toEqual([
      false,
      false,
      false,
    ])
  })

  it('takes the zone from TZ= or CRON_TZ=, and UTC otherwise', () => {
    expect(parseCron('TZ=Europe/Paris 0 9 * * *').timeZone).toBe('Europe/Paris')
    expect(parseCron('CRON_TZ=America/New_York  0 9 * * * ').timeZone).toBe('America/New_York')
    expect(parseCron('0 9 * * *').timeZone).toBe('UTC')
  })

  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /five fields/],
    ['* * * *', /five fields/],
    ['0 * * * * *', /seconds/],
    ['* * * * * * *', /five fields/],
    ['@daily', /@daily/],
    ['TZ=Europe/Paris @hourly', /@daily/],
    ['@every 5m', /@daily/],
    ['60 * * * *', /minute field goes from 0 to 59/],
    ['* 24 * * *', /hour field goes from 0 to 23/],
    ['* * 0 * *', /day of month field goes from 1 to 31/],
    ['* * 32 * *', /day of month/],
    ['* * * 0 *', /month field goes from 1 to 12/],
    ['* * * 13 *', /month/],
    ['* * * * 7', /day of week field goes from 0 to 6/],
    ['* * * * 1-7', /day of week/],
    ['* * L * *', /day of month/],
    ['* * 15W * *', /day of month/],
    ['* * * * 5L', /day of week/],
    ['* * * * MON#1', /day of week/],
    ['* * * * MONDAY', /day of week/],
    ['JAN * * * *', /minute/],
    ['* 22-2 * * *', /backward/],
    ['* * * * FRI-SUN', /backward/],
    ['*/0 * * * *', /step of 0/],
    ['*/-1 * * * *', /minute/],
    ['1,,2 * * * *', /minute/],
    ['1-2-3 * * * *', /minute/],
    ['1.5 * * * *', /minute/],
    ['+5 * * * *', /minute/],
    ['*-5 * * * *', /minute/],
    ['TZ=Mars/Base 0 9 * * *', /time zone/],
    ['TZ=Local 0 9 * * *', /time zone/],
    ['TZ=+02:00 0 9 * * *', /time zone/],
    ['TZ= 0 9 * * *', /time zone/],
    ['TZ=Europe/Paris', /five fields/],
    [`0 9 * * ${'1,'.repeat(150)}1`, /255/],
  ]
  for (const [text, says] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(() => parseCron(text)).toThrow(CronError)
      expect(() => parseCron(text)).toThrow(says)
    })
  }
})
