import type { ListCursor } from '@pawl/storage'
import { describe, expect, test } from 'vitest'
import { countRows, findPage, type Walk } from './page.ts'

interface Row {
  readonly key: number
  readonly size: number
}

/** A list of `count` rows with one value; every third matches. */
function list(count: number, size = 1): Walk<Row> & { readonly asked: number[] } {
  const rows = Array.from({ length: count }, (_, key) => ({ key, size }))
  const asked: number[] = []
  return {
    asked,
    async fetch(after, limit) {
      asked.push(limit)
      const start = after === undefined ? 0 : after.key + 1
      return rows.slice(start, start + limit)
    },
    place: (row) => ({ value: 0, key: row.key }),
    matches: (row) => row.key % 3 === 0,
    size: (row) => row.size,
  }
}

async function allPages(walk: Walk<Row>, limit: number): Promise<number[][]> {
  const pages: number[][] = []
  let after: ListCursor | undefined
  for (;;) {
    const { rows, hasMore } = await findPage(walk, after, limit)
    pages.push(rows.map((row) => row.key))
    const last = rows.at(-1)
    if (!hasMore || last === undefined) return pages
    after = walk.place(last)
  }
}

describe('a page', () => {
  test.each([
    [0, 3, [[]]],
    [1, 3, [[0]]],
    [9, 3, [[0, 3, 6]]],
    [10, 3, [[0, 3, 6], [9]]],
    [200, 67, [Array.from({ length: 67 }, (_, n) => n * 3)]],
  ])('of %i rows by %i is exact in its end', async (count, limit, pages) => {
    expect(await allPages(list(count), limit)).toEqual(pages)
  })

  test('is the same whatever the batches are', async () => {
    const pages = await allPages(list(5_000), 100)
    expect(pages.flat()).toEqual(Array.from({ length: 1_667 }, (_, n) => n * 3))
    expect(pages.every((page, index) => page.length === (index === 16 ? 67 : 100))).toBe(true)
  })

  test('grows its batches for small rows and shrinks them for large ones', async () => {
    const small = list(3_000)
    expect(await countRows(small)).toBe(1_000)
    expect(small.asked.slice(0, 4)).toEqual([24, 48, 96, 192])
    const large = list(60, 1_000_000)
    await countRows(large)
    expect(large.asked.slice(0, 4)).toEqual([24, 12, 6, 4])
  })

  test('of large rows ends early, and the next goes on from there', async () => {
    const pages = await allPages(list(30, 3 * 1024 * 1024), 10)
    expect(pages.flat()).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27])
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 2, 2])
    expect(await allPages(list(4, 20 * 1024 * 1024), 10)).toEqual([[0], [3]])
  })
})
