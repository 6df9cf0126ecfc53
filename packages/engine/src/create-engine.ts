// Builds the engine's rooms once and joins them: what is leased goes to its handler, what follows from a commit goes to
// the queue. Start and stop are in order: registry and clock before work, claims before grace.
import { type Checkpoint, createUlidFactory, type EventInput, type RegisterRequest } from '@pawl/protocol'
import { type Mark, StorageError } from '@pawl/storage'
import { noteAppError, removeApp, setFunctionLimit } from './apps/change-app.ts'
import { pauseTarget, unpauseTarget } from './apps/pause.ts'
import { syncApp } from './apps/sync-app.ts'
import { isUnpauseItem, runUnpauseItem } from './apps/unpause-item.ts'
import { cancelMany } from './bulk/cancel-many.ts'
import { pauseBulk } from './bulk/pause-bulk.ts'
import { replay } from './bulk/replay.ts'
import { runBulkItem } from './bulk/run-bulk-item.ts'
import { startBulk } from './bulk/start-bulk.ts'
import { stopBulk } from './bulk/stop-bulk.ts'
import { Circuits } from './circuits.ts'
import { StoreTime } from './clock.ts'
import { commit } from './commit.ts'
import type { EngineContext, EngineOptions } from './context.ts'
import { advanceClock, readClock, resetStore } from './development/reset.ts'
import type { AppView, Engine, InvokeCall } from './engine.ts'
import { EngineError } from './errors.ts'
import { EventNames } from './event-names.ts'
import { keepCheckpoint } from './execute/checkpoint.ts'
import { claimItems, claimNeeds } from './execute/claim-items.ts'
import { executeGateway } from './execute/execute-gateway.ts'
import { type ExecuteHooks, executeItem, type Onward } from './execute/execute-item.ts'
import { fireWindow } from './flow/fire-window.ts'
import { type RerunHow, rerun } from './flow/rerun.ts'
import { runLineItem } from './flow/run-line-item.ts'
import { type InvokeVerdict, invokeFunction } from './ingest/invoke-function.ts'
import { sendEvents } from './ingest/send-events.ts'
import { sendSignal } from './ingest/send-signal.ts'
import { callJob } from './jobs/call-job.ts'
import { createJobs } from './jobs/create-jobs.ts'
import { giveUpCall } from './jobs/give-up.ts'
import { rearmJobs } from './jobs/rearm-jobs.ts'
import { runCronTick } from './match/run-cron-tick.ts'
import { runMatchItem } from './match/run-match-item.ts'
import { createChores, createHeartbeat } from './queue/chores.ts'
import { type ClaimSearch, QueueWorker } from './queue/queue-worker.ts'
import { JOBS_FN, Seats } from './queue/seats.ts'
import { RegistryCache } from './registry-cache.ts'
import { isHeld } from './runs/admit-item.ts'
import { cancelRun } from './runs/cancel-run.ts'
import type { Leased } from './runs/draft.ts'
import { storedEventText } from './runs/finish-events.ts'
import { HotRuns } from './runs/hot-runs.ts'
import { resumeByHand } from './runs/resume-step.ts'
import { checkInstanceKey } from './seal/check-instance-key.ts'
import { createSeal } from './seal/seal.ts'
import { createSessions } from './sessions/create-sessions.ts'
import { type BriefAround, waitingBrief } from './why/waiting-brief.ts'
import { whyEvent } from './why/why-event.ts'
import { whyRun } from './why/why-run.ts'

/** Time for open calls at a stop, in milliseconds. */
const GRACE_MS = 10_000

export function createEngine(options: EngineOptions): Engine {
  const ctx = createContext(options)
  const queue: QueueWorker = new QueueWorker(ctx, {
    claim: (search) => claim(ctx, search),
    handle: (leased, mark) => handle(leased, mark),
    giveUp: async (item) => {
      if (item.kind !== 'jobRun') return false
      await giveUpCall(ctx, item)
      return true
    },
  })
  const hooks: ExecuteHooks = {
    follow: (effects, mark, own) => queue.follow(effects, mark, own),
    current: (item) => queue.current(item),
    crowded: () => queue.crowded,
    running: () => queue.running,
    giveBack: (item, counted) => queue.giveBack(item, counted),
    wake: () => queue.wake(),
  }

  const jobs = createJobs(ctx, { stored, follow: hooks.follow })
  const sessions = createSessions(ctx, { stored, follow: hooks.follow })

  async function handle(leased: Leased, mark: Mark): Promise<void> {
    const { kind } = leased.item
    if (kind === 'match') return runMatchItem(ctx, hooks, leased)
    if (kind === 'cron') return runCronTick(ctx, hooks, leased)
    if (isUnpauseItem(leased.item)) return runUnpauseItem(ctx, hooks, leased)
    if (kind === 'line') return runLineItem(ctx, hooks, leased)
    if (kind === 'debounce' || kind === 'batch') return fireWindow(ctx, hooks, leased)
    if (kind === 'bulk') return runBulkItem(ctx, hooks, leased)
    if (kind === 'jobRun') return callJob(ctx, hooks, leased)
    if (kind === 'request' || kind === 'callback') return sessions.handle(leased)
    // One item may be both in turn: a discovery that finds a gateway step becomes it, and discovers again afterwards.
    let onward: Onward | undefined = { leased, mark }
    while (onward !== undefined) {
      const isGateway: boolean = onward.leased.item.kind === 'gateway'
      onward = isGateway ? await executeGateway(ctx, hooks, onward.leased) : await executeItem(ctx, hooks, onward)
    }
  }

  const chores = createChores(ctx, queue)
  const heartbeat = createHeartbeat(ctx, queue)
  return {
    async start() {
      await readClock(ctx)
      await ctx.refreshRegistry()
      await checkInstanceKey(ctx)
      heartbeat.start()
      queue.start()
      chores.start()
    },
    async stop(graceMs = GRACE_MS) {
      chores.stop()
      sessions.stop()
      await queue.stop(graceMs)
      // Until then: what it has leased is its own while its open calls come to their end.
      heartbeat.stop()
      await options.driver.close()
      await options.gateway.close?.()
    },
    async send(events: readonly EventInput[], seed: string | null) {
      const { ids, committed } = await stored(() => sendEvents(ctx, events, seed))
      if (committed !== null) queue.follow(committed.effects, committed.mark)
      return { ids }
    },
    async sync(request: RegisterRequest) {
      const { result, effects } = await stored(() => syncApp(ctx, request))
      if (effects !== null) queue.follow(effects, 0)
      for (const warning of result.modified ? result.warnings : []) ctx.log.warn({ app: request.appName }, warning)
      return result
    },
    async noteAppError(app, error) {
      await noteAppError(ctx, app, error)
    },
    async removeApp(app) {
      return (await stored(() => removeApp(ctx, app))) !== null
    },
    async invoke(call: InvokeCall) {
      const { result, effects, mark } = await stored(() => invokeFunction(ctx, call))
      queue.follow(effects, mark)
      if (result.kind === 'started') return { eventId: result.eventId, runId: result.runId }
      throw await refusal(ctx, result)
    },
    async signal(name, dataText) {
      const committed = await stored(() => sendSignal(ctx, name, dataText))
      if (committed !== null) queue.follow(committed.effects, committed.mark)
      return committed?.result ?? null
    },
    async cancel(runId) {
      const { result, effects, mark } = await stored(() => cancelRun(ctx, runId))
      queue.follow(effects, mark)
      return result
    },
    async rerun(runId: string, how: RerunHow = {}) {
      const { result, effects, mark } = await stored(() => rerun(ctx, runId, how))
      queue.follow(effects, mark)
      return result
    },
    async resume(runId, step, dataText) {
      const { effects, mark } = await stored(() => resumeByHand(ctx, { runId, step, dataText }))
      queue.follow(effects, mark)
    },
    async pause(target, how) {
      queue.follow(await stored(() => pauseTarget(ctx, target, how)), 0)
      queue.wake()
    },
    async unpause(target) {
      queue.follow(await stored(() => unpauseTarget(ctx, target)), 0)
      queue.wake()
    },
    async cancelMany(request) {
      const { result, effects } = await stored(() => cancelMany(ctx, request))
      if (effects !== null) queue.follow(effects, 0)
      return result
    },
    async replay(request) {
      const { result, effects } = await stored(() => replay(ctx, request))
      if (effects !== null) queue.follow(effects, 0)
      return result
    },
    async startBulk(ask) {
      const { result, effects } = await stored(() => startBulk(ctx, ask))
      if (effects !== null) queue.follow(effects, 0)
      return result
    },
    async pauseBulk(id, paused) {
      const { result, effects } = await stored(() => pauseBulk(ctx, id, paused))
      if (effects !== null) queue.follow(effects, 0)
      return result
    },
    stopBulk: (id) => stored(() => stopBulk(ctx, id)),
    why: (runId) => whyRun(ctx, runId),
    waitingBrief: (view) => waitingBrief(view, briefAround(ctx)),
    whyEvent: (eventId) => whyEvent(ctx, eventId),
    async checkpoint(checkpoint: Checkpoint) {
      // Also while the server stops: the call that it belongs to may still come to its end.
      const { result, effects, mark } = await asEngineError(() =>
        keepCheckpoint(ctx, checkpoint, (item) => queue.working(item)),
      )
      queue.follow(effects, mark)
      if (result === 'over_limit')
        throw new EngineError('stale_dispatch', `Run ${checkpoint.runId} went over a limit and has failed.`)
      queue.replace(result.item)
    },
    async runEvents(runId) {
      const run = await liveRun(ctx, runId)
      return run.events.map((event) => storedEventText(event, (fn) => ctx.registry.fn(fn)?.row.slug ?? ''))
    },
    async runSteps(runId) {
      const run = await liveRun(ctx, runId)
      return `{${run.steps.map((step) => `"${step.step}":${step.memo}`).join(',')}}`
    },
    jobs,
    sessions: sessions.door,
    eventText: (event) => storedEventText(event, (fn) => ctx.registry.fn(fn)?.row.slug ?? ''),
    registry: () => ({
      apps: [...ctx.registry.apps()]
        .filter((app) => app.row.archivedAt === null)
        .map((app) => appView(ctx, app.row.key)),
    }),
    clock: () => ({ now: ctx.time.now(), offsetMs: ctx.time.offsetMs }),
    async advanceClock(ms) {
      await advanceClock(ctx, ms)
      queue.wake()
      return { now: ctx.time.now(), offsetMs: ctx.time.offsetMs }
    },
    async reset() {
      queue.follow(await stored(() => resetStore(ctx)), 0)
      await stored(() => rearmJobs(ctx, (effects) => queue.follow(effects, 0)))
      queue.wake()
    },
    setFunctionLimit: (functionId, limit) => stored(() => setFunctionLimit(ctx, functionId, limit)),
    status: () => ({
      accepting: queue.running,
      calls: ctx.seats.taken,
      callsMax: ctx.seats.max,
      storeOk: ctx.health.storeOk,
    }),
  }

  /** Runs an operation that a request waits for; the store's refusal becomes the engine's. */
  async function stored<R>(operate: () => Promise<R>): Promise<R> {
    if (!queue.running) throw new EngineError('stopping', 'The server is stopping.')
    return asEngineError(() => withNewRegistry(ctx, operate))
  }
}

/** What is not known here may have been registered at another process a moment ago. */
async function withNewRegistry<R>(ctx: EngineContext, operate: () => Promise<R>): Promise<R> {
  const { version } = ctx.registry
  try {
    return await operate()
  } catch (error) {
    const isUnknown =
      error instanceof EngineError && (error.code === 'function_not_found' || error.code === 'app_not_found')
    if (!isUnknown) throw error
    await ctx.refreshRegistry()
    if (ctx.registry.version === version) throw error
    return operate()
  }
}

async function asEngineError<R>(operate: () => Promise<R>): Promise<R> {
  try {
    return await operate()
  } catch (error) {
    if (error instanceof StorageError)
      throw new EngineError('store_unavailable', error.message, { cause: error, details: { code: error.code } })
    throw error
  }
}

function createContext(options: EngineOptions): EngineContext {
  const registry = new RegistryCache()
  return {
    ...options,
    time: new StoreTime(options.clock),
    registry,
    circuits: new Circuits(options.limits),
    hot: new HotRuns(options.limits.hotBytesMax),
    // While calls of jobs are open, these count as one function more.
    seats: new Seats(options.callsMax, (holds) => registry.activeCount + (holds(JOBS_FN) ? 1 : 0)),
    seal: createSeal(options.instanceKey ?? null, options.randomBytes),
    unheard: new Set(),
    eventNames: new EventNames(),
    activity: { isUnseen: true, callsOfJobs: 0 },
    duplicates: new Map(),
    newUlid: createUlidFactory(options.randomBytes),
    refreshRegistry: async () => {
      if ((await options.store.state.registryVersion()) === registry.version) return
      registry.load(await options.store.state.registry())
    },
    health: { storeOk: true, doubtfulAt: null },
  }
}

/** Takes work up, as functions and apps are registered now: another process may have changed or paused them. */
async function claim(ctx: EngineContext, { readyMax, dueMax, full }: ClaimSearch) {
  const now = ctx.time.now()
  const skipped = new Set(ctx.circuits.open().flatMap(({ app, probeAt }) => (probeAt <= now ? [] : [app])))
  const unreachable =
    skipped.size === 0
      ? []
      : [...ctx.registry.functions()].filter((fn) => skipped.has(fn.app.row.key)).map((fn) => fn.row.key)
  const committed = await commit(ctx, {
    needs: claimNeeds(readyMax, dueMax, [...unreachable, ...full]),
    registry: ctx.registry.version,
    decide: (draft, facts) => claimItems(ctx, draft, facts),
  })
  if (committed === 'moved') await ctx.refreshRegistry()
  return committed
}

/** What lists of runs are told of pauses and apps. */
function briefAround(ctx: EngineContext): BriefAround {
  const fn = (key: number | null) => (key === null ? undefined : ctx.registry.fn(key))
  return {
    now: ctx.time.now(),
    pauseOf: (run) => (isHeld({ fn }, run) ? (fn(run.fn)?.pause?.record ?? null) : null),
    unreachableSince: (app) => ctx.circuits.unreachable(app)?.since ?? null,
  }
}

/** Why an invoke from outside started nothing. */
async function refusal(ctx: EngineContext, verdict: Exclude<InvokeVerdict, { kind: 'started' }>): Promise<EngineError> {
  if (verdict.kind === 'known') {
    const [first] = await ctx.store.state.load([verdict.run])
    return new EngineError('idempotency_conflict', 'A run was started with this key before.', {
      details: { runId: first?.row.id },
    })
  }
  if (verdict.kind === 'skipped') {
    const { reason, runId } = verdict
    return new EngineError('function_skipped', `The function starts no run now: ${reason}.`, {
      details: { reason, runId },
    })
  }
  const says = {
    rate_limited: 'The rate limit of the function has no room now.',
    function_debounced: 'The function is debounced: its run starts when the events have come to rest.',
  }
  return new EngineError(verdict.code, says[verdict.code], { details: { eventId: verdict.eventId } })
}

async function liveRun(ctx: EngineContext, runId: string) {
  const row = await ctx.store.state.runByUlid(runId)
  if (row === undefined) throw new EngineError('run_not_found', `Run ${runId} is not known.`)
  if (row.endedAt !== null)
    throw new EngineError('run_ended', `runtime state is no longer available for runID: ${runId}`)
  const [loaded] = await ctx.store.state.load([row.key])
  if (loaded === undefined) throw new EngineError('run_not_found', `Run ${runId} is not known.`)
  return loaded
}

function appView(ctx: EngineContext, key: number): AppView {
  const app = ctx.registry.app(key)
  if (app === undefined) throw new Error(`app ${key} is not in the registry`)
  const { row } = app
  const functions = [...ctx.registry.functions()].filter((fn) => fn.app.row.key === key && fn.active)
  return {
    id: app.id,
    name: row.name,
    url: row.url,
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' },
    unreachableSince: ctx.circuits.unreachable(key)?.since ?? null,
    functions: functions.map((fn) => ({ id: fn.id, slug: fn.row.slug, name: fn.row.name, warning: fn.warning })),
  }
}
