// What the lists of runs on v2 may be asked, from the query string to the store's query and the filter beside it.
import type { RunQuery, RunStatus, RunTimeField } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { HttpError } from '../http/http-errors.ts'
import { cursorParameter, flagParameter, limitParameter } from '../http/query.ts'
import { readCursor } from '../lists/cursor.ts'
import { findApp, findFunction } from '../lists/directory.ts'
import { type Filter, readFilter } from '../lists/filter.ts'
import { readTime } from '../lists/read-time.ts'
import { STATUS_V2 } from '../views/run-view.ts'

const FIELDS: Readonly<Record<string, RunTimeField>> = {
  queuedAt: 'queuedAt',
  startedAt: 'startedAt',
  endedAt: 'endedAt',
  QUEUED_AT: 'queuedAt',
  STARTED_AT: 'startedAt',
  ENDED_AT: 'endedAt',
}

/** Parameters that every list of runs has. */
export const RunListQuery = z.object({
  from: z.string().optional().meta({ format: 'date-time' }),
  until: z.string().optional().meta({ format: 'date-time' }),
  timeField: z.enum(Object.keys(FIELDS)).optional(),
  order: z.enum(['ASC', 'DESC', 'asc', 'desc']).optional(),
  status: z
    .array(z.enum(Object.values(STATUS_V2)))
    .max(10)
    .optional(),
  includeOutput: flagParameter,
  includeTotal: flagParameter,
  query: z
    .string()
    .max(10_000)
    .optional()
    .meta({ description: 'Expressions over `event`, `output` and `error`, one a line; all must hold.' }),
  limit: limitParameter(100),
  cursor: cursorParameter,
})

/** With the app and functions as parameters. */
export const RunsQuery = RunListQuery.extend({
  appId: z.string().optional(),
  functionId: z.array(z.string()).max(100).optional(),
  isDeferred: flagParameter,
})

export interface AskedRuns {
  readonly query: RunQuery
  readonly filter: Filter | undefined
  readonly order: string
  readonly includeTotal: boolean
}

/** @throws HttpError `invalid_parameter`, `invalid_expression`, `app_not_found`, `function_not_found`. */
export async function readRunQuery(ctx: ServerContext, asked: Partial<z.infer<typeof RunsQuery>>): Promise<AskedRuns> {
  const now = storeNow(ctx)
  const field = FIELDS[asked.timeField ?? 'queuedAt'] ?? 'queuedAt'
  const order = asked.order?.toLowerCase() === 'asc' ? 'asc' : 'desc'
  const from = readTime('from', asked.from, now)
  const until = readTime('until', asked.until, now)
  if (from !== undefined && until !== undefined && from >= until) {
    throw new HttpError('invalid_parameter', 'from must be before until', { path: 'from' })
  }
  const place = `runs:${field}:${order}`
  return {
    order: place,
    includeTotal: asked.includeTotal ?? false,
    filter: readFilter(asked.query, ['event', 'output', 'error']),
    query: {
      ...(await readScope(ctx, asked)),
      field,
      order,
      from,
      until,
      statuses: asked.status === undefined ? undefined : statusesOf(asked.status),
      after: readCursor(place, asked.cursor),
      limit: asked.limit ?? 20,
      withOutput: asked.includeOutput ?? false,
      withEvents: false,
    },
  }
}

/** Statuses of the store by those of v2. */
export function statusesOf(names: readonly string[]): RunStatus[] {
  return (Object.keys(STATUS_V2) as RunStatus[]).filter((status) => names.includes(STATUS_V2[status]))
}

async function readScope(
  ctx: ServerContext,
  asked: Partial<z.infer<typeof RunsQuery>>,
): Promise<Pick<RunQuery, 'app' | 'fns'>> {
  // No run is deferred yet.
  if (asked.isDeferred === true) return { fns: [] }
  if (asked.appId === undefined) {
    if (asked.functionId === undefined) return {}
    throw new HttpError('invalid_parameter', 'functionId needs appId', { path: 'functionId' })
  }
  const app = await findApp(ctx, asked.appId)
  if (asked.functionId === undefined) return { app: app.key }
  const functions = await ctx.lists.functions(app.key)
  return { fns: asked.functionId.map((id) => findFunction(app, functions, id).key) }
}
