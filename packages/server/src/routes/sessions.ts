// Sessions: durable records of a piece of work. Opening, changing and ending them, their append-only items, and a stream of
// what happens in one. The questions they put to people stand in requests.ts.
import { type Json, writeCanonical } from '@pawl/protocol'
import type { SessionStatus } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { type ItemGiven, SESSION_LIMITS, type SessionChange } from '../engine.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { jsonObject, jsonValue, ulidParameter } from '../http/parameters.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { foundSession, listSessions, pageItems } from '../lists/sessions.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { ITEM_TYPES, ItemV2, itemV2, SESSION_STATUSES, SessionV2, sessionV2 } from '../views/session-view.ts'
import { sessionStreamRoute } from './session-stream.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const tag = 'Sessions'
const sessionParams = z.object({ sessionId: ulidParameter })
const { nameCharactersMax, titleCharactersMax, appendMax } = SESSION_LIMITS
/** Of one append: some of its items may be as large as an item may be, not all of them. */
const ITEMS_BYTES_MAX = 8 * 1024 * 1024

const keyField = z.string().min(1).max(nameCharactersMax)

const OpenBody = z.object({
  key: keyField.meta({ description: 'Your own name for it: opening it again finds it.' }),
  agent: z.string().min(1).max(nameCharactersMax).optional(),
  title: z.string().max(titleCharactersMax).optional(),
  metadata: jsonObject.optional().meta({ description: '16 KiB at most.' }),
  jobRunId: ulidParameter.optional().meta({ description: 'What `X-Job-Run-Id` of a job’s call said.' }),
  runId: ulidParameter.optional().meta({ description: 'The durable run that works on it.' }),
  reopen: z.boolean().optional().meta({ description: 'Sets one that has ended to running again.' }),
})

const ChangeBody = z.object({
  title: z.string().max(titleCharactersMax).nullable().optional(),
  metadata: jsonObject.nullable().optional(),
  status: z
    .enum(['completed', 'failed', 'cancelled'])
    .optional()
    .meta({ description: 'Ends it; its pending requests are cancelled.' }),
  result: jsonValue.optional(),
  error: jsonValue.optional(),
})

const NewItem = z.object({
  type: z.enum(ITEM_TYPES),
  role: z.string().min(1).max(nameCharactersMax).optional(),
  content: jsonValue.meta({ description: '256 KiB at most.' }),
  key: keyField.optional().meta({ description: 'An item whose key the session has already is not added again.' }),
})

const ItemsBody = z
  .union([z.object({ items: z.array(NewItem).min(1) }), NewItem])
  .meta({ description: `One item, or \`items\`: ${appendMax} at most, all or none.` })

export function sessionRoutes(ctx: ServerContext): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: v2Paths('/sessions'),
      rules: v2,
      doc: { id: 'openSession', tag, summary: 'Open a session, or find the one with this key (200).' },
      body: OpenBody,
      answers: { 200: dataV2(SessionV2), 201: dataV2(SessionV2) },
      async handle({ body }) {
        const { session, isNew } = await ctx.engine.sessions.open({
          name: body.key,
          agent: body.agent ?? null,
          title: body.title ?? null,
          metadata: textOrNull(body.metadata),
          jobRunId: body.jobRunId ?? null,
          runId: body.runId ?? null,
          reopen: body.reopen ?? false,
        })
        return { status: isNew ? 201 : 200, ...(await sessionAnswer(ctx, session.id)) }
      },
    }),
    listRoute(ctx),
    route({
      method: 'GET',
      path: v2Paths('/sessions/:sessionId'),
      rules: v2,
      doc: { id: 'getSession', tag, summary: 'Get one session.' },
      params: sessionParams,
      answers: { 200: dataV2(SessionV2) },
      handle: ({ params }) => sessionAnswer(ctx, params.sessionId),
    }),
    route({
      method: 'PATCH',
      path: v2Paths('/sessions/:sessionId'),
      rules: v2,
      doc: { id: 'changeSession', tag, summary: 'Change what a session says of itself, or end it.' },
      params: sessionParams,
      body: ChangeBody,
      answers: { 200: dataV2(SessionV2) },
      async handle({ params, body }) {
        await ctx.engine.sessions.change(params.sessionId, changeOf(body))
        return sessionAnswer(ctx, params.sessionId)
      },
    }),
    appendRoute(ctx),
    itemsRoute(ctx),
    sessionStreamRoute(ctx),
  ]
}

async function sessionAnswer(ctx: ServerContext, id: string): Promise<Answer> {
  const now = storeNow(ctx)
  return answerV2(sessionV2(await foundSession(ctx, id), now), now)
}

function listRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/sessions'),
    rules: v2,
    doc: { id: 'listSessions', tag, summary: 'List sessions, those that changed last first.' },
    query: z.object({
      agent: z.string().max(nameCharactersMax).optional(),
      status: z
        .array(z.enum(SESSION_STATUSES))
        .max(SESSION_STATUSES.length)
        .optional()
        .meta({ description: '`waiting`: with a pending request; `running`: without one.' }),
      jobId: ulidParameter.optional(),
      runId: ulidParameter.optional(),
      limit: limitParameter(100),
      cursor: cursorParameter,
    }),
    answers: { 200: pagedV2(SessionV2) },
    async handle({ query: { agent, status, jobId, runId, cursor, limit = 20 } }) {
      const now = storeNow(ctx)
      const job = jobId === undefined ? undefined : await ctx.lists.job(jobId)
      if (jobId !== undefined && job === undefined) throw new HttpError('job_not_found', 'Job not found')
      const filter = { agent, runId, job: job?.key, ...statusFilter(status) }
      const { rows, ...page } = await listSessions(ctx, { ...filter, cursor, limit })
      return listV2(
        rows.map((view) => sessionV2(view, now)),
        now,
        { ...page, limit },
      )
    },
  })
}

type Shown = (typeof SESSION_STATUSES)[number]

/** `waiting` is `running` with a pending request. */
function statusFilter(asked: readonly Shown[] | undefined): {
  readonly statuses?: readonly SessionStatus[]
  readonly isWaiting?: boolean
} {
  if (asked === undefined) return {}
  const [waits, runs] = [asked.includes('waiting'), asked.includes('running')]
  const statuses = new Set(asked.map((status): SessionStatus => (status === 'waiting' ? 'running' : status)))
  return { statuses: [...statuses], ...(waits === runs ? {} : { isWaiting: waits }) }
}

function changeOf(body: z.infer<typeof ChangeBody>): SessionChange {
  const { title, metadata, status, result, error } = body
  return {
    ...(title === undefined ? {} : { title }),
    ...(metadata === undefined ? {} : { metadata: metadata === null ? null : writeCanonical(metadata) }),
    ...(status === undefined ? {} : { status }),
    ...(result === undefined ? {} : { result: writeCanonical(result) }),
    ...(error === undefined ? {} : { error: writeCanonical(error) }),
  }
}

function appendRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/sessions/:sessionId/items'),
    rules: { ...v2, bodyBytesMax: ITEMS_BYTES_MAX },
    doc: {
      id: 'appendItems',
      tag,
      summary: 'Append to the log of a session; with `Idempotency-Key` or keys it may be repeated.',
    },
    params: sessionParams,
    body: ItemsBody,
    answers: { 201: dataV2(z.array(ItemV2)) },
    async handle({ params, body, headers }) {
      const items = itemsOf(body, idempotencyKey(headers))
      const rows = await ctx.engine.sessions.append(params.sessionId, items)
      return { status: 201, ...answerV2(rows.map(itemV2), storeNow(ctx)) }
    },
  })
}

/** Items without a key of their own get one from the request's, so that all of it may be sent again. */
function itemsOf(body: z.infer<typeof ItemsBody>, requestKey: string | null): readonly ItemGiven[] {
  const items = 'items' in body ? body.items : [body]
  return items.map(({ type, role, content, key }, index) => ({
    type,
    role: role ?? null,
    content: writeCanonical(content),
    name: key ?? (requestKey === null || !('items' in body) ? requestKey : `${requestKey}:${index}`),
  }))
}

/** Room for the number of an item behind it. */
const REQUEST_KEY_MAX = nameCharactersMax - 4

function idempotencyKey(headers: Readonly<Record<string, unknown>>): string | null {
  const key = headers['idempotency-key']
  if (typeof key !== 'string' || key === '') return null
  if (key.length <= REQUEST_KEY_MAX) return key
  const says = `Idempotency-Key must have at most ${REQUEST_KEY_MAX} characters`
  throw new HttpError('invalid_parameter', says, { path: 'Idempotency-Key' })
}

function itemsRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/sessions/:sessionId/items'),
    rules: v2,
    doc: { id: 'listItems', tag, summary: 'List the items of a session in their order.' },
    params: sessionParams,
    query: z.object({ after: seqParameter, cursor: seqParameter, limit: limitParameter(100) }),
    answers: { 200: pagedV2(ItemV2) },
    async handle({ params, query: { after, cursor, limit = 20 } }) {
      const { row } = await foundSession(ctx, params.sessionId)
      const { rows, hasMore } = await pageItems(ctx, row.key, { after: cursor ?? after ?? 0, limit })
      const last = rows.at(-1)
      const page = { hasMore, limit, cursor: last === undefined ? undefined : String(last.seq) }
      return listV2(rows.map(itemV2), storeNow(ctx), page)
    },
  })
}

const seqParameter = z
  .string()
  .regex(/^\d{1,9}$/, 'must be the number of an item')
  .transform(Number)
  .meta({ type: 'integer', minimum: 0, pattern: undefined, description: 'The number of the last item that was seen.' })
  .optional()

function textOrNull(value: Json | undefined): string | null {
  return value === undefined ? null : writeCanonical(value)
}
