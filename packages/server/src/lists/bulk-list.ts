// Bulk operations as lists: exact pages, newest first, and one by its ID where it is of the kind that is asked for.
import type { BulkView, Key, ListCursor } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { readCursor, writeCursor } from './cursor.ts'

interface BulkQuery {
  readonly kind: BulkView['row']['kind']
  readonly fn?: Key
  readonly cursor: string | undefined
  readonly limit: number
}

export interface BulkPage {
  readonly rows: readonly BulkView[]
  readonly cursor: string | undefined
  readonly hasMore: boolean
}

/** @throws HttpError `invalid_parameter` for a cursor of another list. */
export async function listBulks(ctx: ServerContext, query: BulkQuery): Promise<BulkPage> {
  const { kind, fn, limit } = query
  const order = `bulks:${kind}`
  const after = readCursor(order, query.cursor)
  const found = await ctx.lists.bulks({ kind, fn, after, limit: limit + 1 })
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  const hasMore = found.length > limit
  return { rows, hasMore, cursor: hasMore && last !== undefined ? writeCursor(order, placeOf(last)) : undefined }
}

/** Undefined when there is none, or it is of another kind or function. */
export async function findBulk(
  ctx: ServerContext,
  id: string,
  wanted: Pick<BulkQuery, 'kind' | 'fn'>,
): Promise<BulkView | undefined> {
  const view = await ctx.lists.bulk(id)
  const isWanted = view?.row.kind === wanted.kind && (wanted.fn === undefined || view.row.fn === wanted.fn)
  return isWanted ? view : undefined
}

function placeOf({ row }: BulkView): ListCursor {
  return { value: row.createdAt, key: row.key }
}
