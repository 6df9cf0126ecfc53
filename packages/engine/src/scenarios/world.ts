// The place in which an engine's scenario plays: a real store on SQLite in memory, apps that are scripts, and a clock that
// only the scenario moves. After each act the world is let come to rest, so that nothing sleeps and nothing is polled.
import { type EventInput, hashStepId, type Json, readEvent, readRegisterRequest } from '@pawl/protocol'
import { createStore, type Database, type RunRow, type Store } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import type { Clock } from '../clock.ts'
import type { EngineOptions } from '../context.ts'
import { createEngine } from '../create-engine.ts'
import type { CallRequest, CallResult, GatewayRequest, GatewayResult } from '../drivers/driver.ts'
import type { Engine } from '../engine.ts'
import { ENGINE_LIMITS, type EngineLimits } from '../limits.ts'

/** 2026-01-01T00:00:00Z */
export const BEGIN = Date.UTC(2026, 0, 1)

interface Timer {
  readonly at: number
  readonly order: number
  readonly fire: () => void
}

/** Wall and monotonic time in one, moved by hand. */
export class HandClock implements Clock {
  now = BEGIN
  #order = 0
  readonly #timers = new Set<Timer>()

  wall(): number {
    return this.now
  }

  monotonic(): number {
    return this.now
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer = { at: this.now + Math.max(0, delayMs), order: this.#order++, fire }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Fires the next timer that is due by then. @returns false when there is none. */
  fireNext(until: number): boolean {
    const due = [...this.#timers]
      .filter((timer) => timer.at <= until)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0]
    if (due === undefined) return false
    this.#timers.delete(due)
    this.now = Math.max(this.now, due.at)
    due.fire()
    return true
  }
}

/** One call as an app sees it. */
export interface SeenCall {
  readonly runId: string
  readonly fnSlug: string
  /** `step`, or a hash. */
  readonly stepId: string
  readonly attempt: number
  readonly qiId: string
  readonly generationId: number
  readonly plansOnly: boolean
  readonly stack: readonly string[]
  readonly event: { readonly [name: string]: Json }
  readonly steps: { readonly [hash: string]: Json }
  readonly request: CallRequest
  /** Whether the step has a memo. */
  has(id: string): boolean
  memo(id: string): Json | undefined
  /** Whether the call aims at this step. */
  aimsAt(id: string): boolean
}

export type Script = (call: SeenCall) => CallResult | Promise<CallResult>

export interface FunctionOptions {
  readonly triggers?: readonly Json[]
  readonly retries?: number
  readonly [option: string]: Json | undefined | readonly Json[]
}

interface WorldOptions {
  readonly callsMax?: number
  readonly retryDelayMs?: number | null
  readonly limits?: Partial<EngineLimits>
  readonly options?: Partial<EngineOptions>
  readonly database?: (database: Database) => Database
}

export class World {
  readonly clock: HandClock
  readonly store: Store
  readonly engine: Engine
  readonly calls: SeenCall[]
  readonly fetched: GatewayRequest[] = []
  readonly warnings: string[]
  /** What the network answers to gateway steps. */
  fetch: (request: GatewayRequest) => GatewayResult | Promise<GatewayResult> = () => ({
    kind: 'answer',
    status: 200,
    headers: {},
    body: '{}',
  })
  readonly #scripts: Map<string, Script>
  readonly #work: { count: number }

  private constructor(parts: {
    clock: HandClock
    store: Store
    work: { count: number }
    scripts: Map<string, Script>
    options: WorldOptions
  }) {
    const { clock, store, options, work } = parts
    this.clock = clock
    this.store = store
    this.#scripts = parts.scripts
    this.#work = parts.work
    this.calls = []
    this.warnings = []
    const note = (fields: object, message: string): void =>
      void this.warnings.push(`${message} ${JSON.stringify(fields)}`)
    let drawn = 0
    this.engine = createEngine({
      store,
      driver: { call: (request) => this.#call(request), close: async () => {} },
      gateway: {
        fetch: async (request) => {
          this.fetched.push(request)
          work.count += 1
          const result = await this.fetch(request)
          work.count += 1
          return result
        },
      },
      clock,
      // Distinct is all that identifiers need to be.
      randomBytes: (count) => Uint8Array.from({ length: count }, () => (++drawn * 167) & 255),
      random: () => 0,
      log: { debug: () => {}, info: () => {}, warn: note, error: note },
      callsMax: options.callsMax ?? 100,
      retryDelayMs: options.retryDelayMs === undefined ? 1_000 : options.retryDelayMs,
      signingKeys: [],
      cronCatchUp: 'latest',
      tickMs: 60_000,
      limits: { ...ENGINE_LIMITS, ...options.limits },
      ...options.options,
    })
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const clock = new HandClock()
    const work = { count: 0 }
    const opened = await openSqlite({ path: ':memory:', now: () => clock.now })
    const database = counting(options.database?.(opened) ?? opened, work)
    const store = createStore({ database, turn: (take) => void setImmediate(take) })
    const world = new World({ clock, store, work, scripts: new Map(), options })
    await world.engine.start()
    return world
  }

  async close(): Promise<void> {
    const stopped = this.engine.stop(0)
    await this.rest()
    // Calls that are out get no grace.
    while (this.clock.fireNext(this.clock.now)) await this.rest()
    await stopped
    await this.store.close()
  }

  /** Registers functions of the app `app`, each with its script. */
  async register(functions: Readonly<Record<string, readonly [FunctionOptions, Script]>>): Promise<void> {
    const raw = Object.entries(functions).map(([id, [options, script]]) => {
      this.#scripts.set(`app-${id}`, script)
      const { triggers = [{ event: id }], retries = 4, ...rest } = options
      const url = `http://app.test/api?fnId=app-${id}&stepId=step`
      const step = { id: 'step', name: 'step', runtime: { type: 'http', url }, retries: { attempts: retries } }
      return { id: `app-${id}`, name: id, triggers, steps: { step }, ...rest }
    })
    const body = {
      appName: 'app',
      url: 'http://app.test/api',
      deployType: 'ping',
      framework: 'test',
      sdk: 'js:v4.24.0',
      v: '0.1',
      functions: raw,
    }
    await this.engine.sync(readRegisterRequest(Buffer.from(JSON.stringify(body))))
    await this.rest()
  }

  /** Sends events and lets everything that follows come to rest. @returns their IDs. */
  async send(...events: readonly Json[]): Promise<readonly string[]> {
    const { ids } = await this.engine.send(
      events.map((event): EventInput => readEvent(event)),
      null,
    )
    await this.rest()
    return ids
  }

  /** Lets the clock go forward, timer by timer. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now + ms
    await this.rest()
    while (this.clock.fireNext(until)) await this.rest()
    this.clock.now = until
    await this.rest()
  }

  /** Lets go on what can: until for some turns nobody has asked the store or called an app. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 6; quiet++) {
      const before = this.#work.count
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (this.#work.count !== before) quiet = -1
    }
  }

  /** The runs of a function, oldest first. */
  async runs(fn?: string): Promise<readonly RunRow[]> {
    const query = { field: 'queuedAt', order: 'asc', limit: 2_000, withOutput: false, withEvents: false } as const
    const views = await this.store.lists.runs(query)
    return views.filter((view) => fn === undefined || view.slug === `app-${fn}`).map((view) => view.row)
  }

  async run(fn: string): Promise<RunRow> {
    const [row] = await this.runs(fn)
    if (row === undefined) throw new Error(`there is no run of ${fn}`)
    return row
  }

  /** The result of a run, or its error. */
  async output(fn: string): Promise<Json> {
    const view = await this.store.lists.run((await this.run(fn)).id, { withOutput: true, withEvents: false })
    return view?.output == null ? null : JSON.parse(view.output)
  }

  /** Calls of a function so far. */
  callsOf(fn: string): readonly SeenCall[] {
    return this.calls.filter((call) => call.fnSlug === `app-${fn}`)
  }

  async eventsNamed(name: string): Promise<readonly { readonly [name: string]: Json }[]> {
    const views = await this.store.lists.events({ names: [name], includeInternal: true, limit: 1_000, withText: true })
    return views
      .flatMap((view) => (view.event === null ? [] : [JSON.parse(this.engine.eventText(view.event))]))
      .reverse()
  }

  async #call(request: CallRequest): Promise<CallResult> {
    this.#work.count += 1
    const call = seen(request)
    this.calls.push(call)
    const script = this.#scripts.get(call.fnSlug)
    if (script === undefined) throw new Error(`no script for ${call.fnSlug}`)
    const result = await script(call)
    this.#work.count += 1
    return result
  }
}

function seen(request: CallRequest): SeenCall {
  const body = JSON.parse(request.body)
  const { ctx, steps, event } = body
  return {
    runId: ctx.run_id,
    fnSlug: new URL(request.url).searchParams.get('fnId') ?? '',
    stepId: ctx.step_id,
    attempt: ctx.attempt,
    qiId: ctx.qi_id,
    generationId: ctx.generation_id,
    plansOnly: ctx.disable_immediate_execution,
    stack: ctx.stack.stack,
    event,
    steps,
    request,
    has: (id) => Object.hasOwn(steps, hashStepId(id)) && !Object.hasOwn(steps[hashStepId(id)] ?? {}, 'input'),
    memo: (id) => steps[hashStepId(id)],
    aimsAt: (id) => ctx.step_id === hashStepId(id),
  }
}

/** Counts what is asked of the database, so that rest can be told. */
function counting(database: Database, work: { count: number }): Database {
  return {
    name: database.name,
    process: database.process,
    shared: database.shared,
    now: database.now,
    state: database.state,
    lists: database.lists,
    reserveKeys: (count) => database.reserveKeys(count),
    begin(needs, fences, revs) {
      work.count += 1
      return database.begin(needs, fences, revs)
    },
    finish(group) {
      work.count += 1
      return database.finish(group)
    },
    rollback: () => database.rollback(),
    written: (groupNumber) => database.written(groupNumber),
    close: () => database.close(),
  }
}

/** An answer that is given later. */
export function held(): { readonly promise: Promise<CallResult>; give(result: CallResult): void } {
  let give: (result: CallResult) => void = () => {}
  const promise = new Promise<CallResult>((resolve) => (give = resolve))
  return { promise, give: (result) => give(result) }
}
