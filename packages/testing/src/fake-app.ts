// The user's app: a process of its own, which answers calls through a small SDK. It may die with all that it was doing,
// hang, or answer garbage; it knows nothing of the server but its HTTP API.
import type { CallRequest, CallResult } from '@pawl/engine'
import { type EventInput, type Json, type RawAnswer, readCheckpoint, readEvents, writeCanonical } from '@pawl/protocol'
import { type ParsedCall, parseCall } from './call-body.ts'
import type { CallCounts } from './call-counts.ts'
import type { Cluster } from './cluster.ts'
import { garbage } from './garbage.ts'
import type { Ledger } from './ledger.ts'
import { Life } from './life.ts'
import type { Mirror } from './mirror.ts'
import { askPeople } from './people.ts'
import type { Random } from './random.ts'
import type { FoundStep, Outcome } from './replay.ts'
import { FinalError, type StepAsk, type StepBody } from './script.ts'
import { answerCall, findFunction, type SdkHost, unknownFunction, type WireOp } from './sdk-call.ts'
import type { SimFunction } from './sim-function.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { WaitChecks } from './wait-checks.ts'

export interface AppWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly server: () => Cluster
  readonly ledger: Ledger
  readonly mirror: Mirror
  readonly counts: CallCounts
  readonly waits: WaitChecks
  readonly trace: (line: string) => void
  /** Probability, for one call, that the app fails in one of its ways. */
  readonly faultRate: () => number
  /** Clients are at work. */
  readonly isBusy: () => boolean
  readonly wall: () => number
  readonly report: Report
}

/** Probability that somebody sends the very event that a run has just asked for, at the same moment. */
const NUDGES = 0.25
/** In one world, for an event may start runs that wait again. */
const NUDGES_MAX = 8

/** Times that an SDK tries a checkpoint, or the sending of events, before it gives up. */
const TRIES_MAX = 4

export class FakeApp {
  functions: readonly SimFunction[]
  readonly version: number
  readonly #world: AppWorld
  readonly #saysFinal: boolean
  readonly #keepsRetries: boolean
  #life: Life
  /** Calls that end when the process does. */
  #open = new Set<() => void>()
  #nudges = 0
  /** Seeds of events that steps send, so that a step which runs again sends the same. */
  readonly #seeds = new Map<string, string>()

  constructor(world: AppWorld, functions: readonly SimFunction[], version: number) {
    this.#world = world
    this.functions = functions
    this.version = version
    this.#saysFinal = world.random.chance(0.8)
    this.#keepsRetries = world.random.chance(0.3)
    this.#life = new Life(world.clock, world.random)
  }

  get isUp(): boolean {
    return this.#life.isAlive
  }

  /** Answers a call; `reply` may come never. */
  receive(request: CallRequest, reply: (result: CallResult) => void): void {
    const { random, ledger } = this.#world
    const call = parseCall(request)
    const life = this.#life
    const open = this.#open
    const fn = findFunction(this.functions, call.slug)
    const over = fn === undefined ? () => {} : this.#world.counts.begins(call, fn)
    const reset = () => {
      over()
      reply({ kind: 'lost', reason: 'reset', message: 'the app is gone' })
    }
    open.add(reset)
    const send = (raw: RawAnswer) => {
      if (!life.isAlive) return
      over()
      open.delete(reset)
      reply({ kind: 'answer', raw })
    }
    const isFaulty = random.chance(this.#world.faultRate())
    const fault = isFaulty ? random.pick(['die', 'hang', 'garbage', 'late garbage'] as const) : null
    if (fault !== null) ledger.excuse(call.ctx.run_id, `the app's fault: ${fault}`)
    if (fault === 'garbage') return send(garbage(random))
    if (fault === 'die') life.after(random.between(0, 40), () => this.die())
    if (fault === 'hang') return
    const host = this.#host(life, call)
    if (fn === undefined) {
      ledger.excuse(call.ctx.run_id, 'the app has no such function')
      return send(unknownFunction(host, call.slug))
    }
    answerCall(host, fn, call).then(
      (raw) => send(fault === 'late garbage' ? garbage(random) : raw),
      (error: unknown) => this.#world.report('APP', `the fake app is broken: ${String(error)}`),
    )
  }

  /** The process ends, and is started again after a while. */
  die(): void {
    const { clock, random, trace } = this.#world
    if (!this.#life.isAlive) return
    trace('app dies')
    this.#life.end()
    const open = this.#open
    this.#open = new Set()
    for (const reset of open) reset()
    clock.after(random.pick([20, 500, 6_000]), () => this.revive())
  }

  revive(): void {
    if (this.#life.isAlive) return
    this.#life = new Life(this.#world.clock, this.#world.random)
    this.#world.trace('app is up')
  }

  #host(life: Life, call: ParsedCall): SdkHost {
    const { clock, random, waits, isBusy } = this.#world
    return {
      version: this.version,
      saysFinal: this.#saysFinal,
      keepsRetries: this.#keepsRetries,
      now: () => clock.now,
      bodyMs: () => (random.chance(0.03) ? random.between(500, 9_000) : random.between(0.5, 25)),
      wait: (ms) => life.wait(ms),
      body: (_call, step) => this.#runBody(life, call, step),
      checkpoint: (_call, ops) => this.#checkpoint(life, call, ops),
      state: () => this.#fetchState(life, call),
      asked: (_call, { ask, hash }) => {
        if (ask.kind !== 'wait') return
        waits.asked(call.ctx.run_id, hash, ask)
        // What tells of sessions nobody but the server can send.
        if (ask.field !== undefined) return
        if (this.#nudges < NUDGES_MAX && isBusy() && random.chance(NUDGES)) this.#nudge(ask)
      },
    }
  }

  async #runBody(life: Life, call: ParsedCall, step: FoundStep): Promise<Outcome> {
    const { random, ledger, trace } = this.#world
    if (step.ask.kind !== 'run') return { ok: false, error: new Error('not a step to run') }
    const { body, id } = step.ask
    const number = ledger.bodyBegins(call.ctx, step.hash)
    trace(`app runs "${id}" of ${shortId(call.ctx.run_id)} (attempt ${call.ctx.attempt}) as #${number}`)
    await life.wait(random.chance(0.03) ? random.between(500, 9_000) : random.between(0.5, 25))
    if (body.isFinal) return { ok: false, error: new FinalError(`"${id}" gives up`) }
    if (call.ctx.attempt < body.fails) return { ok: false, error: new Error(`"${id}" fails`) }
    if (body.asks !== null) return this.#askFromStep(life, call, body.asks)
    if (body.sends === null) return { ok: true, value: { step: id, number } }
    const sent = await this.#sendFromStep(life, call, step, body.sends)
    return sent ?? { ok: false, error: new Error(`"${id}" could not send`) }
  }

  async #sendFromStep(life: Life, call: ParsedCall, step: FoundStep, event: object): Promise<Outcome | null> {
    const { ledger } = this.#world
    const name = `${call.ctx.run_id} ${step.hash}`
    const seed = this.#seeds.get(name) ?? newSeed(this.#world)
    this.#seeds.set(name, seed)
    const ids = await sendEvents({ ...this.#world, wait: (ms) => life.wait(ms) }, event, { seed, tries: TRIES_MAX })
    if (ids === null) ledger.excuse(call.ctx.run_id, 'a step could not send')
    return ids === null ? null : { ok: true, value: { ids: [...ids] } }
  }

  async #askFromStep(life: Life, call: ParsedCall, request: NonNullable<StepBody['asks']>): Promise<Outcome> {
    const asked = await askPeople({ ...this.#world, wait: (ms) => life.wait(ms) }, request)
    if (asked !== null) return { ok: true, value: { asked } }
    this.#world.ledger.excuse(call.ctx.run_id, 'a step could not ask')
    return { ok: false, error: new Error('nobody could be asked') }
  }

  /** Another client sends what the run waits for while the wait is being opened: neither may miss the other. */
  #nudge({ event, key, above }: Extract<StepAsk, { kind: 'wait' }>): void {
    const { clock, random } = this.#world
    this.#nudges += 1
    const data = { key: key ?? 'k1', amount: (above ?? 0) + 1, n: `nudge ${key}` }
    const how = { seed: newSeed(this.#world), tries: TRIES_MAX }
    const send = () => sendEvents({ ...this.#world, wait: (ms) => clock.wait(ms) }, { name: event, data }, how)
    clock.after(random.between(0, 6), () => void send())
  }

  async #checkpoint(life: Life, call: ParsedCall, ops: readonly WireOp[]): Promise<'kept' | 'stale' | 'failed'> {
    const { server, random, ledger, trace } = this.#world
    const { ctx } = call
    const bytes = Buffer.from(
      JSON.stringify({
        run_id: ctx.run_id,
        fn_id: ctx.fn_id,
        qi_id: ctx.qi_id,
        ...(random.chance(0.7) ? { request_id: ctx.request_id, generation_id: ctx.generation_id } : {}),
        steps: ops,
        ts: 0,
      }),
    )
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const reply = await server().request((engine) => engine.checkpoint(readCheckpoint(bytes)))
      await life.wait(0)
      if (reply.kind === 'done') {
        trace(`app has ${ops.length} steps of ${shortId(ctx.run_id)} kept under ${ctx.qi_id}`)
        ledger.kept(ctx.run_id, wireResults(ops), (value) => writeCanonical(value as Json))
        return 'kept'
      }
      if (reply.kind === 'refused' && reply.error.code === 'stale_dispatch') {
        trace(`app's call of ${shortId(ctx.run_id)} under ${ctx.qi_id} is stale`)
        return 'stale'
      }
      if (reply.kind === 'refused' && reply.error.code === 'checkpoint_conflict') return 'stale'
      await life.wait(100 * 2 ** tries + random.between(0, 100))
    }
    return 'failed'
  }

  async #fetchState(life: Life, call: ParsedCall): Promise<ParsedCall | null> {
    const { run_id: runId } = call.ctx
    const ask = async <T>(read: Parameters<Cluster['request']>[0]): Promise<T | null> => {
      const reply = await this.#world.server().request(read)
      await life.wait(0)
      return reply.kind === 'done' ? (reply.value as T) : null
    }
    const steps = await ask<string>((engine) => engine.runSteps(runId))
    const events = await ask<readonly string[]>((engine) => engine.runEvents(runId))
    if (steps === null || events?.[0] === undefined) {
      this.#world.ledger.excuse(runId, 'its state could not be fetched')
      return null
    }
    return { ...call, steps: new Map(Object.entries(JSON.parse(steps) as Record<string, unknown>)), useApi: false }
  }
}

function wireResults(ops: readonly WireOp[]): readonly { readonly id: string; readonly data: unknown }[] {
  return ops.map(({ id, data }) => ({ id, data: data ?? null }))
}

export function shortId(runId: string): string {
  return runId.slice(-6)
}

/** The seed that an SDK makes for one sending, so that a resend gives the same IDs. */
export function newSeed(world: { readonly random: Random; readonly wall: () => number }): string {
  return `${world.wall()},${Buffer.from(world.random.bytes(10)).toString('base64')}`
}

interface Sending {
  readonly server: () => Cluster
  readonly ledger: Ledger
  readonly random: Random
  readonly trace: (line: string) => void
  readonly wait: (ms: number) => Promise<void>
}

/** Sends events until they are acknowledged, as an SDK does. @returns their IDs, or null when it gave up. */
export async function sendEvents(
  world: Sending,
  events: object,
  how: { readonly seed: string | null; readonly tries: number },
): Promise<readonly string[] | null> {
  const inputs: readonly EventInput[] = readEvents(Buffer.from(JSON.stringify(events)))
  for (let tries = 0; tries < how.tries; tries++) {
    const reply = await world.server().request((engine) => engine.send(inputs, how.seed))
    await world.wait(0)
    if (reply.kind === 'done') {
      for (const id of reply.value.ids) world.ledger.accepted(id)
      return reply.value.ids
    }
    await world.wait(100 * 2 ** tries + world.random.between(0, 100))
  }
  return null
}
