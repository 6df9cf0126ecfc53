// Those who use the server: they send events and send them again when nobody says what became of them, cancel, signal,
// repeat and invoke runs, and deploy the app anew with other functions.
import { type BulkAsk, type Engine, functionUuid, type PauseTarget } from '@pawl/engine'
import { readRegisterRequest } from '@pawl/protocol'
import type { CallCounts } from './call-counts.ts'
import type { Cluster } from './cluster.ts'
import { type FakeApp, newSeed, sendEvents, shortId } from './fake-app.ts'
import { registrationOf } from './functions.ts'
import type { JobChecks } from './job-checks.ts'
import type { Ledger } from './ledger.ts'
import type { Mirror, MirrorRun } from './mirror.ts'
import { useSession } from './people.ts'
import type { Random } from './random.ts'
import type { Reply } from './server.ts'
import type { Settings } from './settings.ts'
import { APP_NAME, EVENT_NAMES, type SimFunction, slugOf } from './sim-function.ts'
import { useJob } from './timekeepers.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface ClientWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly server: () => Cluster
  readonly app: () => FakeApp
  readonly mirror: Mirror
  readonly ledger: Ledger
  readonly counts: CallCounts
  readonly jobs: JobChecks
  readonly settings: Settings
  readonly report: Report
  readonly trace: (line: string) => void
  readonly wall: () => number
  /** All functions that the app can have. */
  readonly functions: readonly SimFunction[]
}

/** Times that a client asks again before it gives up. */
const TRIES_MAX = 8

const KEYS = ['k1', 'k2', 'k3']

/** One operation of some client, drawn at random. */
export async function operate(world: ClientWorld, number: number): Promise<void> {
  const { random } = world
  const drawn = random.float()
  if (drawn < 0.36) return send(world, number)
  if (drawn < 0.44) return useJob(world, number)
  if (drawn < 0.5) return useSession(world, number)
  if (drawn < 0.58) return cancel(world)
  if (drawn < 0.63) return signal(world)
  if (drawn < 0.66) return resume(world)
  if (drawn < 0.74) return rerun(world)
  if (drawn < 0.8) return invoke(world)
  if (drawn < 0.86) return deploy(world)
  if (drawn < 0.94) return rest(world)
  if (drawn < 0.955) return inBulk(world)
  if (drawn < 0.97) return acrossFunctions(world)
  if (drawn < 0.985) return ask(world)
  return limit(world)
}

async function send(world: ClientWorld, number: number): Promise<void> {
  const { random, trace, clock, wall } = world
  const events = Array.from({ length: random.pick([1, 1, 2, 3, 6]) }, (_, index) => ({
    name: random.pick(EVENT_NAMES),
    data: { key: random.pick(KEYS), amount: random.whole(0, 9), n: `${number}.${index}` },
    ...(random.chance(0.15) ? { id: `sender ${random.whole(1, 3)}` } : {}),
    ...(random.chance(0.1) ? { ts: wall() + random.pick([-1_000, 1_500, 4_000]) } : {}),
  }))
  const isSeeded = random.chance(0.8)
  trace(`client sends ${events.map((event) => `${event.name} ${event.data.key}`).join(', ')}`)
  // Without a seed a resend would be another event, so there is none.
  const how = isSeeded ? { seed: newSeed(world), tries: TRIES_MAX } : { seed: null, tries: 1 }
  const ids = await sendEvents({ ...world, wait: (ms) => clock.wait(ms) }, events, how)
  trace(ids === null ? 'client gave up sending' : `client has ${ids.length} events stored`)
}

async function cancel(world: ClientWorld): Promise<void> {
  const run = pickRun(world)
  if (run === null) return
  const { id } = run.row
  world.trace(`client cancels ${shortId(id)}`)
  world.ledger.cancels.add(id)
  const reply = await world.server().request((engine) => engine.cancel(id))
  if (reply.kind === 'done' && run.row.endedAt === null)
    world.report('I12', `the cancel of run ${id} was answered ${reply.value}, and the run is ${run.row.status}`)
}

async function signal(world: ClientWorld): Promise<void> {
  const { random, mirror } = world
  const waiting = [...mirror.waits.values()].filter((wait) => wait.kind === 'signal' && wait.name !== '')
  const name = waiting.length > 0 ? random.pick(waiting).name : random.pick(['blue', 'red', 'go k1'])
  const mark = random.whole(1, 1_000_000)
  const reply = await world.server().request((engine) => engine.signal(name, `{"mark":${mark}}`))
  if (reply.kind !== 'done' || reply.value === null) return
  const run = mirror.runsById.get(reply.value.runId)
  const isKept = [...(run?.steps.values() ?? [])].some(({ row }) => row.memo.includes(`"mark":${mark}`))
  if (!isKept) world.report('I11', `signal ${name} was answered with run ${reply.value.runId}, which did not get it`)
}

async function rerun(world: ClientWorld): Promise<void> {
  const { random, mirror, trace } = world
  const run = pickRun(world)
  if (run === null) return
  const steps = [...run.steps.keys()]
  const from =
    steps.length > 0 && random.chance(0.5)
      ? { step: random.pick(steps), inputText: random.pick([null, '[{"edited":1}]']) }
      : undefined
  const dataText = random.chance(0.25) ? `{"amount":${random.whole(0, 9)},"key":"${random.pick(KEYS)}"}` : undefined
  trace(`client reruns ${shortId(run.row.id)}${from === undefined ? '' : ` from ${from.step.slice(0, 6)}`}`)
  const reply = await world.server().request((engine) => engine.rerun(run.row.id, { from, dataText }))
  if (reply.kind === 'done' && !mirror.runsById.has(reply.value.runId))
    world.report('I1', `rerun ${reply.value.runId} was acknowledged and is not stored`)
}

/** Somebody goes on with a run that waits or sleeps, while what it waits for may come at the same time. */
async function resume(world: ClientWorld): Promise<void> {
  const { random, mirror, trace, report } = world
  const resting = [...mirror.items.values()].filter(({ kind }) => kind === 'wait' || kind === 'sleep')
  const item = resting.length === 0 ? undefined : random.pick(resting)
  const run = item?.run == null ? undefined : mirror.runs.get(item.run)
  if (item === undefined || run === undefined) return
  const mark = random.whole(1, 1_000_000)
  trace(`client resumes step ${item.step.slice(0, 6)} of ${shortId(run.row.id)}`)
  const data = `{"key":"${random.pick(KEYS)}","mark":${mark}}`
  const reply = await world.server().request((engine) => engine.resume(run.row.id, item.step, data))
  if (reply.kind !== 'done') return
  const memo = run.steps.get(item.step)?.row.memo
  if (memo !== 'null' && memo?.includes(`"mark":${mark}`) !== true)
    report('I11', `step ${item.step} of run ${run.row.id} was resumed by hand, and its result is ${memo}`)
}

async function invoke(world: ClientWorld): Promise<void> {
  const { random, mirror, functions } = world
  const slug = slugOf(random.pick(functions))
  const idempotencyKey = random.chance(0.5) ? random.pick(['a', 'b']) : null
  const dataText = `{"key":"${random.pick(KEYS)}"}`
  const reply = await again(
    world,
    (engine) => engine.invoke({ slug, dataText, idempotencyKey }),
    idempotencyKey !== null,
  )
  if (idempotencyKey !== null) checkSameRun(world, `${slug} ${idempotencyKey}`, reply)
  if (reply.kind === 'done' && !mirror.runsById.has(reply.value.runId))
    world.report('I1', `invoked run ${reply.value.runId} was acknowledged and is not stored`)
}

/** One key stands for one run, whoever asks. */
function checkSameRun(world: ClientWorld, name: string, reply: Reply<{ readonly runId: string }>): void {
  const known = world.ledger.invoked.get(name)
  const refused =
    reply.kind === 'refused' && reply.error.code === 'idempotency_conflict' ? reply.error.details.runId : null
  const runId = reply.kind === 'done' ? reply.value.runId : refused
  if (typeof runId !== 'string') return
  world.ledger.invoked.set(name, runId)
  if (known !== undefined && known !== runId)
    world.report('I1', `${name} was invoked as run ${known}, and is now answered with ${runId}`)
}

/** Functions rest for a while, one or all of the app. */
async function rest(world: ClientWorld): Promise<void> {
  const { random, functions, clock, trace, mirror, ledger, settings } = world
  const fn = random.pick(functions)
  const row = mirror.fnBySlug(slugOf(fn))
  if (row === undefined) return
  const isApp = random.chance(0.25)
  const target = isApp ? { appName: APP_NAME } : { functionId: functionUuid(APP_NAME, slugOf(fn)) }
  // Cancelling goes through lists, which only the model has in simulated time.
  const running = random.pick(
    settings.isModel ? (['hold', 'finish', 'cancel'] as const) : (['hold', 'finish'] as const),
  )
  const until = random.chance(0.3) ? world.wall() + random.pick([-1_000, 300, 4_000]) : null
  const how = { new: random.pick(['skip', 'hold'] as const), running, by: 'client', until }
  ledger.hasPauses = true
  trace(`client pauses ${isApp ? 'the app' : fn.id}: new ${how.new}, running ${how.running}`)
  if (running === 'cancel') for (const key of isApp ? mirror.functions.keys() : [row.key]) ledger.pauseCancels.add(key)
  const reply = await again(world, (engine) => engine.pause(target, how), true)
  // One that ends by itself must do so.
  if (reply.kind === 'refused' || (until !== null && random.chance(0.7))) return
  await clock.wait(random.pick([50, 2_000, 8_000]))
  trace(`client unpauses ${isApp ? 'the app' : fn.id}`)
  await unpause(world, target)
}

async function unpause(world: ClientWorld, target: PauseTarget): Promise<void> {
  for (;;) {
    const done = await world.server().request((engine) => engine.unpause(target))
    if (done.kind === 'done' || (done.kind === 'refused' && done.error.code !== 'store_unavailable')) return
    await world.clock.wait(300)
  }
}

/** Longer than a request may lie in a server that is paused, in milliseconds. */
const LATE_MS = 60_000

/** Whatever a pause that came late has left: it would rest for ever. */
export async function endPauses(world: ClientWorld): Promise<void> {
  const { mirror, clock, ledger } = world
  if (!ledger.hasPauses) return
  await clock.wait(LATE_MS)
  for (const app of mirror.apps.values()) if (app.pause !== null) await unpause(world, { appName: app.name })
  for (const fn of mirror.functions.values()) {
    if (fn.pause !== null) await unpause(world, { functionId: functionUuid(APP_NAME, fn.slug) })
  }
  for (const bulk of mirror.bulks.values()) if (bulk.endedAt === null) await goOn(world, bulk.id)
}

/** Many runs are cancelled, or started again. */
async function inBulk(world: ClientWorld): Promise<void> {
  const { random, functions, mirror, ledger, trace, settings, clock } = world
  const fn = random.pick(functions)
  const row = mirror.fnBySlug(slugOf(fn))
  if (row === undefined || !settings.isModel) return
  const functionId = functionUuid(APP_NAME, slugOf(fn))
  const now = world.wall()
  if (random.chance(0.5)) {
    const condition = random.pick([null, "event.data.key == 'k1'"])
    trace(`client cancels ${fn.id} in bulk`)
    ledger.bulkCancels.add(row.key)
    await world.server().request((engine) => engine.cancelMany({ functionId, after: null, before: now, condition }))
    return
  }
  const statuses = ['completed', 'failed', 'cancelled', 'skipped'] as const
  const request = { functionId, from: 0, until: now, statuses, conditions: [], name: null, perSecond: 5, dryRun: false }
  trace(`client replays ${fn.id}`)
  const reply = await world.server().request((engine) => engine.replay(request))
  if (reply.kind !== 'done' || reply.value.id === null || random.chance(0.6)) return
  const { id } = reply.value
  await clock.wait(random.pick([100, 1_500]))
  trace('client stops the replay')
  await world.server().request((engine) => engine.stopBulk(id))
}

/** Runs of several functions, or of all, are cancelled or started again; now and then that rests for a while. */
async function acrossFunctions(world: ClientWorld): Promise<void> {
  const { random, ledger, trace, settings, clock, mirror } = world
  if (!settings.isModel) return
  const ask = drawBulk(world)
  trace(
    `client begins to ${ask.kind} ${ask.functionIds?.length ?? 'all'} functions, ${ask.runIds?.length ?? 'all'} runs`,
  )
  if (ask.kind === 'cancel') for (const key of mirror.functions.keys()) ledger.bulkCancels.add(key)
  const reply = await world.server().request((engine) => engine.startBulk(ask))
  if (reply.kind !== 'done' || reply.value.id === null) return
  const { id } = reply.value
  if (random.chance(0.5)) {
    ledger.hasPauses = true
    await world.server().request((engine) => engine.pauseBulk(id, true))
    await clock.wait(random.pick([100, 3_000]))
    await goOn(world, id)
  }
  if (random.chance(0.3)) await world.server().request((engine) => engine.stopBulk(id))
}

function drawBulk({ random, functions, mirror, wall }: ClientWorld): BulkAsk {
  const kind = random.pick(['cancel', 'replay'] as const)
  const known = functions.filter((fn) => mirror.fnBySlug(slugOf(fn)) !== undefined)
  const ids = [...mirror.runsById.keys()]
  const isNamed = ids.length > 0 && random.chance(0.3)
  const isSome = known.length > 0 && random.chance(0.6)
  const some = () => [random.pick(known), random.pick(known)].map((fn) => functionUuid(APP_NAME, slugOf(fn)))
  return {
    kind,
    functionIds: isSome ? some() : null,
    runIds: isNamed ? Array.from({ length: random.whole(1, 4) }, () => random.pick(ids)) : null,
    from: 0,
    until: wall(),
    statuses: kind === 'cancel' ? ['scheduled', 'running'] : ['failed', 'cancelled'],
    conditions: random.chance(0.3) ? ["event.data.key == 'k1'"] : [],
    name: null,
    perMinute: random.pick([null, 60, 600]),
    dryRun: random.chance(0.1),
  }
}

/** Whatever rests goes on. */
async function goOn(world: ClientWorld, bulk: string): Promise<void> {
  for (;;) {
    const done = await world.server().request((engine) => engine.pauseBulk(bulk, false))
    if (done.kind === 'done' || (done.kind === 'refused' && done.error.code !== 'store_unavailable')) return
    await world.clock.wait(300)
  }
}

/** Asks why a run does not move, and what became of an event. */
async function ask(world: ClientWorld): Promise<void> {
  const { settings, mirror, random, report } = world
  const run = pickRun(world)
  if (run === null || !settings.isModel) return
  const reply = await world.server().request((engine) => engine.why(run.row.id))
  if (reply.kind === 'done' && reply.value === undefined) report('WHY', `run ${run.row.id} is not known`)
  const ids = [...mirror.eventsById.keys()]
  if (ids.length === 0) return
  const id = random.pick(ids)
  await world.server().request((engine) => engine.whyEvent(id))
}

/** The app is deployed with other functions, and some time later with all of them again. */
async function deploy(world: ClientWorld): Promise<void> {
  const { random, functions, clock, trace } = world
  const gone = random.pick(functions)
  trace(`the app is deployed without ${gone.id}`)
  world.app().functions = functions
    .filter((fn) => fn !== gone)
    .map((fn) => (random.chance(0.4) ? otherwise(fn, random) : fn))
  await register(world, TRIES_MAX)
  await clock.wait(random.pick([100, 4_000]))
  trace('the app is deployed as it was')
  world.app().functions = functions
  await register(world, Number.POSITIVE_INFINITY)
}

/** The same function with another configuration. */
function otherwise(fn: SimFunction, random: Random): SimFunction {
  return { ...fn, config: { ...fn.config, ...otherConfig(fn, random) } }
}

function otherConfig({ config }: SimFunction, random: Random): Readonly<Record<string, unknown>> {
  if (config.concurrency !== undefined && random.chance(0.8))
    return { concurrency: random.chance(0.2) ? undefined : otherLimits(config.concurrency, random) }
  if (config.throttle !== undefined) return { throttle: { ...(config.throttle as object), limit: random.whole(1, 4) } }
  if (config.batchEvents !== undefined) return {}
  if (JSON.stringify(config).includes('* * * * *')) return { triggers: [{ cron: '*/2 * * * *' }] }
  return { cancel: [{ event: 'order/cancelled' }] }
}

/** The same limits with other numbers. */
function otherLimits(written: unknown, random: Random): unknown {
  if (typeof written === 'number') return random.whole(1, 4)
  if (Array.isArray(written)) return written.map((one: unknown) => otherLimits(one, random))
  const lists = written as { readonly fn?: unknown; readonly step?: unknown }
  const { fn, step } = lists
  if (fn === undefined && step === undefined) return { ...lists, limit: random.whole(1, 4) }
  return {
    ...(fn === undefined ? {} : { fn: otherLimits(fn, random) }),
    ...(step === undefined ? {} : { step: otherLimits(step, random) }),
  }
}

/** Registers the app as it is now, until the server has taken it. */
export async function register(world: ClientWorld, tries: number): Promise<void> {
  const { clock, report } = world
  world.counts.deployed(world.app().functions)
  for (let count = 0; count < tries; count++) {
    const bytes = registrationOf(world.app().functions)
    const reply = await world.server().request((engine) => engine.sync(readRegisterRequest(bytes)))
    if (reply.kind === 'done') return
    if (reply.kind === 'refused' && reply.error.code === 'invalid_config')
      return report('APP', `the fake app's functions are refused: ${reply.error.message}`)
    await clock.wait(200)
  }
}

async function limit(world: ClientWorld): Promise<void> {
  const { random, functions, mirror, ledger } = world
  const fn = random.pick(functions)
  const row = mirror.fnBySlug(slugOf(fn))
  if (row === undefined) return
  world.trace(`client limits ${fn.id} to two steps`)
  ledger.limited.add(row.key)
  await world.server().request(async (engine) => {
    const view = engine.registry().apps.find((app) => app.name === APP_NAME)
    const found = view?.functions.find((one) => one.slug === slugOf(fn))
    if (found !== undefined) await engine.setFunctionLimit(found.id, { stepsMax: 2 })
  })
}

async function again<T>(
  world: ClientWorld,
  handle: (engine: Engine) => Promise<T>,
  isIdempotent: boolean,
): Promise<Reply<T>> {
  let reply: Reply<T> = { kind: 'lost' }
  for (let tries = 0; tries < (isIdempotent ? TRIES_MAX : 1); tries++) {
    reply = await world.server().request(handle)
    if (reply.kind === 'done' || (reply.kind === 'refused' && reply.error.code !== 'store_unavailable')) return reply
    await world.clock.wait(200)
  }
  return reply
}

function pickRun({ random, mirror }: ClientWorld): MirrorRun | null {
  const runs = [...mirror.runs.values()]
  return runs.length === 0 ? null : random.pick(runs)
}
