// Answers, withdrawals and deadlines of requests. The first that commits counts; whoever comes later, here or at another
// process, gets what it was.
import type { Facts, RequestRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { EngineError } from '../errors.ts'
import type { MatchHooks } from '../match/run-match-item.ts'
import type { Draft, Leased } from '../runs/draft.ts'
import { type Done, decided, requestNotFound } from './decided.ts'
import type { AnswerGiven, Resolved } from './door.ts'
import { tokenRefusal } from './link-token.ts'
import { type RequestDetail, resolveNeeds, resolveRequest } from './resolve-request.ts'
import { SessionDraft } from './session-draft.ts'
import { cancelled, EXPIRED, readAnswer, type Verdict } from './verdict.ts'

type Came = Done<Resolved> | { readonly result: Resolved; readonly effects: null }

/** @throws EngineError `request_not_found`, `answer_invalid`, `session_too_large` */
export async function respond(ctx: EngineContext, id: string, given: AnswerGiven): Promise<Came> {
  const row = await readRequest(ctx, id)
  return row.status === 'pending' ? resolve(ctx, row, readAnswer(row, given)) : already(row)
}

/** @throws EngineError `request_not_found`, `link_invalid`, `answer_invalid`, `session_too_large` */
export async function respondByLink(
  ctx: EngineContext,
  id: string,
  { token, answer }: { readonly token: string; readonly answer: AnswerGiven },
): Promise<Came> {
  const row = await readByLink(ctx, id, token)
  return row.status === 'pending' ? resolve(ctx, row, readAnswer(row, answer), token) : already(row)
}

/** @throws EngineError `request_not_found` */
export async function cancelRequest(ctx: EngineContext, id: string, by: string): Promise<Came> {
  const row = await readRequest(ctx, id)
  return row.status === 'pending' ? resolve(ctx, row, cancelled(by, null)) : already(row)
}

/** @throws EngineError `request_not_found` */
export async function readRequest(ctx: EngineContext, id: string): Promise<RequestRow> {
  const row = await ctx.store.state.requestByUlid(id)
  if (row === undefined) throw requestNotFound(id)
  return row
}

/** @throws EngineError `request_not_found`, `link_invalid` */
export async function readByLink(ctx: EngineContext, id: string, token: string): Promise<RequestRow> {
  const row = await readRequest(ctx, id)
  const refused = tokenRefusal(row, token)
  if (refused !== null) throw refused
  return row
}

function already(row: RequestRow): Came {
  return { result: { alreadyResolved: row }, effects: null }
}

function resolve(ctx: EngineContext, read: RequestRow, verdict: Verdict, token?: string): Promise<Came> {
  return decided(ctx, {
    needs: resolveNeeds([read]),
    decide: (draft, facts): Resolved | EngineError => {
      const request = facts.request(read.key)
      const session = request === undefined ? undefined : facts.session(request.session)
      if (request === undefined || session === undefined) return requestNotFound(read.id)
      if (request.status !== 'pending') return { alreadyResolved: request }
      const refused = token === undefined ? null : tokenRefusal(request, token)
      if (refused !== null) return refused
      // The timer may be a moment late; the deadline is not.
      const isLate = request.expiresAt <= draft.now
      const row = resolveOne(ctx, draft, facts, { request, verdict: isLate ? EXPIRED : verdict })
      return isLate ? { alreadyResolved: row } : { resolved: row }
    },
  })
}

function resolveOne(
  ctx: EngineContext,
  draft: Draft,
  facts: Facts,
  work: { readonly request: RequestRow; readonly verdict: Verdict },
): RequestRow {
  const row = facts.session(work.request.session)
  if (row === undefined) throw new Error(`request ${work.request.id} has no session`)
  const session = new SessionDraft(ctx, draft, row)
  const resolved = resolveRequest(ctx, session, facts, work)
  session.finish()
  return resolved
}

/** Works on a deadline that has come. */
export async function runDeadline(ctx: EngineContext, hooks: MatchHooks, { item }: Leased): Promise<void> {
  // The engine wrote it.
  const { request: key } = JSON.parse(item.detail ?? '{"request":0}') as RequestDetail
  const committed = await commit(ctx, {
    needs: resolveNeeds([{ id: item.step.slice('request:'.length), key }]),
    fence: { run: null, item: item.key, epoch: item.epoch },
    decide: (draft, facts) => {
      const request = facts.request(key)
      // The item goes with the request.
      if (request?.status === 'pending') resolveOne(ctx, draft, facts, { request, verdict: EXPIRED })
      else draft.push({ end: 'item', key: item.key })
    },
  })
  // Answered meanwhile, or another process has it.
  if (typeof committed !== 'string') hooks.follow(committed.effects, committed.mark)
}
