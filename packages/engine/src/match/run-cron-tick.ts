// A cron tick: the timer event, its run, and the next tick are one transaction. The run's ID comes from function and tick,
// and an idempotency key guards the tick, so that many processes (or two expressions at one instant) make one run.
import { writeCanonical } from '@pawl/protocol'
import type { Facts, ItemRow, Needs } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { CronCatchUp, EngineContext } from '../context.ts'
import { jitterFor, nextTick, previousTick } from '../cron/index.ts'
import { eventValue } from '../event-value.ts'
import { type Admission, admissionNeeds, prepareAdmission } from '../flow/admission.ts'
import { admitEvent, rememberKeys } from '../flow/admit-event.ts'
import type { CronEntry, FunctionEntry } from '../registry-cache.ts'
import type { Draft, Leased } from '../runs/draft.ts'
import { TIMER_EVENT } from '../runs/finish-events.ts'
import { putMatchItem } from '../runs/finish-run.ts'
import { runUlid } from '../runs/schedule-run.ts'
import type { MatchHooks } from './run-match-item.ts'

/** The `detail` of a `cron` item: the nominal instant of the tick it waits for. */
export interface CronDetail {
  readonly tick: number
}

/** Works on one `cron` item that is due. */
export async function runCronTick(ctx: EngineContext, hooks: MatchHooks, leased: Leased): Promise<void> {
  const { item } = leased
  for (;;) {
    const fn = ctx.registry.fn(item.fn ?? 0)
    const entry = fn?.active === true ? fn.crons.find((cron) => cron.expression === item.step) : undefined
    const due = fn === undefined || entry === undefined ? null : dueTicks(ctx, fn, entry, item)
    const admission = fn === undefined || entry === undefined || due === null ? null : admissionOf(ctx, fn, entry, due)
    const committed = await commit(ctx, {
      needs: admission === null || due === null ? {} : tickNeeds(admission, due),
      fence: { run: null, item: item.key, epoch: item.epoch },
      registry: ctx.registry.version,
      decide: (draft, facts) => {
        if (entry === undefined || due === null || admission === null) return draft.push({ end: 'item', key: item.key })
        tick(ctx, draft, facts, { entry, due, item, admission })
      },
    })
    if (committed === 'stale') return
    if (committed === 'moved') {
      await ctx.refreshRegistry()
      continue
    }
    hooks.follow(committed.effects, committed.mark)
    return
  }
}

/** The ticks that fell due: the one that runs (null for none), and how many others are recorded as skipped. */
interface DueTicks {
  readonly first: number
  readonly last: number
  readonly run: number | null
}

/** A tick that is found later than this after its instant was missed: the server was not there. Milliseconds. */
const LATE_MS = 60_000

function dueTicks(ctx: EngineContext, fn: FunctionEntry, entry: CronEntry, item: ItemRow): DueTicks {
  const first = (JSON.parse(item.detail ?? '{}') as CronDetail).tick
  const now = ctx.time.now()
  // One tick is armed at a time, so one whose own jitter is short may have waited for the one before it.
  if (now - dueAt(fn, entry, first) <= LATE_MS + entry.jitterMs) return { first, last: first, run: first }
  const last = lastDue(fn, entry, { first, now })
  const lateMs = now - dueAt(fn, entry, last)
  return { first, last, run: tickToRun(ctx.cronCatchUp, { first, last, lateMs, windowMs: ctx.limits.cronCatchUpMs }) }
}

/** When a tick falls due: at its nominal instant, moved by its own jitter. */
function dueAt(fn: FunctionEntry, entry: CronEntry, tick: number): number {
  return tick + jitterFor(fn.row.slug, tick, entry.jitterMs)
}

/** The last tick that has fallen due. A jitter may be longer than the time between two ticks. */
function lastDue(
  fn: FunctionEntry,
  entry: CronEntry,
  { first, now }: { readonly first: number; readonly now: number },
): number {
  let tick = previousTick(entry.cron, now + 1)
  while (tick !== null && tick > first && dueAt(fn, entry, tick) > now) tick = previousTick(entry.cron, tick)
  return Math.max(first, tick ?? first)
}

/** Which of the ticks from `first` to `last` runs now; `lateMs` counts from when the last fell due. Pure. */
export function tickToRun(
  policy: CronCatchUp,
  due: { readonly first: number; readonly last: number; readonly lateMs: number; readonly windowMs: number },
): number | null {
  const { first, last, lateMs, windowMs } = due
  if (policy === 'all') return first
  return lateMs <= (policy === 'skip' ? LATE_MS : windowMs) ? last : null
}

interface TickWork {
  readonly entry: CronEntry
  readonly admission: Admission
}

/** The keys come from the event as it is about to be; its instant of firing is known to the millisecond only later. */
function admissionOf(ctx: EngineContext, fn: FunctionEntry, entry: CronEntry, due: DueTicks): Admission {
  const now = ctx.time.now()
  const value = eventValue(timerText(entry.expression, due.run ?? due.first, now))
  return prepareAdmission(fn, { value, senderId: null }, { now, source: 'cron' })
}

function tickNeeds(admission: Admission, due: DueTicks): Needs {
  const needs = admissionNeeds([admission])
  const key = { fn: admission.fn.row.key, key: tickKey(due.run ?? due.first) }
  return { ...needs, idempotency: [...(needs.idempotency ?? []), key], storing: [TIMER_EVENT] }
}

function tickKey(tick: number): string {
  return `cron:${tick}`
}

function tick(
  ctx: EngineContext,
  draft: Draft,
  facts: Facts,
  work: TickWork & { readonly due: DueTicks; readonly item: ItemRow },
): void {
  const { entry, due, item } = work
  const { fn } = work.admission
  if (due.run !== null && facts.idempotency(fn.row.key, tickKey(due.run)) === undefined)
    startTick(ctx, draft, facts, { ...work, tick: due.run })
  const handled = ctx.cronCatchUp === 'all' ? due.first : due.last
  if (handled > due.first || due.run === null) recordSkipped(ctx, draft, { ...work, fn })
  const next = nextTick(entry.cron, handled)
  if (next === null) return draft.push({ end: 'item', key: item.key })
  draft.push({ set: 'item', row: armed(item, next, fn, entry) })
}

/** The item as it waits for a tick. */
function armed(item: ItemRow, next: number, fn: FunctionEntry, entry: CronEntry): ItemRow {
  const detail: CronDetail = { tick: next }
  return {
    ...item,
    state: 'sleeping',
    owner: 0,
    due: dueAt(fn, entry, next),
    claims: 0,
    detail: JSON.stringify(detail),
  }
}

function timerText(expression: string, nominal: number, now: number): string {
  const scheduledAt = new Date(nominal).toISOString()
  const data = { cron: expression, scheduledAt, fireAt: new Date(now).toISOString() }
  return writeCanonical({ data, id: scheduledAt, name: TIMER_EVENT, ts: now, user: {} })
}

function timerEvent(
  ctx: EngineContext,
  draft: Draft,
  expression: string,
  nominal: number,
): { readonly key: number; readonly text: string; readonly id: string } {
  const id = ctx.newUlid(draft.now)
  const scheduledAt = new Date(nominal).toISOString()
  const text = timerText(expression, nominal, draft.now)
  const key = draft.ground.key()
  const row = {
    key,
    id,
    eventId: scheduledAt,
    name: TIMER_EVENT,
    ts: draft.now,
    receivedAt: draft.now,
    isRepeat: false,
    ofRun: null,
  }
  draft.push({ put: 'event', row, body: text })
  return { key, text, id }
}

function startTick(ctx: EngineContext, draft: Draft, facts: Facts, work: TickWork & { readonly tick: number }): void {
  const { entry, admission } = work
  const { fn } = admission
  const event = timerEvent(ctx, draft, entry.expression, work.tick)
  const verdict = admitEvent(ctx, draft, facts, {
    admission,
    candidate: {
      event: { key: event.key, name: TIMER_EVENT, value: eventValue(event.text), text: event.text, ts: draft.now },
      runId: runUlid(work.tick, fn.id, tickKey(work.tick)),
      cron: entry.expression,
      queuedAt: work.tick,
    },
  })
  const run = 'run' in verdict && typeof verdict.run === 'object' ? verdict.run.key : 0
  rememberKeys(draft, fn.row.key, { run, keys: [tickKey(work.tick)], ms: ctx.limits.idempotencyMs })
  if (ctx.registry.mayConcern(TIMER_EVENT)) putMatchItem(draft, [event.key])
}

/** One row for all ticks that do not run, so that a long downtime does not write thousands. */
function recordSkipped(
  ctx: EngineContext,
  draft: Draft,
  work: { readonly fn: FunctionEntry; readonly entry: CronEntry; readonly due: DueTicks },
): void {
  const { fn, entry, due } = work
  const event = timerEvent(ctx, draft, entry.expression, due.first)
  const detail = JSON.stringify({ from: due.first, until: due.last, ran: due.run })
  draft.push({ put: 'skip', row: { event: event.key, fn: fn.row.key, reason: 'missed_tick', detail } })
}
