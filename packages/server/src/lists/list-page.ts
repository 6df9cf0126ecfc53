// Exact pages of lists that are read along an index: rows as large as they come (a job's request, a session's result), no
// page larger than a few megabytes, and a cursor that only its own list takes.
import type { ListCursor } from '@pawl/storage'
import { readCursor, writeCursor } from './cursor.ts'
import { findPage, type Walk } from './page.ts'

export interface ListPage<Row> {
  readonly rows: readonly Row[]
  readonly cursor: string | undefined
  readonly hasMore: boolean
}

export interface PageAsked {
  /** What the list is called in its cursors, with whatever its order depends on. */
  readonly order: string
  readonly cursor: string | undefined
  readonly limit: number
}

export interface ListWalk<Row> extends Omit<Walk<Row>, 'matches'> {}

/** @throws HttpError `invalid_parameter` for a cursor of another list. */
export async function listPage<Row>(asked: PageAsked, walk: ListWalk<Row>): Promise<ListPage<Row>> {
  const { order, limit } = asked
  const whole: Walk<Row> = { ...walk, matches: () => true }
  const { rows, hasMore } = await findPage(whole, readCursor(order, asked.cursor), limit)
  const last: Row | undefined = rows.at(-1)
  const place: ListCursor | undefined = last === undefined ? undefined : walk.place(last)
  return { rows, hasMore, cursor: hasMore && place !== undefined ? writeCursor(order, place) : undefined }
}
