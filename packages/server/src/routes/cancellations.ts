// Bulk cancellation: live runs of one function that were queued within a window. The engine works it off in pages; the
// answer comes when it is stored. What is wrong with a request is told all at once.
import { decodeUtf8, parseJson } from '@pawl/protocol'
import type { AppRow, Key } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { type CancelManyRequest, compileExpression, ExpressionError, functionUuid } from '../engine.ts'
import { bodyBytes, hotRoute, route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import type { Answer, Route } from '../http/route.ts'
import { findBulk, listBulks } from '../lists/bulk-list.ts'
import { appsByFunction, type FunctionPlace, findPlace } from '../lists/directory.ts'
import { readTime } from '../lists/read-time.ts'
import { CancellationV1, cancellationV1, NO_PROGRESS, storedCancellation } from '../views/bulk-view.ts'
import { answerV1 } from '../views/envelope.ts'
import { dataV1, PageV1 } from '../views/envelope-schemas.ts'

const v1 = { scope: 'signing-key', surface: 'v1' } as const
/** Clocks of callers may run ahead by so much. */
const GRACE_MS = 5_000
const KEPT_MAX = 100

const CancellationBody = z.object({
  app_id: z.string().meta({ description: 'The app’s name.' }),
  function_id: z.string().meta({ description: 'The function’s ID within the app.' }),
  started_after: z.string().optional().meta({ format: 'date-time' }),
  started_before: z.string().meta({ format: 'date-time', description: 'On the time at which a run was queued.' }),
  if: z.string().optional().meta({ description: 'An expression over `event`.' }),
})

export function cancellationRoutes(ctx: ServerContext): readonly Route[] {
  return [
    hotRoute({
      method: 'POST',
      path: '/v1/cancellations',
      rules: v1,
      doc: { id: 'cancelRuns', tag: 'Runs', summary: 'Cancel live runs of a function that were queued in a window.' },
      documented: { body: CancellationBody },
      answers: { 200: dataV1(CancellationV1) },
      handle: (request) => cancelMany(ctx, parseJson(decodeUtf8(bodyBytes(request)))),
    }),
    route({
      method: 'GET',
      path: '/v1/cancellations',
      rules: v1,
      doc: { id: 'listCancellations', tag: 'Runs', summary: 'List bulk cancellations, newest first.' },
      query: z.object({ limit: limitParameter(KEPT_MAX), cursor: cursorParameter }),
      answers: { 200: dataV1(z.array(CancellationV1)).extend({ page: PageV1 }) },
      async handle({ query: { cursor, limit = 20 } }) {
        const { rows, ...page } = await listBulks(ctx, { kind: 'cancel', ofOneFunction: true, cursor, limit })
        const apps: ReadonlyMap<Key, AppRow> = rows.length === 0 ? new Map() : await appsByFunction(ctx)
        const shown = rows.map((view) => cancellationV1(storedCancellation(view, apps.get(view.row.fn ?? 0))))
        return answerV1(shown, storeNow(ctx), { ...page, limit })
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/cancellations/:id',
      rules: v1,
      doc: { id: 'stopCancellation', tag: 'Runs', summary: 'Stop a bulk cancellation; what it cancelled stays so.' },
      params: z.object({ id: z.string() }),
      answers: { 200: dataV1(z.object({ ok: z.literal(true) })) },
      async handle({ params }) {
        const view = await findBulk(ctx, params.id.toUpperCase(), { kind: 'cancel' })
        if (view === undefined || view.row.fn === null || !(await ctx.engine.stopBulk(view.row.id))) {
          throw new HttpError('cancellation_not_found', 'Cancellation not found')
        }
        return answerV1({ ok: true }, storeNow(ctx))
      },
    }),
  ]
}

async function cancelMany(ctx: ServerContext, body: unknown): Promise<Answer> {
  const asked = readBody(body, storeNow(ctx))
  const { app, fn } = await placeOf(ctx, asked)
  const request: CancelManyRequest = {
    functionId: functionUuid(app.name, fn.slug),
    after: asked.after,
    before: asked.before,
    condition: asked.condition,
  }
  const started = await ctx.engine.cancelMany(request)
  const fresh = { endedAt: null, progress: NO_PROGRESS }
  return answerV1(
    cancellationV1({
      ...started,
      ...fresh,
      appName: app.name,
      functionSlug: fn.slug,
      request: { ...request, cause: 'api' },
    }),
    storeNow(ctx),
  )
}

interface Asked extends Omit<CancelManyRequest, 'functionId'> {
  readonly appId: string
  readonly functionId: string
}

/** @throws HttpError `invalid_parameter` with every reason, one a line. */
function readBody(body: unknown, now: number): Asked {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpError('invalid_parameter', 'The body must be an object')
  }
  const reasons: string[] = []
  const fields = new Map(Object.entries(body))
  const text = (name: string, need: 'required' | 'optional'): string | null => {
    const value: unknown = fields.get(name) ?? ''
    if (typeof value !== 'string') reasons.push(`${name} must be a string`)
    else if (value !== '') return value
    else if (need === 'required') reasons.push(`${name} is required`)
    return null
  }
  const time = (name: string, need: 'required' | 'optional'): number | null =>
    collect(reasons, () => readTime(name, text(name, need) ?? undefined, now)) ?? null
  const appId = text('app_id', 'required')
  const functionId = text('function_id', 'required')
  const before = time('started_before', 'required')
  const after = time('started_after', 'optional')
  const condition = text('if', 'optional')
  if (before !== null && before > now + GRACE_MS) reasons.push('started_before must be in the past')
  if (before !== null && after !== null && after >= before) reasons.push('started_after must be before started_before')
  if (condition !== null) collect(reasons, () => checkCondition(condition))
  if (reasons.length > 0 || appId === null || functionId === null || before === null) {
    throw new HttpError('invalid_parameter', reasons.join('\n'))
  }
  return { appId, functionId, after, before, condition }
}

/** Adds the refusal of a part to the others. */
function collect<T>(reasons: string[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    reasons.push(error.message)
    return undefined
  }
}

function checkCondition(text: string): void {
  try {
    compileExpression(text, { roots: ['event'] })
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    throw new HttpError('invalid_expression', `invalid expression: ${error.message}`)
  }
}

/** @throws HttpError `function_not_found`, whichever of the two parts is not known. */
async function placeOf(ctx: ServerContext, { appId, functionId }: Asked): Promise<FunctionPlace> {
  try {
    return await findPlace(ctx, { appId, functionId })
  } catch (cause) {
    const isUnknown =
      cause instanceof HttpError && (cause.code === 'app_not_found' || cause.code === 'function_not_found')
    throw isUnknown ? new HttpError('function_not_found', 'function not found', { cause }) : cause
  }
}
