// WaitForEvent: a wait that events find by their values, and an item that holds its deadline. It looks back once, to the
// moment when the call that planned it began, so that no event falls between that call and this commit.
import { invalidExpressionError, parseTimeOrDuration, type WaitForEventOp } from '@pawl/protocol'
import type { StoredEvent } from '@pawl/storage'
import { eventValue } from '../../event-value.ts'
import { ExpressionError, valueAt } from '../../expression/index.ts'
import { isRerunEvent, storedEventText } from '../../runs/finish-events.ts'
import { noteWaitPath } from '../../runs/schedule-run.ts'
import { type BoundCondition, bindCondition, restHolds } from '../../waits/bind-condition.ts'
import { isKnown, type OpcodeWork } from '../tally.ts'
import { refusedDeadline } from './deadline.ts'

export function planWaitForEvent(work: OpcodeWork, op: WaitForEventOp): void {
  if (isKnown(work, op)) return
  const { draft, tally, ctx } = work
  const until = parseTimeOrDuration(op.timeout, draft.now)?.at
  const refusal = refusedDeadline({ text: op.timeout, until, now: draft.now, maxMs: ctx.limits.waitMsMax })
  if (until === undefined || refusal !== null) {
    tally.failure = refusal
    return
  }
  const bound = bind(work, op)
  if (bound === null) return
  const detail = {
    name: op.name,
    kind: 'wait',
    eventName: op.event,
    until,
    ...(op.if === null ? {} : { expression: op.if }),
  } as const
  const found = lookBack(work, op.event, bound)
  if (found !== null && until > draft.now) return resolveAtOnce(work, op, found, detail)
  if (!bound.never) noteWaitPath(ctx.registry, draft, op.event, bound.path)
  const key = draft.ground.key()
  tally.members.push({
    step: op.id,
    kind: 'wait',
    due: Math.max(draft.now, until),
    race: op.race,
    detail,
    ...(bound.never
      ? {}
      : {
          wait: (item: number) => ({
            key,
            run: work.run.row.key,
            step: op.id,
            item,
            kind: 'event' as const,
            name: op.event,
            path: bound.path,
            value: bound.value,
            rest: bound.rest,
            until,
          }),
        }),
  })
}

function bind(work: OpcodeWork, op: WaitForEventOp): BoundCondition | null {
  try {
    return bindCondition(op.if, work.trigger(), work.draft.now)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    work.tally.failure = invalidExpressionError(`Wait for event If expression failed to compile: ${error.message}`)
    return null
  }
}

interface Found {
  readonly event: StoredEvent
  readonly text: string
}

function lookBack(work: OpcodeWork, name: string, bound: BoundCondition): Found | null {
  if (bound.never) return null
  for (const event of work.facts.since(name)) {
    if (event.row.isRepeat || isRerunEvent(event.row) || event.row.key === work.run.row.event) continue
    const text = storedEventText(event, (fn) => work.ctx.registry.fn(fn)?.row.slug ?? '')
    const value = eventValue(text)
    if (bound.path !== '' && valueAt(value, bound.path) !== bound.value) continue
    if (restHolds(bound.rest, value, work.draft.now)) return { event, text }
  }
  return null
}

function resolveAtOnce(work: OpcodeWork, op: WaitForEventOp, found: Found, detail: object): void {
  const { run, draft, item } = work
  if (run.memo(op.id, found.text, null)) {
    draft.noteEffect(found.event.row.key, run.row.key, 'resumed')
    run.record({
      kind: 'step',
      status: 'completed',
      step: op.id,
      name: op.name,
      stepKind: 'wait',
      attempt: item.attempt,
      queuedAt: draft.now,
      startedAt: draft.now,
      detail: { ...detail, foundEvent: found.event.row.id, timedOut: false },
      error: null,
    })
  }
  work.tally.saved += 1
}
