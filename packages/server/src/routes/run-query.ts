// What the lists of runs on v2 may be asked, from the query string to the store's query and the filter beside it.
import type { Key, RunQuery, RunStatus, RunTimeField } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { cursorParameter, flagParameter, limitParameter } from '../http/query.ts'
import { readCursor } from '../lists/cursor.ts'
import { findApp, findFunction, functionsByName, readDirectory } from '../lists/directory.ts'
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

/** A whole number in a query. */
const numberParameter = z
  .string()
  .regex(/^[0-9]{1,15}$/, 'must be a whole number')
  .transform(Number)
  .meta({ type: 'integer', minimum: 0, pattern: undefined })
  .optional()

/** Which runs: what lists, searches, counts and exports have in common. */
const RunFilters = z.object({
  from: z.string().optional().meta({ format: 'date-time' }),
  until: z.string().optional().meta({ format: 'date-time' }),
  timeField: z.enum(Object.keys(FIELDS)).optional(),
  order: z.enum(['ASC', 'DESC', 'asc', 'desc']).optional(),
  status: z
    .array(z.enum(Object.values(STATUS_V2)))
    .max(10)
    .optional(),
  eventName: z.array(z.string().max(512)).max(100).optional(),
  cron: z.string().max(1_000).optional().meta({ description: 'Begun by a tick of this expression.' }),
  isBatch: flagParameter,
  hasRetries: flagParameter.meta({ description: 'Some attempt failed and was tried again, or none.' }),
  longerThanMs: numberParameter.meta({ description: 'Ended runs that took longer, from their start to their end.' }),
  parentRunId: ulidParameter.optional().meta({ description: 'Runs that this run invoked.' }),
  originalRunId: ulidParameter.optional().meta({ description: 'Reruns of this run.' }),
  bulkId: ulidParameter.optional().meta({ description: 'Runs that this bulk operation started.' }),
  query: z
    .string()
    .max(10_000)
    .optional()
    .meta({ description: 'Expressions over `event`, `output`, `error` and `run`, one a line; all must hold.' }),
})

/** Parameters that every list of runs has. */
export const RunListQuery = RunFilters.extend({
  includeOutput: flagParameter,
  includeTotal: flagParameter,
  limit: limitParameter(100),
  cursor: cursorParameter,
})

/** The app and functions as parameters. */
const Scope = z.object({
  appId: z.string().optional(),
  functionId: z.array(z.string()).max(100).optional().meta({ description: 'Within `appId`.' }),
  function: z
    .array(z.string())
    .max(100)
    .optional()
    .meta({ description: 'Slugs (`<app>-<function>`) or UUIDs; needs no `appId`.' }),
  isDeferred: flagParameter,
})

/** All filters of runs, without pages. */
export const RunFilterQuery = RunFilters.extend(Scope.shape)

/** With the app and functions as parameters. */
export const RunsQuery = RunListQuery.extend(Scope.shape)

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
  const [scope, kin] = await Promise.all([readScope(ctx, asked), readKin(ctx, asked)])
  return {
    order: place,
    includeTotal: asked.includeTotal ?? false,
    filter: readFilter(asked.query, ['event', 'output', 'error', 'run']),
    query: {
      ...scope,
      ...kin,
      eventNames: asked.eventName,
      cron: asked.cron,
      isBatch: asked.isBatch,
      hasRetries: asked.hasRetries,
      longerThanMs: asked.longerThanMs,
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
  if (asked.functionId !== undefined && asked.appId === undefined) {
    throw new HttpError('invalid_parameter', 'functionId needs appId', { path: 'functionId' })
  }
  const app = asked.appId === undefined ? undefined : await findApp(ctx, asked.appId)
  const chosen = asked.function === undefined ? undefined : await keysOf(ctx, asked.function)
  if (app === undefined || asked.functionId === undefined) return { app: app?.key, fns: chosen }
  const functions = await ctx.lists.functions(app.key)
  const own = asked.functionId.map((id) => findFunction(app, functions, id).key)
  return { fns: chosen === undefined ? own : own.filter((key) => chosen.includes(key)) }
}

async function keysOf(ctx: ServerContext, names: readonly string[]): Promise<readonly Key[]> {
  return functionsByName(await readDirectory(ctx), names, 'function').map(({ fn }) => fn.key)
}

type Kin = Pick<RunQuery, 'parent' | 'original' | 'bulk'>

/** A run or bulk operation that is not known is said to be so: an empty list would say that it started nothing. */
async function readKin(ctx: ServerContext, asked: Partial<z.infer<typeof RunsQuery>>): Promise<Kin> {
  const runKey = async (path: 'parentRunId' | 'originalRunId'): Promise<Key | undefined> => {
    const id = asked[path]
    if (id === undefined) return undefined
    const view = await ctx.lists.run(id, { withOutput: false, withEvents: false })
    if (view === undefined) throw new HttpError('run_not_found', 'Run not found', { path })
    return view.row.key
  }
  const bulkKey = async (): Promise<Key | undefined> => {
    if (asked.bulkId === undefined) return undefined
    const view = await ctx.lists.bulk(asked.bulkId)
    if (view === undefined) throw new HttpError('bulk_not_found', 'Bulk operation not found', { path: 'bulkId' })
    return view.row.key
  }
  const [parent, original, bulk] = await Promise.all([runKey('parentRunId'), runKey('originalRunId'), bulkKey()])
  return { parent, original, bulk }
}
