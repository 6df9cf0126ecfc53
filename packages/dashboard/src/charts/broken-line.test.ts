import { expect, it } from 'vitest'
import { pieces } from './broken-line.ts'

it('a line ends at a gap and begins again after it', () => {
  expect(pieces([0, 1, 2, 3, 4], [5, 6, null, undefined, 7])).toEqual([
    [
      { x: 0, y: 5 },
      { x: 1, y: 6 },
    ],
    [{ x: 4, y: 7 }],
  ])
})

it('a series without values has no pieces', () => {
  expect(pieces([0, 1], [null, null])).toEqual([])
})
