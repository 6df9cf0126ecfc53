import { expect, it } from 'vitest'
import { outcomeDetail, outcomeKind } from './outcome-tone.ts'

it('a started run shows its own status, what was dropped none of a run', () => {
  expect(outcomeKind('started', 'FAILED')).toBe('failed')
  expect(outcomeKind('started', undefined)).toBe('completed')
  expect(outcomeKind('rate_limited', undefined)).toBe('skipped')
  expect(outcomeKind('paused', undefined)).toBe('paused')
})

it('a false condition tells what it saw, and what it did not find', () => {
  const detail = {
    expression: 'event.data.n > 3 && event.data.x',
    values: { 'event.data.n': 2 },
    missing: ['event.data.x'],
  }
  expect(outcomeDetail(detail)).toEqual({
    expression: 'event.data.n > 3 && event.data.x',
    error: undefined,
    seen: [
      { path: 'event.data.n', text: '2' },
      { path: 'event.data.x', text: undefined },
    ],
    rest: [],
  })
})

it('what is not known is told all the same', () => {
  expect(outcomeDetail({ window: 'abc', until: 5 }).rest).toEqual([
    ['window', 'abc'],
    ['until', '5'],
  ])
  expect(outcomeDetail(null)).toEqual({ expression: undefined, error: undefined, seen: [], rest: [] })
})
