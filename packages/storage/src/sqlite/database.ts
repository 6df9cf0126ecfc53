// The database on SQLite: one connection that writes, one group at a time. Between `begin` and `finish` its transaction
// is open and nothing else is written. What a group changes of the database's own state (mark, clock, counters) is
// adopted only after its commit.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Database, FactsData, Group, Written } from '../contract/database.ts'
import type { ListReads } from '../contract/lists.ts'
import type { Key } from '../contract/rows.ts'
import type { Fence, Needs, StateReads } from '../contract/store.ts'
import { StorageError } from '../errors.ts'
import type { StoreClock } from './clock.ts'
import type { Counters } from './counters.ts'
import { openExpiredSearch } from './expired-search.ts'
import { type GroupEffects, writeGroup } from './group-writer.ts'
import { openLineSearch } from './line-search.ts'
import { type FactsReads, readFacts } from './read-facts.ts'
import { openReadySearch } from './ready-search.ts'
import { isFailedSync, toStorageError } from './sqlite-errors.ts'
import { openState } from './state.ts'
import { openTables } from './tables.ts'
import { openChanges, type WriteChange } from './write-changes.ts'

export interface SqliteParts {
  readonly db: DatabaseSync
  readonly counters: Counters
  readonly clock: StoreClock
  readonly lists: ListReads
  /** This server process, whose row is there. */
  readonly process: Key
  /** Gives back the file after the last write. */
  readonly release: () => void
}

export class SqliteDatabase implements Database {
  readonly name = 'sqlite'
  readonly process: Key
  readonly state: StateReads
  readonly lists: ListReads
  readonly now: () => number
  readonly #parts: SqliteParts
  readonly #db: DatabaseSync
  readonly #counters: Counters
  readonly #clock: StoreClock
  readonly #reads: FactsReads
  readonly #writeChange: WriteChange
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  /** The time of the group whose transaction is open, or null. */
  #groupNow: number | null = null
  #nextKey: Key
  /** False while keys were reserved inside a transaction that has not committed. */
  #isNextKeyStored = true
  /** The newest event's key; at the start every key handed out so far. */
  #mark: Key
  #registryVersion: number
  /** Why nothing is accepted any more. */
  #failure: StorageError | null = null

  constructor(parts: SqliteParts) {
    const { db, counters, clock } = parts
    this.#parts = parts
    this.#db = db
    this.#counters = counters
    this.#clock = clock
    this.process = parts.process
    this.lists = parts.lists
    this.now = () => clock.now()
    const tables = openTables(db)
    this.#reads = { tables, ready: openReadySearch(db), lines: openLineSearch(db), expired: openExpiredSearch(db) }
    this.#writeChange = openChanges(db, tables)
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#rollback = db.prepare('ROLLBACK')
    this.#nextKey = counters.get('next_key')
    this.#mark = this.#nextKey - 1
    this.#registryVersion = counters.get('registry')
    this.state = openState({
      db,
      tables,
      counters,
      assertOpen: () => {
        if (this.#failure !== null) throw this.#failure
      },
      clock: () => ({ now: clock.now(), offsetMs: clock.offsetMs, mark: this.#mark }),
    })
  }

  async reserveKeys(count: number): Promise<Key> {
    return this.#guard(() => {
      const first = this.#nextKey
      this.#nextKey += count
      // Inside a group's transaction the counter would be taken back with it; `finish` or `rollback` write it then.
      this.#isNextKeyStored = false
      if (this.#groupNow === null) this.#storeNextKey()
      return first
    })
  }

  async begin(needs: Needs, fences: readonly (Fence | null)[], revs: readonly (number | null)[]): Promise<FactsData> {
    return this.#guard(() => {
      this.#begin.run()
      const now = this.#clock.now()
      this.#groupNow = now
      return readFacts(this.#reads, { needs, fences, revs, now, registryVersion: this.#registryVersion })
    })
  }

  async finish(group: Group): Promise<Written> {
    return this.#guard(() => {
      const isChecked = this.#groupNow !== null
      if (!isChecked) this.#begin.run()
      const now = this.#groupNow ?? this.#clock.now()
      const { tables } = this.#reads
      const { process } = this
      const context = { tables, writeChange: this.#writeChange, now, process, isChecked }
      const effects = writeGroup(context, group.writes)
      if (effects.isEmpty) this.#endTransaction()
      else this.#commitGroup(group, effects, now)
      const isRestarted = effects.clockOffset !== null || effects.isReset
      return { results: effects.results, now: isRestarted ? this.#clock.now() : now, mark: this.#mark }
    })
  }

  async rollback(): Promise<void> {
    this.#guard(() => this.#endTransaction())
  }

  async written(groupNumber: number): Promise<Written | null> {
    return this.#guard(() => {
      const group = this.#counters.group(this.process)
      if (group === undefined || group.number !== groupNumber) return null
      return { results: group.results, now: group.now, mark: this.#mark }
    })
  }

  async close(): Promise<void> {
    if (this.#failure?.code === 'storage_closed') return
    try {
      if (this.#failure === null) this.#leave()
    } finally {
      this.#failure = new StorageError('storage_closed', 'The store was closed.')
      await this.lists.close().finally(() => this.#parts.release())
    }
  }

  /** For whoever finds out that the file is not sound: nothing is read or written from now on. */
  fail(failure: StorageError): void {
    this.#failure ??= failure
  }

  /** A process that stops in order leaves its time and no row. */
  #leave(): void {
    this.#guard(() => {
      if (this.#groupNow !== null) this.#endTransaction()
      this.#begin.run()
      this.#counters.set('newest_at', this.#clock.now())
      this.#counters.endProcesses()
      if (!this.#isNextKeyStored) this.#counters.set('next_key', this.#nextKey)
      this.#commit.run()
    })
  }

  #commitGroup(group: Group, effects: GroupEffects, now: number): void {
    const counters = this.#counters
    const { results, registryRaises, clockOffset, isReset } = effects
    if (registryRaises > 0) counters.add('registry', registryRaises)
    if (isReset) counters.set('newest_at', 0)
    if (isReset || clockOffset !== null) counters.set('clock_offset_ms', isReset ? 0 : (clockOffset ?? 0))
    counters.putGroup(this.process, group.number, { now: isReset ? this.#clock.wall() : now, results })
    if (!this.#isNextKeyStored) counters.set('next_key', this.#nextKey)
    this.#commit.run()
    this.#reads.tables.tallies.committed()
    this.#groupNow = null
    this.#isNextKeyStored = true
    this.#mark = Math.max(this.#mark, effects.newestEvent)
    this.#registryVersion += registryRaises
    if (isReset) this.#clock.reset()
    else if (clockOffset !== null) this.#clock.setOffset(clockOffset)
  }

  /** Ends the open transaction with nothing written but the keys that were reserved in it. */
  #endTransaction(): void {
    this.#groupNow = null
    if (this.#db.isTransaction) this.#rollback.run()
    if (!this.#isNextKeyStored) this.#storeNextKey()
  }

  #storeNextKey(): void {
    this.#counters.set('next_key', this.#nextKey)
    this.#isNextKeyStored = true
  }

  /** Runs what touches the database. Whatever fails leaves no transaction behind. */
  #guard<T>(run: () => T): T {
    if (this.#failure !== null) throw this.#failure
    try {
      return run()
    } catch (error) {
      if (isFailedSync(error)) this.#failSync(error)
      this.#abandon()
      throw toStorageError(error)
    }
  }

  #abandon(): void {
    try {
      this.#endTransaction()
    } catch {
      // The disk does not take the counter now either. It stays marked as not stored, and the next group writes it.
    }
  }

  #failSync(cause: unknown): void {
    const message = 'A sync of the file failed. Start the server again: it reads what is really on the disk.'
    this.fail(new StorageError('storage_damaged', message, { cause }))
  }
}
