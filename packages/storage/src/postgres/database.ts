// The database on PostgreSQL: one connection that writes, one group at a time, and one that reads beside it. Between
// `begin` and `finish` the group's transaction is open and holds what it has locked; a group without needs is one
// statement. Any number of processes do so at once.
import type { Database, FactsData, Group, Write, Written } from '../contract/database.ts'
import type { ListReads } from '../contract/lists.ts'
import type { Key } from '../contract/rows.ts'
import type { Fence, Needs, StateReads } from '../contract/store.ts'
import { StorageError } from '../errors.ts'
import { type Begun, beginGroup, UNSETTLED } from './begin-group.ts'
import { ChangeFeed } from './change-feed.ts'
import type { CarriedClock } from './clock.ts'
import { COMMIT, type Connection, only, ROLLBACK, statement } from './connection.ts'
import { ExpiredReads } from './expired-search.ts'
import { Hints } from './hints.ts'
import { type Hope, hopeFor } from './hope.ts'
import type { Line } from './line.ts'
import { LineReads } from './line-search.ts'
import { LOCK_NAMES, nameLocks } from './locks.ts'
import { toMark } from './mark.ts'
import { Notices } from './notices.ts'
import type { Parts } from './parts.ts'
import { PendingRows } from './pending-rows.ts'
import { ConnectionLost, isConflict, toStorageError } from './postgres-errors.ts'
import { beatAndRelease, lastGroup, leave, readResults, resultLetters } from './process-row.ts'
import { askAfter, askBefore, changesTime, needsRegistryAlone } from './rare-changes.ts'
import { ReadyReads } from './ready-search.ts'
import type { RowTypes } from './row-arrays.ts'
import { spread } from './spread.ts'
import { openState } from './state.ts'
import { MOMENT } from './time.ts'
import { type GroupWrite, type Guard, writeStatement } from './write-statement.ts'

/**
 * Times that a group is begun, or a group without needs written, before a conflict is given up on. Each waits a second
 * for a lock, so that all of them last longer than a process that was stopped keeps its own.
 */
const ATTEMPTS = 6
/** Milliseconds before it is tried again, by half to once and a half; doubled each time. */
const PAUSE_MS = 5
/** Milliseconds that a heartbeat waits for what it has to do besides. */
const TEND_WAIT_MS = 1_000
/** Groups that are written with locks after one that was refused without. */
const DOUBTS = 32
const RESERVE = statement<[first: number]>(
  'reserve',
  "UPDATE meta SET value = value + $1 WHERE name = 'next_key' RETURNING value - $1",
)

/** A database that several processes share. */
export interface PostgresDatabase extends Database {
  readonly shared: Required<Database>['shared'] & object
}

export interface PostgresParts {
  readonly url: string
  /** Where its processes give each other hints. */
  readonly channel: string
  readonly process: Key
  /** Advisory locks of this store begin with it. */
  readonly space: number
  readonly clock: CarriedClock
  /** The connection that writes. Each new one has a new session. */
  readonly writer: Line
  readonly session: () => number
  /** Row types of its schema. */
  readonly types: () => RowTypes
  readonly reader: Line
  readonly lists: ListReads
  readonly parts: Parts
  /** The test's clock; null: the database's. */
  readonly wall: () => number | null
  readonly leaseMs: number
  /** Milliseconds that are never stepped. */
  readonly monotonic: () => number
}

/** A group whose transaction is open. */
interface Open {
  readonly connection: Connection
  readonly begun: Begun
  readonly hasRegistryAlone: boolean
}

export class Postgres implements PostgresDatabase {
  readonly name = 'postgres'
  readonly process: Key
  readonly state: StateReads
  readonly lists: ListReads
  readonly now: () => number
  readonly shared: PostgresDatabase['shared']
  readonly #notices: Notices
  readonly #hints: Hints
  readonly #feed: ChangeFeed
  readonly #parts: PostgresParts
  readonly #ready = new ReadyReads()
  readonly #lines = new LineReads()
  readonly #expired = new ExpiredReads()
  #open: Open | null = null
  /** How many groups more are written with locks. */
  #doubts = 0
  /** When the last heartbeat was given. */
  #beatAt = Number.NEGATIVE_INFINITY
  #closed: StorageError | null = null

  constructor(parts: PostgresParts) {
    this.#parts = parts
    this.process = parts.process
    this.lists = parts.lists
    this.now = () => parts.clock.now()
    const { channel, process, monotonic } = parts
    const notices = new Notices(parts.url)
    const ask = (run: (connection: Connection) => Promise<unknown>) => this.#read(run)
    const hints = new Hints({ notices, channel, process, ask })
    const feed = new ChangeFeed({ notices, channel: `${channel}_changes`, process, monotonic, ask })
    this.#notices = notices
    this.#hints = hints
    this.#feed = feed
    this.shared = {
      heartbeat: () => this.#heartbeat(),
      hint: () => hints.hint(),
      onHint: (listener) => hints.onHint(listener),
      isWatched: () => feed.isWatched(),
      publish: (change) => feed.publish(change),
      subscribe: (listener) => feed.subscribe(listener),
    }
    this.state = openState({ read: (ask) => this.#read(ask), clock: () => this.#readClock() })
  }

  reserveKeys(count: number): Promise<Key> {
    return this.#read(async (connection) => {
      const [first] = only(await connection.ask(RESERVE, [count]))
      return first
    })
  }

  begin(needs: Needs, fences: readonly (Fence | null)[], revs: readonly (number | null)[]): Promise<FactsData> {
    return this.#guard(async () => {
      this.#open = await this.#begin(needs, fences, revs)
      return this.#open.begun.facts
    })
  }

  finish(group: Group): Promise<Written> {
    return this.#guard(async () => {
      const open = this.#open
      this.#open = null
      if (open !== null) {
        return this.#finishBegun(
          open,
          group,
          group.writes.map(() => 'done'),
        )
      }
      const pending = new PendingRows(0)
      for (const [index, { changes }] of group.writes.entries()) pending.add(changes, index + 1)
      return pending.isRare ? this.#finishRare(group, pending) : this.#finishAlone(group, pending)
    })
  }

  rollback(): Promise<void> {
    return this.#guard(async () => {
      const open = this.#open
      this.#open = null
      if (open !== null) await this.#giveUp(open.connection)
    })
  }

  written(groupNumber: number): Promise<Written | null> {
    return this.#guard(async () => {
      // A new connection has shut out whatever the lost one had under way.
      const group = await lastGroup(await this.#parts.writer.get(), this.process)
      if (group === null || group.number !== groupNumber) return null
      const { mark } = await this.#readClock()
      return { results: group.results, now: group.now, mark }
    })
  }

  /**
   * Says that this process lives, and gives back the items of processes that are gone or have not said so for longer
   * than a lease. After a time in which this process could not say so itself, the others are given until its next
   * heartbeat.
   */
  #heartbeat(): Promise<{ readonly released: number }> {
    const { clock, wall, leaseMs, monotonic, parts } = this.#parts
    return this.#read(async (connection) => {
      const beganAt = monotonic()
      // Where nobody could reach the database, everybody seems to be dead.
      const isSteady = beganAt - this.#beatAt < leaseMs / 2
      const pulse = { process: this.process, now: clock.floor(), wall: wall(), leaseMs: isSteady ? leaseMs : null }
      const { released, hasOthers } = await beatAndRelease(connection, pulse)
      this.#hints.see(hasOthers)
      this.#feed.see(hasOthers)
      // Those who were alone until now are to know that they are not.
      if (this.#beatAt === Number.NEGATIVE_INFINITY && hasOthers) this.#hints.announce()
      this.#beatAt = beganAt
      // One that fails is made up for by the next.
      const tended = parts.tend(connection, { now: clock.now(), swept: this.#expired.swept }).catch(() => {})
      // However long it takes, the next heartbeat is in time.
      await Promise.race([tended, pause(TEND_WAIT_MS)])
      return { released }
    })
  }

  async close(): Promise<void> {
    if (this.#closed !== null) return
    const { writer, reader, lists, clock } = this.#parts
    try {
      this.#hints.close()
      this.#feed.close()
      await this.#notices.close()
      if (this.#open !== null) await this.rollback()
      await this.#read((connection) => leave(connection, this.process, clock.floor()))
    } catch (error) {
      // Who cannot be told of the end is told by the heartbeat that does not come.
      if (!(error instanceof StorageError)) throw error
    } finally {
      this.#closed = new StorageError('storage_closed', 'The store was closed.')
      await Promise.all([writer.end(), reader.end(), lists.close()])
    }
  }

  async #begin(needs: Needs, fences: readonly (Fence | null)[], revs: readonly (number | null)[]): Promise<Open> {
    const { writer, space, clock, wall } = this.#parts
    return this.#retry(async () => {
      const connection = await writer.get()
      try {
        const searches = { ready: this.#ready, lines: this.#lines, expired: this.#expired }
        const beginning = { connection, space, ...searches, clock, wall: wall(), mayHope: this.#doubts === 0 }
        const begun = await beginGroup(beginning, { needs, fences, revs })
        this.#doubts = Math.max(0, this.#doubts - 1)
        return { connection, begun, hasRegistryAlone: needs.registry === true }
      } catch (error) {
        await this.#giveUp(connection)
        throw error
      }
    })
  }

  /** The group's rows were locked and its guards checked: what is given of it is written. */
  async #finishBegun(open: Open, { number, writes }: Group, results: Written['results']): Promise<Written> {
    const { connection, begun } = open
    const { now } = begun.facts
    if (writes.every(({ changes, fence }) => changes.length === 0 && (fence === null || !begun.isHoped))) {
      await this.#giveUp(connection)
      return { results, now, mark: begun.mark }
    }
    try {
      const pending = new PendingRows(now)
      for (const { changes } of writes) pending.add(changes, 0)
      const letters = resultLetters(results)
      const guard = begun.isHoped
        ? hoped(letters, hopeFor(writes, pending.rows))
        : ({ kind: 'known', letters } as const)
      const written = await this.#write(open, pending, { number, results, guard })
      this.#ready.settle(true)
      return written
    } catch (error) {
      if (!(error instanceof ConnectionLost)) await this.#giveUp(connection)
      // With locks it is told which operation it was about.
      if (begun.isHoped) this.#doubts = DOUBTS
      // What it was decided on is not locked any more, so only the writer can do it again.
      throw begun.isHoped || error instanceof ConnectionLost || isConflict(error) ? unknownOutcome(error) : error
    }
  }

  async #write(
    { connection, begun, hasRegistryAlone }: Open,
    pending: PendingRows,
    {
      number,
      results,
      guard,
    }: { readonly number: number; readonly results: Written['results']; readonly guard: Guard },
  ): Promise<Written> {
    const { clock, space, wall } = this.#parts
    const { now } = begun.facts
    const { query, values } = writeStatement({
      ...this.#groupWrite(number),
      rows: pending.rows,
      guard,
      now,
    })
    const flight = connection.flight()
    if (needsRegistryAlone(pending) && !hasRegistryAlone) flight.ask(LOCK_NAMES, nameLocks(space, { registry: true }))
    askBefore(flight, pending)
    const written = flight.ask(query, values)
    askAfter(flight, pending)
    const moment = changesTime(pending) ? flight.ask(MOMENT, [wall()]) : []
    const ended = flight.ask(COMMIT)
    await flight.land()
    if ((await ended)[0]?.[0] !== 'COMMIT') throw new Error('The group was not committed')
    const [, , , snapshot, xid] = only(await written)
    if (pending.rare.isWiped) clock.reset()
    const [restarted] = await moment
    const time = restarted === undefined ? now : clock.adopt(restarted[0])
    return { results, now: time, mark: toMark({ now: time, snapshot, xid }) }
  }

  /** One statement, which checks the guards, writes and commits. */
  async #finishAlone({ number, writes }: Group, pending: PendingRows): Promise<Written> {
    const isGuarded = writes.some((write) => hasGuard(write))
    if (!isGuarded && writes.every(({ changes }) => changes.length === 0)) {
      const { now, mark } = await this.#readClock()
      return { results: writes.map(() => 'done'), now, mark }
    }
    const letters = resultLetters(writes.map(() => 'done'))
    if (!isGuarded) return this.#writeAlone(number, pending, { kind: 'known', letters })
    const hope = this.#doubts > 0 ? null : hopeFor(writes, pending.rows)
    if (hope !== null) {
      try {
        return await this.#writeAlone(number, pending, { kind: 'hoped', letters, hope })
      } catch (error) {
        if (isUnanswered(error)) throw error
        // Whatever it was, nothing was written, and with locks it is told which operation it was about.
        this.#doubts = DOUBTS
      }
    }
    const written = await this.#writeAlone(number, pending, { kind: 'asked', writes })
    this.#doubts = written.results.some((result) => result !== 'done') ? DOUBTS : Math.max(0, this.#doubts - 1)
    return written
  }

  #writeAlone(number: number, { rows }: PendingRows, guard: Guard): Promise<Written> {
    return this.#retry(async () => {
      const connection = await this.#parts.writer.get()
      const { query, values } = writeStatement({ ...this.#groupWrite(number), rows, guard, now: null })
      const answer = await connection.ask(query, values).catch((error: unknown) => {
        throw error instanceof ConnectionLost ? unknownOutcome(error) : error
      })
      const [results, now, wall, snapshot, xid, registryVersion] = only(answer)
      this.#parts.clock.adopt(wall)
      return { results: readResults(results), now, mark: toMark({ now, snapshot, xid }), registryVersion }
    })
  }

  /** A group without needs that has more than rows of runs and events: its guards are looked at first. */
  async #finishRare({ number, writes }: Group, pending: PendingRows): Promise<Written> {
    const sets = writes.flatMap(({ changes }, index) =>
      changes.flatMap((change) => ('set' in change && change.set === 'run' ? [{ index, ...change }] : [])),
    )
    const needs = { runs: sets.map(({ key }) => key), registry: needsRegistryAlone(pending) }
    const fences = writes.map(({ fence }) => fence)
    const open = await this.#begin(
      needs,
      fences,
      writes.map(({ rev }) => rev),
    )
    const { facts } = open.begun
    const revs = new Map(facts.runs.map(({ key, rev }) => [key, rev]))
    const results = writes.map(({ rev }, index) => {
      if (fences[index] !== null && facts.fences[index] !== true) return 'stale'
      const hasMoved = sets.some((set) => set.index === index && revs.get(set.key) !== set.state.rev - 1)
      return hasMoved || (rev !== null && facts.revs[index] !== true) ? 'moved' : 'done'
    })
    const kept = writes.filter((_, index) => results[index] === 'done')
    return this.#finishBegun(open, { number, writes: kept }, results)
  }

  /** Ends the transaction with nothing written. A connection on which that fails is not used any more. */
  async #giveUp(connection: Connection): Promise<void> {
    this.#ready.settle(false)
    await connection.ask(ROLLBACK).catch((error: unknown) => connection.drop(error))
  }

  #groupWrite(groupNumber: number): Omit<GroupWrite, 'rows' | 'guard' | 'now'> {
    const { clock, wall, session, types } = this.#parts
    const { process } = this
    return { floor: clock.floor(), wall: wall(), process, session: session(), groupNumber, types: types() }
  }

  #readClock(): ReturnType<StateReads['clock']> {
    const { clock, wall } = this.#parts
    return this.#read(async (connection) => {
      const [databaseTime, offsetMs, , snapshot, xid] = only(await connection.ask(MOMENT, [wall()]))
      const now = clock.adopt(databaseTime)
      return { now, offsetMs, mark: toMark({ now, snapshot, xid }) }
    })
  }

  /** A read may be asked again: the connection may have been lost long ago without anybody knowing. */
  #read<R>(ask: (connection: Connection) => Promise<R>): Promise<R> {
    return this.#guard(async () => {
      const { reader } = this.#parts
      try {
        return await ask(await reader.get())
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error
        return ask(await reader.get())
      }
    })
  }

  /** Tries again what has met a conflict, for nothing of it was written. */
  async #retry<R>(run: () => Promise<R>): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run()
      } catch (error) {
        const isPassing = error === UNSETTLED || error instanceof ConnectionLost || isConflict(error)
        if (!isPassing || attempt === ATTEMPTS) throw error === UNSETTLED ? unsettled() : error
        await pause(PAUSE_MS * 2 ** attempt * spread())
      }
    }
  }

  async #guard<R>(run: () => Promise<R>): Promise<R> {
    if (this.#closed !== null) throw this.#closed
    try {
      return await run()
    } catch (error) {
      throw toStorageError(error)
    }
  }
}

function hasGuard({ fence, rev, changes }: Write): boolean {
  return fence !== null || rev !== null || changes.some((change) => 'set' in change && change.set === 'run')
}

/** @throws when a guard is not about a row that is written. */
function hoped(letters: string, hope: Hope | null): Guard {
  if (hope === null) throw new Error('A lease has to be looked at')
  return { kind: 'hoped', letters, hope }
}

/** Nobody knows what became of it, or the server cannot do anything now. */
function isUnanswered(error: unknown): boolean {
  return error instanceof StorageError || error instanceof ConnectionLost || isConflict(error)
}

function unknownOutcome(cause: unknown): StorageError {
  return new StorageError('outcome_unknown', 'The answer to a commit was lost.', { cause })
}

function unsettled(): StorageError {
  return new StorageError('storage_conflict', 'What the group searches for changes all the time; try again.')
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
