// Questions of sessions to people: asking, the inbox, waiting for an answer, answering once. A one-time link lets somebody
// without a key read what its form needs and answer; its tokens cannot be guessed, and guessing is slowed down.
import { writeCanonical } from '@pawl/protocol'
import type { RequestView } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { type AnswerGiven, callbackSecret, type RequestGiven, type Resolved, SESSION_LIMITS } from '../engine.ts'
import { type Caller, publicUrl } from '../http/caller.ts'
import { route } from '../http/define-route.ts'
import { HttpError } from '../http/http-errors.ts'
import { jsonObject, jsonValue, ulidParameter, urlField } from '../http/parameters.ts'
import { cursorParameter, limitParameter } from '../http/query.ts'
import { type Answer, type Route, v2Paths } from '../http/route.ts'
import { readTime } from '../lists/read-time.ts'
import { foundRequest, foundSession, listRequests } from '../lists/sessions.ts'
import { answerV2, listV2 } from '../views/envelope.ts'
import { dataV2, pagedV2 } from '../views/envelope-schemas.ts'
import { linkedRequestV2, REQUEST_KINDS, REQUEST_STATUSES, RequestV2, requestV2 } from '../views/session-view.ts'
import { LinkDoor } from './link-door.ts'

const v2 = { scope: 'signing-key', surface: 'v2' } as const
const byLink = { scope: 'signing-key-or-link', surface: 'v2' } as const
const tag = 'Sessions'
const requestParams = z.object({ requestId: ulidParameter })
const { nameCharactersMax } = SESSION_LIMITS
const WAIT_SECONDS_MAX = 60
const WAIT_SECONDS = 30
const COUNTED_MAX = 10_000
/** Whoever holds a link may be shown the answer again by nobody but this server. */
const UNSTORED = { 'cache-control': 'no-store' } as const

const AskBody = z.object({
  key: z.string().min(1).max(nameCharactersMax).meta({
    description: 'Unique in the session: asking again with it finds the first.',
  }),
  kind: z.enum(REQUEST_KINDS),
  prompt: z.string().min(1),
  schema: jsonObject
    .optional()
    .meta({ description: 'JSON Schema that the answer, or changed arguments, must satisfy.' }),
  options: z
    .array(z.object({ value: z.string(), label: z.string().optional() }))
    .optional()
    .meta({ description: 'Of a choice.' }),
  arguments: jsonValue.optional().meta({ description: 'What is asked for; an approval may change them.' }),
  expiresAt: z
    .string()
    .optional()
    .meta({ format: 'date-time', description: '30 days ahead at most; 7 days by default.' }),
  callbackUrl: urlField.optional().meta({ description: 'Is told of the outcome by a signed POST.' }),
  link: z.boolean().optional().meta({ description: 'Ask for a link by which somebody without a key can answer once.' }),
})

const AnswerBody = z.object({
  decision: z.enum(['approve', 'deny']).optional().meta({ description: 'Of an approval.' }),
  arguments: jsonValue.optional().meta({ description: 'Changed ones, with `approve`.' }),
  response: jsonValue.optional().meta({ description: 'Of an input or a choice.' }),
  reason: z.string().optional(),
})

const tokenParameter = z.string().max(200).optional().meta({ description: 'Of a one-time link, in place of a key.' })

export function requestRoutes(ctx: ServerContext): readonly Route[] {
  const links = new LinkDoor(ctx)
  return [
    askRoute(ctx),
    listRoute(ctx),
    countRoute(ctx),
    route({
      method: 'GET',
      path: v2Paths('/requests/:requestId'),
      rules: byLink,
      doc: { id: 'getRequest', tag, summary: 'Get one request; by its link as much as the form of an answer needs.' },
      params: requestParams,
      query: z.object({ token: tokenParameter }),
      answers: { 200: dataV2(RequestV2) },
      async handle({ params: { requestId }, query: { token }, caller }) {
        if (!isLink(token)) return requestAnswer(ctx, requestId)
        await links.open(caller.address, () => ctx.engine.sessions.openLink(requestId, token))
        return linkAnswer(ctx, requestId)
      },
    }),
    waitRoute(ctx),
    respondRoute(ctx, links),
    cancelRoute(ctx),
    callbackSecretsRoute(ctx),
  ]
}

function isLink(token: string | undefined): token is string {
  return token !== undefined && token !== ''
}

async function requestAnswer(ctx: ServerContext, id: string): Promise<Answer> {
  return answerV2(requestV2(await foundRequest(ctx, id)), storeNow(ctx))
}

async function linkAnswer(ctx: ServerContext, id: string): Promise<Answer> {
  return { ...answerV2(linkedRequestV2(await foundRequest(ctx, id)), storeNow(ctx)), headers: UNSTORED }
}

function askRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/sessions/:sessionId/requests'),
    rules: v2,
    doc: { id: 'askRequest', tag, summary: 'Ask a person, or find the question with this key (200).' },
    params: z.object({ sessionId: ulidParameter }),
    body: AskBody,
    answers: { 200: dataV2(RequestV2), 201: dataV2(RequestV2) },
    async handle({ params, body, headers }) {
      const given = givenRequest(body, storeNow(ctx))
      const { request, isNew, token } = await ctx.engine.sessions.request(params.sessionId, given)
      const link = token === null ? undefined : `${publicUrl({ headers })}/requests/${request.id}?token=${token}`
      const shown = { ...requestV2(await foundRequest(ctx, request.id)), link }
      return { status: isNew ? 201 : 200, ...answerV2(shown, storeNow(ctx)), headers: UNSTORED }
    },
  })
}

function givenRequest(body: z.infer<typeof AskBody>, now: number): RequestGiven {
  const { schema, options } = body
  const form = { ...(schema === undefined ? {} : { schema }), ...(options === undefined ? {} : { options }) }
  return {
    name: body.key,
    kind: body.kind,
    prompt: body.prompt,
    // Both are more than there can be: the engine says which one is wrong.
    form: Object.keys(form).length === 0 ? null : writeCanonical(form as Parameters<typeof writeCanonical>[0]),
    arguments: body.arguments === undefined ? null : writeCanonical(body.arguments),
    expiresAt: readTime('expiresAt', body.expiresAt, now) ?? null,
    callbackUrl: body.callbackUrl ?? null,
    wantsLink: body.link ?? false,
  }
}

function listRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/requests'),
    rules: v2,
    doc: {
      id: 'listRequests',
      tag,
      summary: 'List requests: pending ones by themselves oldest first, otherwise the newest first.',
    },
    query: z.object({
      status: z.array(z.enum(REQUEST_STATUSES)).max(REQUEST_STATUSES.length).optional(),
      sessionId: ulidParameter.optional(),
      limit: limitParameter(100),
      cursor: cursorParameter,
    }),
    answers: { 200: pagedV2(RequestV2) },
    async handle({ query: { status: statuses, sessionId, cursor, limit = 20 } }) {
      const session = sessionId === undefined ? undefined : (await foundSession(ctx, sessionId)).row.key
      const newest = statuses === undefined || statuses.some((status) => status !== 'pending')
      const { rows, ...page } = await listRequests(ctx, { statuses, session, newest, cursor, limit })
      return listV2(rows.map(requestV2), storeNow(ctx), { ...page, limit })
    },
  })
}

function countRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/requests/count'),
    rules: v2,
    doc: { id: 'countRequests', tag, summary: 'Count the requests that are pending.' },
    query: z.object({ status: z.literal('pending').optional() }),
    answers: { 200: dataV2(z.object({ count: z.int(), isCut: z.literal(true).optional() })) },
    async handle() {
      const count = await ctx.lists.countPending()
      return answerV2({ count, isCut: count >= COUNTED_MAX ? true : undefined }, storeNow(ctx))
    },
  })
}

function waitRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/requests/:requestId/wait'),
    rules: v2,
    doc: { id: 'waitForRequest', tag, summary: 'Wait until a request is no longer pending; 204 while it still is.' },
    params: requestParams,
    query: z.object({
      timeout: z
        .string()
        .regex(/^\d{1,3}$/, 'must be a whole number of seconds')
        .transform(Number)
        .refine((seconds) => seconds <= WAIT_SECONDS_MAX, `must be at most ${WAIT_SECONDS_MAX}`)
        .meta({
          type: 'integer',
          minimum: 0,
          maximum: WAIT_SECONDS_MAX,
          description: `Seconds; ${WAIT_SECONDS} by default.`,
          pattern: undefined,
        })
        .optional(),
    }),
    answers: { 200: dataV2(RequestV2), 204: null },
    async handle({ params: { requestId }, query: { timeout = WAIT_SECONDS }, gone }) {
      const signal = AbortSignal.any([gone(), ctx.live.closing])
      const { status } = await ctx.engine.sessions.waitFor(requestId, timeout * 1_000, signal)
      return status === 'pending' ? { status: 204 } : requestAnswer(ctx, requestId)
    },
  })
}

function respondRoute(ctx: ServerContext, links: LinkDoor): Route {
  return route({
    method: 'POST',
    path: v2Paths('/requests/:requestId/respond'),
    rules: byLink,
    doc: {
      id: 'respondToRequest',
      tag,
      summary: 'Answer a request. The first answer counts: 409 with it for the others.',
    },
    params: requestParams,
    query: z.object({ token: tokenParameter }),
    body: AnswerBody,
    answers: { 200: dataV2(RequestV2) },
    async handle({ params: { requestId }, query: { token }, body, caller }) {
      const answer = givenAnswer(body, isLink(token) ? 'link' : nameOf(caller))
      if (!isLink(token)) return settled(ctx, await ctx.engine.sessions.respond(requestId, answer), requestV2)
      const outcome = await links.open(caller.address, () =>
        ctx.engine.sessions.respondByLink(requestId, token, answer),
      )
      return { ...(await settled(ctx, outcome, linkedRequestV2)), headers: UNSTORED }
    },
  })
}

/** Who decided is kept with the decision. */
function nameOf({ name }: Caller): string {
  return name.startsWith('session') ? `dashboard (${name})` : name
}

function givenAnswer(body: z.infer<typeof AnswerBody>, by: string): AnswerGiven {
  const { decision, response, reason = null } = body
  if (decision !== undefined && response !== undefined) {
    throw new HttpError('invalid_parameter', 'response and decision exclude each other', { path: 'response' })
  }
  if (decision !== undefined) {
    return { decision, arguments: body.arguments === undefined ? null : writeCanonical(body.arguments), reason, by }
  }
  if (body.arguments !== undefined) {
    throw new HttpError('invalid_parameter', 'arguments go with a decision', { path: 'arguments' })
  }
  if (response !== undefined) return { response: writeCanonical(response), reason, by }
  throw new HttpError('missing_parameter', 'decision is required, or response', { path: 'decision' })
}

function cancelRoute(ctx: ServerContext): Route {
  return route({
    method: 'POST',
    path: v2Paths('/requests/:requestId/cancel'),
    rules: v2,
    doc: { id: 'cancelRequest', tag, summary: 'Take a request back.' },
    params: requestParams,
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: dataV2(RequestV2) },
    handle: async ({ params, caller }) =>
      settled(ctx, await ctx.engine.sessions.cancelRequest(params.requestId, nameOf(caller)), requestV2),
  })
}

/** The receivers of callbacks check with these who sent them; they follow from the signing keys, in the same order. */
function callbackSecretsRoute(ctx: ServerContext): Route {
  return route({
    method: 'GET',
    path: v2Paths('/callback-secrets'),
    rules: v2,
    doc: {
      id: 'listCallbackSecrets',
      tag,
      summary: 'The secrets that callbacks are signed with, for their receivers.',
    },
    answers: { 200: dataV2(z.array(z.string())) },
    handle: () => ({ ...answerV2(ctx.signingKeys.map(callbackSecret), storeNow(ctx)), headers: UNSTORED }),
  })
}

type Show = (view: RequestView) => Readonly<Record<string, unknown>>

/** @throws HttpError `request_already_resolved` with the first answer. */
async function settled(ctx: ServerContext, outcome: Resolved, show: Show): Promise<Answer> {
  const isFirst = 'resolved' in outcome
  const row = isFirst ? outcome.resolved : outcome.alreadyResolved
  const { session } = await foundRequest(ctx, row.id)
  const data = show({ row, session })
  if (isFirst) return answerV2(data, storeNow(ctx))
  throw new HttpError('request_already_resolved', `The request is ${row.status} already`, { data })
}
