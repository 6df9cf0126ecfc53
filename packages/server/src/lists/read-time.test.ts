import { describe, expect, test } from 'vitest'
import { readTime } from './read-time.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

describe('a time in a query', () => {
  test.each([
    ['2026-01-31T12:00:00Z', NOW],
    ['2026-01-31T12:00:00.250Z', NOW + 250],
    ['2026-01-31T13:00:00+01:00', NOW],
    ['2026-01-31 12:00', NOW],
    ['2026-01-31t12:00:00z', NOW],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['1769860800', 1_769_860_800_000],
    ['1769860800123', 1_769_860_800_123],
    ['now', NOW],
    ['1h', NOW - 3_600_000],
    ['-1h30m', NOW - 5_400_000],
    ['2 days ago', NOW - 172_800_000],
    ['1 hour', NOW - 3_600_000],
    ['15m ago', NOW - 900_000],
  ])('%s is read', (text, instant) => expect(readTime('from', text, NOW)).toBe(instant))

  test.each(['soon', '2026-13-01', '2026-01-31T25:00:00Z', '12', 'x days ago', 'NaN', '1e99', '2026', '-'])(
    '%s is refused',
    (text) => {
      expect(() => readTime('from', text, NOW)).toThrow('from is no time')
    },
  )

  test('may be left out', () => {
    expect(readTime('from', undefined, NOW)).toBeUndefined()
    expect(readTime('from', '', NOW)).toBeUndefined()
  })
})
