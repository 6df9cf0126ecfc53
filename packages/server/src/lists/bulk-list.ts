// Bulk operations as lists: exact pages, newest first, and one by its ID where it is of the kind that is asked for.
import type { BulkView, Key, ListCursor } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { findPage, type Walk } from './page.ts'

interface BulkQuery {
  /** Absent: of every kind. */
  readonly kind?: BulkView['row']['kind']
  readonly fn?: Key
  /** Leaves out those on several functions, which the older lists cannot show. */
  readonly ofOneFunction?: true
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
  const { kind, fn, limit, ofOneFunction = false } = query
  const order = `bulks:${kind ?? 'all'}`
  const walk: Walk<BulkView> = {
    fetch: (after, rows) => ctx.lists.bulks({ kind, fn, after, limit: rows }),
    place: placeOf,
    matches: ({ row }) => !ofOneFunction || row.fn !== null,
    size: ({ row }) => row.request.length,
  }
  const { rows, hasMore } = await findPage(walk, readCursor(order, query.cursor), limit)
  const last = rows.at(-1)
  return { rows, hasMore, cursor: hasMore && last !== undefined ? writeCursor(order, placeOf(last)) : undefined }
}

/** Undefined when there is none, or it is of another kind or function. */
export async function findBulk(
  ctx: ServerContext,
  id: string,
  wanted: Pick<BulkQuery, 'kind' | 'fn'> = {},
): Promise<BulkView | undefined> {
  const view = await ctx.lists.bulk(id)
  const isOfKind = wanted.kind === undefined || view?.row.kind === wanted.kind
  const isOfFunction = wanted.fn === undefined || view?.row.fn === wanted.fn
  return isOfKind && isOfFunction ? view : undefined
}

function placeOf({ row }: BulkView): ListCursor {
  return { value: row.createdAt, key: row.key }
}
