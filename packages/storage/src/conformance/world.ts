// The place in which a storage test runs: a database of the kind under test, a clock that only the test moves, and a
// store whose turn is taken after the code that is running, so that operations handed over together are one group.
import type { Change } from '../contract/changes.ts'
import type { Database, Group } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import type { Facts, Needs, Operation, Outcome, Store } from '../contract/store.ts'
import { createStore } from '../writer.ts'
import { START } from './rows.ts'

/** Moves only when the test moves it. */
export class TestClock {
  #wall = START
  #ticks = 0

  /** What a database is opened with. */
  readonly wall = (): number => this.#wall
  readonly ticks = (): number => this.#ticks

  /** Time passes. */
  advance(ms: number): void {
    this.#wall += ms
    this.#ticks += ms
  }

  /** Somebody sets the wall clock. */
  step(ms: number): void {
    this.#wall += ms
  }
}

/** Where the databases of one test live. */
export interface Place {
  /** Opens the database; what an earlier one of this place committed is there again when `isKept`. */
  open(clock: TestClock): Promise<Database>
  /** Whether what was committed outlives the database that was opened. */
  readonly isKept: boolean
  /** Removes what is left. */
  remove(): Promise<void>
}

export class World {
  readonly clock: TestClock
  readonly place: Place
  readonly database: Database
  readonly store: Store

  constructor(place: Place, clock: TestClock, database: Database) {
    this.place = place
    this.clock = clock
    this.database = database
    this.store = createStore({ database, turn: queueMicrotask })
  }

  static async open(place: Place, clock: TestClock = new TestClock()): Promise<World> {
    return new World(place, clock, await place.open(clock))
  }

  /** The same store above a database that the test has changed. */
  over(change: (database: Database) => Partial<Database>): World {
    return new World(this.place, this.clock, withChanges(this.database, change(this.database)))
  }

  /** Stops in order and opens again. */
  async reopen(): Promise<World> {
    await this.store.close()
    return World.open(this.place, this.clock)
  }

  /** Commits the changes that `decide` makes with fresh keys, without needs. */
  async write<R>(decide: (facts: Facts) => { readonly changes: readonly Change[]; readonly result: R }): Promise<R> {
    return done(await this.store.commit({ needs: {}, decide }))
  }

  async put(...changes: Change[]): Promise<void> {
    await this.write(() => ({ changes, result: undefined }))
  }

  /** `count` new keys, in order. */
  async keys(count: number): Promise<Key[]> {
    return this.write((facts) => ({ changes: [], result: Array.from({ length: count }, () => facts.key()) }))
  }

  async read<R>(needs: Needs, ask: (facts: Facts) => R): Promise<R> {
    return done(await this.store.commit(reading(needs, ask)))
  }

  /** One group: the operations are handed over before the turn is taken. */
  group<R>(...operations: Operation<R>[]): Promise<Outcome<R>[]> {
    return Promise.all(operations.map((operation) => this.store.commit(operation)))
  }
}

/** Counts the groups that are committed through it. */
export function counted(world: World): { readonly world: World; readonly groups: Group[] } {
  const groups: Group[] = []
  const counting = world.over((database) => ({
    finish: (group) => {
      groups.push(group)
      return database.finish(group)
    },
  }))
  return { world: counting, groups }
}

/** A database with some of its calls replaced. */
export function withChanges(database: Database, changes: Partial<Database>): Database {
  return {
    name: database.name,
    process: database.process,
    shared: database.shared,
    now: database.now,
    state: database.state,
    lists: database.lists,
    reserveKeys: (count) => database.reserveKeys(count),
    begin: (needs, fences, revs) => database.begin(needs, fences, revs),
    finish: (group) => database.finish(group),
    rollback: () => database.rollback(),
    written: (groupNumber) => database.written(groupNumber),
    close: () => database.close(),
    ...changes,
  }
}

export function reading<R>(needs: Needs, ask: (facts: Facts) => R): Operation<R> {
  return { needs, decide: (facts) => ({ changes: [], result: ask(facts) }) }
}

export function writing<R>(
  needs: Needs,
  decide: (facts: Facts) => { readonly changes: readonly Change[]; readonly result: R },
): Operation<R> {
  return { needs, decide }
}

export function done<R>(outcome: Outcome<R>): R {
  if (typeof outcome === 'string') throw new Error(`The operation was ${outcome}`)
  return outcome.done
}
