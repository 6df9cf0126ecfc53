// One page of a list whose rows are large or filtered by an expression: they are read from the store in batches and
// tested here, until the page is full and it is known whether more follow. Batches grow and shrink with the size of the rows, and the event loop
// gets its turn between rows, so that one search neither fills the memory nor stops the server.
import { setImmediate as turn } from 'node:timers/promises'
import type { ListCursor } from '@pawl/storage'
import { HttpError } from '../http/http-errors.ts'

export interface Walk<Row> {
  /** The next rows after a place, in the order of the list. */
  fetch(after: ListCursor | undefined, limit: number): Promise<readonly Row[]>
  place(row: Row): ListCursor
  matches(row: Row): boolean
  /** Characters of the texts that a row brought. */
  size(row: Row): number
}

/** One page, and whether more rows follow it. */
export interface Found<Row> {
  readonly rows: readonly Row[]
  readonly hasMore: boolean
}

/** One more than a usual page has. */
export const BATCH_FIRST = 24
const BATCH_MIN = 4
const BATCH_MAX = 1_000
const BATCH_CHARACTERS = 4 * 1024 * 1024
/** A page that would hold more text ends early: the rows that are left come with the next one. */
const PAGE_CHARACTERS = 8 * 1024 * 1024
export const TURN_MS = 8
const SEARCH_MS_MAX = 5_000

/**
 * The first `limit` matching rows after a place; fewer when their texts are large, but never none while there are some.
 *
 * @throws HttpError `search_timeout` after five seconds.
 */
export async function findPage<Row>(
  walk: Walk<Row>,
  after: ListCursor | undefined,
  limit: number,
): Promise<Found<Row>> {
  const rows: Row[] = []
  let characters = 0
  let hasMore = false
  await visit(walk, after, (row) => {
    characters += walk.size(row)
    hasMore = rows.length === limit || (rows.length > 0 && characters > PAGE_CHARACTERS)
    if (!hasMore) rows.push(row)
    return !hasMore
  })
  return { rows, hasMore }
}

/** How many rows match in all; counting stops at `atMost`. @throws HttpError `search_timeout`. */
export async function countRows<Row>(walk: Walk<Row>, atMost = Number.MAX_SAFE_INTEGER): Promise<number> {
  let count = 0
  await visit(walk, undefined, () => {
    count += 1
    return count < atMost
  })
  return count
}

async function visit<Row>(walk: Walk<Row>, start: ListCursor | undefined, keep: (row: Row) => boolean): Promise<void> {
  const deadline = performance.now() + SEARCH_MS_MAX
  let after = start
  let batch = BATCH_FIRST
  for (;;) {
    const rows = await walk.fetch(after, batch)
    let turnAt = performance.now() + TURN_MS
    let size = 0
    for (const row of rows) {
      size += walk.size(row)
      if (walk.matches(row) && !keep(row)) return
      if (performance.now() < turnAt) continue
      await turn()
      turnAt = performance.now() + TURN_MS
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < batch) return
    if (performance.now() > deadline) {
      throw new HttpError('search_timeout', 'The filter took too long; narrow the time window', { path: 'query' })
    }
    after = walk.place(last)
    batch = nextBatch(batch, size)
  }
}

/** Rows to ask for next, by the size of the last ones. */
export function nextBatch(batch: number, size: number): number {
  if (size > BATCH_CHARACTERS) return Math.max(BATCH_MIN, batch >> 1)
  return size * 2 < BATCH_CHARACTERS ? Math.min(BATCH_MAX, batch * 2) : batch
}
