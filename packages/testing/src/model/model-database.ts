// One server process's way to the model server: one connection that writes, opened anew when it is lost, and reads beside
// it. It does what the product's database does: begins again when what it searched for moves, asks nobody twice to commit,
// and says so when nobody knows what became of a commit.
import {
  type Database,
  type FactsData,
  type Fence,
  type Group,
  type Key,
  type ListReads,
  type Needs,
  type StateReads,
  StorageError,
  type StoreChange,
  type Written,
} from '@pawl/storage'
import { CarriedClock } from './carried-clock.ts'
import { processLock, setsClock, writeGroup } from './group-writer.ts'
import { beatAndRelease } from './heartbeat.ts'
import { modelLists } from './list-reads.ts'
import { itemLock, itemsToLock, keyLocks, limitLocks, nameLocks, runLock, runsToLock } from './lock-names.ts'
import type { Doing, ModelServer, Watcher } from './model-server.ts'
import { readFacts, UNSETTLED } from './read-facts.ts'
import { recordLocks } from './record-locks.ts'
import { LinkLost, Session } from './session.ts'
import { modelState } from './state-reads.ts'

/** The process's end of its connections. */
export interface ModelLink {
  /** A message goes to the server or comes back from it. @throws LinkLost */
  travel(): Promise<void>
  /** A message that was sent, and whose sender hears nothing more, arrives. */
  stray(): Promise<void>
  /** Milliseconds that are never stepped. */
  monotonic(): number
  /** A hint comes to this process, later or never. */
  hear(listener: () => void): () => void
  /** What a group is about to do, as far as its needs tell. */
  tell(needs: Needs, fences: readonly (Fence | null)[]): Doing
}

/** Times that a group is begun before it is given up. */
const ATTEMPTS = 6

export class ModelDatabase implements Database {
  readonly name = 'model'
  readonly process: Key
  readonly now: () => number
  readonly state: StateReads
  readonly lists: ListReads
  readonly shared: NonNullable<Database['shared']>
  readonly #server: ModelServer
  readonly #link: ModelLink
  readonly #clock: CarriedClock
  readonly #last = new Map<string, Key>()
  #session: Session | null = null
  /** The facts of the group that has begun. */
  #facts: FactsData | null = null
  /** When the last heartbeat was given. */
  #beatAt = Number.NEGATIVE_INFINITY
  #closed: StorageError | null = null

  constructor(server: ModelServer, link: ModelLink) {
    const { tables } = server
    this.#server = server
    this.#link = link
    this.process = server.reserveKeys(1)
    const newestAt = Math.max(tables.newestAt, ...tables.processes.values().map((row) => row.newestAt))
    this.#clock = new CarriedClock(() => link.monotonic(), newestAt)
    this.#clock.adopt(server.wall())
    server.putProcess({ ...server.process(this.process), newestAt: this.#clock.now() })
    this.now = () => this.#clock.now()
    const read = <T>(work: () => T) => this.#read(work)
    this.state = modelState(server, { read, clock: () => this.#readClock() })
    this.lists = modelLists(server.tables, read)
    this.shared = {
      heartbeat: () => this.#heartbeat(),
      hint: () => this.#hint(),
      onHint: (listener) => void server.listeners.set(this.process, link.hear(listener)),
      isWatched: () => this.#watchers().length > 0,
      publish: (change) => {
        for (const watcher of this.#watchers()) watcher.hear(change)
      },
      subscribe: (listener) => this.#subscribe(listener),
    }
  }

  reserveKeys(count: number): Promise<Key> {
    return this.#read(() => this.#server.reserveKeys(count))
  }

  async begin(needs: Needs, fences: readonly (Fence | null)[], revs: readonly (number | null)[]): Promise<FactsData> {
    for (let attempt = 1; ; attempt++) {
      try {
        const session = await this.#connection()
        this.#facts = await this.#ask(session, () => this.#beginOn(session, { needs, fences, revs }))
        return this.#facts
      } catch (error) {
        // Nothing of it was written.
        const isPassing = error === UNSETTLED || error instanceof LinkLost || isConflict(error)
        if (!isPassing || attempt === ATTEMPTS) throw error === UNSETTLED ? unsettled() : error
      }
    }
  }

  async finish(group: Group): Promise<Written> {
    const facts = this.#facts
    this.#facts = null
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#finishOnce(group, facts)
      } catch (error) {
        // What has begun was decided on what is not locked any more: only the writer can do it again.
        if (error instanceof LinkLost || (facts !== null && isConflict(error))) throw unknownOutcome(error)
        if (!isConflict(error) || attempt === ATTEMPTS) throw error
      }
    }
  }

  async #finishOnce(group: Group, facts: FactsData | null): Promise<Written> {
    // What has begun is on the session that has its transaction, or nowhere any more.
    const session = facts === null ? await this.#connection() : this.#session
    if (session === null || session.isGone) throw new LinkLost()
    const floor = this.#clock.floor()
    const work = { server: this.#server, process: this.process, session, group, facts, floor }
    const written = await this.#ask(session, async () => {
      if (facts !== null && session.transaction === null) throw new LinkLost()
      return writeGroup(work)
    })
    return this.#adopt(group, written)
  }

  async rollback(): Promise<void> {
    this.#facts = null
    const session = this.#session
    if (session === null || session.isGone) return
    await this.#ask(session, async () => session.rollback()).catch(() => {})
  }

  async written(groupNumber: number): Promise<Written | null> {
    // Whatever the lost connection has under way is waited for, and shut out.
    await this.#connection()
    const row = await this.#read(() => this.#server.process(this.process))
    if (row.groupNumber !== groupNumber) return null
    const { mark } = await this.#readClock()
    return { results: row.results, now: row.newestAt, mark }
  }

  async close(): Promise<void> {
    if (this.#closed !== null) return
    const { tables } = this.#server
    this.die()
    tables.newestAt = Math.max(tables.newestAt, this.#clock.floor())
    tables.processes.delete(this.process)
    tables.log.keep()
  }

  /** The process is gone: its end of every connection is closed. */
  die(): void {
    this.#closed = new StorageError('storage_closed', 'The store was closed.')
    this.#session?.close()
    this.#server.listeners.delete(this.process)
    for (const watcher of this.#server.watchers) {
      if (watcher.process === this.process) this.#server.watchers.delete(watcher)
    }
  }

  async #beginOn(session: Session, { needs, fences, revs }: Question): Promise<FactsData> {
    const server = this.#server
    const { locks, tables } = server
    const transaction = session.begin()
    const doing = this.#link.tell(needs, fences)
    const pace = (place: 'locked' | 'read') => server.options.pace(place, this.process, doing)
    for (const [name, mode] of nameLocks(needs)) await locks.wait(transaction, name, mode)
    const keys = keyLocks(needs)
    for (const [name, mode] of keys) await locks.wait(transaction, name, mode)
    for (const [name, mode] of limitLocks(needs)) await locks.wait(transaction, name, mode)
    const records = recordLocks(tables.records, needs)
    for (const [name, mode] of records) await locks.wait(transaction, name, mode)
    if (keys.length + records.length > 0) server.number(transaction)
    const runs = runsToLock(tables, needs, fences)
    for (const run of runs) await locks.wait(transaction, runLock(run))
    const items = itemsToLock(tables, needs, fences)
    for (const item of items) await locks.wait(transaction, itemLock(item))
    if (runs.length + items.length > 0) server.number(transaction)
    await pace('locked')
    transaction.readAt = server.options.watch.seq()
    const floor = this.#clock.floor()
    const last = this.#last
    const asked = { server, transaction, needs, fences, revs, last, floor }
    const facts = await readFacts({ ...asked, pace: () => pace('read') })
    if (transaction.isOver) throw new LinkLost()
    const now = Math.max(floor, server.wall())
    return { ...facts, now, registryVersion: tables.registryVersion }
  }

  #adopt(group: Group, written: Written): Written {
    const wipes = group.writes.some(({ changes }) =>
      changes.some((change) => 'end' in change && change.end === 'everything'),
    )
    if (wipes) return { ...written, now: this.#clock.reset(this.#server.wall()) }
    if (group.writes.some(({ changes }) => changes.some(setsClock)))
      return { ...written, now: this.#clock.adopt(written.now) }
    this.#clock.adopt(Math.max(written.now, this.#clock.floor()))
    return written
  }

  /** The connection that writes. A new one shuts out the old one. */
  async #connection(): Promise<Session> {
    if (this.#closed !== null) throw this.#closed
    if (this.#session !== null && !this.#session.isGone) return this.#session
    const session = new Session(this.#server)
    await this.#ask(session, async () => {
      const server = this.#server
      const transaction = session.begin()
      await server.locks.wait(transaction, processLock(this.process))
      const row = server.process(this.process)
      session.number = row.session + 1
      server.putProcess({ ...row, session: session.number })
      session.rollback()
    })
    this.#session = session
    return session
  }

  /** Sends what is to be done, and waits for the answer. @throws LinkLost */
  async #ask<T>(session: Session, work: () => Promise<T>): Promise<T> {
    try {
      await this.#link.travel()
    } catch (error) {
      if (this.#session === session) this.#session = null
      // It may have been sent all the same.
      void this.#link
        .stray()
        .then(() => session.run(work))
        .catch(() => {})
        .finally(() => session.close())
      throw error
    }
    if (session.isGone) throw new LinkLost()
    try {
      const answer = await session.run(work)
      await this.#link.travel()
      return answer
    } catch (error) {
      if (error instanceof LinkLost) session.close()
      throw error
    }
  }

  /** A read goes over a connection of its own, and is asked again when that is lost. */
  async #read<T>(work: () => T): Promise<T> {
    if (this.#closed !== null) throw this.#closed
    const ask = async () => {
      await this.#link.travel()
      const answer = work()
      await this.#link.travel()
      return answer
    }
    return ask().catch((error: unknown) => {
      if (error instanceof LinkLost) return ask()
      throw error
    })
  }

  #readClock(): ReturnType<StateReads['clock']> {
    const server = this.#server
    const ask = () => ({ wall: server.wall(), offsetMs: server.tables.clockOffset, mark: server.mark(null) })
    return this.#read(ask).then(({ wall, offsetMs, mark }) => ({ now: this.#clock.adopt(wall), offsetMs, mark }))
  }

  async #heartbeat(): Promise<{ readonly released: number }> {
    const beganAt = this.#link.monotonic()
    const beatAt = this.#beatAt
    const released = await this.#read(() =>
      beatAndRelease(this.#server, {
        process: this.process,
        floor: this.#clock.floor(),
        sinceLastMs: beganAt - beatAt,
      }),
    )
    this.#beatAt = beganAt
    return { released }
  }

  /** Of other processes. What they are told comes at once and is never lost: nobody who is simulated watches. */
  #watchers(): readonly Watcher[] {
    return [...this.#server.watchers].filter(({ process }) => process !== this.process)
  }

  #subscribe(listener: (change: StoreChange) => void): () => void {
    const watcher: Watcher = { process: this.process, hear: listener }
    this.#server.watchers.add(watcher)
    return () => this.#server.watchers.delete(watcher)
  }

  #hint(): void {
    for (const [process, listener] of this.#server.listeners) if (process !== this.process) listener()
  }
}

interface Question {
  readonly needs: Needs
  readonly fences: readonly (Fence | null)[]
  readonly revs: readonly (number | null)[]
}

function unknownOutcome(cause: unknown): StorageError {
  return new StorageError('outcome_unknown', 'model: the answer to a commit was lost', { cause })
}

function isConflict(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'storage_conflict'
}

function unsettled(): StorageError {
  return new StorageError('storage_conflict', 'model: what the group searches for changes all the time')
}
