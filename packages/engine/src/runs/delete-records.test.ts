import { expect, it } from 'vitest'
import { pagesFor } from './delete-records.ts'

it('pages of a round delete twice what was added, and one more', () => {
  expect([0, 1, 499, 500, 501, 100_000].map(pagesFor)).toEqual([1, 2, 2, 2, 3, 201])
})
