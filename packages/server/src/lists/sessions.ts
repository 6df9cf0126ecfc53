// Reads of Sessions for the API: pages of sessions, items and requests, and one of each by its ID.
import type { Key, RequestQuery, RequestView, SessionItemRow, SessionQuery, SessionView } from '@pawl/storage'
import { HttpError } from '../http/http-errors.ts'
import type { ServerOptions } from '../options.ts'
import { type ListPage, listPage } from './list-page.ts'
import { type Found, findPage } from './page.ts'

type Reads = Pick<ServerOptions, 'lists'>

interface Paged {
  readonly cursor: string | undefined
  readonly limit: number
}

/** Latest first. @throws HttpError `invalid_parameter` for a cursor of another list. */
export function listSessions(
  ctx: Reads,
  { cursor, limit, ...query }: Omit<SessionQuery, 'after' | 'limit'> & Paged,
): Promise<ListPage<SessionView>> {
  return listPage(
    { order: 'sessions', cursor, limit },
    {
      fetch: (after, rows) => ctx.lists.sessions({ ...query, after, limit: rows }),
      place: ({ row }) => ({ value: row.updatedAt, key: row.key }),
      size: ({ row }) => length(row.metadata) + length(row.result) + length(row.error),
    },
  )
}

/** The items of a session after one, in their order; fewer than asked for where they are large. */
export function pageItems(
  ctx: Reads,
  session: Key,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<Found<SessionItemRow>> {
  return findPage(
    {
      fetch: (place, rows) => ctx.lists.sessionItems(session, place?.value ?? after, rows),
      place: ({ seq }) => ({ value: seq, key: seq }),
      matches: () => true,
      size: ({ content }) => content.length,
    },
    undefined,
    limit,
  )
}

/** @throws HttpError `invalid_parameter` for a cursor of another list or order. */
export function listRequests(
  ctx: Reads,
  { cursor, limit, ...query }: Omit<RequestQuery, 'after' | 'limit'> & Paged,
): Promise<ListPage<RequestView>> {
  return listPage(
    { order: query.newest ? 'requests:newest' : 'requests:oldest', cursor, limit },
    {
      fetch: (after, rows) => ctx.lists.requests({ ...query, after, limit: rows }),
      place: ({ row }) => ({ value: row.createdAt, key: row.key }),
      size: ({ row }) => length(row.form) + length(row.arguments) + length(row.response) + row.prompt.length,
    },
  )
}

/** @throws HttpError `session_not_found` */
export async function foundSession(ctx: Reads, id: string): Promise<SessionView> {
  const view = await ctx.lists.session(id)
  if (view === undefined) throw new HttpError('session_not_found', 'Session not found')
  return view
}

/** @throws HttpError `request_not_found` */
export async function foundRequest(ctx: Reads, id: string): Promise<RequestView> {
  const view = await ctx.lists.request(id)
  if (view === undefined) throw new HttpError('request_not_found', 'Request not found')
  return view
}

function length(text: string | null): number {
  return text?.length ?? 0
}
