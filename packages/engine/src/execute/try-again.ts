// An attempt failed and will be tried again: its row in the history, and its item asleep until then, in place.
import { errorText } from '@pawl/protocol'
import type { ItemRow, StepKind } from '@pawl/storage'
import type { Draft, RunDraft } from '../runs/draft.ts'
import { TALLIES } from '../tally-names.ts'
import { retryDelay } from './retry.ts'

export interface RetryContext {
  readonly limits: { readonly errorCharsMax: number }
  readonly retryDelayMs: number | null
  readonly random: () => number
}

export interface FailedAttempt {
  readonly item: ItemRow
  /** The step that failed: '' for the function itself. */
  readonly step: string
  readonly name: string
  readonly stepKind: StepKind | null
  /** Canonical error. */
  readonly error: string
  readonly retryAfter: string | null
}

export function tryAgain(ctx: RetryContext, draft: Draft, run: RunDraft, failed: FailedAttempt): void {
  const { item, error } = failed
  run.record({
    kind: 'attempt',
    status: 'errored',
    step: failed.step,
    name: failed.name,
    stepKind: failed.stepKind,
    attempt: item.attempt,
    queuedAt: item.queuedAt,
    startedAt: item.startedAt ?? draft.now,
    detail: null,
    error: error.length > ctx.limits.errorCharsMax ? shortened(error, ctx.limits.errorCharsMax) : error,
  })
  run.set({ retries: run.state.retries + 1 })
  draft.tallies.add(run.row.fn, TALLIES.retries)
  const { now } = draft
  const delay = retryDelay({
    attempt: item.attempt,
    retryAfter: failed.retryAfter,
    fixedMs: ctx.retryDelayMs,
    now,
    random: ctx.random(),
  })
  run.setItem({
    ...item,
    state: 'sleeping',
    owner: 0,
    // The call is over: a checkpoint of it that is still on its way is stale from now on.
    epoch: item.epoch + 1,
    due: now + delay,
    attempt: item.attempt + 1,
    claims: 0,
    queuedAt: now,
  })
}

/** Keeps name and message of an error that is too long to be kept with an attempt. */
function shortened(error: string, charsMax: number): string {
  const { name, message } = JSON.parse(error) as { readonly name?: unknown; readonly message?: unknown }
  return errorText({ name: String(name ?? 'Error').slice(0, 256), message: String(message ?? '').slice(0, charsMax) })
}
