// What became of an event, for each function that it concerned: the run that it started, or the record of why there is
// none. Where there is neither, the function came later, or its turn has not come yet.
import type { EventRow, EventView, Key, RunRow, SkipRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { WhyEvent } from '../engine.ts'
import { eventValue } from '../event-value.ts'
import { compileExpression, ExpressionError, valuesSeen } from '../expression/index.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import { isRerunEvent, storedEventText } from '../runs/finish-events.ts'

/** Runs of one event that are looked at: more are its reruns. */
const RUNS_MAX = 2_000

/** @returns undefined when the event is not known. */
export async function whyEvent(ctx: EngineContext, eventId: string): Promise<readonly WhyEvent[] | undefined> {
  const view = await ctx.store.lists.event(eventId)
  if (view === undefined) return undefined
  const [skips, runs] = await Promise.all([
    ctx.store.lists.skips(view.row.key),
    ctx.store.lists.runs({
      event: view.row.key,
      field: 'queuedAt',
      order: 'asc',
      limit: RUNS_MAX,
      withOutput: false,
      withEvents: false,
    }),
  ])
  const seen: Seen = {
    view,
    skips: new Map(skips.map((row) => [row.fn, row])),
    runs: firstRuns(
      runs.map(({ row }) => row),
      view.row,
    ),
  }
  return functionsOf(ctx, seen).map((fn) => outcomeFor(ctx, fn, seen))
}

interface Seen {
  readonly view: EventView
  readonly skips: ReadonlyMap<Key, SkipRow>
  readonly runs: ReadonlyMap<Key, RunRow>
}

/** The first run of each function; reruns come later, but for the one that an event was made for. */
function firstRuns(runs: readonly RunRow[], event: EventRow): ReadonlyMap<Key, RunRow> {
  const first = new Map<Key, RunRow>()
  const isOwn = isRerunEvent(event)
  for (const run of runs) if ((run.original === null || isOwn) && !first.has(run.fn)) first.set(run.fn, run)
  return first
}

/** Those that listen now, and those that had to do with the event; by key. */
function functionsOf(ctx: EngineContext, seen: Seen): readonly FunctionEntry[] {
  const { row } = seen.view
  const listeners = isRerunEvent(row) ? [] : ctx.registry.listeners(row.name)
  const functions = new Map(listeners.map((fn) => [fn.row.key, fn]))
  for (const key of [...seen.skips.keys(), ...seen.runs.keys()]) {
    const fn = ctx.registry.fn(key)
    if (fn !== undefined) functions.set(key, fn)
  }
  return [...functions.values()].sort((a, b) => a.row.key - b.row.key)
}

function outcomeFor(ctx: EngineContext, fn: FunctionEntry, seen: Seen): WhyEvent {
  const run = seen.runs.get(fn.row.key)
  const skip = seen.skips.get(fn.row.key)
  const base = { function: fn.row.slug }
  if (run !== undefined) {
    // A debounce or batch that took the event in has its record beside the run.
    const detail = skip === undefined ? null : detailOf(ctx, skip, seen.view)
    const outcome = run.skipped === null ? 'started' : skipOutcome(run.skipped)
    return { ...base, outcome, runId: run.id, detail: run.batch === null ? detail : { ...detail, batch: run.batch } }
  }
  if (skip !== undefined) {
    return { ...base, outcome: skipOutcome(skip.reason), runId: null, detail: detailOf(ctx, skip, seen.view) }
  }
  return {
    ...base,
    outcome: isPending(fn, seen.view.row, ctx.time.now()) ? 'pending' : 'not_listening_then',
    runId: null,
    detail: null,
  }
}

/** A match that is handed over takes no longer than this, in milliseconds, unless the server does not run. */
const PENDING_MS = 60_000

function isPending({ row, app }: FunctionEntry, { receivedAt }: EventRow, now: number): boolean {
  if (row.createdAt > receivedAt) return false
  const isUnchanged = app.row.syncedAt !== null && app.row.syncedAt <= receivedAt
  // After a sync nobody can tell whether the function listened to the name before.
  return isUnchanged || now - receivedAt < PENDING_MS
}

const OUTCOMES: ReadonlySet<string> = new Set<WhyEvent['outcome']>([
  'filter_false',
  'bad_expression',
  'duplicate',
  'rate_limited',
  'debounced',
  'batched',
  'singleton',
  'paused',
  'drained',
  'missed_tick',
])

function isOutcome(reason: string): reason is WhyEvent['outcome'] {
  return OUTCOMES.has(reason)
}

function skipOutcome(reason: string): WhyEvent['outcome'] {
  if (isOutcome(reason)) return reason
  throw new Error(`no outcome for the skip reason ${reason}`)
}

function detailOf(ctx: EngineContext, { reason, detail }: SkipRow, view: EventView): WhyEvent['detail'] {
  if (detail === null) return null
  if (reason === 'bad_expression') return { error: detail }
  if (reason === 'filter_false') return filterDetail(ctx, detail, view)
  // Written by the engine: an object.
  return JSON.parse(detail) as WhyEvent['detail']
}

/** The condition as it was at that time, and what it saw of the event. */
function filterDetail(ctx: EngineContext, expression: string, view: EventView): WhyEvent['detail'] {
  if (view.event === null) return { expression }
  const text = storedEventText(view.event, (fn) => ctx.registry.fn(fn)?.row.slug ?? '')
  try {
    return { expression, ...valuesSeen(compileExpression(expression), { event: eventValue(text) }) }
  } catch (error) {
    // One that an older version took.
    if (error instanceof ExpressionError) return { expression }
    throw error
  }
}
