// Station 4: a run and its first queue item, with what may cancel or time it out, in the transaction of what starts it.
// The run may be born leased by this process, so that no poll stands between an event and the first call.
import { hash } from 'node:crypto'
import { parseTimeOrDuration, ulid } from '@pawl/protocol'
import type { ItemRow, Key, RunBirth, RunRow, RunState } from '@pawl/storage'
import type { Circuits } from '../circuits.ts'
import type { EventValue } from '../event-value.ts'
import { ExpressionError } from '../expression/index.ts'
import type { EngineLimits } from '../limits.ts'
import { type RunLimits, startLimits, writeLimits } from '../lines/run-limits.ts'
import type { FunctionEntry, RegistryCache } from '../registry-cache.ts'
import { TALLIES } from '../tally-names.ts'
import { type BoundCondition, bindCondition } from '../waits/bind-condition.ts'
import { type Admission, admitItem } from './admit-item.ts'
import type { Draft } from './draft.ts'
import { INVOKED_EVENT, isFinishEvent } from './finish-events.ts'
import { systemItem } from './line-item.ts'
import { putTimeouts } from './timeouts.ts'

export interface ScheduleContext {
  readonly circuits: Circuits
  readonly registry: RegistryCache
  readonly limits: EngineLimits
}

/** What a run takes from its first event, worked out before the operation. */
export interface RunKeys {
  readonly limits: RunLimits
  /** Milliseconds by which it goes before its time. */
  readonly priorityMs: number
  /** The lock of which there is one among live runs, or null. */
  readonly singleton: string | null
}

export interface Birth {
  readonly fn: FunctionEntry
  readonly keys: RunKeys
  readonly event: {
    readonly key: Key
    readonly name: string
    readonly value: EventValue
    readonly text: string
    readonly ts: number
  }
  /** All events of a batch, the first one first. */
  readonly batch?: { readonly id: string; readonly events: readonly { readonly key: Key; readonly text: string }[] }
  readonly runId: string
  readonly cron?: string | undefined
  /** A tick's nominal instant, which its run's ULID carries too; else the time of the operation. */
  readonly queuedAt?: number | undefined
  readonly original?: Key | undefined
  readonly bulk?: Key | undefined
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
  // An event of the server's own is of now, whatever its clock has carried on to meanwhile.
  const isDelayed = birth.batch === undefined && event.name !== INVOKED_EVENT
  const startsAt = isDelayed ? Math.max(draft.now, event.ts) : draft.now
  const waits = cancelWaits(ctx, draft, key, birth)
  const base = birthOf(draft, birth, { key, startsAt })
  const { item, slot } = firstItem(draft, base, birth, startsAt)
  const startedAt = item.state === 'leased' ? draft.now : null
  const row: RunRow = { ...base, ...firstState(startedAt, birth), waits }
  draft.push({ put: 'run', row })
  draft.tallies.add(row.fn, TALLIES.queued)
  if (startedAt !== null) countStart(draft, row, startsAt)
  const { batch } = birth
  if (batch !== undefined) draft.push({ put: 'runEvents', run: key, events: batch.events.map((one) => one.key) })
  // What begins later has no use of its texts in memory now; what was inherited is read with them.
  const isHot = birth.inherited === undefined && startsAt === draft.now && item.state !== 'blocked'
  draft.born(row, isHot ? textsOf(birth) : null)
  if (slot !== null) draft.push({ put: 'item', row: slot })
  draft.push({ put: 'item', row: item })
  if (item.state === 'leased') draft.lease(item)
  putTimeouts(draft, fn, row, startsAt)
  return row
}

/** Counts the first call of a run, which was due at this instant. */
export function countStart(draft: Draft, run: Pick<RunRow, 'fn' | 'queuedAt'>, due: number): void {
  draft.tallies.add(run.fn, TALLIES.started)
  draft.tallies.time(run.fn, TALLIES.delay, draft.now - Math.max(run.queuedAt, due))
}

/** Why a run was made that never runs. */
export type SkipReason = 'paused' | 'drained' | 'singleton'

/** Drafts a run that is over at once, so that people see what was refused; it emits nothing. */
export function skipRun(draft: Draft, birth: Birth, reason: SkipReason): RunRow {
  const key = draft.ground.key()
  const base = birthOf(draft, birth, { key, startsAt: draft.now })
  const row: RunRow = {
    ...base,
    ...firstState(null, birth),
    singleton: null,
    status: 'skipped',
    endedAt: draft.now,
    skipped: reason,
    waits: 0,
  }
  draft.push({ put: 'run', row })
  draft.tallies.add(row.fn, TALLIES.queued)
  draft.tallies.add(row.fn, `${TALLIES.ended}skipped`)
  draft.tallies.add(row.fn, `${TALLIES.refused}${reason}`)
  const { batch } = birth
  if (batch !== undefined) draft.push({ put: 'runEvents', run: key, events: batch.events.map((one) => one.key) })
  return row
}

function birthOf(draft: Draft, birth: Birth, at: { readonly key: Key; readonly startsAt: number }): RunBirth {
  const { fn, event, keys } = birth
  const queuedAt = birth.queuedAt ?? draft.now
  return {
    key: at.key,
    id: birth.runId,
    app: fn.app.row.key,
    fn: fn.row.key,
    fnVersion: fn.row.version,
    event: event.key,
    queuedAt,
    cron: birth.cron ?? null,
    original: birth.original ?? null,
    parentRun: birth.parent?.run ?? null,
    parentStep: birth.parent?.step ?? null,
    correlation: birth.correlation ?? null,
    quiet: isFinishEvent(event.name),
    rank: rankOf(draft, (at.startsAt > draft.now ? at.startsAt : queuedAt) - keys.priorityMs),
    flow: writeLimits(keys.limits),
    singleton: keys.singleton,
    batch: birth.batch?.id ?? null,
    skipped: null,
    bulk: birth.bulk ?? null,
  }
}

/** Microseconds in a millisecond: places for the runs that one operation makes. */
const PLACES = 1_000

/** In the order in which they are made, so that what was begun first goes on before another begins. */
function rankOf(draft: Draft, at: number): number {
  return at * PLACES + Math.min(draft.birthCount, PLACES - 1)
}

function textsOf({ event, batch }: Birth): readonly string[] {
  return batch === undefined ? [event.text] : batch.events.map((one) => one.text)
}

function firstState(startedAt: number | null, birth: Birth): Omit<RunState, 'waits'> {
  const { stack, bytes } = birth.inherited ?? { stack: 0, bytes: 0 }
  return {
    status: startedAt === null ? 'scheduled' : 'running',
    rev: 1,
    startedAt,
    endedAt: null,
    stack,
    history: 0,
    steps: stack,
    bytes: textsOf(birth).reduce((sum, text) => sum + Buffer.byteLength(text), bytes),
    open: 0,
    racing: 0,
    version: -1,
    forcePlan: false,
    finishEvent: null,
    retries: 0,
  }
}

/** The first item: asleep until the run may start; leased where it is admitted and may start at once. */
function firstItem(draft: Draft, run: RunBirth, { keys, fn, mayLease }: Birth, startsAt: number): Admission {
  const base: ItemRow = {
    ...systemItem(draft, { kind: 'call', step: '', fn: run.fn, due: startsAt }),
    run: run.key,
    rank: run.rank,
    limits: startLimits(keys.limits),
  }
  if (startsAt > draft.now) return { item: base, slot: null }
  const { item, slot } = admitItem(draft, run, base)
  if (item.state === 'blocked') return { item, slot }
  // A start that was counted begins now, whoever else is ready.
  const isCounted = keys.limits.throttle !== null
  if (!(mayLease || isCounted) || !draft.takeSeat(fn.app.row.key, run.fn))
    return { item: { ...item, state: 'ready' }, slot }
  return {
    item: { ...item, state: 'leased', claims: 1, epoch: 1, owner: draft.owner, startedAt: draft.now },
    slot,
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
