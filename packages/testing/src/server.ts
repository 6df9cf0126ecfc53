// The simulated server: one engine at a time over the world's disk. It can die at any instant, stop in order, be paused,
// and comes up again by itself; requests reach it as over a network, and may find nobody.
import { createEngine, type Driver, type Engine, EngineError, type Gateway, type Log } from '@pawl/engine'
import { createStore, type Database, StorageError } from '@pawl/storage'
import type { BrokenGuard } from './broken-guards.ts'
import type { Disk } from './disk.ts'
import { Life } from './life.ts'
import type { FaultKind, Point, Points } from './points.ts'
import type { Random } from './random.ts'
import type { Settings } from './settings.ts'
import { type DatabaseWeather, SimDatabase } from './sim-database.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What a request came to for who sent it. `lost`: nobody can say whether it was done. */
export type Reply<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: EngineError }
  | { readonly kind: 'lost' }

export interface ServerWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly settings: Settings
  readonly disk: Disk
  readonly points: Points
  /** Passes a named point, as long as faults are on. */
  readonly pass: (point: Point) => FaultKind | null
  readonly trace: (line: string) => void
  readonly report: Report
  /** The machine's wall clock. */
  readonly wall: () => number
  readonly weather: Omit<DatabaseWeather, 'pass'>
  readonly brokenGuard: BrokenGuard | undefined
  readonly outside: (life: Life) => { readonly driver: Driver; readonly gateway: Gateway }
  readonly network: () => number
  /** A server has opened the store at this instant: all leases are void. */
  readonly opened: (now: number) => void
}

/** A client gives up after this time, in milliseconds. */
const CLIENT_MS = 10_000

export class Server {
  isListening = false
  readonly #world: ServerWorld
  #life: Life
  #engine: Engine | null = null
  #database: Database | null = null
  /** Requests under way in the present life. */
  #open = new Set<() => void>()

  constructor(world: ServerWorld) {
    this.#world = world
    this.#life = new Life(world.clock, world.random)
    this.#life.end()
  }

  get isUp(): boolean {
    return this.#life.isAlive
  }

  /** Opens the store and starts; it listens once the engine has started. A start that fails is tried again. */
  async boot(): Promise<void> {
    const { clock, random, disk, wall, settings, trace } = this.#world
    if (this.#life.isAlive) return
    const inner = await disk.open({ now: wall, monotonic: () => clock.now })
    const life = new Life(clock, random)
    this.#life = life
    this.#database = inner
    this.#world.opened(inner.now?.() ?? 0)
    const weather: DatabaseWeather = { ...this.#world.weather, pass: this.#world.pass }
    const below = this.#break('below', inner, life)
    const database = this.#break('above', new SimDatabase(below, life, weather), life)
    const store = createStore({
      database,
      turn: (take) => void life.after(random.between(0, settings.turnMsMax), take),
    })
    const engine = createEngine({
      store,
      ...this.#world.outside(life),
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
    trace(`server opens the store as process ${inner.process}`)
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
    const { clock, random, trace } = this.#world
    trace(`server dies: ${why}`)
    this.#endLife()
    const database = this.#database
    const abrupt = random.chance(0.005)
    const downMs = random.pick([1, 50, 3_000])
    clock.after(0, async () => {
      if (database !== null) await this.#world.disk.die(database, abrupt)
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
    this.#world.trace('server stops in order')
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
    const { random, trace } = this.#world
    const ms = random.pick([30, 1_000, 40_000])
    trace(`server is paused for ${ms} ms`)
    this.#life.pause(ms)
  }

  /** Passes a named point of the engine's way, where the seed may have put a fault. */
  pass(point: Point): FaultKind | null {
    const kind = this.#world.points.pass(point)
    if (kind === 'crash' || (kind === 'fail' && point === 'after-claim')) this.crash(`at ${point}`)
    else if (kind === 'pause') this.pause()
    return kind
  }

  /** Sends a request over the network and waits for its answer, for a bounded time. */
  request<T>(handle: (engine: Engine) => Promise<T>): Promise<Reply<T>> {
    const { clock, random } = this.#world
    return new Promise((resolve) => {
      let isOver = false
      const answer = (reply: Reply<T>): void => {
        if (isOver) return
        isOver = true
        cancel()
        resolve(reply)
      }
      const cancel = clock.after(CLIENT_MS, () => answer({ kind: 'lost' }))
      this.#carry(handle, answer)
      if (random.chance(this.#world.network() / 3)) this.#carry(handle, () => {})
    })
  }

  #carry<T>(handle: (engine: Engine) => Promise<T>, answer: (reply: Reply<T>) => void): void {
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
          this.#world.pass('before-http-answer')
          life.deliver(() => {
            open.delete(lose)
            if (random.chance(this.#world.network())) lose()
            else clock.after(random.between(0.1, 3), () => answer(reply))
          })
        })
      })
    })
  }

  #break(place: BrokenGuard['stands'], database: Database, life: Life): Database {
    const { brokenGuard } = this.#world
    return brokenGuard?.stands === place ? brokenGuard.wrap(database, (ms) => life.wait(ms)) : database
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
      warn: (fields, message) => trace(`log: ${line(fields, message)}`),
      error: (fields, message) => {
        trace(`log: ${line(fields, message)}`)
        if (!String(fields.error).startsWith('StorageError')) report('ENGINE', line(fields, message))
      },
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
