// A simulated server: one engine at a time over the world's store. It can die at any instant, stop in order, be paused, and
// comes up again by itself; what a client sends reaches it as over a network, and may find nobody.
import { createEngine, type Driver, type Engine, EngineError, type Gateway, type Log } from '@pawl/engine'
import { createStore, type Database, StorageError } from '@pawl/storage'
import { Life } from './life.ts'
import type { FaultKind, Point, Points } from './points.ts'
import type { Random } from './random.ts'
import type { Settings } from './settings.ts'
import type { SimStore } from './sim-store.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What a request came to for who sent it. `lost`: nobody can say whether it was done. */
export type Reply<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: EngineError }
  | { readonly kind: 'lost' }

/** The end of a server process towards the app. */
export interface AppEnd {
  readonly life: Life
  readonly pass: (point: Point) => FaultKind | null
  /** A call of the function has gone out. */
  readonly called: (slug: string) => void
}

export interface ServerWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly settings: Settings
  readonly store: SimStore
  readonly points: Points
  readonly isFaulty: () => boolean
  readonly trace: (line: string) => void
  readonly report: Report
  /** The wall clock where it is right. */
  readonly wall: () => number
  readonly outside: (end: AppEnd) => { readonly driver: Driver; readonly gateway: Gateway }
  readonly network: () => number
  /** A call of the function has gone out from this server. */
  readonly called: (server: Server, slug: string) => void
}

export class Server {
  isListening = false
  /** 1, 2, 3 … */
  readonly number: number
  readonly #world: ServerWorld
  readonly #skewMs: number
  #life: Life
  #engine: Engine | null = null
  #database: Database | null = null
  /** Requests under way in the present life. */
  #open = new Set<() => void>()

  constructor(world: ServerWorld, number: number) {
    this.#world = world
    this.number = number
    this.#skewMs = world.settings.skewsMs[number - 1] ?? 0
    this.#life = new Life(world.clock, world.random)
    this.#life.end()
  }

  get isUp(): boolean {
    return this.#life.isAlive
  }

  /** Opens the store and starts; it listens once the engine has started. A start that fails is tried again. */
  async boot(): Promise<void> {
    const { clock, random, settings } = this.#world
    if (this.#life.isAlive) return
    const life = new Life(clock, random)
    this.#life = life
    const wall = () => this.#world.wall() + this.#skewMs
    const pass = (point: Point) => this.pass(point)
    const database = await this.#world.store.open({ life, wall, pass })
    this.#database = database
    const store = createStore({
      database,
      turn: (take) => void life.after(random.between(0, settings.turnMsMax), take),
    })
    const engine = createEngine({
      store,
      ...this.#world.outside({ life, pass, called: (slug) => this.#world.called(this, slug) }),
      clock: {
        wall,
        monotonic: () => clock.now,
        setTimer: (delayMs, fire) => life.after(delayMs + random.between(0, 1), fire),
      },
      randomBytes: (count) => random.bytes(count),
      random: () => random.float(),
      log: this.#log(),
      callsMax: settings.callsMax,
      retryDelayMs: settings.retryDelayMs,
      signingKeys: [],
      cronCatchUp: 'latest',
      tickMs: 1_000,
      limits: settings.limits,
    })
    this.#engine = engine
    this.#say(`opens the store as process ${database.process}`)
    engine.start().then(
      () => {
        if (life.isAlive) this.isListening = true
      },
      (error: unknown) => {
        this.#expectStorage('start', error)
        if (life.isAlive) this.crash('its start failed')
      },
    )
  }

  /** The process dies; another one is started after a while. */
  crash(why: string): void {
    if (!this.#life.isAlive) return
    const { clock, random, store } = this.#world
    this.#say(`dies: ${why}`)
    this.#endLife()
    const database = this.#database
    this.#database = null
    const downMs = random.pick([1, 50, 3_000])
    clock.after(0, async () => {
      if (database !== null) await store.die(database)
      clock.after(downMs, () => this.boot())
    })
  }

  /** The world is over. */
  async end(): Promise<void> {
    this.#endLife()
    await this.#database?.close()
  }

  /** Stops as at SIGTERM and is started again. */
  stop(): void {
    const engine = this.#engine
    const life = this.#life
    if (!life.isAlive || !this.isListening || engine === null) return
    this.#say('stops in order')
    this.isListening = false
    const { random } = this.#world
    // It lingers: an answer may come to a process that has given its leases back.
    const end = () => void life.after(random.pick([0, 20, 1_500]), () => this.crash('it has stopped in order'))
    engine.stop(random.pick([0, 0, 500, 10_000])).then(end, (error: unknown) => {
      this.#expectStorage('stop', error)
      if (life.isAlive) this.crash('its stop failed')
    })
  }

  pause(): void {
    const ms = this.#world.random.pick([30, 1_000, 40_000])
    this.#say(`is paused for ${ms} ms`)
    this.#life.pause(ms)
  }

  /** Passes a named point of the engine's way, where the seed may have put a fault. */
  pass(point: Point): FaultKind | null {
    if (!this.#world.isFaulty() || !this.#life.isAlive) return null
    const kind = this.#world.points.pass(point)
    if (kind === 'crash' || (kind === 'fail' && point === 'after-claim')) this.crash(`at ${point}`)
    else if (kind === 'pause') this.pause()
    return kind
  }

  /** Brings a request over the network, and its answer back. Both may be lost. */
  carry<T>(handle: (engine: Engine) => Promise<T>, answer: (reply: Reply<T>) => void): void {
    const { clock, random } = this.#world
    const lose = () => void clock.after(random.between(0, 5), () => answer({ kind: 'lost' }))
    clock.after(random.between(0.1, 3), () => {
      if (!this.isListening || random.chance(this.#world.network())) return lose()
      const life = this.#life
      const open = this.#open
      open.add(lose)
      life.deliver(() => {
        const engine = this.#engine
        if (engine === null) return
        void this.#handle(() => handle(engine)).then((reply) => {
          this.pass('before-http-answer')
          life.deliver(() => {
            open.delete(lose)
            if (random.chance(this.#world.network())) lose()
            else clock.after(random.between(0.1, 3), () => answer(reply))
          })
        })
      })
    })
  }

  #say(what: string): void {
    this.#world.trace(`server ${this.number} ${what}`)
  }

  async #handle<T>(handle: () => Promise<T>): Promise<Reply<T>> {
    try {
      return { kind: 'done', value: await handle() }
    } catch (error) {
      if (error instanceof EngineError) return { kind: 'refused', error }
      // The HTTP surface answers these with 503 by itself.
      if (error instanceof StorageError)
        return { kind: 'refused', error: new EngineError('store_unavailable', error.message) }
      this.#world.report('ENGINE', `a request ended in an error of the server: ${textOf(error)}`)
      return { kind: 'lost' }
    }
  }

  #endLife(): void {
    this.#life.end()
    this.isListening = false
    this.#engine = null
    const open = this.#open
    this.#open = new Set()
    for (const lose of open) lose()
  }

  #expectStorage(what: string, error: unknown): void {
    if (error instanceof StorageError || error instanceof EngineError) return
    this.#world.report('ENGINE', `${what} ended in an error: ${textOf(error)}`)
  }

  #log(): Log {
    const { trace, report } = this.#world
    const line = (fields: Readonly<Record<string, unknown>>, message: string) => `${message} ${JSON.stringify(fields)}`
    return {
      debug() {},
      info() {},
      warn: (fields, message) => trace(`log ${this.number}: ${line(fields, message)}`),
      error: (fields, message) => {
        trace(`log ${this.number}: ${line(fields, message)}`)
        if (!String(fields.error).startsWith('StorageError')) report('ENGINE', line(fields, message))
      },
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
