// The one way a request leaves `pending`, inside the operation that decides it: its row, an item of its session, the end of
// its deadline, the event, the signal and the callback are one commit, so that whoever waits is told exactly once.
//
//   pending ─▶ approved | denied    an approval's answer
//           ─▶ answered             an input's or a choice's
//           ─▶ expired              its deadline
//           ─▶ cancelled            by whoever asked, or with its session
import { signalMemo } from '@pawl/protocol'
import type { Facts, Needs, RequestRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { Draft } from '../runs/draft.ts'
import { resumeStep } from '../runs/end-branch.ts'
import { systemItem } from '../runs/line-item.ts'
import type { CallbackDetail } from './run-callback.ts'
import type { SessionDraft } from './session-draft.ts'
import { emitEvent, RESOLVED_EVENT, resolutionData, resolvedParts, signalName } from './session-events.ts'
import type { Verdict } from './verdict.ts'

/** The name of a request's deadline. */
export function deadlineName(requestId: string): string {
  return `request:${requestId}`
}

export function callbackName(requestId: string): string {
  return `callback:${requestId}`
}

/** What the resolution of these requests reads, besides their sessions. */
export function resolveNeeds(requests: readonly Pick<RequestRow, 'id' | 'key'>[]): Needs {
  return {
    storing: [RESOLVED_EVENT],
    requests: requests.map(({ key }) => key),
    named: requests.map(({ id }) => deadlineName(id)),
    signals: requests.map(({ id }) => signalName(id)),
  }
}

/** Resolves a pending request of the session. */
export function resolveRequest(
  ctx: EngineContext,
  session: SessionDraft,
  facts: Facts,
  { request, verdict }: { readonly request: RequestRow; readonly verdict: Verdict },
): RequestRow {
  const { draft } = session
  const row: RequestRow = {
    ...request,
    status: verdict.status,
    response: verdict.response,
    arguments: verdict.arguments ?? request.arguments,
    reason: verdict.reason,
    respondedBy: verdict.by,
    resolvedAt: draft.now,
  }
  session.resolve(row)
  session.note('resolved', resolvedParts(row))
  const deadline = facts.named(deadlineName(row.id))
  if (deadline !== undefined) draft.push({ end: 'item', key: deadline.key })
  const dataText = resolutionData(row, session.row)
  emitEvent(ctx, draft, RESOLVED_EVENT, dataText)
  signal(draft, facts, signalName(row.id), dataText)
  if (row.callbackUrl !== null) putCallback(draft, row, session.row.id)
  return row
}

/** Resumes the run that waits for the signal, if one does. */
function signal(draft: Draft, facts: Facts, name: string, dataText: string): void {
  const wait = facts.signal(name)
  if (wait === undefined || wait.until < draft.now) return
  const run = draft.run(wait.run)
  if (run === undefined || run.ended || run.state.endedAt !== null) return
  resumeStep(draft, run, {
    wait,
    memo: signalMemo(name, dataText),
    status: 'completed',
    detail: { timedOut: false },
  })
}

/** The `detail` of a deadline. */
export interface RequestDetail {
  readonly request: number
}

function putCallback(draft: Draft, { id, key }: RequestRow, session: string): void {
  const detail: CallbackDetail = { request: key, session }
  const item = systemItem(draft, { kind: 'callback', step: callbackName(id), fn: null, due: draft.now })
  draft.push({ put: 'item', row: { ...item, detail: JSON.stringify(detail) } })
}
