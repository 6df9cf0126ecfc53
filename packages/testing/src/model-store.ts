// The store of a world with several servers: the model of a database server, to which each of them has connections that
// are slow and get lost. What goes on at the server's end goes on whether or not a client still lives.
import type { Database, Fence, Group, ItemRow, Key, Needs, Written } from '@pawl/storage'
import type { BrokenGuard } from './broken-guards.ts'
import type { Life } from './life.ts'
import { ModelDatabase, type ModelLink } from './model/model-database.ts'
import { type Doing, type ModelPlace, ModelServer, type Seen } from './model/model-server.ts'
import { LinkLost } from './model/session.ts'
import type { Point } from './points.ts'
import type { Random } from './random.ts'
import { type DatabaseWeather, SimDatabase } from './sim-database.ts'
import type { ProcessEnd, SimStore } from './sim-store.ts'
import type { StoreView } from './store-scan.ts'
import type { Report } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface ModelWorld {
  readonly clock: VirtualClock
  readonly random: Random
  readonly report: Report
  /** The database machine's clock. */
  readonly wall: () => number
  readonly weather: Omit<DatabaseWeather, 'pass' | 'lists' | 'delayMsMax'>
  /** What one statement, or one way over the network, takes at most. */
  readonly delayMsMax: number
  readonly leaseMs: number
  readonly brokenGuard: BrokenGuard | undefined
  /** A group has become visible. */
  readonly committed: (group: Group, written: Written, seen: Seen) => void
  /** Groups that are visible now. */
  readonly seq: () => number
  readonly released: (items: readonly ItemRow[]) => void
}

/** Where the points of a pair lie: after the locks, or after the reads. */
type Half = 'locked' | 'read'

export class ModelStore implements SimStore {
  readonly #world: ModelWorld
  readonly #server: ModelServer
  readonly #ends = new Map<Key, ProcessEnd>()
  readonly #models = new WeakMap<Database, ModelDatabase>()
  /** The database server can be reached from then on. */
  #upAt = 0

  constructor(world: ModelWorld) {
    this.#world = world
    const { clock, report, committed, released, seq } = world
    this.#server = new ModelServer({
      now: world.wall,
      after: (ms, fire) => clock.after(ms, fire),
      pace: (place, process, doing) => this.#pace(place, process, doing),
      leaseMs: world.leaseMs,
      deadlock: (says) => report('DEADLOCK', says),
      watch: { seq, committed, released },
    })
  }

  async open(end: ProcessEnd): Promise<Database> {
    const { weather, brokenGuard } = this.#world
    const { life } = end
    const model = new ModelDatabase(
      this.#server,
      new SimLink(this.#world, life, () => this.#world.clock.now >= this.#upAt),
    )
    this.#ends.set(model.process, end)
    const wait = (ms: number) => life.wait(ms)
    const below = brokenGuard?.stands === 'below' ? brokenGuard.wrap(model, wait) : model
    const group = (doing: Doing) => this.#passAll(end, 'read', doing)
    const simulated = new SimDatabase(below, life, {
      ...weather,
      // Answers are lost where the connection is.
      rates: () => ({ storage: weather.rates().storage, noAnswer: 0 }),
      delayMsMax: 0,
      pass: end.pass,
      lists: model.lists,
      begun: (changed) => group(doneBy(changed, this.#server.tables.items)),
    })
    const database = brokenGuard?.stands === 'above' ? brokenGuard.wrap(simulated, wait) : simulated
    this.#models.set(database, model)
    return database
  }

  async die(database: Database): Promise<void> {
    this.#models.get(database)?.die()
  }

  restart(downMs: number): void {
    this.#world.weather.trace(`the database restarts and is away for ${downMs} ms`)
    this.#upAt = this.#world.clock.now + downMs
    this.#server.restart()
  }

  view(): StoreView {
    const { items, runs, waits, steps, events, skips, history, tallies } = this.#server.tables
    return {
      items: () => items.values(),
      runs: (isLiveOnly) => runs.filter((run) => !isLiveOnly || run.endedAt === null),
      waits: () => waits.values().map(({ key }) => key),
      steps: () => steps.values(),
      tallies: () => tallies.filter(({ level }) => level === 'minute'),
      count: (table) => ({ events, skips, history })[table].size,
    }
  }

  remove(): void {}

  /** Time at the server, in which others go on; the client may end meanwhile, and the connection with it. */
  async #pace(place: ModelPlace, process: Key, doing: Doing): Promise<void> {
    const { random, clock, delayMsMax } = this.#world
    const end = this.#ends.get(process)
    const fault =
      end === undefined || place === 'read'
        ? null
        : place === 'written'
          ? end.pass('written')
          : this.#passAll(end, place, doing)
    if (fault === 'fail') throw new LinkLost()
    if (fault !== null) return clock.wait(random.between(5, 400))
    if (random.chance(0.01)) return clock.wait(random.between(50, 400))
    if (random.chance(0.4)) return clock.wait(random.between(0, delayMsMax))
  }

  #passAll(end: ProcessEnd, half: Half, doing: Doing): ReturnType<ProcessEnd['pass']> {
    for (const what of doing) {
      const fault = end.pass(`${what}-${half}` as Point)
      if (fault !== null) return fault
    }
    return null
  }
}

/** One process's end: slow, and now and then cut off. */
class SimLink implements ModelLink {
  readonly #world: ModelWorld
  readonly #life: Life
  readonly #isUp: () => boolean

  constructor(world: ModelWorld, life: Life, isUp: () => boolean) {
    this.#world = world
    this.#life = life
    this.#isUp = isUp
  }

  async travel(): Promise<void> {
    const { random, weather, delayMsMax } = this.#world
    await this.#life.wait(random.chance(0.01) ? random.between(50, 400) : random.between(0, delayMsMax / 2))
    if (!this.#isUp()) throw new LinkLost()
    if (!random.chance(weather.rates().noAnswer / 2)) return
    weather.trace('a connection to the database is lost')
    weather.note('after-finish-no-answer')
    throw new LinkLost()
  }

  stray(): Promise<void> {
    const { clock, random } = this.#world
    return clock.wait(random.pick([0, 5, 300]))
  }

  monotonic(): number {
    return this.#world.clock.now
  }

  hear(listener: () => void): () => void {
    const { random, weather } = this.#world
    return () => {
      if (!random.chance(weather.rates().noAnswer)) this.#life.after(random.between(0, 3), listener)
    }
  }

  tell(needs: Needs, fences: readonly (Fence | null)[]): Doing {
    const doing = new Set<string>()
    const has = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0
    if (has(needs.storing)) doing.add('event')
    if (has(needs.waitingFor)) doing.add('wait')
    if (has(needs.limits)) doing.add('limit')
    if (needs.registry === true) doing.add('sync')
    const isSystem = fences.some((fence) => fence !== null && fence.run === null)
    if (isSystem && has(needs.backlog) && !has(needs.eventIds)) doing.add('match')
    if (has(needs.steps) || has(needs.itemsOf)) doing.add('branch')
    return doing
  }
}

type Items = { get(key: Key): ItemRow | undefined }

/** What a group that has read is about to write. */
function doneBy(group: Group, items: Items): Doing {
  const doing = new Set<string>()
  for (const { changes } of group.writes) {
    for (const change of changes) {
      if ('put' in change) {
        if (change.put === 'event') doing.add('event')
        if (change.put === 'wait' && change.row.kind === 'event') doing.add('wait')
        if (change.put === 'function') doing.add('sync')
        if (change.put === 'step') doing.add('branch')
        if (change.put === 'item' && change.row.state === 'blocked' && change.row.line !== null)
          doing.add('slot-wanted')
      } else if ('set' in change) {
        if (change.set === 'function') doing.add('sync')
        if (change.set !== 'item') continue
        if (change.row.state === 'blocked' && change.row.line !== null) doing.add('slot-wanted')
        if (!change.row.holds && items.get(change.row.key)?.holds === true) doing.add('slot-freed')
      } else if ('end' in change && change.end === 'item') {
        const item = items.get(change.key)
        if (item?.holds === true) doing.add('slot-freed')
        if (item?.kind === 'match') doing.add('match')
      }
    }
  }
  return doing
}
