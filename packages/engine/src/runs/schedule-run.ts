// Station 4: a run and its first queue item, with what may cancel or time it out, in the transaction of what starts it.
// The run may be born leased by this process, so that no poll stands between an event and the first call.
import { hash } from 'node:crypto'
import { parseTimeOrDuration, ulid } from '@pawl/protocol'
import type { ItemRow, Key, RunRow, RunState } from '@pawl/storage'
import type { Circuits } from '../circuits.ts'
import type { EventValue } from '../event-value.ts'
import { ExpressionError } from '../expression/index.ts'
import type { EngineLimits } from '../limits.ts'
import type { FunctionEntry, RegistryCache } from '../registry-cache.ts'
import { type BoundCondition, bindCondition } from '../waits/bind-condition.ts'
import type { Draft } from './draft.ts'
import { isFinishEvent } from './finish-events.ts'

export interface ScheduleContext {
  readonly circuits: Circuits
  readonly registry: RegistryCache
  readonly limits: EngineLimits
}

export interface Birth {
  readonly fn: FunctionEntry
  readonly event: {
    readonly key: Key
    readonly name: string
    readonly value: EventValue
    readonly text: string
    readonly ts: number
  }
  readonly runId: string
  readonly cron?: string | undefined
  /** A tick's nominal instant, which its run's ULID carries too; else the time of the operation. */
  readonly queuedAt?: number | undefined
  readonly original?: Key | undefined
  readonly parent?: { readonly run: Key; readonly step: string } | undefined
  readonly correlation?: string | undefined
  /** May start at once if there is a place: nothing of the function stands in the ready index. */
  readonly mayLease: boolean
  /** Memos that a rerun takes over: counted in the row, written by the caller. */
  readonly inherited?: { readonly stack: number; readonly bytes: number } | undefined
}

/** The ULID of a run: the event's receipt time and a hash of function and event. Made twice, it is one. */
export function runUlid(receivedAt: number, functionId: string, eventId: string): string {
  return ulid(receivedAt, hash('sha1', `${functionId}${eventId}`, 'buffer').subarray(0, 10))
}

/** Drafts a new run. @returns its row as it is written. */
export function scheduleRun(ctx: ScheduleContext, draft: Draft, birth: Birth): RunRow {
  const { fn, event } = birth
  const key = draft.ground.key()
  const startsAt = Math.max(draft.now, event.ts)
  const waits = cancelWaits(ctx, draft, key, birth)
  const leased = startsAt === draft.now && birth.mayLease && draft.takeSeat(fn.app.row.key)
  const row: RunRow = {
    key,
    id: birth.runId,
    app: fn.app.row.key,
    fn: fn.row.key,
    fnVersion: fn.row.version,
    event: event.key,
    queuedAt: birth.queuedAt ?? draft.now,
    cron: birth.cron ?? null,
    original: birth.original ?? null,
    parentRun: birth.parent?.run ?? null,
    parentStep: birth.parent?.step ?? null,
    correlation: birth.correlation ?? null,
    quiet: isFinishEvent(event.name),
    ...firstState(leased ? draft.now : null, Buffer.byteLength(event.text), birth),
    waits,
  }
  draft.push({ put: 'run', row })
  // What begins later has no use of its texts in memory now; what was inherited is read with them.
  draft.born(row, birth.inherited === undefined && startsAt === draft.now ? [event.text] : null)
  const item = firstItem(draft, row, startsAt, leased)
  draft.push({ put: 'item', row: item })
  if (leased) draft.lease(item)
  putTimeouts(draft, fn, row, startsAt)
  return row
}

function firstState(startedAt: number | null, textBytes: number, birth: Birth): Omit<RunState, 'waits'> {
  const { stack, bytes } = birth.inherited ?? { stack: 0, bytes: 0 }
  return {
    status: startedAt === null ? 'scheduled' : 'running',
    rev: 1,
    startedAt,
    endedAt: null,
    stack,
    history: 0,
    steps: stack,
    bytes: textBytes + bytes,
    open: 0,
    racing: 0,
    version: -1,
    forcePlan: false,
    finishEvent: null,
  }
}

function firstItem(draft: Draft, run: RunRow, startsAt: number, leased: boolean): ItemRow {
  return {
    key: draft.ground.key(),
    run: run.key,
    fn: run.fn,
    step: '',
    kind: 'call',
    state: leased ? 'leased' : startsAt > draft.now ? 'sleeping' : 'ready',
    due: startsAt,
    attempt: 0,
    claims: leased ? 1 : 0,
    epoch: leased ? 1 : 0,
    owner: leased ? draft.owner : 0,
    startedAt: leased ? draft.now : null,
    queuedAt: draft.now,
    again: false,
    race: false,
    detail: null,
  }
}

export const START_TIMEOUT = '!start'
export const FINISH_TIMEOUT = '!finish'

/** How the history names the end of a run that took too long. */
export const FINISH_TIMEOUT_CAUSE = 'finish timeout'

function putTimeouts(draft: Draft, fn: FunctionEntry, run: RunRow, startsAt: number): void {
  const { startMs, finishMs } = fn.config.timeouts
  if (run.startedAt === null && startMs !== null)
    draft.push({ put: 'item', row: timeoutItem(draft, run, START_TIMEOUT, startsAt + startMs) })
  if (run.startedAt !== null && finishMs !== null)
    draft.push({ put: 'item', row: timeoutItem(draft, run, FINISH_TIMEOUT, run.startedAt + finishMs) })
}

/** An item that ends the run at `due`. It does not count as a branch. */
export function timeoutItem(
  draft: Draft,
  run: { readonly key: Key; readonly fn: Key },
  step: string,
  due: number,
): ItemRow {
  return {
    key: draft.ground.key(),
    run: run.key,
    fn: run.fn,
    step,
    kind: 'timeout',
    state: 'sleeping',
    due,
    attempt: 0,
    claims: 0,
    epoch: 0,
    owner: 0,
    startedAt: null,
    queuedAt: draft.now,
    again: false,
    race: false,
    detail: null,
  }
}

/** The waits of `cancelOn`: written with the run, so that an event that does not see them came before. @returns their number. */
function cancelWaits(ctx: ScheduleContext, draft: Draft, run: Key, birth: Birth): number {
  let count = 0
  for (const [index, rule] of birth.fn.cancel.entries()) {
    const bound = boundRule(birth, rule.if, draft.now)
    if (bound === null || bound.never) continue
    const until =
      rule.timeout === undefined ? draft.now + ctx.limits.waitMsMax : parseTimeOrDuration(rule.timeout, draft.now)?.at
    if (until === undefined || until <= draft.now) continue
    noteWaitPath(ctx.registry, draft, rule.event, bound.path)
    const row = {
      key: draft.ground.key(),
      run,
      step: `!cancel${index}`,
      item: null,
      kind: 'cancel',
      name: rule.event,
      path: bound.path,
      value: bound.value,
      rest: bound.rest,
      until,
    } as const
    draft.push({ put: 'wait', row })
    count += 1
  }
  return count
}

/** null: the event's values cannot be put into the condition. That must not stop the event, so the rule is left out. */
function boundRule(birth: Birth, condition: string | undefined, now: number): BoundCondition | null {
  try {
    return bindCondition(condition, birth.event.value, now)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    birth.fn.warning = `cancelOn: ${condition}: ${error.message}`
    return null
  }
}

/** The first wait on a path makes it part of the registry: from then on every event of the name is looked up by it. */
export function noteWaitPath(registry: RegistryCache, draft: Draft, name: string, path: string): void {
  if (registry.waitPaths(name)?.has(path) === true) return
  draft.push({ put: 'waitPath', name, path })
}
