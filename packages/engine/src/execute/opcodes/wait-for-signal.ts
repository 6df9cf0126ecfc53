// WaitForSignal: one waiter for each signal name. A second one fails its run, or replaces the first, which then no longer
// receives and runs into its deadline.
import { parseTimeOrDuration, SIGNAL_CONFLICT_ERROR, timeoutTooLongError, type WaitForSignalOp } from '@pawl/protocol'
import { isKnown, type OpcodeWork } from '../tally.ts'

export function planWaitForSignal(work: OpcodeWork, op: WaitForSignalOp): void {
  if (isKnown(work, op)) return
  const { draft, tally, ctx, run } = work
  const until = deadline(op.timeout, draft.now)
  if (until === null || until - draft.now > ctx.limits.waitMsMax) {
    tally.failure = timeoutTooLongError()
    return
  }
  const held = work.facts.signal(op.signal)
  if ((held !== undefined || tally.signals.has(op.signal)) && op.conflict === 'fail') {
    tally.failure = SIGNAL_CONFLICT_ERROR
    return
  }
  if (held !== undefined) draft.push({ set: 'wait', row: { ...held, name: '' } })
  tally.signals.add(op.signal)
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
      name: op.signal,
      path: '',
      value: '',
      rest: null,
      until,
    }),
  })
}

/** A year where none is given, as for an invoke. null when the text is neither a time nor a duration. */
export function deadline(timeout: string | null, now: number): number | null {
  if (timeout === null) return now + 365 * 86_400_000
  const at = parseTimeOrDuration(timeout, now)?.at
  return at === undefined ? null : Math.max(now, at)
}
