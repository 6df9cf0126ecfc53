// The list of runs as a query asks for it, filtered by an expression over events, output and error where one is given.
import { type Json, parseJson } from '@pawl/protocol'
import type { ListCursor, RunQuery, RunView } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { storeNow } from '../context.ts'
import { eventValue } from '../views/event-view.ts'
import { STATUS_V2 } from '../views/run-view.ts'
import type { Filter } from './filter.ts'
import { countRows, type Found, findPage, type Walk } from './page.ts'

/** The page of runs that a query asks for. */
export async function searchRuns(
  ctx: ServerContext,
  query: RunQuery,
  filter: Filter | undefined,
): Promise<Found<RunView>> {
  if (filter !== undefined || query.withOutput) return findPage(walkRuns(ctx, query, filter), query.after, query.limit)
  const rows = await ctx.lists.runs({ ...query, limit: query.limit + 1 })
  return { rows: rows.slice(0, query.limit), hasMore: rows.length > query.limit }
}

/** All runs that match, whatever the page; counting stops at `atMost`. */
export function countRuns(
  ctx: ServerContext,
  { query, filter }: { readonly query: RunQuery; readonly filter: Filter | undefined },
  atMost?: number,
): Promise<number> {
  return filter === undefined ? ctx.lists.countRuns(query, atMost) : countRows(walkRuns(ctx, query, filter), atMost)
}

/** The place of a run in a list that is ordered by one of its times. */
export function runPlace(query: Pick<RunQuery, 'field'>, { row }: RunView): ListCursor {
  return { value: row[query.field] ?? 0, key: row.key }
}

/** The walk over all runs of a query. */
export function walkRuns(ctx: ServerContext, query: RunQuery, filter: Filter | undefined): Walk<RunView> {
  const now = storeNow(ctx)
  const withEvents = query.withEvents || filter?.names.has('event') === true
  const withOutput = query.withOutput || filter?.names.has('output') === true || filter?.names.has('error') === true
  return {
    fetch: (after, limit) => ctx.lists.runs({ ...query, after, limit, withEvents, withOutput }),
    place: (view) => runPlace(query, view),
    matches: (view) => filter === undefined || matches(ctx, view, { filter, now }),
    size: (view) => (view.output?.length ?? 0) + view.events.reduce((sum, event) => sum + (event.text?.length ?? 0), 0),
  }
}

/** Of the events of a batch one is enough. */
function matches(
  ctx: ServerContext,
  view: RunView,
  { filter, now }: { readonly filter: Filter; readonly now: number },
): boolean {
  const result = resultOf(view.output)
  const run = filter.names.has('run') ? runValue(view) : undefined
  const rest = view.outputIsError ? { error: result, run } : { output: result, run }
  if (!filter.names.has('event') || view.events.length === 0) return filter.holds(rest, now)
  return view.events.some((event) => filter.holds({ ...rest, event: eventValue(ctx, event) }, now))
}

/** The run as expressions see it; instants are epoch milliseconds. */
function runValue({ row, slug, appName, trigger, originalId, parentId }: RunView): Json {
  const durationMs = row.endedAt === null ? null : row.endedAt - (row.startedAt ?? row.queuedAt)
  return {
    id: row.id,
    status: STATUS_V2[row.status],
    function: slug,
    app: appName,
    eventName: trigger.name,
    cron: row.cron,
    queuedAt: row.queuedAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    durationMs,
    retryCount: row.retries,
    originalRunId: originalId,
    parentRunId: parentId,
  }
}

function resultOf(text: string | null): Json | undefined {
  return text === null ? undefined : parseJson(text)
}
