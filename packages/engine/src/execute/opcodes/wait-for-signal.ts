// WaitForSignal: one waiter for each signal name. A second one fails its run, or replaces the first, which then no longer
// receives and runs into its deadline.
import { SIGNAL_CONFLICT_ERROR, type WaitForSignalOp } from '@pawl/protocol'
import { isKnown, type OpcodeWork } from '../tally.ts'
import { deadline, refusedDeadline } from './deadline.ts'

export function planWaitForSignal(work: OpcodeWork, op: WaitForSignalOp): void {
  if (isKnown(work, op)) return
  const { draft, tally, ctx, run } = work
  const until = deadline(op.timeout, draft.now)
  const refusal = refusedDeadline({ text: op.timeout ?? '', until, now: draft.now, maxMs: ctx.limits.waitMsMax })
  if (until === null || refusal !== null) {
    tally.failure = refusal
    return
  }
  const held = work.facts.signal(op.signal)
  if ((held !== undefined || tally.signals.has(op.signal)) && op.conflict === 'fail') {
    tally.failure = SIGNAL_CONFLICT_ERROR
    return
  }
  // With the run's own changes, so that the name is free before this wait takes it.
  if (held !== undefined) run.push({ set: 'wait', row: { ...held, name: '' } })
  tally.signals.set(op.signal, op.id)
  const key = draft.ground.key()
  tally.members.push({
    step: op.id,
    kind: 'wait',
    due: until,
    race: op.race,
    detail: { name: op.name, kind: 'signal', signal: op.signal, until },
    wait: (item) => ({
      key,
      run: run.row.key,
      step: op.id,
      item,
      kind: 'signal',
      // Of several in one answer the last one receives.
      name: tally.signals.get(op.signal) === op.id ? op.signal : '',
      path: '',
      value: '',
      rest: null,
      until,
    }),
  })
}
