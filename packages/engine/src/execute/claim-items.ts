// Station 5: taking what can run now. The claim is the start: it writes owner, epoch and the start of the run, and what a
// timer that is due means (a sleep's null, a deadline, a time-out), all in one operation; nothing is written between it and
// the call.
import { errorMemo, errorText, INVOKE_TIMEOUT_ERROR, NULL_MEMO } from '@pawl/protocol'
import type { Facts, ItemRow, Key, Needs } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { readDetail } from '../history/step-detail.ts'
import { claimRun } from '../jobs/begin-run.ts'
import { fireJob } from '../jobs/fire-job.ts'
import { JobDraft } from '../jobs/job-draft.ts'
import type { MatchContext } from '../match/match-events.ts'
import type { Draft, RunDraft } from '../runs/draft.ts'
import { endSleep, endStep } from '../runs/end-branch.ts'
import { finishRun } from '../runs/finish-run.ts'
import { placeItem } from '../runs/place-item.ts'
import { FINISH_TIMEOUT, FINISH_TIMEOUT_CAUSE } from '../runs/timeouts.ts'

/** What a claim reads. */
export function claimNeeds(readyMax: number, dueMax: number, skip: readonly Key[]): Needs {
  return { ready: { readyMax, dueMax, skip } }
}

/** Decides on each item that was found. @returns how many there were. */
export function claimItems(ctx: MatchContext & Pick<EngineContext, 'newUlid'>, draft: Draft, facts: Facts): number {
  const found = facts.ready()
  const jobs = new JobDraft(draft, facts)
  for (const item of found) {
    if (item.kind === 'job') fireJob(ctx, jobs, item)
    else if (item.kind === 'jobRun') claimRun(jobs, item)
    else claimItem(ctx, draft, item)
  }
  jobs.finish()
  return found.length
}

function claimItem(ctx: MatchContext, draft: Draft, item: ItemRow): void {
  if (item.run === null) return claimSystemItem(draft, item)
  const run = draft.run(item.run)
  // An earlier item of this claim may have ended the run, and with it this item.
  if (run?.ended === true) return
  // Cannot be: an end takes the items with it. What stood in the index all the same would be found for ever.
  if (run === undefined || run.state.endedAt !== null) return draft.push({ end: 'item', key: item.key })
  const current = run.itemOf(item.step)
  if (current === undefined || current.key !== item.key || current.epoch !== item.epoch) return
  switch (item.kind) {
    case 'sleep':
      return endSleep(draft, run, item)
    case 'wait':
      return endDeadline(draft, run, item)
    case 'timeout':
      return endByTimeout(ctx, draft, run, item)
    default:
      return claimCall(ctx, draft, run, item)
  }
}

/** `match` and `cron`: short work of this process, which needs no place for a call. */
function claimSystemItem(draft: Draft, item: ItemRow): void {
  const leased: ItemRow = {
    ...item,
    state: 'leased',
    owner: draft.owner,
    epoch: item.epoch + 1,
    claims: item.claims + 1,
    startedAt: draft.now,
  }
  draft.push({ set: 'item', row: leased })
  draft.lease(leased)
}

function endDeadline(draft: Draft, run: RunDraft, item: ItemRow): void {
  const wait = draft.ground.waitOf(run.row.key, item.step)
  if (wait !== undefined) run.push({ end: 'wait', key: wait.key })
  const invoked = readDetail(item.detail).kind === 'invoke'
  endStep(draft, run, {
    item,
    memo: invoked ? errorMemo(INVOKE_TIMEOUT_ERROR) : NULL_MEMO,
    status: invoked ? 'failed' : 'timed_out',
    detail: { timedOut: true },
  })
}

/** The configuration is read anew: a time-out that was taken off is ignored, a longer one is put back. */
function endByTimeout(ctx: MatchContext, draft: Draft, run: RunDraft, item: ItemRow): void {
  const timeouts = ctx.registry.fn(run.row.fn)?.config.timeouts
  const isFinish = item.step === FINISH_TIMEOUT
  const ms = isFinish ? timeouts?.finishMs : timeouts?.startMs
  if (ms === undefined || ms === null || (!isFinish && run.state.startedAt !== null)) return run.endItem(item)
  // Before the start the discovery is the only other item, and due when the run may start.
  const from = isFinish ? run.state.startedAt : run.itemOf('')?.due
  const due = (from ?? run.row.queuedAt) + ms
  if (due > draft.now) return run.setItem({ ...item, due })
  const open = draft.ground.itemsOf(run.row.key)
  // A call that is out is not interrupted, and may still complete the run; it is looked at again, and so is its answer.
  if (open.some(isOut)) return run.setItem({ ...item, due: draft.now + LOOK_AGAIN_MS })
  finishRun(ctx, draft, run, {
    status: 'cancelled',
    text: null,
    attempt: 0,
    startedAt: run.state.startedAt ?? run.row.queuedAt,
    cause: isFinish ? FINISH_TIMEOUT_CAUSE : 'start timeout',
    open,
  })
}

/** How long a time-out that found a call under way rests, in milliseconds. */
const LOOK_AGAIN_MS = 1_000

function isOut(item: ItemRow): boolean {
  return item.kind === 'call' && item.state === 'leased'
}

/** A call, a planned step, or a gateway's request: needs a place. Without one it waits in the ready index. */
function claimCall(ctx: MatchContext, draft: Draft, run: RunDraft, item: ItemRow): void {
  if (item.claims >= ctx.limits.claimsMax) return failPoisoned(ctx, draft, run, item)
  placeItem(draft, run, item, { counts: true })
}

function failPoisoned(ctx: MatchContext, draft: Draft, run: RunDraft, item: ItemRow): void {
  const text = errorText({
    name: 'poisoned',
    message: `The call was begun ${item.claims} times and never came to an end: it seems to stop its server or its app. The run was given up.`,
  })
  finishRun(ctx, draft, run, { status: 'failed', text, attempt: item.attempt, startedAt: item.startedAt ?? draft.now })
}
