// Sleep: an item in the time index, and nothing else. It holds no place and no worker.
import { parseTimeOrDuration, type SleepOp } from '@pawl/protocol'
import { isKnown, type OpcodeWork } from '../tally.ts'
import { refusedDeadline } from './deadline.ts'

export function planSleep(work: OpcodeWork, op: SleepOp): void {
  if (isKnown(work, op)) return
  const { now } = work.draft
  const until = parseTimeOrDuration(op.until, now)?.at
  const refusal = refusedDeadline({ text: op.until, until, now: now, maxMs: work.ctx.limits.waitMsMax })
  if (until === undefined || refusal !== null) {
    work.tally.failure = refusal
    return
  }
  work.tally.members.push({
    step: op.id,
    kind: 'sleep',
    due: Math.max(now, until),
    race: op.race,
    detail: { name: op.name, kind: 'sleep', sleepUntil: Math.max(now, until) },
  })
}
