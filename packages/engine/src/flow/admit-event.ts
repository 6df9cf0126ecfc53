// Station 3: may this event start this function now? The stations in their order: pause, repeat, batch, rate limit,
// debounce, singleton. Each either lets the event on, or keeps it with a record of the reason. All of it is part of the
// operation that stores the event, so that nothing is used up for a run that is not made.
import type { Facts, Key, RunRow } from '@pawl/storage'
import type { Draft } from '../runs/draft.ts'
import { type FinishContext, finishRun } from '../runs/finish-run.ts'
import { type Birth, type ScheduleContext, type SkipReason, scheduleRun, skipRun } from '../runs/schedule-run.ts'
import type { Admission } from './admission.ts'
import { gatherBatch, gatherDebounce } from './windows.ts'

export type FlowContext = ScheduleContext & FinishContext

/** A birth without what the admission knows. */
export type Candidate = Omit<Birth, 'fn' | 'keys' | 'mayLease'>

export type Verdict =
  | { readonly kind: 'started'; readonly run: RunRow }
  /** A run was recorded that never runs. */
  | { readonly kind: 'skipped'; readonly reason: SkipReason; readonly run: RunRow }
  /** Nothing starts; the event has a record of it. `run` is the one that was started before, if any. */
  | { readonly kind: 'dropped'; readonly reason: 'duplicate' | 'rate_limited'; readonly run?: Key }
  /** The event waits for others, to start a run with them or in their place. */
  | { readonly kind: 'gathered'; readonly reason: 'debounced' | 'batched' }
  /** This very operation has made the run that this one has to cancel: decide in a further operation. */
  | { readonly kind: 'later' }

export interface AdmitWork {
  readonly admission: Admission
  readonly candidate: Candidate
}

export function admitEvent(ctx: FlowContext, draft: Draft, facts: Facts, work: AdmitWork): Verdict {
  const { admission } = work
  const { fn } = admission
  const pause = fn.pause?.record
  if (pause?.new === 'skip') return skipped(draft, work, pause.running === 'finish' ? 'drained' : 'paused')
  const known = runOfKeys(draft, facts, fn.row.key, admission.idempotency)
  if (known !== undefined) return dropped(draft, work, { kind: 'dropped', reason: 'duplicate', run: known })
  if (admission.batch !== null) return gathered(ctx, draft, work, () => gatherBatch(draft, facts, work))
  if (isOverRate(draft, facts, admission)) return dropped(draft, work, { kind: 'dropped', reason: 'rate_limited' })
  if (admission.debounce !== null) return gathered(ctx, draft, work, () => gatherDebounce(draft, facts, work))
  const verdict = startAdmitted(ctx, draft, facts, work)
  if (verdict.kind !== 'later') countAdmission(draft, admission)
  if (verdict.kind === 'started')
    rememberKeys(draft, fn.row.key, { run: verdict.run.key, keys: admission.idempotency, ms: ctx.limits.idempotencyMs })
  return verdict
}

/** From the singleton on: what a debounce, a batch or a rerun passes too. */
export function startAdmitted(ctx: FlowContext, draft: Draft, facts: Facts, work: AdmitWork): Verdict {
  const { admission } = work
  const { fn, run: keys } = admission
  const { singleton } = keys
  if (singleton !== null) {
    const isSkipping = fn.config.singleton?.mode !== 'cancel'
    if (draft.madeSingleton(singleton)) {
      return isSkipping ? skipped(draft, work, 'singleton') : { kind: 'later' }
    }
    const holder = liveHolder(draft, facts, singleton)
    if (holder !== undefined && isSkipping) return skipped(draft, work, 'singleton')
    if (holder !== undefined) cancelHolder(ctx, draft, facts, holder)
  }
  const mayLease = !facts.backlog(fn.row.key)
  return { kind: 'started', run: scheduleRun(ctx, draft, { ...work.candidate, fn, keys, mayLease }) }
}

function liveHolder(draft: Draft, facts: Facts, singleton: string): Key | undefined {
  const row = facts.singleton(singleton)
  const run = row === undefined ? undefined : draft.run(row.key)
  return run === undefined || run.ended || run.state.endedAt !== null ? undefined : run.row.key
}

function cancelHolder(ctx: FlowContext, draft: Draft, facts: Facts, holder: Key): void {
  const run = draft.run(holder)
  if (run === undefined) return
  finishRun(ctx, draft, run, {
    status: 'cancelled',
    text: null,
    attempt: 0,
    startedAt: run.state.startedAt ?? run.row.queuedAt,
    cause: 'singleton',
    open: facts.itemsOf(holder),
  })
}

function skipped(draft: Draft, { admission, candidate }: AdmitWork, reason: SkipReason): Verdict {
  const { fn, run: keys } = admission
  const run = skipRun(draft, { ...candidate, fn, keys, mayLease: false }, reason)
  return { kind: 'skipped', reason, run }
}

function dropped(draft: Draft, work: AdmitWork, verdict: Extract<Verdict, { kind: 'dropped' }>): Verdict {
  recordSkip(draft, work, verdict.reason, null)
  return verdict
}

function gathered(
  ctx: FlowContext,
  draft: Draft,
  work: AdmitWork,
  gather: () => { readonly reason: 'debounced' | 'batched'; readonly window: string },
): Verdict {
  const { admission } = work
  const { reason, window } = gather()
  countAdmission(draft, admission)
  // The run is not there yet; a repeat is known by the key alone.
  rememberKeys(draft, admission.fn.row.key, { run: 0, keys: admission.idempotency, ms: ctx.limits.idempotencyMs })
  recordSkip(draft, work, reason, { window })
  return { kind: 'gathered', reason }
}

function recordSkip(
  draft: Draft,
  { admission, candidate }: AdmitWork,
  reason: string,
  detail: { readonly window: string } | null,
): void {
  const row = {
    event: candidate.event.key,
    fn: admission.fn.row.key,
    reason,
    detail: detail === null ? null : JSON.stringify(detail),
  }
  draft.push({ put: 'skip', row })
}

function isOverRate(draft: Draft, facts: Facts, { rateLimit }: Admission): boolean {
  if (rateLimit === null) return false
  return facts.window(rateLimit.name) + draft.admitted(rateLimit.name) >= rateLimit.limit
}

function countAdmission(draft: Draft, { rateLimit }: Admission): void {
  if (rateLimit === null) return
  const { name, periodMs } = rateLimit
  const row = { key: draft.ground.key(), name, at: draft.now, expiresAt: draft.now + periodMs }
  draft.push({ put: 'admission', row })
}

/** The run that one of the keys stands for already, be it made by this very operation. */
export function runOfKeys(draft: Draft, facts: Facts, fn: Key, keys: readonly string[]): Key | undefined {
  for (const key of keys) {
    const run = facts.idempotency(fn, key) ?? draft.remembered(fn, key)
    if (run !== undefined) return run
  }
  return undefined
}

/** Keeps idempotency keys for a day. */
export function rememberKeys(
  draft: Draft,
  fn: Key,
  what: { readonly run: Key; readonly keys: readonly string[]; readonly ms: number },
): void {
  for (const key of what.keys)
    draft.push({ put: 'idempotency', row: { fn, key, run: what.run, expiresAt: draft.now + what.ms } })
}
