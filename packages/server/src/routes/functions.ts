// Functions: on v1 an app's list with configurations, on v2 lists, one function, what is queued of it, and invoke.
import type { AppRow } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { appUuid } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { jsonObject } from '../http/parameters.ts'
import { cursorParameter, flagParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { readCursor, writeCursor } from '../lists/cursor.ts'
import { type FunctionPlace, findApp, findPlace, readDirectory } from '../lists/directory.ts'
import { dayStats } from '../metrics/function-stats.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, ErrorV2, pagedV2 } from '../views/envelope-schemas.ts'
import { FunctionRowV2, FunctionV1, FunctionV2, functionV1, functionV2 } from '../views/function-view.ts'
import { pauseOf } from '../views/pause-view.ts'
import { invokeData } from './invoke.ts'

const ORDER = 'functions'
const FUNCTIONS_MAX = 1_000
const BODY_BYTES_MAX = 3 * 1024 * 1024
const v2 = { scope: 'signing-key', surface: 'v2' } as const
const appParams = z.object({ appId: z.string() })
const functionParams = z.object({ appId: z.string(), functionId: z.string() })

const FunctionsQuery = z.object({
  archived: flagParameter,
  limit: limitParameter(100),
  cursor: cursorParameter,
  includeTotal: flagParameter,
})

export function functionRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/apps/:appId/functions',
      rules: { scope: 'signing-key', surface: 'v1' },
      doc: { id: 'listFunctionsV1', tag: 'Functions', summary: 'List an app’s functions with their configuration.' },
      params: appParams,
      answers: { 200: z.array(FunctionV1) },
      async handle({ params }) {
        const app = await findApp(ctx, params.appId)
        const functions = await ctx.lists.functions(app.key)
        return { json: functions.filter((fn) => fn.archivedAt === null).map((fn) => functionV1(app, fn)) }
      },
    }),
    route({
      method: 'GET',
      path: ['/v2/apps/:appId/functions', '/api/v2/apps/:appId/functions'],
      rules: v2,
      doc: { id: 'listFunctions', tag: 'Functions', summary: 'List an app’s functions.' },
      params: appParams,
      query: FunctionsQuery,
      answers: { 200: pagedV2(FunctionV2) },
      handle: ({ params, query }) => listFunctions(ctx, params.appId, query),
    }),
    route({
      method: 'GET',
      path: ['/v2/apps/:appId/functions/:functionId', '/api/v2/apps/:appId/functions/:functionId'],
      rules: v2,
      doc: { id: 'getFunction', tag: 'Functions', summary: 'Get one function.' },
      params: functionParams,
      answers: { 200: dataV2(FunctionV2) },
      handle: async ({ params }) => answerV2(shownFunction(ctx, await findPlace(ctx, params)), storeNow(ctx)),
    }),
    listRoute(ctx),
    queueRoute(ctx),
    invokeRoute(ctx),
  ]
}

async function listFunctions(
  ctx: ServerContext,
  appId: string,
  asked: z.infer<typeof FunctionsQuery>,
): Promise<Answer> {
  const limit = asked.limit ?? 20
  const after = readCursor(ORDER, asked.cursor)
  const app = await findApp(ctx, appId)
  const siblings = await ctx.lists.functions(app.key)
  const all = siblings.filter((fn) => (fn.archivedAt !== null) === (asked.archived ?? false))
  const rest = all.filter((fn) => after === undefined || fn.key > after.key)
  const rows = rest.slice(0, limit)
  const last = rows.at(-1)
  return listV2(
    rows.map((fn) => shownFunction(ctx, { app, fn, siblings })),
    storeNow(ctx),
    {
      cursor: last && writeCursor(ORDER, { value: 0, key: last.key }),
      hasMore: rest.length > limit,
      limit,
      total: asked.includeTotal === true ? all.length : undefined,
    },
  )
}

function listRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/functions'),
    rules: v2,
    doc: {
      id: 'listAllFunctions',
      tag: 'Functions',
      summary: 'List the functions of all apps with their last 24 hours.',
    },
    query: z.object({
      appId: z.string().optional(),
      includeArchived: flagParameter,
      limit: limitParameter(FUNCTIONS_MAX, 100),
      cursor: cursorParameter,
    }),
    answers: { 200: pagedV2(FunctionRowV2) },
    async handle({ query: { appId, includeArchived = false, limit = 100, cursor } }) {
      const now = storeNow(ctx)
      const after = readCursor(ORDER, cursor)
      if (appId !== undefined) await findApp(ctx, appId)
      const [{ functions }, stats, queues] = await Promise.all([
        readDirectory(ctx),
        dayStats(ctx.lists, now),
        ctx.lists.queues(),
      ])
      const isOf = appOf(appId)
      const all = [...functions.values()]
        .filter(({ app, fn }) => isOf(app) && (includeArchived || fn.archivedAt === null))
        .sort((a, b) => a.fn.key - b.fn.key)
      const rest = all.filter(({ fn }) => after === undefined || fn.key > after.key)
      const rows = rest.slice(0, limit)
      const backlog = new Map(queues.map(({ fn, counts }) => [fn, counts]))
      const show = functionShower(ctx)
      const last = rows.at(-1)?.fn
      return listV2(
        rows.map((place) => ({
          ...show(place),
          state: stateOf(place),
          stats: stats(place.fn.key),
          backlog: backlog.get(place.fn.key) ?? NOTHING_QUEUED,
        })),
        now,
        {
          cursor: last && writeCursor(ORDER, { value: 0, key: last.key }),
          hasMore: rest.length > limit,
          limit,
          total: all.length,
        },
      )
    },
  })
}

const NOTHING_QUEUED = { ready: 0, leased: 0, sleeping: 0, blocked: 0 }

function appOf(nameOrId: string | undefined): (app: AppRow) => boolean {
  return (app) => nameOrId === undefined || app.name === nameOrId || appUuid(app.name) === nameOrId
}

function stateOf({ app, fn }: FunctionPlace): 'active' | 'paused' | 'removed' {
  if (fn.archivedAt !== null || app.archivedAt !== null) return 'removed'
  return pauseOf({ app, fn }) === undefined ? 'active' : 'paused'
}

/** A function as v2 shows it. */
export function shownFunction(ctx: ServerContext, place: FunctionPlace): Readonly<Record<string, unknown>> {
  return functionShower(ctx)(place)
}

/** Shows functions; the warnings are asked for once. */
function functionShower(ctx: ServerContext): (place: FunctionPlace) => Readonly<Record<string, unknown>> {
  const warnings = new Map(
    ctx.engine.registry().apps.flatMap((app) => app.functions.map((fn) => [`${app.name}/${fn.slug}`, fn.warning])),
  )
  return ({ app, fn, siblings }) => {
    const warning = warnings.get(`${app.name}/${fn.slug}`) ?? null
    return functionV2(fn, { app, siblings, warning })
  }
}

const QueueCount = z
  .object({
    count: z.int().meta({ description: 'All of them; 0 after the last run has ended.' }),
    ready: z.int(),
    running: z.int(),
    sleeping: z.int().meta({ description: 'Also waits, retries and debounces that are not due yet.' }),
    blocked: z.int().meta({ description: 'They stand in the line of a limit or of a pause.' }),
  })
  .meta({ id: 'QueueCount' })

function queueRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/apps/:appId/functions/:functionId/queue'),
    rules: v2,
    doc: { id: 'getFunctionQueue', tag: 'Functions', summary: 'Count what is queued of a function.' },
    params: functionParams,
    answers: { 200: dataV2(QueueCount) },
    async handle({ params }) {
      const { fn } = await findPlace(ctx, params)
      const { ready, leased, sleeping, blocked } = await ctx.lists.queue(fn.key)
      const count = ready + leased + sleeping + blocked
      return answerV2({ count, ready, running: leased, sleeping, blocked }, storeNow(ctx))
    },
  })
}

function invokeRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: ['/v2/apps/:appId/functions/:functionId/invoke', '/api/v2/apps/:appId/functions/:functionId/invoke'],
    rules: { ...v2, bodyBytesMax: BODY_BYTES_MAX },
    doc: { id: 'invokeFunction', tag: 'Functions', summary: 'Start a run of a function.' },
    params: functionParams,
    body: z.object({ data: jsonObject.optional(), idempotencyKey: z.string().min(1).max(256).optional() }),
    bodyOptional: true,
    answers: {
      200: dataV2(z.object({ runId: z.string() })),
      409: z.object({ data: z.object({ runId: z.string() }) }),
      422: ErrorV2,
    },
    async handle({ params, body }) {
      const { fn } = await findPlace(ctx, params)
      const { runId } = await ctx.engine.invoke({
        slug: fn.slug,
        dataText: invokeData(body.data),
        idempotencyKey: body.idempotencyKey ?? null,
      })
      return answerV2({ runId }, storeNow(ctx))
    },
  })
}
