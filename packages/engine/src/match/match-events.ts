// Stations 2 to 4 for a list of events, as needs and a decision: each event's matches become runs or recorded skips, and
// the waits that its values find are resumed or cancel their runs. One operation makes at most a page of runs and resumed
// waits; where it stops is a cursor, and the rest goes on from a `match` item written in the same transaction.
import type { Facts, Key, Needs, WaitRow, WaitSearch } from '@pawl/storage'
import { valueAt } from '../expression/index.ts'
import { idempotencyKeys } from '../flow/admit.ts'
import type { Incoming } from '../incoming.ts'
import type { FunctionEntry, RegistryCache } from '../registry-cache.ts'
import type { Draft } from '../runs/draft.ts'
import { resumeStep } from '../runs/end-branch.ts'
import { type FinishContext, finishRun, type MatchCursor } from '../runs/finish-run.ts'
import { runUlid, type ScheduleContext, scheduleRun } from '../runs/schedule-run.ts'
import { restHolds } from '../waits/bind-condition.ts'
import { type MatchVerdict, matchTriggers } from './match-triggers.ts'

export type MatchContext = ScheduleContext & FinishContext

/** One event with everything that can be worked out before the operation. */
export interface PreparedEvent {
  readonly event: Incoming
  readonly cursor: MatchCursor
  readonly verdicts: readonly (MatchVerdict & { readonly keys: readonly string[] })[]
  readonly search: WaitSearch | null
}

export function prepareEvent(
  registry: RegistryCache,
  event: Incoming,
  options: { readonly now: number; readonly cursor: MatchCursor; readonly page: number },
): PreparedEvent {
  const { now, cursor, page } = options
  const listeners = registry.listeners(event.row.name).filter((fn) => fn.row.key > cursor.fn)
  const verdicts = matchTriggers(listeners, event, now).map((verdict) => ({
    ...verdict,
    keys: verdict.matched ? idempotencyKeys(verdict.fn, event, now) : [],
  }))
  return { event, cursor, verdicts, search: waitSearch(registry, event, cursor, page) }
}

function waitSearch(registry: RegistryCache, event: Incoming, cursor: MatchCursor, page: number): WaitSearch | null {
  const paths = registry.waitPaths(event.row.name)
  if (paths === undefined) return null
  const keys = [{ path: '', value: '' }]
  for (const path of paths) {
    const value = path === '' ? null : valueAt(event.value, path)
    if (value !== null) keys.push({ path, value })
  }
  return { name: event.row.name, keys, after: cursor.wait, max: page + 1 }
}

/** What the decision on these events must read. */
export function matchNeeds(prepared: readonly PreparedEvent[]): Needs {
  const starting = prepared.flatMap(({ verdicts }) => verdicts.filter((verdict) => verdict.matched))
  return {
    storing: [...new Set(prepared.map(({ event }) => event.row.name))],
    idempotency: starting.flatMap(({ fn, keys }) => keys.map((key) => ({ fn: fn.row.key, key }))),
    waits: prepared.flatMap(({ search }) => search ?? []),
    backlog: [...new Set(starting.map(({ fn }) => fn.row.key))],
  }
}

/** What one operation may still do: counts down runs made and waits resumed. */
export interface Page {
  left: number
  /** Waits by event name, as they were when the decision began: looked up once, however many events have the name. */
  readonly waits: Map<string, readonly WaitRow[]>
}

export function startPage(size: number): Page {
  return { left: size, waits: new Map() }
}

/** Decides on one stored event. @returns null when it is done, else where to go on. */
export function matchEvent(
  ctx: MatchContext,
  draft: Draft,
  facts: Facts,
  work: { readonly prepared: PreparedEvent; readonly key: Key; readonly receivedAt: number; readonly page: Page },
): MatchCursor | null {
  const { prepared, page } = work
  let fn = prepared.cursor.fn
  for (const verdict of prepared.verdicts) {
    if (page.left <= 0) return { ...prepared.cursor, fn }
    if (startOrSkip(ctx, draft, facts, { verdict, ...work })) page.left -= 1
    fn = verdict.fn.row.key
  }
  const waits = openWaits(facts, prepared, page)
  let wait = prepared.cursor.wait
  for (const row of waits) {
    if (page.left <= 0) return { fn, wait }
    if (wake(ctx, draft, row, work)) page.left -= 1
    wait = row.key
  }
  // A full page of found waits may not have been all of them.
  return prepared.search !== null && waits.length >= prepared.search.max ? { fn, wait } : null
}

interface EventWork {
  readonly prepared: PreparedEvent
  readonly key: Key
  readonly receivedAt: number
}

function startOrSkip(
  ctx: MatchContext,
  draft: Draft,
  facts: Facts,
  work: EventWork & { readonly verdict: PreparedEvent['verdicts'][number] },
): boolean {
  const { verdict, key } = work
  const fn = verdict.fn.row.key
  if (!verdict.matched) {
    draft.push({
      put: 'skip',
      row: { event: key, fn, reason: verdict.reason, detail: verdict.detail === '' ? null : verdict.detail },
    })
    return false
  }
  if (runOfKeys(draft, facts, fn, verdict.keys) !== undefined) {
    draft.push({ put: 'skip', row: { event: key, fn, reason: 'duplicate', detail: null } })
    return false
  }
  start(ctx, draft, facts, work, verdict.fn, verdict.keys)
  return true
}

function start(
  ctx: MatchContext,
  draft: Draft,
  facts: Facts,
  work: EventWork,
  fn: FunctionEntry,
  keys: readonly string[],
): void {
  const { event } = work.prepared
  const run = scheduleRun(ctx, draft, {
    fn,
    event: {
      key: work.key,
      name: event.row.name,
      value: event.value,
      text: event.text,
      ts: event.row.ts,
    },
    runId: runUlid(work.receivedAt, fn.id, event.row.id),
    mayLease: !facts.backlog(fn.row.key),
  })
  rememberKeys(draft, fn.row.key, { run: run.key, keys, ms: ctx.limits.idempotencyMs })
}

/** The run that one of the keys stands for already, be it made by this very operation. */
export function runOfKeys(draft: Draft, facts: Facts, fn: Key, keys: readonly string[]): Key | undefined {
  for (const key of keys) {
    const run = facts.idempotency(fn, key) ?? draft.remembered(fn, key)
    if (run !== undefined) return run
  }
  return undefined
}

/** Keeps idempotency keys for a day. */
export function rememberKeys(
  draft: Draft,
  fn: Key,
  what: { readonly run: Key; readonly keys: readonly string[]; readonly ms: number },
): void {
  for (const key of what.keys)
    draft.push({ put: 'idempotency', row: { fn, key, run: what.run, expiresAt: draft.now + what.ms } })
}

/** The waits that this event's own values found; a group's facts hold those of its other events too. */
function openWaits(facts: Facts, prepared: PreparedEvent, page: Page): readonly WaitRow[] {
  const { search } = prepared
  if (search === null) return []
  const found = page.waits.get(search.name) ?? facts.waits(search.name)
  page.waits.set(search.name, found)
  const values = new Map(search.keys.map(({ path, value }) => [path, value]))
  return found.filter((wait) => wait.key > search.after && values.get(wait.path) === wait.value).slice(0, search.max)
}

/** @returns true when the wait was resolved. */
function wake(ctx: MatchContext, draft: Draft, wait: WaitRow, work: EventWork): boolean {
  const run = draft.run(wait.run)
  if (run === undefined || run.ended || run.state.endedAt !== null || wait.until < work.receivedAt) return false
  // Keys are in the order of receipt (one process): a wait that was opened later has looked back itself, as far as it may.
  if (wait.key > work.key) return false
  // The event that started a run neither resumes nor cancels it.
  if (run.row.event === work.key) return false
  const { event } = work.prepared
  if (!restHolds(wait.rest, event.value, draft.now)) return false
  if (wait.kind === 'cancel') {
    finishRun(ctx, draft, run, {
      status: 'cancelled',
      text: null,
      attempt: 0,
      startedAt: run.state.startedAt ?? run.row.queuedAt,
      cause: 'event',
      open: draft.ground.itemsOf(wait.run),
    })
    return true
  }
  resumeStep(draft, run, {
    wait,
    memo: event.text,
    status: 'completed',
    detail: { foundEvent: event.row.id, timedOut: false },
  })
  return true
}
