// A database server with PostgreSQL's semantics, in memory: one committed state for all connections, transactions at read
// committed with locks, its own clock. Whatever writes becomes visible in one instant, at its commit, and is then told to
// whoever watches.
import type { Group, ItemRow, Key, Mark, StoreChange, Written } from '@pawl/storage'
import { LockTable } from './locks.ts'
import { Snapshots } from './snapshots.ts'
import { type ProcessRow, Tables } from './tables.ts'

/** One who is told what other processes have committed. */
export interface Watcher {
  readonly process: Key
  hear(change: StoreChange): void
}

/** Where a transaction of a server process stands between two of its statements. */
export type ModelPlace = 'locked' | 'read' | 'written'

/** What is under way in a transaction: what its needs lock, what its changes do. */
export type Doing = ReadonlySet<string>

export interface ModelServerOptions {
  /** The database machine's clock, epoch milliseconds. */
  readonly now: () => number
  /** Calls `fire` after a time; the returned function prevents it. */
  readonly after: (ms: number, fire: () => void) => () => void
  /** Time passes between two statements, and others go on. */
  readonly pace: (place: ModelPlace, process: Key, doing: Doing) => Promise<void>
  /** Leases end so long after the last heartbeat of their process, in milliseconds. */
  readonly leaseMs: number
  /** Two transactions wait for each other. */
  readonly deadlock: (says: string) => void
  readonly watch: ModelWatch
}

/** Is told of everything that becomes visible, in the order in which it does. */
export interface ModelWatch {
  committed(group: Group, written: Written, seen: Seen): void
  /** How many groups are visible now. */
  seq(): number
  released(items: readonly ItemRow[]): void
}

/** The last group that was visible when a group read what it stands on, and when it was written. */
export interface Seen {
  readonly whenRead: number
  readonly whenWritten: number
}

/** How long a statement waits for one lock, and an open transaction for its client; milliseconds. */
const LOCK_MS = 1_000
export const IDLE_MS = 5_000
export class Transaction {
  readonly held = new Set<string>()
  xid: number | null = null
  isOver = false
  /** The last group that was visible before it read anything; null while it has not. */
  readAt: number | null = null
}

export class ModelServer {
  readonly tables = new Tables()
  readonly locks: LockTable
  readonly snapshots = new Snapshots()
  readonly options: ModelServerOptions
  /** Connections that are open. */
  readonly sessions = new Set<{ kill(): void }>()
  /** Listeners for hints, by process. */
  readonly listeners = new Map<Key, () => void>()
  /** Who watches what commits. */
  readonly watchers = new Set<Watcher>()

  constructor(options: ModelServerOptions) {
    this.options = options
    const { after, deadlock } = options
    this.locks = new LockTable({ after, timeoutMs: LOCK_MS, deadlock })
    this.tables.log.keep()
  }

  /** The clock with development's offset, in whole milliseconds. */
  wall(): number {
    return this.raw() + this.tables.clockOffset
  }

  raw(): number {
    return Math.floor(this.options.now())
  }

  /** A transaction that writes or locks rows has a number. */
  number(transaction: Transaction): number {
    transaction.xid ??= this.snapshots.draw()
    return transaction.xid
  }

  mark(transaction: Transaction | null): Mark {
    return this.snapshots.mark(transaction?.xid ?? null)
  }

  /** Ends a transaction whose changes were written in this very instant. */
  commit(transaction: Transaction): void {
    this.tables.log.keep()
    this.#end(transaction)
  }

  /** Every connection is lost, and with it whatever has not committed. */
  restart(): void {
    for (const session of this.sessions) session.kill()
  }

  /** Ends a transaction without a trace. */
  rollback(transaction: Transaction): void {
    if (!transaction.isOver) this.#end(transaction)
  }

  /** Keys are counted outside of transactions. */
  reserveKeys(count: number): Key {
    const first = this.tables.nextKey
    this.tables.nextKey += count
    return first
  }

  process(key: Key): ProcessRow {
    const row = this.tables.processes.get(key)
    if (row !== undefined) return row
    return { key, session: 0, heartbeatAt: this.raw(), newestAt: 0, groupNumber: 0, results: [] }
  }

  putProcess(row: ProcessRow): void {
    this.tables.processes.set(row.key, row)
    this.tables.log.keep()
  }

  #end(transaction: Transaction): void {
    transaction.isOver = true
    if (transaction.xid !== null) this.snapshots.end(transaction.xid)
    this.locks.release(transaction)
  }
}
