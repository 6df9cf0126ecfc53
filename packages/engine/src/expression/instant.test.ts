import { describe, expect, it } from 'vitest'
import { dateFromNumber, formatDuration, formatTimestamp, parseDate, parseDuration, parseTimestamp } from './instant.ts'

const SECOND = Date.UTC(2026, 0, 2, 15, 4, 5)

describe('parseDate', () => {
  const forms: readonly (readonly [string, number])[] = [
    ['2026-01-02T15:04:05Z', SECOND],
    ['2026-01-02T15:04:05.678901Z', SECOND + 678],
    ['2026-01-02T15:04:05-07:00', SECOND + 7 * 3_600_000],
    ['2026-01-02T15:04:05', SECOND],
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['Fri, 02 Jan 2026 15:04:05 GMT', SECOND],
    ['Fri, 02 Jan 2026 15:04:05 -0700', SECOND + 7 * 3_600_000],
    ['Fri, 02 Jan 2026 15:04:05 EST', SECOND + 5 * 3_600_000],
    ['02 Jan 26 15:04 UTC', SECOND - 5_000],
    ['02 Jan 26 15:04 +0100', SECOND - 5_000 - 3_600_000],
    ['Friday, 02-Jan-26 15:04:05 UTC', SECOND],
    ['Fri Jan  2 15:04:05 UTC 2026', SECOND],
    ['Fri Jan  2 15:04:05 2026', SECOND],
    ['Fri Jan 12 15:04:05 2026', SECOND + 10 * 86_400_000],
  ]
  for (const [text, expected] of forms) {
    it(`reads ${text}`, () => {
      expect(parseDate(text)).toBe(expected)
    })
  }

  const refused = ['', 'yesterday', '2026-02-30', '2026-13-01', '2026-01-02T25:00:00Z', '2026-01-02T10:61:00Z']
  for (const text of [
    ...refused,
    '0000-01-01',
    '02 Jan 26 15:04 XYZ',
    '2026-01-02T15:04:05+24:00',
    ' 2026-01-02',
    '2'.repeat(999),
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(() => parseDate(text)).toThrow('the text is not a date')
    })
  }

  it('tells seconds, milliseconds and nanoseconds apart by size', () => {
    expect([1_700_000_000, 1_700_000_000_000, 1_700_000_000_000_000_000].map(dateFromNumber)).toEqual(
      [1, 1, 1].map(() => 1_700_000_000_000),
    )
    expect(dateFromNumber(946_684_800)).toBe(Date.UTC(2000, 0, 1))
    expect(() => dateFromNumber(946_684_799)).toThrow('not a date')
    expect(() => dateFromNumber(Number.NaN)).toThrow('not a date')
  })
})

describe('times as text', () => {
  it('a timestamp is RFC 3339 only', () => {
    expect(parseTimestamp('2026-01-02t15:04:05z')).toBe(SECOND)
    expect(() => parseTimestamp('2026-01-02')).toThrow('RFC 3339')
    expect(formatTimestamp(SECOND)).toBe('2026-01-02T15:04:05Z')
    expect(() => formatTimestamp(Number.POSITIVE_INFINITY)).toThrow('outside the years')
  })

  it('a duration is counted from its units', () => {
    const cases = ['90s', '1h30m', '1.5h', '-2m', '0', '500ms', '1d', '2w', '1us', '+1s']
    expect(cases.map(parseDuration)).toEqual([
      90_000, 5_400_000, 5_400_000, -120_000, 0, 500, 86_400_000, 1_209_600_000, 0.001, 1_000,
    ])
    for (const text of ['', '1', 'h', '1h 30m', '1y', '1e3s', '--1s'])
      expect(() => parseDuration(text)).toThrow('duration')
    expect(formatDuration(90_500)).toBe('90.5s')
  })
})
