import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration, parseRetryAfter, parseTimeOrDuration } from './duration.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-24T00:00:00Z')

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 2 * DAY],
    ['1w', 7 * DAY],
    ['1d2h', 26 * 3_600_000],
    ['1h0m0s', 3_600_000],
    ['1.5h', 5_400_000],
    ['1.1s', 1100],
    ['.5s', 500],
    ['1m2.003s', 62_003],
    ['1500us', 2],
    ['1µs', 1],
    ['1ns', 1],
    ['0s', 0],
    ['0', 0],
    ['-1s', -1000],
    ['+1s', 1000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    '',
    '1',
    's',
    '1x',
    '1 s',
    '1h 30m',
    '1h30',
    '1.s2',
    'h1',
    '--1s',
    '1e3s',
    '1S',
    `${'9'.repeat(50)}w`,
    '1s'.repeat(100),
  ])('takes %j for none', (text) => {
    expect(parseDuration(text)).toBeNull()
  })

  it('reads what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms + 0)
      }),
    )
    expect(formatDuration(93_784_005)).toBe('1d2h3m4s5ms')
    expect(formatDuration(0)).toBe('0s')
  })
})

describe('parseTimeOrDuration', () => {
  it.each([
    ['', NOW],
    ['1h', NOW + 3_600_000],
    ['1h30m0.5s', NOW + 5_400_500],
    ['-1h', NOW],
    ['2026-11-25', NOW + DAY],
    ['2026-11-25T00:00:00Z', NOW + DAY],
    ['2026-11-25T01:00:00.000+01:00', NOW + DAY],
    ['2026-11-25T00:00:00.123456+00:00', NOW + DAY + 123],
    ['2026-11-25T00:00:00', NOW + DAY],
    ['2026-11-25 00:00:00', NOW + DAY],
    ['2020-01-01T00:00:00Z', NOW],
  ])('reads %j', (text, at) => {
    expect(parseTimeOrDuration(text, NOW)).toEqual({ at })
  })

  it.each(['soon', '2026-13-01T00:00:00Z', '2026-11-25T', 'next Tuesday at noon', '10000000000', '1764028800000'])(
    'takes %j for neither',
    (text) => {
      expect(parseTimeOrDuration(text, NOW)).toBeNull()
    },
  )
})

describe('parseRetryAfter', () => {
  it.each([
    ['2', 2000],
    ['0', 1000],
    ['9999999', DAY],
    ['2026-11-24T00:00:30Z', 30_000],
    ['2026-11-24T00:00:30+00:00', 30_000],
    ['Tue, 24 Nov 2026 00:01:00 GMT', 60_000],
    ['2020-01-01T00:00:00Z', 1000],
    ['2030-01-01T00:00:00Z', DAY],
  ])('reads %j', (text, ms) => {
    expect(parseRetryAfter(text, NOW)).toBe(ms)
  })

  it.each(['', 'soon', '-1', '1.5', '12345678', '10s', 'Tue, 99 Nov'])('takes %j for nothing', (text) => {
    expect(parseRetryAfter(text, NOW)).toBeNull()
  })
})
