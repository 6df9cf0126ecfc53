import { expect, test } from 'vitest'
import { patchRows } from './live-people.ts'
import { itemsBefore, lastItems } from './sessions.ts'

interface Row {
  readonly id: string
  readonly status?: string
  readonly metadata?: object
  readonly isIdle?: true
}

const page = (rows: readonly Row[]) => ({
  pages: [{ rows: [...rows], cursor: undefined, totalCount: undefined, fetchedAt: '2026-11-24T12:00:00Z' }],
  pageParams: [undefined],
})

test('a told row takes the place of the known one, and keeps only what the stream leaves out', () => {
  const known = page([
    { id: 'a', metadata: { n: 1 }, isIdle: true, status: 'running' },
    { id: 'b', status: 'running' },
  ])
  const told = { rows: [{ id: 'a', status: 'waiting' }], untold: ['metadata'] }
  expect(patchRows(known, told).pages[0]?.rows).toEqual([
    { id: 'a', metadata: { n: 1 }, status: 'waiting' },
    { id: 'b', status: 'running' },
  ])
})

test('a list that has none of the told rows stays the same object', () => {
  const known = page([{ id: 'a' }])
  expect(patchRows(known, { rows: [{ id: 'z' }], untold: [] })).toBe(known)
})

test('a log is read from its end backwards without gaps or overlaps', () => {
  expect(lastItems(250)).toEqual({ after: 150, limit: 100 })
  expect(lastItems(3)).toEqual({ after: 0, limit: 100 })
  expect(itemsBefore(150)).toEqual({ after: 50, limit: 100 })
  expect(itemsBefore(50)).toEqual({ after: 0, limit: 50 })
  expect(itemsBefore(0)).toBeUndefined()
})
