// Puts a question to a person: the request, its deadline (an item that sleeps until then), an entry in the session's log and
// an event, in one commit. Asked again under the same name it is the same question.
import type { RequestRow, SessionRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import type { Draft } from '../runs/draft.ts'
import { systemItem } from '../runs/line-item.ts'
import { checkRequest, invalid } from './check-given.ts'
import { type Done, decided, sessionEnded, sessionNotFound, tooManyItems } from './decided.ts'
import type { RequestGiven } from './door.ts'
import { SESSION_LIMITS } from './limits.ts'
import { newToken, tokenHash } from './link-token.ts'
import { deadlineName, type RequestDetail } from './resolve-request.ts'
import { SessionDraft } from './session-draft.ts'
import { askedParts, emitEvent, objectText, quoted, REQUESTED_EVENT } from './session-events.ts'

export interface Asked {
  readonly request: RequestRow
  readonly isNew: boolean
  /** Of the one-time link, where one was asked for and the request is pending. */
  readonly token: string | null
}

/** @throws EngineError `session_not_found`, `session_ended`, `request_invalid`, `session_too_large`, `too_many_…` */
export async function askRequest(ctx: EngineContext, id: string, given: RequestGiven): Promise<Done<Asked>> {
  checkRequest(given)
  const found = await ctx.store.state.sessionByUlid(id)
  if (found === undefined) throw sessionNotFound(id)
  const token = given.wantsLink ? newToken(ctx.randomBytes) : null
  return decided(ctx, {
    needs: {
      sessions: [found.key],
      requestNames: [{ session: found.key, name: given.name }],
      storing: [REQUESTED_EVENT],
    },
    decide: (draft, facts): Asked | EngineError => {
      const session = facts.session(found.key)
      if (session === undefined) return sessionNotFound(id)
      const known = facts.requestNamed(found.key, given.name)
      if (known !== undefined) return again(draft, known, token)
      const refused = refusal(ctx, session, given, draft.now)
      return refused ?? ask(ctx, new SessionDraft(ctx, draft, session), { given, token })
    },
  })
}

/** Only the hash of the first link is kept: whoever asks again, perhaps for the answer was lost, gets one in its place. */
function again(draft: Draft, known: RequestRow, token: string | null): Asked {
  if (token === null || known.status !== 'pending') return { request: known, isNew: false, token: null }
  const request = { ...known, tokenHash: tokenHash(token) }
  draft.push({ set: 'request', row: request })
  return { request, isNew: false, token }
}

function refusal(ctx: EngineContext, session: SessionRow, given: RequestGiven, now: number): EngineError | null {
  const { sessionItemsMax, sessionPendingMax } = ctx.limits
  if (session.endedAt !== null) return sessionEnded(session.id, session.status)
  if (session.pending >= sessionPendingMax)
    return new EngineError('too_many_requests_pending', `Session ${session.id} has ${session.pending} open requests.`, {
      details: { limit: sessionPendingMax },
    })
  if (session.items >= sessionItemsMax) return tooManyItems(session.id, sessionItemsMax)
  const { expiresAt } = given
  if (expiresAt === null) return null
  if (expiresAt <= now) return invalid('request_invalid', 'expiresAt', 'has passed')
  if (expiresAt > now + SESSION_LIMITS.expiryMsMax)
    return invalid('request_invalid', 'expiresAt', 'is more than 30 days ahead')
  return null
}

function ask(
  ctx: EngineContext,
  session: SessionDraft,
  { given, token }: { readonly given: RequestGiven; readonly token: string | null },
): Asked {
  const { draft } = session
  const { name, kind, prompt, form, callbackUrl } = given
  const request: RequestRow = {
    key: draft.ground.key(),
    id: ctx.newUlid(draft.now),
    session: session.row.key,
    name,
    kind,
    prompt,
    form,
    arguments: given.arguments,
    status: 'pending',
    response: null,
    reason: null,
    respondedBy: null,
    expiresAt: given.expiresAt ?? draft.now + SESSION_LIMITS.expiryMs,
    createdAt: draft.now,
    resolvedAt: null,
    callbackUrl,
    tokenHash: token === null ? null : tokenHash(token),
  }
  session.ask(request)
  session.note('requested', askedParts(request))
  putDeadline(draft, request)
  emitEvent(ctx, draft, REQUESTED_EVENT, requestedData(request, session.row))
  session.finish()
  return { request, isNew: true, token }
}

function putDeadline(draft: Draft, { id, key, expiresAt }: RequestRow): void {
  const detail: RequestDetail = { request: key }
  const item = systemItem(draft, { kind: 'request', step: deadlineName(id), fn: null, due: expiresAt })
  draft.push({ put: 'item', row: { ...item, detail: JSON.stringify(detail) } })
}

function requestedData(request: RequestRow, session: SessionRow): string {
  // `form` is an object with one member, `schema` or `options`.
  const form = request.form === null ? {} : formParts(request.form)
  return objectText({ ...askedParts(request), ...form, sessionId: quoted(session.id) })
}

function formParts(form: string): Record<string, string> {
  const [, name = '', text = ''] = /^\{"(schema|options)":([\s\S]*)\}$/.exec(form) ?? []
  return name === '' ? {} : { [name]: text }
}
