import { expect, it } from 'vitest'
import { fieldText, instantOf, lastMs, rangeParams, windowOf } from './time-range.ts'
import { searchParams } from './url-state.ts'

const now = Date.UTC(2026, 10, 24, 14, 3, 27)

it('the last so-long begins at a whole minute and has no end', () => {
  expect(windowOf({ last: '1h' }, now)).toEqual({ from: '2026-11-24T13:03:00.000Z' })
})

it('two instants are taken as they are, and win over the last so-long', () => {
  expect(windowOf({ last: '1h', from: '2026-11-01T00:00:00Z' }, now)).toEqual({ from: '2026-11-01T00:00:00Z' })
})

it('no bounds mean all time', () => {
  expect(windowOf({}, now)).toEqual({})
  expect(windowOf({ last: 'all' }, now)).toEqual({})
})

it.each([
  ['15m', 900_000],
  ['24h', 86_400_000],
  ['0h', undefined],
  ['24', undefined],
  ['2w', undefined],
])('%s is %s ms', (text, ms) => {
  expect(lastMs(text)).toBe(ms)
})

it('a broken range in the address is dropped', () => {
  const read = searchParams(rangeParams)
  expect(read({ last: 'soon', from: 'yesterday', until: '2026-11-24T14:00:00Z' })).toEqual({
    until: '2026-11-24T14:00:00Z',
  })
})

it('a field in UTC goes there and back', () => {
  expect(instantOf(fieldText('2026-11-24T14:03:27.000Z', 'utc'), 'utc')).toBe('2026-11-24T14:03:27.000Z')
  expect(instantOf('', 'utc')).toBeUndefined()
})
