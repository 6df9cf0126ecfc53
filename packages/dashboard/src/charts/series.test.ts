import { expect, it } from 'vitest'
import { formatValue, hasData, isLastOpen, lonelyPoints, stack } from './series.ts'

it('stacked edges add up from the bottom, and gaps stay gaps', () => {
  expect(
    stack([
      [1, null, null],
      [2, 3, null],
    ]),
  ).toEqual([
    [1, 0, null],
    [3, 3, null],
  ])
})

it('the last bucket is open until its end has passed', () => {
  expect(isLastOpen([0, 60_000], 60_000, 119_999)).toBe(true)
  expect(isLastOpen([0, 60_000], 60_000, 120_000)).toBe(false)
  expect(isLastOpen([], 60_000, 0)).toBe(false)
})

it('a value alone between gaps is shown as a point', () => {
  expect(lonelyPoints([1, null, 2, 3, null, 4])).toEqual([0, 5])
})

it('a guide alone is no data', () => {
  const guide = { id: 'g', label: 'Limit', values: [1, 1], isGuide: true }
  expect(hasData([guide, { id: 'a', label: 'A', values: [null, null] }])).toBe(false)
  expect(hasData([guide, { id: 'a', label: 'A', values: [null, 0] }])).toBe(true)
})

it.each([
  [1500, 'duration', '1.5 s'],
  [0.012, 'share', '1.2\u202f%'],
  [2048, 'bytes', '2 KiB'],
  [1234567, 'count', '1\u202f234\u202f567'],
  [null, 'count', '–'],
] as const)('%s as %s reads as %s', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text)
})
