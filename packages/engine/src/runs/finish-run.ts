// Station 8: the end of a run, inside the operation that brings it about. Status, output, history, the internal events,
// the closing of items and waits, and the resumption of an invoking parent are one transaction.
import { dataMemo, errorMemo, INVOKE_CANCELLED_ERROR } from '@pawl/protocol'
import type { ItemRow, Key, RunStatus } from '@pawl/storage'
import { readDetail } from '../history/step-detail.ts'
import type { RegistryCache } from '../registry-cache.ts'
import { TALLIES } from '../tally-names.ts'
import type { Draft, RunDraft } from './draft.ts'
import { resumeStep } from './end-branch.ts'
import { finishEventNames } from './finish-events.ts'
import { putHandOver } from './line-item.ts'

export interface RunEnd {
  readonly status: Extract<RunStatus, 'completed' | 'failed' | 'cancelled'>
  /** Canonical JSON of the result or of the error; null for a cancelled run. */
  readonly text: string | null
  /** The last request: its attempt and start, for the history. */
  readonly attempt: number
  readonly startedAt: number
  /** Why a run was cancelled, such as `event`, `api`, `timeout`. */
  readonly cause?: string
  /** Every open item of the run, where they are known: the steps among them end as cancelled in the history. */
  readonly open?: readonly ItemRow[]
  /** The item whose call brings the end: it is not cancelled by it. */
  readonly own?: Key
}

export interface FinishContext {
  readonly registry: RegistryCache
  readonly newUlid: (now: number) => string
}

/** Ends a run that is live. Everything of it that was open is closed with it. */
export function finishRun(ctx: FinishContext, draft: Draft, run: RunDraft, end: RunEnd): void {
  run.ended = true
  const finishEvent = run.row.quiet ? null : { key: draft.ground.key(), id: ctx.newUlid(draft.now) }
  run.set({ status: end.status, endedAt: draft.now, finishEvent: finishEvent?.key ?? null, open: 0, racing: 0 })
  if (end.text !== null) run.push({ put: 'output', run: run.row.key, text: end.text, isError: end.status === 'failed' })
  run.endItems(end.open ?? null)
  if (run.state.waits > 0) run.push({ end: 'waits', run: run.row.key })
  for (const item of end.open ?? []) if (item.key !== end.own) recordCancelled(run, item)
  recordEnd(run, end)
  countEnd(draft, run, end.status)
  if (finishEvent !== null) emitFinishEvents(ctx, draft, run, end.status, finishEvent)
  answerParent(draft, run, end, finishEvent?.id)
}

/** A step that was under way, asleep or waiting when its run ended. The discovery and timers are no steps. */
function recordCancelled(run: RunDraft, item: ItemRow): void {
  if (item.step === '' || item.step.startsWith('!')) return
  // An open step has no result, unless this very operation has brought it.
  if (run.steps.some((row) => row.step === item.step)) return
  const { input: _input, request: _request, ...detail } = readDetail(item.detail)
  run.record({
    kind: 'step',
    status: 'cancelled',
    step: item.step,
    name: detail.name ?? item.step,
    stepKind: detail.kind ?? null,
    attempt: item.attempt,
    queuedAt: item.queuedAt,
    startedAt: item.startedAt ?? item.queuedAt,
    detail,
    error: null,
  })
}

function recordEnd(run: RunDraft, end: RunEnd): void {
  run.record({
    kind: 'run',
    status: end.status,
    step: '',
    name: end.cause ?? '',
    stepKind: null,
    attempt: end.attempt,
    queuedAt: run.row.queuedAt,
    startedAt: end.startedAt,
    detail: null,
    error: null,
  })
}

function countEnd(draft: Draft, { row, state }: RunDraft, status: RunEnd['status']): void {
  draft.tallies.add(row.fn, `${TALLIES.ended}${status}`)
  if (status !== 'cancelled') draft.tallies.time(row.fn, TALLIES.duration, draft.now - (state.startedAt ?? draft.now))
}

function emitFinishEvents(
  ctx: FinishContext,
  draft: Draft,
  run: RunDraft,
  status: RunStatus,
  first: { readonly key: Key; readonly id: string },
): void {
  const names = finishEventNames(status)
  for (const [index, name] of names.entries()) {
    const { key, id } = index === 0 ? first : { key: draft.ground.key(), id: ctx.newUlid(draft.now) }
    // A failed or cancelled event carries the run's ID, so that a repeat is known as one.
    const eventId = index === 0 ? id : run.row.id
    run.push({
      put: 'event',
      row: { key, id, eventId, name, ts: draft.now, receivedAt: draft.now, isRepeat: false, ofRun: run.row.key },
      body: null,
    })
    // Without the newest registry nobody can say that no function listens: the match item finds out.
    if (ctx.registry.mayConcern(name) || ctx.registry.version !== draft.ground.registryVersion)
      putMatchItem(draft, [key])
  }
}

/** Where the matching of an event goes on: functions and waits up to these keys are done. */
export interface MatchCursor {
  readonly fn: Key
  readonly wait: Key
}

export const FIRST: MatchCursor = { fn: 0, wait: 0 }

/** The `detail` of a `match` item; the cursor is the first event's. */
export interface MatchDetail extends MatchCursor {
  readonly events: readonly Key[]
}

/** Hands events that are stored over to the matching station, the first from this cursor. */
export function putMatchItem(draft: Draft, events: readonly Key[], cursor: MatchCursor = FIRST): void {
  // The cursor may come from an item of other events: only where it stands is taken over.
  const detail: MatchDetail = { events, fn: cursor.fn, wait: cursor.wait }
  putHandOver(draft, 'match', detail)
}

function answerParent(draft: Draft, run: RunDraft, end: RunEnd, returnEvent: string | undefined): void {
  const { parentRun, parentStep } = run.row
  if (parentRun === null || parentStep === null) return
  const parent = draft.run(parentRun)
  const wait = draft.ground.waitOf(parentRun, parentStep)
  if (parent === undefined || parent.ended || parent.state.endedAt !== null || wait === undefined) return
  resumeStep(draft, parent, {
    wait,
    memo: memoForParent(end),
    status: end.status === 'completed' ? 'completed' : 'failed',
    detail: { childRun: run.row.id, ...(returnEvent === undefined ? {} : { returnEvent }), timedOut: false },
  })
}

function memoForParent(end: RunEnd): string {
  if (end.status === 'completed') return dataMemo(end.text ?? 'null')
  if (end.status === 'cancelled') return errorMemo(INVOKE_CANCELLED_ERROR)
  return errorMemo(end.text ?? '{"message":"","name":"Error"}')
}
