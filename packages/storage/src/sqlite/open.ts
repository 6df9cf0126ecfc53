// Opens a store on SQLite: takes the file's lock, brings the schema up to date, looks at the file after an unclean stop,
// and makes what dead processes held free again. Nothing is read into memory; a store of any size opens in the same time.
import { DatabaseSync } from 'node:sqlite'
import type { Database } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import { StorageError } from '../errors.ts'
import { type Migration, type MigrationTarget, migrate, refuseNewer } from '../migrate.ts'
import { checkFile, damaged } from './check-file.ts'
import { StoreClock } from './clock.ts'
import { type Counters, openCounters } from './counters.ts'
import { SqliteDatabase } from './database.ts'
import { createSqliteLists } from './lists.ts'
import { takeLock } from './lock.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { toStorageError } from './sqlite-errors.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** 'Pawl' in the file's header, so that another program's file is not taken for a store. */
const APPLICATION_ID = 0x50_61_77_6c
/** Bytes to which the write-ahead log is cut back after a checkpoint. */
const LOG_BYTES_MAX = 64 * 1024 * 1024

export type SqliteOptions = SqliteSettings & (SqliteFile | SqliteConnection)

export interface SqliteFile {
  /** A file, made where there is none, or `:memory:`. */
  readonly path: string
}

export interface SqliteConnection {
  /** An open connection that stays open: a simulator's disk, which outlives the server that writes to it. */
  readonly connection: DatabaseSync
}

export interface SqliteSettings {
  /** `full` (default): a commit is on the disk before its answer. `relaxed`: a loss of power may take the last ones. */
  readonly durability?: 'full' | 'relaxed' | undefined
  /** The wall clock, epoch milliseconds. */
  readonly now?: (() => number) | undefined
  /** Milliseconds that are never stepped; `now` itself where only that is given. */
  readonly monotonic?: (() => number) | undefined
  /** The schema's steps; tests give others. */
  readonly migrations?: readonly Migration[] | undefined
}

/** What was opened, and what gives it back. */
interface Connected {
  readonly db: DatabaseSync
  /** The file's path, or null when there is none. */
  readonly path: string | null
  close(): void
}

/**
 * Opens the store and makes this process its only server.
 *
 * @throws StorageError `storage_locked`, `storage_newer`, `storage_damaged`, `clock_behind`, `storage_error`.
 */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  try {
    const connected = connect(options)
    try {
      return await open(connected, options)
    } catch (error) {
      connected.close()
      throw error
    }
  } catch (error) {
    throw toStorageError(error)
  }
}

function connect(options: SqliteOptions): Connected {
  if ('connection' in options) return borrow(options.connection)
  const { path } = options
  const isFile = path !== ':memory:'
  const lock = isFile ? takeLock(path, (options.now ?? Date.now)()) : undefined
  let db: DatabaseSync | undefined
  const close = () => {
    db?.close()
    lock?.release()
  }
  try {
    db = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true })
    db.exec('PRAGMA journal_mode = WAL')
    db.exec(`PRAGMA synchronous = ${options.durability === 'relaxed' ? 'NORMAL' : 'FULL'}`)
    db.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_MAX}`)
    return { db, path: isFile ? path : null, close }
  } catch (error) {
    close()
    throw error
  }
}

/** The server before may have died inside a transaction, which a file would have taken back by itself. */
function borrow(db: DatabaseSync): Connected {
  if (db.isTransaction) db.exec('ROLLBACK')
  return { db, path: null, close: () => {} }
}

async function open({ db, path, close }: Connected, options: SqliteSettings): Promise<Database> {
  const { migrations = MIGRATIONS } = options
  refuseForeign(db)
  refuseNewer(readVersion(db), migrations)
  const check = path !== null && isUnclean(db) ? await checkFile(path) : undefined
  await migrate(migrationTarget(db), migrations)
  const counters = openCounters(db)
  const clock = startClock(counters, options)
  const process = takeOver(db, counters, clock.now())
  const lists = createSqliteLists(path === null ? { db } : { path })
  const release = () => {
    check?.stop()
    close()
  }
  const database = new SqliteDatabase({ db, counters, clock, process, lists, release })
  void check?.problem.then((problem) => problem !== null && database.fail(damaged(problem)))
  return database
}

function refuseForeign(db: DatabaseSync): void {
  const id = Number(db.prepare('PRAGMA application_id').get()?.application_id)
  const tables = Number(db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count)
  if (id === APPLICATION_ID || (id === 0 && tables === 0)) return
  throw new StorageError('storage_damaged', 'The file is a database of another program.')
}

function readVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

/** A process that stopped in order has left no row of itself. */
function isUnclean(db: DatabaseSync): boolean {
  return readVersion(db) > 0 && db.prepare('SELECT 1 FROM processes LIMIT 1').get() !== undefined
}

function migrationTarget(db: DatabaseSync): MigrationTarget {
  return {
    version: async () => readVersion(db),
    apply: async ({ number, sql }) => {
      db.exec('BEGIN IMMEDIATE')
      try {
        db.exec(sql)
        db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${number}; COMMIT`)
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
  }
}

function startClock(counters: Counters, options: SqliteSettings): StoreClock {
  const now = options.now ?? Date.now
  const monotonic = options.monotonic ?? options.now ?? (() => performance.now())
  const offsetMs = counters.get('clock_offset_ms')
  const newestAt = counters.newestAt()
  const behindMs = newestAt - (now() + offsetMs)
  if (behindMs > DAY_MS) {
    const newest = new Date(newestAt).toISOString()
    const message = `The wall clock is ${Math.round(behindMs / 3_600_000)} h before ${newest}, the newest time in the store. Set the clock.`
    throw new StorageError('clock_behind', message)
  }
  return new StoreClock({ now, monotonic, offsetMs, newestAt })
}

/**
 * Voids the leases of dead processes: there can be no other holder. A slot is the item's, so it stays. Takes this process's
 * key and row.
 */
function takeOver(db: DatabaseSync, counters: Counters, now: number): Key {
  db.exec('BEGIN IMMEDIATE')
  const key = counters.get('next_key')
  counters.set('next_key', key + 1)
  counters.set('newest_at', now)
  counters.putProcess(key, now)
  db.prepare("UPDATE items SET state = 'ready', due = ?, owner = 0 WHERE state = 'leased'").run(now)
  db.exec('COMMIT')
  return key
}
