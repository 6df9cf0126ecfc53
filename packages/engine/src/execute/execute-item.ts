// Stations 6 and 7 as a loop: call the app, commit what follows from its answer, and call again under the same lease as
// long as the run goes on. One place is held for as long as the loop lasts.
import {
  type Answer,
  CONNECTION_RESET_ERROR,
  errorText,
  type Opcode,
  readAnswer,
  UNREACHABLE_ERROR,
} from '@pawl/protocol'
import type { Facts, ItemRow, Key, LimitSearch, Mark, Needs, RunRow } from '@pawl/storage'
import { commit, type Plan } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { CallResult, LostReason } from '../drivers/driver.ts'
import { eventValue } from '../event-value.ts'
import { admissionNeeds } from '../flow/admission.ts'
import { keepTrying } from '../keep-trying.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { Draft, Effects, Leased } from '../runs/draft.ts'
import { INVOKED_EVENT } from '../runs/finish-events.ts'
import { heldLimits } from '../runs/held-limits.ts'
import { hotGround } from '../runs/hot-ground.ts'
import { type HotRun, hotFrom } from '../runs/hot-runs.ts'
import { TALLIES } from '../tally-names.ts'
import { type AnswerWork, planAnswer, planLost, planUnreachable } from './plan-answer.ts'
import { prepareCall } from './prepare-call.ts'
import { type PreparedInvokes, prepareInvokes } from './prepare-invokes.ts'

/** What the executor needs of the queue: effects to follow, and whether others wait for a place. */
export interface ExecuteHooks {
  /** Takes up everything of the effects but the item that the caller goes on with. @returns that item. */
  follow(effects: Effects, mark: Mark, own?: Key): Leased | undefined
  /** Another run is ready and no place is free. */
  crowded(): boolean
  /** The leased item as a checkpoint may have left it meanwhile. */
  current(item: ItemRow): ItemRow
  /** False once the server stops: then an item goes back instead of being called again. */
  running(): boolean
  /** Gives a lease back without spending an attempt; `counted`: the claim counts as one that came to nothing. */
  giveBack(item: ItemRow, counted?: boolean): Promise<void>
  /** Looks for work: an app can be reached again. */
  wake(): void
}

/** A lease that its handler goes on with, and the mark of the commit that gave it. */
export interface Onward {
  readonly leased: Leased
  readonly mark: Mark
}

/** Works on a leased call until its run rests or ends. @returns the lease when its item is no call any more. */
export async function executeItem(ctx: EngineContext, hooks: ExecuteHooks, first: Onward): Promise<Onward | undefined> {
  let { mark } = first
  let leased: Leased | undefined = first.leased
  for (let streak = 0; leased?.item.kind === 'call'; streak++) {
    const item: ItemRow = leased.item
    const hot = await hotRun(ctx, item, leased.rev)
    const fn = ctx.registry.fn(item.fn ?? 0)
    // A run that was cancelled since the lease is not called any more.
    if (hot === undefined || fn === undefined || hot.row.endedAt !== null || !hooks.running()) {
      await hooks.giveBack(item)
      return undefined
    }
    const alone = isAlone(item, hot.row)
    const request = prepareCall(ctx, { hot, item, fn, requestId: ctx.newUlid(ctx.time.now()) })
    const calledAt = ctx.clock.monotonic()
    const result = await ctx.driver.call(request)
    const tookMs = ctx.clock.monotonic() - calledAt
    const settled = await settle(ctx, hooks, { item, fn, mark, alone, result, tookMs, streak })
    if (settled === null) return undefined
    mark = settled.mark
    leased = hooks.follow(settled.effects, settled.mark, item.key)
  }
  return leased === undefined ? undefined : { leased, mark }
}

/** The run has this one branch, and nobody outside it waits for its end: its hot state is all there is to know. */
function isAlone(item: ItemRow, run: RunRow): boolean {
  return item.step === '' && run.open === 0 && run.racing === 0 && run.parentRun === null
}

async function hotRun(ctx: EngineContext, item: ItemRow, rev: number): Promise<HotRun | undefined> {
  const run = item.run ?? 0
  return ctx.hot.get(run, rev) ?? (await loadRun(ctx, run))
}

/** Reads a run and keeps it hot. */
async function loadRun(ctx: EngineContext, run: Key): Promise<HotRun | undefined> {
  const [loaded] = await ctx.store.state.load([run])
  if (loaded === undefined) return undefined
  return ctx.hot.keep(hotFrom(loaded, (fn) => ctx.registry.fn(fn)?.row.slug ?? ''))
}

interface Call {
  readonly item: ItemRow
  readonly fn: FunctionEntry
  readonly mark: Mark
  /** When the call began: a sibling that ended since then may have marked its item, which only the store knows. */
  readonly alone: boolean
  readonly result: CallResult
  readonly tookMs: number
  /** Calls of this loop before this one. */
  readonly streak: number
}

type Settled = { readonly effects: Effects; readonly mark: Mark } | null

/** Commits what follows from a call. null: the lease is gone, or it was given back. */
async function settle(ctx: EngineContext, hooks: ExecuteHooks, call: Call): Promise<Settled> {
  const verdict = judge(ctx, hooks, call)
  const run = call.item.run ?? 0
  if (verdict.kind === 'stale') {
    await hooks.giveBack(hooks.current(call.item), true)
    return null
  }
  let stored: ItemRow | undefined
  for (;;) {
    let hot = ctx.hot.peek(run)
    if (hot === undefined) {
      hot = await keepTrying(ctx, () => loadRun(ctx, run))
      // What the run is now may include a checkpoint at another server, which has changed the item too.
      stored = await keepTrying(ctx, () => storedLease(ctx, call.item))
    }
    if (hot === undefined) return null
    const { rev } = hot.row
    // A checkpoint may have changed the item, also between two tries, and at another server.
    const settling = { ...call, item: stored ?? hooks.current(call.item), hot, verdict }
    const committed = await keepTrying(ctx, () => commit(ctx, settlePlan(ctx, hooks, settling)))
    if (committed === 'stale') {
      ctx.hot.drop(hot.row.key)
      return null
    }
    if (committed !== 'moved') return { effects: committed.effects, mark: committed.mark }
    // The hot state may have moved along meanwhile (a checkpoint, a sibling); if it has not, it is read again.
    if (hot.row.rev === rev) ctx.hot.drop(hot.row.key)
    stored = await keepTrying(ctx, () => storedLease(ctx, call.item))
    await ctx.refreshRegistry()
  }
}

async function storedLease(ctx: EngineContext, leased: ItemRow): Promise<ItemRow | undefined> {
  const [found] = await ctx.store.state.items([leased.key])
  return sameLease(leased, found)
}

/** The item as it is stored, while it is still this lease. */
function sameLease(leased: ItemRow, found: ItemRow | undefined): ItemRow | undefined {
  return found?.epoch === leased.epoch ? found : undefined
}

export type Verdict =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'lost'; readonly errorText: string }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'stale' }

/** What came of the call, and what it says about the app. */
function judge(ctx: EngineContext, hooks: ExecuteHooks, call: Call): Verdict {
  const app = call.fn.app.row.key
  const { result } = call
  if (result.kind === 'lost') return judgeLost(ctx, app, result)
  if (ctx.circuits.answered(app)) {
    ctx.log.info({ app: call.fn.app.row.name }, 'the app answers again')
    hooks.wake()
  }
  const answer = readAnswer(result.raw)
  return answer.kind === 'error' && answer.code === 'stale_dispatch' ? { kind: 'stale' } : { kind: 'answer', answer }
}

const TRANSPORT: ReadonlySet<LostReason> = new Set(['unreachable', 'reset', 'timeout'])

function judgeLost(ctx: EngineContext, app: Key, lost: Extract<CallResult, { kind: 'lost' }>): Verdict {
  const open = ctx.circuits.isOpen(app)
  if (TRANSPORT.has(lost.reason) && ctx.circuits.failed(app, ctx.time.now(), lost.message)) {
    ctx.log.warn(
      { app: ctx.registry.app(app)?.row.name, error: lost.message },
      'the app cannot be reached; its runs wait, and it is probed',
    )
  }
  if (open && TRANSPORT.has(lost.reason)) return { kind: 'unreachable' }
  return { kind: 'lost', errorText: lostError(lost.reason, lost.message) }
}

function lostError(reason: LostReason, message: string): string {
  if (reason === 'unreachable') return UNREACHABLE_ERROR
  if (reason === 'reset') return CONNECTION_RESET_ERROR
  const names: Record<string, string> = {
    timeout: 'app_timeout',
    too_large: 'output_too_large',
    blocked: 'blocked_by_policy',
  }
  return errorText({ name: names[reason] ?? reason, message })
}

interface Settling extends Call {
  readonly hot: HotRun
  readonly verdict: Verdict
}

function settlePlan(ctx: EngineContext, hooks: ExecuteHooks, work: Settling): Plan<void> {
  const { hot, item, fn, mark, verdict } = work
  const ops = verdict.kind === 'answer' && verdict.answer.kind === 'opcodes' ? verdict.answer.ops : []
  const invokes = prepareInvokes(ctx, { run: hot.row, fn, ops })
  const yields = hooks.crowded() && work.streak >= ctx.limits.streakMax
  const needs = needsOf(work, ops, invokes)
  const decide = (draft: Draft, facts: Facts): void => {
    const run = draft.run(hot.row.key)
    if (run === undefined || run.state.endedAt !== null) return
    countRequest(draft, work)
    const trigger = () => eventValue(hot.events[0] ?? '{}')
    const leased = needs === null ? item : (sameLease(item, facts.item(item.key)) ?? item)
    const answerWork: AnswerWork = { ctx, draft, run, facts, item: leased, fn, mark, trigger, invokes, yields }
    if (verdict.kind === 'answer') planAnswer(answerWork, verdict.answer)
    else if (verdict.kind === 'lost') planLost(answerWork, verdict.errorText)
    else planUnreachable(answerWork)
  }
  const fence = { run: item.run, item: item.key, epoch: item.epoch }
  if (needs === null)
    return { needs: {}, fence, rev: hot.row.rev, ground: (facts) => hotGround(facts, hot, item), decide }
  const isConfigured = invokes.size > 0 || (needs.limits ?? []).length > 0
  return { needs, fence, decide, registry: isConfigured ? ctx.registry.version : undefined }
}

function countRequest({ tallies }: Draft, { fn, verdict, tookMs }: Settling): void {
  tallies.add(fn.row.key, `${TALLIES.request}${outcomeOf(verdict)}`)
  tallies.time(fn.row.key, TALLIES.latency, tookMs)
}

function outcomeOf(verdict: Verdict): 'ok' | 'error' | 'transport' {
  if (verdict.kind !== 'answer') return 'transport'
  const { answer } = verdict
  if (answer.kind === 'error') return answer.code === 'function_error' ? 'error' : 'transport'
  if (answer.kind === 'returned') return 'ok'
  return answer.ops.some(({ op }) => op === 'StepError' || op === 'StepFailed') ? 'error' : 'ok'
}

/** What the decision must read; null when hot state is enough: one branch, and nothing beyond its own run is touched. */
function needsOf(work: Settling, ops: readonly Opcode[], invokes: PreparedInvokes): Needs | null {
  const { row } = work.hot
  const waiting = ops.flatMap((op) => (op.op === 'WaitForEvent' ? [op.event] : []))
  const signals = ops.flatMap((op) => (op.op === 'WaitForSignal' ? [op.signal] : []))
  const alone = work.alone && isAlone(work.item, row)
  const isOwn = waiting.length === 0 && signals.length === 0 && !ops.some((op) => op.op === 'InvokeFunction')
  const limits = limitsOf(row, ops)
  if (alone && isOwn && limits.length === 0) return null
  const invoked = admissionNeeds([...invokes.values()].map(({ admission }) => admission))
  return {
    ...invoked,
    limits: [...limits, ...(invoked.limits ?? [])],
    runs: [row.key],
    items: [work.item.key],
    itemsOf: [row.key],
    steps: ops.map((op) => ({ run: row.key, step: op.id })),
    waitingFor: waiting,
    since: waiting.map((name) => ({ name, mark: work.mark })),
    signals,
    storing: invokes.size > 0 ? [INVOKED_EVENT] : [],
  }
}

/** The limits on which the answer may free or take slots; none while the run just goes on under its lease. */
function limitsOf(run: RunRow, ops: readonly Opcode[]): readonly LimitSearch[] {
  return ops.length === 1 && ops[0]?.op === 'StepRun' ? [] : heldLimits(run)
}
