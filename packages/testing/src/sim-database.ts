// A database between the engine's writer and the real one, whose calls take simulated time and may fail, before or after
// they were done. It breaks nothing that a database promises: what it reports as not written is not written, and a lost
// answer is told as one.

import type { Key, ListReads, StateReads } from '@pawl/storage'
import {
  type Database,
  type FactsData,
  type Fence,
  type Group,
  type Needs,
  StorageError,
  type Written,
} from '@pawl/storage'
import type { Life } from './life.ts'
import type { FaultKind, Point } from './points.ts'
import type { Random } from './random.ts'

export interface DatabaseWeather {
  readonly random: Random
  /** Passes a named point; a crash or a pause has happened by then. */
  readonly pass: (point: Point) => FaultKind | null
  /** Notes that a fault was met at a point by chance. */
  readonly note: (point: Point) => void
  /** Probabilities that hold now: 0 once faults are off. */
  readonly rates: () => { readonly storage: number; readonly noAnswer: number }
  /** What one way to the database takes at most; 0 where the database below has its own. */
  readonly delayMsMax: number
  readonly clones: boolean
  readonly lists: ListReads
  /** Is told of each group that was written; where several processes write, the database below tells. */
  readonly committed?: ((group: Group, written: Written) => void) | undefined
  /** A group that has read is about to be written. */
  readonly begun?: ((group: Group) => FaultKind | null) | undefined
  readonly trace: (line: string) => void
}

export class SimDatabase implements Database {
  readonly name = 'simulated'
  readonly process: Key
  readonly shared: Database['shared']
  readonly now: (() => number) | undefined
  readonly state: StateReads
  readonly lists: ListReads
  readonly #inner: Database
  readonly #life: Life
  readonly #weather: DatabaseWeather
  #isBegun = false

  constructor(inner: Database, life: Life, weather: DatabaseWeather) {
    this.#inner = inner
    this.#life = life
    this.#weather = weather
    this.process = inner.process
    this.shared = inner.shared
    this.now = inner.now
    this.lists = weather.lists
    this.state = this.#slowReads(inner.state)
  }

  async reserveKeys(count: number): Promise<Key> {
    await this.#travel()
    this.#mayFail('reserveKeys')
    const first = await this.#inner.reserveKeys(count)
    await this.#travel()
    return first
  }

  async begin(needs: Needs, fences: readonly (Fence | null)[], revs: readonly (number | null)[]): Promise<FactsData> {
    await this.#travel()
    await this.#pass('before-begin', 'begin')
    this.#mayFail('begin')
    const facts = await this.#inner.begin(this.#copy(needs), this.#copy(fences), this.#copy(revs))
    this.#isBegun = true
    try {
      await this.#travel()
      await this.#pass('after-begin', 'the answer to begin')
      this.#mayFail('the answer to begin')
    } catch (error) {
      await this.rollback()
      throw error
    }
    return this.#copy(facts)
  }

  async finish(group: Group): Promise<Written> {
    await this.#travel()
    try {
      const begun = this.#isBegun ? (this.#weather.begun?.(group) ?? null) : null
      await this.#meet(begun, 'finish')
      await this.#pass('before-finish', 'finish')
      this.#mayFail('finish')
    } catch (error) {
      if (this.#isBegun) await this.rollback()
      throw error
    }
    const isLost = this.#isAnswerLost()
    if (isLost === 'unwritten') return this.#loseUnwritten(group)
    const written = await this.#inner.finish(this.#copy(group))
    this.#isBegun = false
    this.#weather.committed?.(group, written)
    const hasLease = leases(group)
    await this.#travel()
    const fault = this.#weather.pass('after-finish-no-answer')
    if (fault !== null) await this.#life.wait(0)
    if (hasLease && this.#weather.pass('after-claim') !== null) await this.#life.wait(0)
    if (fault === 'fail' || isLost === 'written') throw this.#lost(group, 'written')
    return this.#copy(written)
  }

  async rollback(): Promise<void> {
    this.#isBegun = false
    await this.#inner.rollback()
  }

  async written(groupNumber: number): Promise<Written | null> {
    await this.#travel()
    this.#mayFail('written')
    const written = await this.#inner.written(groupNumber)
    await this.#travel()
    return written
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  async #travel(): Promise<void> {
    const { random, delayMsMax } = this.#weather
    if (delayMsMax === 0) return
    // Now and then a disk or a network thinks for long.
    await this.#life.wait(random.chance(0.01) ? random.between(50, 400) : random.between(0, delayMsMax))
  }

  /** Passes a point; after a crash nothing goes on, after a pause it goes on late. */
  #pass(point: Point, what: string): Promise<void> {
    return this.#meet(this.#weather.pass(point), what)
  }

  async #meet(fault: FaultKind | null, what: string): Promise<void> {
    if (fault === null) return
    await this.#life.wait(0)
    if (fault === 'fail') throw this.#failed(what)
  }

  #mayFail(what: string): void {
    if (this.#weather.random.chance(this.#weather.rates().storage)) throw this.#failed(what)
  }

  #failed(what: string): StorageError {
    this.#weather.trace(`storage ${what} fails`)
    return new StorageError('storage_error', `simulated: ${what} failed`)
  }

  #isAnswerLost(): 'no' | 'written' | 'unwritten' {
    const { random, rates } = this.#weather
    if (!random.chance(rates().noAnswer)) return 'no'
    this.#weather.note('after-finish-no-answer')
    return random.chance(0.5) ? 'written' : 'unwritten'
  }

  async #loseUnwritten(group: Group): Promise<never> {
    if (this.#isBegun) await this.rollback()
    await this.#travel()
    throw this.#lost(group, 'not written')
  }

  #lost(group: Group, how: string): StorageError {
    this.#weather.trace(`storage lost the answer of group ${group.number}, ${how}`)
    return new StorageError('outcome_unknown', `simulated: the answer was lost (${how})`)
  }

  #copy<T>(value: T): T {
    return this.#weather.clones ? structuredClone(value) : value
  }

  #slowReads(state: StateReads): StateReads {
    const slow = <Args extends readonly unknown[], Result>(what: string, read: (...args: Args) => Promise<Result>) => {
      return async (...args: Args): Promise<Result> => {
        await this.#travel()
        this.#mayFail(what)
        const result = await read(...args)
        await this.#travel()
        return this.#copy(result)
      }
    }
    return {
      registry: slow('registry', state.registry),
      registryVersion: slow('registryVersion', state.registryVersion),
      leasedBy: slow('leasedBy', state.leasedBy),
      load: slow('load', state.load),
      items: slow('items', state.items),
      events: slow('events', state.events),
      eventByUlid: slow('eventByUlid', state.eventByUlid),
      runByUlid: slow('runByUlid', state.runByUlid),
      linesOf: slow('linesOf', state.linesOf),
      bulk: slow('bulk', state.bulk),
      jobByUlid: slow('jobByUlid', state.jobByUlid),
      jobRunByUlid: slow('jobRunByUlid', state.jobRunByUlid),
      sessionByUlid: slow('sessionByUlid', state.sessionByUlid),
      requestByUlid: slow('requestByUlid', state.requestByUlid),
      secrets: slow('secrets', state.secrets),
      signal: slow('signal', state.signal),
      nextDue: slow('nextDue', state.nextDue),
      clock: slow('clock', state.clock),
    }
  }
}

function leases(group: Group): boolean {
  return group.writes.some(({ changes }) =>
    changes.some((change) => {
      const row =
        ('put' in change && change.put === 'item') || ('set' in change && change.set === 'item') ? change.row : null
      return row?.state === 'leased'
    }),
  )
}
