// InvokeFunction: the wait for the answer, the invoke event and the other function's run are written together. The run
// knows its parent, so that only it can answer.
import { errorMemo, errorText, type InvokeFunctionOp, unknownFunctionError } from '@pawl/protocol'
import { admitEvent, type Verdict } from '../../flow/admit-event.ts'
import { INVOKED_EVENT } from '../../runs/finish-events.ts'
import { putMatchItem } from '../../runs/finish-run.ts'
import { runUlid } from '../../runs/schedule-run.ts'
import type { PreparedInvoke } from '../prepare-invokes.ts'
import { isKnown, type OpcodeWork, saveStep } from '../tally.ts'
import { deadline, refusedDeadline } from './deadline.ts'

export function planInvoke(work: OpcodeWork, op: InvokeFunctionOp): void {
  if (isKnown(work, op)) return
  const { draft, tally, ctx } = work
  const until = deadline(op.timeout, draft.now)
  const refusal = refusedDeadline({ text: op.timeout ?? '', until, now: draft.now, maxMs: ctx.limits.waitMsMax })
  if (until === null || refusal !== null) {
    tally.failure = refusal
    return
  }
  const prepared = work.invokes.get(op.id)
  if (prepared === undefined) return refuse(work, op, unknownFunctionError(op.functionId))
  const child = { ...prepared, until }
  const verdict = startChild(work, op, child)
  if (verdict.kind === 'started') return awaitChild(work, op, { ...child, runId: verdict.run.id })
  if (verdict.kind === 'gathered') return awaitChild(work, op, { ...child, runId: null })
  refuse(work, op, refusalError(op.functionId, verdict))
}

function refusalError(functionId: string, verdict: Exclude<Verdict, { kind: 'started' | 'gathered' }>): string {
  const reason = verdict.kind === 'later' ? 'singleton' : verdict.reason
  const says = {
    duplicate: `The invoked function ${functionId} has run for this idempotency key already.`,
    rate_limited: 'invoked function is rate limited',
    paused: `The invoked function ${functionId} is paused.`,
    drained: `The invoked function ${functionId} is drained: it starts no further runs.`,
    singleton: `The invoked function ${functionId} is running already, and runs once at a time.`,
  }
  return errorText({ name: 'Error', message: says[reason] })
}

/** The step ends at once, with an error that names the reason. */
function refuse(work: OpcodeWork, op: InvokeFunctionOp, error: string): void {
  saveStep(work, op, { memo: errorMemo(error), failed: true, kind: 'invoke', detail: { functionSlug: op.functionId } })
  work.tally.saved += 1
}

type Child = PreparedInvoke & { readonly until: number }

/** Stores the invoke event and lets it pass the flow control of the function. */
function startChild(work: OpcodeWork, op: InvokeFunctionOp, { fn, event: invoked, admission }: Child): Verdict {
  const { draft, ctx, run } = work
  const event = draft.ground.key()
  draft.push({
    put: 'event',
    row: { ...invoked.row, key: event, receivedAt: draft.now, isRepeat: false },
    body: invoked.text,
  })
  if (ctx.registry.mayConcern(INVOKED_EVENT)) putMatchItem(draft, [event])
  return admitEvent(ctx, draft, work.facts, {
    admission,
    candidate: {
      event: { key: event, name: INVOKED_EVENT, value: invoked.value, text: invoked.text, ts: invoked.row.ts },
      runId: runUlid(draft.now, fn.id, invoked.row.id),
      parent: { run: run.row.key, step: op.id },
      correlation: correlationOf(work, op),
    },
  })
}

function correlationOf({ run }: OpcodeWork, op: InvokeFunctionOp): string {
  return `${run.row.id}.${op.id}`
}

/** @param child `runId` null: its run comes when its debounce ends. */
function awaitChild(work: OpcodeWork, op: InvokeFunctionOp, child: Child & { readonly runId: string | null }): void {
  const { run } = work
  const { until } = child
  const key = work.draft.ground.key()
  work.tally.members.push({
    step: op.id,
    kind: 'wait',
    due: until,
    race: op.race,
    detail: {
      name: op.name,
      kind: 'invoke',
      functionSlug: op.functionId,
      invokeEvent: child.event.row.id,
      ...(child.runId === null ? {} : { childRun: child.runId }),
      until,
    },
    wait: (item) => ({
      key,
      run: run.row.key,
      step: op.id,
      item,
      kind: 'invoke',
      name: correlationOf(work, op),
      path: '',
      value: '',
      rest: null,
      until,
    }),
  })
}
