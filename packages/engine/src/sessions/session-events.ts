// The events that tell of Sessions, and their data: stored with a body, in the commit of what they tell, and handed over to
// the matching station by a row, as the events of ended runs are.
import type { RequestRow, SessionRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { Draft } from '../runs/draft.ts'
import { putMatchItem } from '../runs/finish-run.ts'

export const CREATED_EVENT = 'pawl/session.created'
export const ENDED_EVENT = 'pawl/session.ended'
export const REQUESTED_EVENT = 'pawl/session.request.created'
export const RESOLVED_EVENT = 'pawl/session.request.resolved'

/** Of the signal that a resolved request sends. */
export function signalName(requestId: string): string {
  return `session-request:${requestId}`
}

/** Stores an event; its name is among the needs (`storing`). */
export function emitEvent(ctx: EngineContext, draft: Draft, name: string, dataText: string): void {
  const key = draft.ground.key()
  const id = ctx.newUlid(draft.now)
  const ts = draft.now
  draft.push({
    put: 'event',
    row: { key, id, eventId: id, name, ts, receivedAt: ts, isRepeat: false, ofRun: null },
    body: `{"data":${dataText},"id":"${id}","name":"${name}","ts":${ts},"user":{}}`,
  })
  // Without the newest registry nobody can say that no function listens: the match item finds out.
  if (ctx.registry.mayConcern(name) || ctx.registry.version !== draft.ground.registryVersion) putMatchItem(draft, [key])
}

/** Canonical JSON of an object whose members are canonical texts; those that are null are left out. */
export function objectText(members: Readonly<Record<string, string | null>>): string {
  const written = Object.keys(members)
    .sort()
    .flatMap((name) => (members[name] == null ? [] : [`"${name}":${members[name]}`]))
  return `{${written.join(',')}}`
}

/** Canonical JSON of a text, or null. */
export function quoted(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text)
}

/** An instant as it is told: RFC 3339. */
export function instant(ms: number): string {
  return `"${new Date(ms).toISOString()}"`
}

/** `data` of the events of a session. */
export function sessionData(row: SessionRow): string {
  return objectText({
    agent: quoted(row.agent),
    error: row.error,
    metadata: row.metadata,
    result: row.result,
    runId: quoted(row.runId),
    sessionId: quoted(row.id),
    sessionKey: quoted(row.name),
    status: quoted(row.status),
    title: quoted(row.title),
  })
}

/** What a request asks, as its event and its item tell it. */
export function askedParts(row: RequestRow): Record<string, string | null> {
  return {
    arguments: row.arguments,
    expiresAt: instant(row.expiresAt),
    kind: quoted(row.kind),
    prompt: quoted(row.prompt),
    requestId: quoted(row.id),
    requestKey: quoted(row.name),
  }
}

/** How a request was resolved, as event, signal, callback and item tell it. */
export function resolvedParts(row: RequestRow): Record<string, string | null> {
  return {
    arguments: row.arguments,
    kind: quoted(row.kind),
    reason: quoted(row.reason),
    requestId: quoted(row.id),
    requestKey: quoted(row.name),
    respondedBy: quoted(row.respondedBy),
    response: row.response,
    status: quoted(row.status),
  }
}

/** `data` of `pawl/session.request.resolved`, of the signal and of the callback. */
export function resolutionData(request: RequestRow, session: Pick<SessionRow, 'id'>): string {
  return objectText({ ...resolvedParts(request), sessionId: quoted(session.id) })
}
