// Replays: runs of one function started again, many at a time. A dry run counts only. The engine starts them slowly,
// behind new work, and survives a restart in the middle.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { functionUuid, type ReplayRequest } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { findBulk, listBulks } from '../lists/bulk-list.ts'
import { findPlace } from '../lists/directory.ts'
import { readFilter } from '../lists/filter.ts'
import { readTime } from '../lists/read-time.ts'
import { REPLAYED, ReplayV2, replayV2 } from '../views/bulk-view.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { instant } from '../views/instant.ts'
import { statusesOf } from './run-query.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const PER_SECOND_USUAL = 10
const PER_SECOND_MAX = 1_000
const functionParams = z.object({ appId: z.string(), functionId: z.string() })
const replayParams = functionParams.extend({ replayId: ulidParameter })

const ReplayBody = z.object({
  from: z.string().meta({ format: 'date-time', description: 'On the time at which a run was queued; inclusive.' }),
  until: z.string().meta({ format: 'date-time', description: 'Inclusive.' }),
  status: z
    .array(z.enum(REPLAYED))
    .min(1)
    .max(REPLAYED.length)
    .optional()
    .meta({ description: '`FAILED` by default.' }),
  query: z
    .string()
    .max(10_000)
    .optional()
    .meta({ description: 'Expressions over `event`, `output` and `error`, one a line; all must hold.' }),
  name: z.string().min(1).max(256).optional(),
  perSecond: z
    .int()
    .min(1)
    .max(PER_SECOND_MAX)
    .optional()
    .meta({ description: `Runs started in a second, at most; ${PER_SECOND_USUAL} by default.` }),
  dryRun: z.boolean().optional().meta({ description: 'Count only.' }),
})

const Begun = z.object({ id: z.string(), name: z.string().optional(), totalCount: z.int(), createdAt: z.string() })

export function replayRoutes(ctx: ServerContext): readonly Route[] {
  const path = '/apps/:appId/functions/:functionId/replays'
  return [
    route({
      method: 'POST',
      path: v2Paths(path),
      rules: v2,
      doc: { id: 'replayRuns', tag: 'Runs', summary: 'Start runs of a function again that were queued in a window.' },
      params: functionParams,
      body: ReplayBody,
      answers: { 200: dataV2(z.object({ totalCount: z.int() })), 201: dataV2(Begun) },
      handle: ({ params, body }) => replay(ctx, params, body),
    }),
    route({
      method: 'GET',
      path: v2Paths(path),
      rules: v2,
      doc: { id: 'listReplays', tag: 'Runs', summary: 'List a function’s replays, newest first.' },
      params: functionParams,
      query: z.object({ limit: limitParameter(100), cursor: cursorParameter }),
      answers: { 200: pagedV2(ReplayV2) },
      async handle({ params, query: { cursor, limit = 20 } }) {
        const { fn } = await findPlace(ctx, params)
        const { rows, ...page } = await listBulks(ctx, { kind: 'replay', fn: fn.key, cursor, limit })
        return listV2(rows.map(replayV2), storeNow(ctx), { ...page, limit })
      },
    }),
    route({
      method: 'GET',
      path: v2Paths(`${path}/:replayId`),
      rules: v2,
      doc: { id: 'getReplay', tag: 'Runs', summary: 'Get one replay with its progress.' },
      params: replayParams,
      answers: { 200: dataV2(ReplayV2) },
      handle: ({ params }) => shownReplay(ctx, params),
    }),
    route({
      method: 'DELETE',
      path: v2Paths(`${path}/:replayId`),
      rules: v2,
      doc: { id: 'stopReplay', tag: 'Runs', summary: 'Stop a replay; the runs that it started go on.' },
      params: replayParams,
      answers: { 200: dataV2(ReplayV2) },
      async handle({ params }) {
        await findReplay(ctx, params)
        await ctx.engine.stopBulk(params.replayId)
        return shownReplay(ctx, params)
      },
    }),
  ]
}

async function replay(
  ctx: ServerContext,
  params: z.infer<typeof functionParams>,
  body: z.infer<typeof ReplayBody>,
): Promise<Answer> {
  const { app, fn } = await findPlace(ctx, params)
  const request = readRequest(body, functionUuid(app.name, fn.slug), storeNow(ctx))
  const { id, createdAt, totalCount } = await ctx.engine.replay(request)
  if (id === null) return answerV2({ totalCount }, storeNow(ctx))
  const data = { id, name: body.name, totalCount, createdAt: instant(createdAt) }
  return { status: 201, ...answerV2(data, storeNow(ctx)) }
}

function readRequest(body: z.infer<typeof ReplayBody>, functionId: string, now: number): ReplayRequest {
  const from = timeOf('from', body.from, now)
  const until = timeOf('until', body.until, now)
  if (from >= until) throw new HttpError('invalid_parameter', 'from must be before until', { path: 'from' })
  return {
    functionId,
    from,
    until,
    statuses: statusesOf(body.status ?? ['FAILED']).filter((status) => status !== 'scheduled' && status !== 'running'),
    conditions: readFilter(body.query, ['event', 'output', 'error'])?.lines ?? [],
    name: body.name ?? null,
    perSecond: body.perSecond ?? PER_SECOND_USUAL,
    dryRun: body.dryRun ?? false,
  }
}

function timeOf(name: string, text: string, now: number): number {
  const instantMs = readTime(name, text, now)
  if (instantMs === undefined) throw new HttpError('missing_parameter', `${name} is required`, { path: name })
  return instantMs
}

async function findReplay(ctx: ServerContext, params: z.infer<typeof replayParams>) {
  const { fn } = await findPlace(ctx, params)
  const view = await findBulk(ctx, params.replayId, { kind: 'replay', fn: fn.key })
  if (view === undefined) throw new HttpError('replay_not_found', 'Replay not found')
  return view
}

async function shownReplay(ctx: ServerContext, params: z.infer<typeof replayParams>): Promise<Answer> {
  return answerV2(replayV2(await findReplay(ctx, params)), storeNow(ctx))
}
