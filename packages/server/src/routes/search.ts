// Searches by expression over runs and events that answer line by line while they look: rows first, progress in between,
// and a cursor at the end. A bad expression is refused before anything is sent.
import type { EventQuery } from '@pawl/storage'
import { type ServerContext, storeNow } from '../context.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import type { Route } from '../http/route.ts'
import { readEventCursor, writeCursor } from '../lists/cursor.ts'
import { readDirectory } from '../lists/directory.ts'
import { walkEvents } from '../lists/search-events.ts'
import { walkRuns } from '../lists/search-runs.ts'
import { searchLines } from '../lists/search-stream.ts'
import { faultOf, type Streamed, streamRoute } from '../lists/stream-answer.ts'
import { eventRowV2 } from '../views/event-view.ts'
import { runRowV2 } from '../views/run-view.ts'
import { EVENT_ORDER, EventFilterQuery, readEventQuery } from './event-query.ts'
import { RunFilterQuery, readRunQuery } from './run-query.ts'

/** Rows that one search finds, at most. */
const ROWS_MAX = 1_000
const page = { limit: limitParameter(ROWS_MAX, 100), cursor: cursorParameter }
const RunSearch = RunFilterQuery.extend(page)
const EventSearch = EventFilterQuery.extend(page)
const NDJSON = 'application/x-ndjson; charset=utf-8'

export function searchRoutes(ctx: ServerContext): readonly Route[] {
  return [
    streamRoute({
      path: '/runs/search',
      doc: {
        id: 'searchRuns',
        tag: 'Runs',
        summary: 'Search runs; answers JSON lines: `row`, `progress`, at the end `done`, or `error`.',
      },
      query: RunSearch,
      async prepare({ limit = 100, ...asked }): Promise<Streamed> {
        const { query, filter, order } = await readRunQuery(ctx, { ...asked, limit: 1 })
        return {
          contentType: NDJSON,
          pieces: searchLines({
            walk: walkRuns(ctx, { ...query, withOpen: true }, filter),
            after: query.after,
            limit,
            show: (view) => runRowV2(ctx, view),
            cursor: (place) => writeCursor(order, place),
            fault: (error) => faultOf(ctx, error),
          }),
        }
      },
    }),
    streamRoute({
      path: '/events/search',
      doc: {
        id: 'searchEvents',
        tag: 'Events',
        summary: 'Search events; answers JSON lines: `row`, `progress`, at the end `done`, or `error`.',
      },
      query: EventSearch,
      async prepare({ limit = 100, cursor, ...asked }): Promise<Streamed> {
        const { query, filter } = readEventQuery(asked, storeNow(ctx))
        const after = await readEventCursor(ctx.lists, EVENT_ORDER, cursor)
        const directory = await readDirectory(ctx)
        const whole: EventQuery = { ...query, limit, withText: false, withRuns: true }
        return {
          contentType: NDJSON,
          pieces: searchLines({
            walk: walkEvents(ctx, whole, filter),
            after,
            limit,
            show: (view) => eventRowV2(view, directory),
            cursor: (place) => writeCursor(EVENT_ORDER, place),
            fault: (error) => faultOf(ctx, error),
          }),
        }
      },
    }),
  ]
}
