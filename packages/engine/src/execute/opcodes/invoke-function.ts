// InvokeFunction: the wait for the answer, the invoke event and the other function's run are written together. The run
// knows its parent, so that only it can answer.
import { errorMemo, errorText, type InvokeFunctionOp, unknownFunctionError } from '@pawl/protocol'
import { rememberKeys, runOfKeys } from '../../match/match-events.ts'
import { INVOKED_EVENT } from '../../runs/finish-events.ts'
import { putMatchItem } from '../../runs/finish-run.ts'
import { runUlid, scheduleRun } from '../../runs/schedule-run.ts'
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
  const { fn, keys } = prepared
  if (runOfKeys(draft, work.facts, fn.row.key, keys) !== undefined) {
    return refuse(
      work,
      op,
      errorText({
        name: 'Error',
        message: `The invoked function ${op.functionId} has run for this idempotency key already.`,
      }),
    )
  }
  startChild(work, op, { ...prepared, until })
}

/** The step ends at once, with an error that names the reason. */
function refuse(work: OpcodeWork, op: InvokeFunctionOp, error: string): void {
  saveStep(work, op, { memo: errorMemo(error), failed: true, kind: 'invoke', detail: { functionSlug: op.functionId } })
  work.tally.saved += 1
}

function startChild(work: OpcodeWork, op: InvokeFunctionOp, child: PreparedInvoke & { readonly until: number }): void {
  const { draft, ctx, run, tally } = work
  const { fn, until, event: invoked } = child
  const correlation = `${run.row.id}.${op.id}`
  const event = draft.ground.key()
  draft.push({
    put: 'event',
    row: { ...invoked.row, key: event, receivedAt: draft.now, isRepeat: false },
    body: invoked.text,
  })
  const wait = draft.ground.key()
  const row = scheduleRun(ctx, draft, {
    fn,
    event: { key: event, name: INVOKED_EVENT, value: invoked.value, text: invoked.text, ts: draft.now },
    runId: runUlid(draft.now, fn.id, invoked.row.id),
    parent: { run: run.row.key, step: op.id },
    correlation,
    mayLease: !work.facts.backlog(fn.row.key),
  })
  rememberKeys(draft, fn.row.key, { run: row.key, keys: child.keys, ms: ctx.limits.idempotencyMs })
  if (ctx.registry.mayConcern(INVOKED_EVENT)) putMatchItem(draft, [event])
  tally.members.push({
    step: op.id,
    kind: 'wait',
    due: until,
    race: op.race,
    detail: {
      name: op.name,
      kind: 'invoke',
      functionSlug: op.functionId,
      invokeEvent: invoked.row.id,
      childRun: row.id,
      until,
    },
    wait: (item) => ({
      key: wait,
      run: run.row.key,
      step: op.id,
      item,
      kind: 'invoke',
      name: correlation,
      path: '',
      value: '',
      rest: null,
      until,
    }),
  })
}
