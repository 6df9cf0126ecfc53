// Changes what a session says of itself, and ends it. Its end takes every pending request with it, in the same commit.
import type { RequestRow, SessionRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { EngineError } from '../errors.ts'
import { checkDetails } from './check-given.ts'
import { type Done, decided, sessionEnded, sessionNotFound } from './decided.ts'
import type { SessionChange } from './door.ts'
import { resolveNeeds, resolveRequest } from './resolve-request.ts'
import { SessionDraft } from './session-draft.ts'
import { ENDED_EVENT, emitEvent, sessionData } from './session-events.ts'
import { cancelled } from './verdict.ts'

const BY_END = cancelled(null, 'the session has ended')

/** @throws EngineError `session_not_found`, `session_ended`, `session_invalid`, `session_too_large` */
export async function changeSession(ctx: EngineContext, id: string, change: SessionChange): Promise<Done<SessionRow>> {
  checkDetails(change)
  const found = await ctx.store.state.sessionByUlid(id)
  if (found === undefined) throw sessionNotFound(id)
  for (;;) {
    // Their signals are found by name, so they must be known beforehand; one that comes meanwhile is read next time.
    const pending = change.status === undefined ? [] : await pendingOf(ctx, found)
    const done = await decided(ctx, {
      needs: {
        ...resolveNeeds(pending),
        sessions: [found.key],
        ...(change.status === undefined ? {} : { pendingOf: [found.key] }),
        storing: [...(resolveNeeds([]).storing ?? []), ENDED_EVENT],
      },
      decide: (draft, facts): SessionRow | EngineError | null => {
        const row = facts.session(found.key)
        if (row === undefined) return sessionNotFound(id)
        if (isDone(row, change)) return row
        if (row.endedAt !== null && !isOfTitle(change)) return sessionEnded(id, row.status)
        const open = change.status === undefined ? [] : facts.pendingOf(row.key)
        if (open.some(({ key }) => !pending.some((known) => known.key === key))) return null
        const session = new SessionDraft(ctx, draft, row)
        for (const request of open) resolveRequest(ctx, session, facts, { request, verdict: BY_END })
        session.set(changed(row, change, draft.now))
        if (change.status !== undefined) emitEvent(ctx, draft, ENDED_EVENT, sessionData(session.row))
        return session.finish()
      },
    })
    if (done.result !== null) return { ...done, result: done.result }
  }
}

async function pendingOf(ctx: EngineContext, { key }: SessionRow): Promise<readonly RequestRow[]> {
  const query = { session: key, statuses: ['pending'], newest: false, limit: 1_000 } as const
  return (await ctx.store.lists.requests(query)).map(({ row }) => row)
}

/** The same end told again, as after a lost answer. */
function isDone(row: SessionRow, { status, result = row.result, error = row.error, ...rest }: SessionChange): boolean {
  return (
    row.endedAt !== null && status === row.status && result === row.result && error === row.error && noneOf(rest, row)
  )
}

function noneOf({ title, metadata }: SessionChange, row: SessionRow): boolean {
  return (title === undefined || title === row.title) && (metadata === undefined || metadata === row.metadata)
}

/** What may change after the end too. */
function isOfTitle({ status, result, error }: SessionChange): boolean {
  return status === undefined && result === undefined && error === undefined
}

function changed(row: SessionRow, change: SessionChange, now: number): Partial<SessionRow> {
  const { title = row.title, metadata = row.metadata, result = row.result, error = row.error } = change
  const end = change.status === undefined ? {} : { status: change.status, endedAt: now }
  return { title, metadata, result, error, ...end }
}
