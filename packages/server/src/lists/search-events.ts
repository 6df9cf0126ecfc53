// The list of events as a query asks for it, filtered by an expression where one is given.
import type { EventQuery, EventView } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { storeNow } from '../context.ts'
import { eventValue } from '../views/event-view.ts'
import type { Filter } from './filter.ts'
import { countRows, type Found, findPage, type Walk } from './page.ts'

/** The page of events that a query asks for, with their texts. */
export function searchEvents(
  ctx: ServerContext,
  query: EventQuery,
  filter: Filter | undefined,
): Promise<Found<EventView>> {
  return findPage(walkEvents(ctx, query, filter), query.after, query.limit)
}

/** All events that match, whatever the page. */
export function countEvents(ctx: ServerContext, query: EventQuery, filter: Filter | undefined): Promise<number> {
  return filter === undefined ? ctx.lists.countEvents(query) : countRows(walkEvents(ctx, query, filter))
}

function walkEvents(ctx: ServerContext, query: EventQuery, filter: Filter | undefined): Walk<EventView> {
  const now = storeNow(ctx)
  return {
    fetch: (after, limit) => ctx.lists.events({ ...query, after, limit, withText: true }),
    place: ({ row }) => ({ value: row.receivedAt, key: row.key }),
    matches: (view) => filter === undefined || filter.holds({ event: eventValue(ctx, view.event) }, now),
    size: ({ event }) => (event?.text?.length ?? 0) + (event?.ofRun?.output?.length ?? 0),
  }
}
