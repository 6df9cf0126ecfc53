// The list of events as a query asks for it, filtered by an expression where one is given.
import type { EventQuery, EventView } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { storeNow } from '../context.ts'
import { eventValue } from '../views/event-view.ts'
import type { Filter } from './filter.ts'
import { countRows, findRows, type Walk } from './page.ts'

/** One page, and whether more rows follow it. */
export interface Found<Row> {
  readonly rows: readonly Row[]
  readonly hasMore: boolean
}

/** The page of events that a query asks for. */
export async function searchEvents(
  ctx: ServerContext,
  query: EventQuery,
  filter: Filter | undefined,
): Promise<Found<EventView>> {
  const want = query.limit + 1
  const rows =
    filter === undefined
      ? await ctx.lists.events({ ...query, limit: want })
      : await findRows(walkEvents(ctx, query, filter), query.after, want)
  return firstPage(rows, query.limit)
}

/** All events that match, whatever the page. */
export function countEvents(ctx: ServerContext, query: EventQuery, filter: Filter | undefined): Promise<number> {
  return filter === undefined ? ctx.lists.countEvents(query) : countRows(walkEvents(ctx, query, filter))
}

/** Cuts the row that was read only to know whether there is one. */
export function firstPage<Row>(rows: readonly Row[], limit: number): Found<Row> {
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
}

function walkEvents(ctx: ServerContext, query: EventQuery, filter: Filter): Walk<EventView> {
  const now = storeNow(ctx)
  return {
    fetch: (after, limit) => ctx.lists.events({ ...query, after, limit, withText: true }),
    place: ({ row }) => ({ value: row.receivedAt, key: row.key }),
    matches: (view) => filter.holds({ event: eventValue(ctx, view.event) }, now),
    size: ({ event }) => (event?.text?.length ?? 0) + (event?.ofRun?.output?.length ?? 0),
  }
}
