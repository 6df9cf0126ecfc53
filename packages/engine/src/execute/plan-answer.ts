// Station 7, the decision: an app's answer to one call becomes changes of its run. Pure: it drafts, one commit writes.
// What can come of an answer: results are kept, branches open, this branch ends or goes on, or the run ends.
import {
  type Answer,
  type ErrorAnswer,
  errorText,
  type Opcode,
  type OpcodesAnswer,
  stateLimitError,
  stepLimitError,
} from '@pawl/protocol'
import type { ItemRow } from '@pawl/storage'
import { readDetail, type StepDetail } from '../history/step-detail.ts'
import { readLimits } from '../lines/run-limits.ts'
import { discoversEachEnd, endMember } from '../runs/end-branch.ts'
import { finishRun } from '../runs/finish-run.ts'
import { systemItem } from '../runs/line-item.ts'
import { goOnWith, placeItem } from '../runs/place-item.ts'
import { FINISH_TIMEOUT_CAUSE } from '../runs/timeouts.ts'
import { planGateway } from './opcodes/gateway.ts'
import { planInvoke } from './opcodes/invoke-function.ts'
import { planSleep } from './opcodes/sleep.ts'
import { planStepError, planStepFailed, planStepPlanned, planStepRun } from './opcodes/step-run.ts'
import { planWaitForEvent } from './opcodes/wait-for-event.ts'
import { planWaitForSignal } from './opcodes/wait-for-signal.ts'
import { emptyTally, type Member, type OpcodeWork } from './tally.ts'
import { tryAgain } from './try-again.ts'

/** Everything about the answered call; `yields`: other runs wait for its place, so it goes through the ready index. */
export interface AnswerWork extends Omit<OpcodeWork, 'tally' | 'isNone'> {
  readonly yields: boolean
}

/** Drafts what follows from the answer. The run is live and the item is leased by this process. */
export function planAnswer(work: AnswerWork, answer: Answer): void {
  if (answer.kind === 'returned') return endRun(work, 'completed', answer.dataText)
  if (answer.kind === 'error') return planError(work, answer)
  planOpcodes(work, answer)
}

function endRun(work: AnswerWork, status: 'completed' | 'failed', text: string): void {
  const { item, draft } = work
  const open = draft.ground.itemsOf(work.run.row.key)
  const startedAt = item.startedAt ?? draft.now
  finishRun(work.ctx, draft, work.run, { status, text, attempt: item.attempt, startedAt, open, own: item.key })
}

/** The run has gone on longer than its function allows. What a call brings in time still counts; nothing more is begun. */
function isOverdue({ run, fn, draft }: AnswerWork): boolean {
  const { finishMs } = fn.config.timeouts
  return finishMs !== null && run.state.startedAt !== null && run.state.startedAt + finishMs <= draft.now
}

function endOverdue(work: AnswerWork): void {
  const { item, draft, run } = work
  const startedAt = item.startedAt ?? draft.now
  finishRun(work.ctx, draft, run, {
    status: 'cancelled',
    text: null,
    attempt: item.attempt,
    startedAt,
    cause: FINISH_TIMEOUT_CAUSE,
    open: draft.ground.itemsOf(run.row.key),
  })
}

/** The function (or the call itself) failed: the same item is tried again, or the run has failed. */
function planError(work: AnswerWork, answer: Pick<ErrorAnswer, 'retry' | 'errorText' | 'retryAfter'>): void {
  const { item, fn } = work
  if (!answer.retry || item.attempt + 1 >= fn.attemptsMax) return endRun(work, 'failed', answer.errorText)
  if (isOverdue(work)) return endOverdue(work)
  const stepKind = item.step === '' ? null : 'run'
  tryAgain(work.ctx, work.draft, work.run, {
    item,
    step: item.step,
    name: readDetail(item.detail).name ?? '',
    stepKind,
    error: answer.errorText,
    retryAfter: answer.retryAfter,
  })
}

/** No answer came: tried again like an error of the function. */
export function planLost(work: AnswerWork, lostError: string): void {
  planError(work, { retry: true, errorText: lostError, retryAfter: null })
}

/** The app cannot be reached at all: the item goes back without using an attempt, and waits for the circuit to close. */
export function planUnreachable(work: AnswerWork): void {
  const { item, run, draft } = work
  run.set({})
  run.setItem({ ...item, state: 'ready', owner: 0, epoch: item.epoch + 1, due: draft.now, claims: 0 })
}

function planOpcodes(work: AnswerWork, answer: OpcodesAnswer): void {
  const { run } = work
  if (run.state.version < 0 && answer.version !== null) run.set({ version: answer.version })
  const isNone = answer.ops.every((op) => op.op === 'None')
  const opcodes: OpcodeWork = { ...work, tally: emptyTally(), isNone }
  const { tally } = opcodes
  if (discoversEachEnd(run.state.version) && isParallel(answer.ops)) run.set({ forcePlan: true })
  for (const op of inOrder(answer.ops)) planOpcode(opcodes, op, answer.noRetry)
  const limit = overLimit(work, tally.members.length)
  if (limit !== null) return endRun(work, 'failed', limit)
  if (tally.failure !== null) return endRun(work, 'failed', tally.failure)
  if (tally.complete !== null) return endRun(work, 'completed', tally.complete)
  if (isOverdue(work)) return endOverdue(work)
  if (tally.retry !== null) {
    for (const member of tally.members) openMember(opcodes, member)
    return tryAgain(work.ctx, work.draft, run, {
      item: work.item,
      ...tally.retry,
      stepKind: 'run',
      retryAfter: answer.retryAfter,
    })
  }
  settle(opcodes, work.yields)
}

/** Waits come first, so that an event sent by a sibling is seen. */
function inOrder(ops: readonly Opcode[]): readonly Opcode[] {
  if (ops.length < 2) return ops
  const first = (op: Opcode) => op.op === 'WaitForEvent' || op.op === 'WaitForSignal'
  return [...ops.filter(first), ...ops.filter((op) => !first(op))]
}

function isParallel(ops: readonly Opcode[]): boolean {
  return ops.filter((op) => op.op !== 'None' && op.op !== 'RunComplete' && op.op !== 'DiscoveryRequest').length > 1
}

function planOpcode(work: OpcodeWork, op: Opcode, noRetry: boolean | null): void {
  switch (op.op) {
    case 'StepRun':
      return planStepRun(work, op)
    case 'StepPlanned':
      return planStepPlanned(work, op)
    case 'StepError':
      return planStepError(work, op, noRetry)
    case 'StepFailed':
      return planStepFailed(work, op)
    case 'Sleep':
      return planSleep(work, op)
    case 'WaitForEvent':
      return planWaitForEvent(work, op)
    case 'WaitForSignal':
      return planWaitForSignal(work, op)
    case 'InvokeFunction':
      return planInvoke(work, op)
    case 'Gateway':
    case 'AIGateway':
      return planGateway(work, op)
    case 'RunComplete':
      work.tally.complete = op.dataText
      return
    case 'DiscoveryRequest':
      work.tally.discover = true
      return
    case 'None':
      return
    default:
      work.tally.failure = errorText({
        name: 'protocol_error',
        message: `The server does not know how to do ${op.op} yet.`,
      })
  }
}

function overLimit(work: AnswerWork, planned: number): string | null {
  const { run, fn, ctx, item } = work
  const stepsMax = fn.row.stepsMax ?? ctx.limits.stepsMax
  // The branch that this answer has ended is counted among the steps by now, and still among the open ones.
  const own = item.step !== '' && !item.race && run.hasMemo(item.step) ? 1 : 0
  if (run.state.steps + run.state.open - own + planned > stepsMax) return stepLimitError(stepsMax)
  if (run.state.history > stepsMax * ctx.limits.historyPerStep) return stepLimitError(stepsMax)
  const bytesMax = fn.row.stateBytesMax ?? ctx.limits.stateBytesMax
  return run.state.bytes > bytesMax ? stateLimitError(bytesMax) : null
}

/** Where this call's own item goes: a discovery that found branches becomes the first of them; one that did not goes on. */
function settle(work: OpcodeWork, yields: boolean): void {
  const { item, run, tally } = work
  if (item.step !== '') return settleTargeted(work)
  // A branch of a version before 2 or of a race that ended meanwhile marked this discovery: it has to look again.
  const again = run.itemOf('')?.again === true
  const heir = again ? undefined : (tally.members.find((member) => member.kind === 'call') ?? tally.members[0])
  for (const member of tally.members) openMember(work, member, member === heir ? item : undefined)
  if (heir !== undefined) return
  if (tally.saved > 0 || again) return discoverAgain(work, { yields, claims: 0 })
  if (tally.repeated > 0 || tally.discover) return discoverOnceMore(work, yields)
  if (run.state.open > 0 || run.state.racing > 0) return run.endItem(item)
  planError({ ...work, yields }, { retry: true, errorText: NO_PROGRESS, retryAfter: null })
}

/** A planned step ends its branch with its result; without one the call has failed, but for an SDK that reports `None`. */
function settleTargeted(work: OpcodeWork): void {
  const { item, run, tally, draft } = work
  for (const member of tally.members) openMember(work, member)
  const isIdle = tally.members.length === 0 && !run.hasMemo(item.step)
  if (isIdle && tally.repeated === 0 && !work.isNone) {
    return planError({ ...work, yields: false }, { retry: true, errorText: NO_PROGRESS, retryAfter: null })
  }
  if (isIdle) recordIdle(work)
  endMember(draft, run, item)
}

/** A branch that ended without a result is seen in the history, whose length is bounded. */
function recordIdle(work: OpcodeWork): void {
  const { item, run, draft } = work
  run.record({
    kind: 'attempt',
    status: 'errored',
    step: item.step,
    name: readDetail(item.detail).name ?? '',
    stepKind: 'run',
    attempt: item.attempt,
    queuedAt: item.queuedAt,
    startedAt: item.startedAt ?? draft.now,
    detail: null,
    error: NO_PROGRESS,
  })
}

const NO_PROGRESS = errorText({
  name: 'NoProgress',
  message: 'The function reported nothing that is new, did not return, and nothing of it is pending.',
})

/** Nothing new, but a reason to ask again: a repeat after a lost acknowledgement, a wish. Not for ever. */
function discoverOnceMore(work: OpcodeWork, yields: boolean): void {
  const claims = work.item.claims + 1
  if (claims >= work.ctx.limits.claimsMax) return endRun({ ...work, yields }, 'failed', NO_PROGRESS)
  discoverAgain(work, { yields, claims })
}

function discoverAgain(work: OpcodeWork, how: { readonly yields: boolean; readonly claims: number }): void {
  const { item, run, draft } = work
  run.set({})
  const next: ItemRow = {
    ...item,
    attempt: 0,
    claims: how.claims,
    due: draft.now,
    queuedAt: draft.now,
    again: false,
    detail: null,
  }
  if (how.yields) return run.setItem({ ...next, state: 'ready', owner: 0, epoch: item.epoch + 1 })
  goOnWith(draft, run, next)
}

/** Opens a branch on an item of its own, or on the one that its discovery leaves. */
function openMember(work: OpcodeWork, member: Member, heirOf?: ItemRow): void {
  const { run, draft } = work
  if (member.race) run.set({ racing: run.state.racing + 1 })
  else run.set({ open: run.state.open + 1 })
  const canRun = member.kind === 'call' || member.kind === 'gateway'
  const row = memberItem(work, member)
  if (heirOf === undefined) {
    if (canRun) placeItem(draft, run, row, { isNew: true, counts: true })
    else run.putItem(row)
  } else {
    // The call is over with its lease: a checkpoint of it that is still on its way is stale from now on.
    const { key, epoch, owner, holds, limits } = heirOf
    if (canRun) goOnWith(draft, run, { ...row, key, epoch, owner, holds, limits, state: 'leased' }, heirOf.step)
    else run.setItem({ ...row, key, epoch: epoch + 1 }, heirOf.step)
  }
  const wait = member.wait?.(heirOf?.key ?? row.key)
  if (wait !== undefined) run.putWait(wait)
}

function memberItem({ run, draft }: OpcodeWork, member: Member): ItemRow {
  const rests = member.kind === 'sleep' || member.kind === 'wait'
  return {
    ...systemItem(draft, { kind: member.kind, step: member.step, fn: run.row.fn, due: member.due }),
    run: run.row.key,
    rank: run.row.rank,
    limits: readLimits(run.row.flow).steps,
    startedAt: rests ? draft.now : null,
    race: member.race,
    detail: detailText(member.detail),
  }
}

function detailText(detail: StepDetail): string {
  return JSON.stringify(detail)
}
