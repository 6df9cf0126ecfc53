// Sleep: an item in the time index, and nothing else. It holds no place and no worker.
import { parseTimeOrDuration, type SleepOp, timeoutTooLongError } from '@pawl/protocol'
import { isKnown, type OpcodeWork } from '../tally.ts'

export function planSleep(work: OpcodeWork, op: SleepOp): void {
  if (isKnown(work, op)) return
  const { now } = work.draft
  const until = parseTimeOrDuration(op.until, now)?.at
  if (until === undefined || until - now > work.ctx.limits.waitMsMax) {
    work.tally.failure = timeoutTooLongError()
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
