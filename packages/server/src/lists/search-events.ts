// The list of events as a query asks for it, filtered by an expression where one is given.
import type { EventQuery, EventView } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { storeNow } from '../context.ts'
import { eventValue } from '../views/event-view.ts'
import type { Filter } from './filter.ts'
import { countRows, type Found, findPage, type Walk } from './page.ts'

/** The page of events that a query asks for, with their texts where the query or the filter needs them. */
export function searchEvents(
  ctx: ServerContext,
  query: EventQuery,
  filter: Filter | undefined,
): Promise<Found<EventView>> {
  const walk = walkEvents(ctx, query, filter)
  if (filter !== undefined || query.withText) return findPage(walk, query.after, query.limit)
  return firstRows(ctx, query)
}

/** All events that match, whatever the page. */
export function countEvents(ctx: ServerContext, query: EventQuery, filter: Filter | undefined): Promise<number> {
  return filter === undefined ? ctx.lists.countEvents(query) : countRows(walkEvents(ctx, query, filter))
}

async function firstRows(ctx: ServerContext, query: EventQuery): Promise<Found<EventView>> {
  const rows = await ctx.lists.events({ ...query, limit: query.limit + 1 })
  return { rows: rows.slice(0, query.limit), hasMore: rows.length > query.limit }
}

/** The walk over all events of a query. */
export function walkEvents(ctx: ServerContext, query: EventQuery, filter: Filter | undefined): Walk<EventView> {
  const now = storeNow(ctx)
  return {
    fetch: (after, limit) =>
      ctx.lists.events({ ...query, after, limit, withText: query.withText || filter !== undefined }),
    place: ({ row }) => ({ value: row.receivedAt, key: row.key }),
    matches: (view) => filter === undefined || filter.holds({ event: eventValue(ctx, view.event) }, now),
    size: ({ event }) => (event?.text?.length ?? 0) + (event?.ofRun?.output?.length ?? 0),
  }
}
