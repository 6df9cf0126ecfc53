// Bulk operations: cancel or start again many runs, of one function, of several or of all. A dry run counts and shows a
// few; the engine works an operation off in pages, and survives a restart in the middle.
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { type BulkAsk, functionUuid } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { ulidParameter } from '../http/parameters.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { findBulk, listBulks } from '../lists/bulk-list.ts'
import { type Directory, functionsByName, readDirectory } from '../lists/directory.ts'
import { readFilter } from '../lists/filter.ts'
import { readTime } from '../lists/read-time.ts'
import { BulkV2, bulkV2, type SlugOf } from '../views/bulk-view.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { RunV2, runRowV2, STATUS_V2 } from '../views/run-view.ts'
import { statusesOf } from './run-query.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const bulkParams = z.object({ bulkId: ulidParameter })
const PER_MINUTE_MAX = 60_000
const RUNS_MAX = 1_000
const FUNCTIONS_MAX = 100

const BulkBody = z.object({
  kind: z.enum(['CANCEL', 'RERUN']),
  function: z
    .array(z.string())
    .min(1)
    .max(FUNCTIONS_MAX)
    .optional()
    .meta({ description: 'Slugs (`<app>-<function>`) or UUIDs; absent: every function.' }),
  runIds: z.array(ulidParameter).min(1).max(RUNS_MAX).optional().meta({ description: 'These runs only.' }),
  from: z.string().optional().meta({ format: 'date-time', description: 'On the time at which a run was queued.' }),
  until: z.string().optional().meta({ format: 'date-time', description: 'Inclusive; now by default.' }),
  status: z
    .array(z.enum(Object.values(STATUS_V2)))
    .min(1)
    .max(6)
    .optional()
    .meta({
      description: 'By default `QUEUED` and `RUNNING` to cancel, `FAILED` to run again; `runIds`: any that can be.',
    }),
  query: z
    .string()
    .max(10_000)
    .optional()
    .meta({ description: 'Expressions over `event`, `output` and `error`, one a line; all must hold.' }),
  name: z.string().min(1).max(256).optional(),
  perMinute: z
    .int()
    .min(1)
    .max(PER_MINUTE_MAX)
    .optional()
    .meta({ description: 'Runs changed in a minute, at most; absent: as fast as it goes behind new work.' }),
  dryRun: z.boolean().optional().meta({ description: 'Count only, and show the newest ten.' }),
})

const BulkDry = z
  .object({ totalCount: z.int(), isCut: z.literal(true).optional(), sample: z.array(RunV2).optional() })
  .meta({ id: 'BulkDry' })

export function bulkRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: v2Paths('/bulk-operations'),
      rules: v2,
      doc: { id: 'startBulk', tag: 'Runs', summary: 'Cancel many runs, or start them again.' },
      body: BulkBody,
      answers: { 200: dataV2(BulkDry), 201: dataV2(BulkV2) },
      handle: ({ body }) => startBulk(ctx, body),
    }),
    route({
      method: 'GET',
      path: v2Paths('/bulk-operations'),
      rules: v2,
      doc: { id: 'listBulks', tag: 'Runs', summary: 'List bulk operations, newest first.' },
      query: z.object({ limit: limitParameter(100), cursor: cursorParameter }),
      answers: { 200: pagedV2(BulkV2) },
      async handle({ query: { cursor, limit = 20 } }) {
        const [{ rows, ...page }, directory] = await Promise.all([
          listBulks(ctx, { cursor, limit }),
          readDirectory(ctx),
        ])
        const slugOf = slugsIn(directory)
        return listV2(
          rows.map((view) => bulkV2(view, slugOf)),
          storeNow(ctx),
          { ...page, limit },
        )
      },
    }),
    route({
      method: 'GET',
      path: v2Paths('/bulk-operations/:bulkId'),
      rules: v2,
      doc: { id: 'getBulk', tag: 'Runs', summary: 'Get one bulk operation.' },
      params: bulkParams,
      answers: { 200: dataV2(BulkV2) },
      handle: ({ params }) => shownBulk(ctx, params.bulkId),
    }),
    change(ctx, 'pause', 'Let a bulk operation rest.', (id) => ctx.engine.pauseBulk(id, true)),
    change(ctx, 'resume', 'Let a bulk operation go on.', (id) => ctx.engine.pauseBulk(id, false)),
    change(ctx, 'stop', 'Stop a bulk operation; what it did stays done.', (id) => ctx.engine.stopBulk(id)),
  ]
}

type Verb = 'pause' | 'resume' | 'stop'

function change(ctx: ServerContext, verb: Verb, summary: string, work: (id: string) => Promise<boolean>): Route {
  return route({
    method: 'POST',
    path: v2Paths(`/bulk-operations/:bulkId/${verb}`),
    rules: v2,
    doc: { id: `${verb}Bulk`, tag: 'Runs', summary },
    params: bulkParams,
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: dataV2(BulkV2) },
    async handle({ params: { bulkId } }) {
      const view = await foundBulk(ctx, bulkId)
      if (view.row.endedAt !== null || !(await work(bulkId))) {
        throw new HttpError('bulk_ended', 'The bulk operation has ended')
      }
      return shownBulk(ctx, bulkId)
    },
  })
}

async function startBulk(ctx: ServerContext, body: z.infer<typeof BulkBody>): Promise<Answer> {
  const directory = await readDirectory(ctx)
  const ask = readAsk(body, directory, storeNow(ctx))
  const { id, totalCount, isCut, sample } = await ctx.engine.startBulk(ask)
  if (id !== null) return { status: 201, ...(await shownBulk(ctx, id)) }
  // Ten at most: no list has them by their ULIDs.
  const views = await Promise.all(sample.map((run) => ctx.lists.run(run, { withOutput: false, withEvents: false })))
  const rows = views.flatMap((view) => (view === undefined ? [] : [runRowV2(ctx, view)]))
  const data = { totalCount, isCut: isCut ? true : undefined, sample: rows.length === 0 ? undefined : rows }
  return answerV2(data, storeNow(ctx))
}

const LIVE = ['QUEUED', 'RUNNING'] as const
const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED'] as const

function readAsk(body: z.infer<typeof BulkBody>, directory: Directory, now: number): BulkAsk {
  const from = readTime('from', body.from, now) ?? 0
  const until = readTime('until', body.until, now) ?? now
  if (from >= until) throw new HttpError('invalid_parameter', 'from must be before until', { path: 'from' })
  const places = body.function === undefined ? null : functionsByName(directory, body.function, 'function')
  return {
    kind: body.kind === 'CANCEL' ? 'cancel' : 'replay',
    functionIds: places?.map(({ app, fn }) => functionUuid(app.name, fn.slug)) ?? null,
    runIds: body.runIds ?? null,
    from,
    until,
    statuses: statusesOf(wantedStatuses(body)),
    conditions: readFilter(body.query, ['event', 'output', 'error'])?.lines ?? [],
    name: body.name ?? null,
    perMinute: body.perMinute ?? null,
    dryRun: body.dryRun ?? false,
  }
}

/** Only live runs are cancelled, only ended ones run again. */
function wantedStatuses({ kind, status, runIds }: z.infer<typeof BulkBody>): readonly string[] {
  const possible: readonly string[] = kind === 'CANCEL' ? LIVE : ENDED
  if (status === undefined) return kind === 'CANCEL' || runIds !== undefined ? possible : ['FAILED']
  if (status.every((one) => possible.includes(one))) return status
  const says = `status must be among ${possible.join(', ')} where kind is ${kind}`
  throw new HttpError('invalid_parameter', says, { path: 'status' })
}

function slugsIn({ functions }: Directory): SlugOf {
  const slugs = new Map([...functions.values()].map(({ app, fn }) => [functionUuid(app.name, fn.slug), fn.slug]))
  return (id) => slugs.get(id)
}

/** @throws HttpError `bulk_not_found`. */
async function foundBulk(ctx: ServerContext, id: string) {
  const view = await findBulk(ctx, id)
  if (view === undefined) throw new HttpError('bulk_not_found', 'Bulk operation not found')
  return view
}

async function shownBulk(ctx: ServerContext, id: string): Promise<Answer> {
  const [view, directory] = await Promise.all([foundBulk(ctx, id), readDirectory(ctx)])
  return answerV2(bulkV2(view, slugsIn(directory)), storeNow(ctx))
}
