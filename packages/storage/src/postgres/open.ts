// Opens a store on PostgreSQL: brings the schema up to date and makes this process one of those that work on it. Nothing
// is read into memory; a store of any size opens in the same time.
import { StorageError } from '../errors.ts'
import type { Migration } from '../migrate.ts'
import { CarriedClock } from './clock.ts'
import { type Connection, type ConnectionOptions, only, statement } from './connection.ts'
import { Postgres, type PostgresDatabase } from './database.ts'
import { Line } from './line.ts'
import { createPostgresLists } from './lists.ts'
import { lockSpace } from './locks.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { Parts } from './parts.ts'
import { toStorageError } from './postgres-errors.ts'
import { newestInstant, register, takeSession } from './process-row.ts'
import { type RowTypes, readRowTypes } from './row-arrays.ts'
import { prepareSchema } from './schema.ts'
import { MOMENT } from './time.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const LEASE_MS = 30_000
/** A group lasts milliseconds; a process that is so slow in between has stopped. Others try for a little longer. */
const IDLE_MS = 5_000

/**
 * Sessions of the engine. Searches and updates go by index whatever the tables' statistics are: a plan that was made
 * while a table was small stays until it is analysed, and would read all of it when it has grown. Nothing waits long.
 */
export const ENGINE_SETTINGS = {
  statement_timeout: '5000',
  lock_timeout: '1000',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_bitmapscan: 'off',
  enable_material: 'off',
  jit: 'off',
}

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string
  /** Where the tables are, made where there is none. */
  readonly schema?: string | undefined
  /** Milliseconds without a heartbeat after which leases end. The same for all processes of a store. */
  readonly leaseMs?: number | undefined
  /**
   * Milliseconds after which the server ends a group's transaction of which nothing more is heard: what a process that was
   * stopped has locked is free again.
   */
  readonly idleMs?: number | undefined
  /** Milliseconds for which a part of the history is written before the next is opened. */
  readonly partMs?: number | undefined
  /** Connections for lists. */
  readonly listConnectionsMax?: number | undefined
  /** Is told what an operator should know of the server's settings. */
  readonly warn?: ((message: string) => void) | undefined
  /** A clock for tests, epoch milliseconds, in place of the database's. */
  readonly now?: (() => number) | undefined
  /** Milliseconds that are never stepped. */
  readonly monotonic?: (() => number) | undefined
  /** The schema's steps; tests give others. */
  readonly migrations?: readonly Migration[] | undefined
  /** Milliseconds that the start waits while another server changes the schema. */
  readonly migrationWaitMs?: number | undefined
}

/**
 * Opens the store for this process, beside others.
 *
 * @throws StorageError `storage_newer`, `storage_locked`, `storage_damaged`, `clock_behind`, `storage_error`.
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresDatabase> {
  const { url, schema = 'pawl' } = options
  const settings = { ...ENGINE_SETTINGS, idle_in_transaction_session_timeout: String(options.idleMs ?? IDLE_MS) }
  const place: ConnectionOptions = { url, schema, settings }
  const reader = new Line(place)
  try {
    const space = lockSpace(schema)
    const { migrations = MIGRATIONS, migrationWaitMs: waitMs } = options
    await prepareSchema({ url, schema }, { space, migrations, waitMs })
    const connection = await reader.get()
    await warnOfSettings(connection, options.warn)
    return await open(reader, place, options)
  } catch (error) {
    await reader.end()
    throw toStorageError(error)
  }
}

async function open(reader: Line, place: ConnectionOptions, options: PostgresOptions): Promise<PostgresDatabase> {
  const wall = () => options.now?.() ?? null
  const connection = await reader.get()
  const clock = await startClock(connection, options)
  const process = await register(connection, clock.now(), wall())
  let session = 0
  let types: RowTypes = new Map()
  const writer = new Line(place, async (opened) => {
    types = await readRowTypes(opened)
    session = await takeSession(opened, process, { now: clock.floor(), wall: wall() })
  })
  const space = lockSpace(place.schema)
  const database = new Postgres({
    url: place.url,
    channel: `pawl_${space >>> 0}`,
    process,
    space,
    clock,
    writer,
    session: () => session,
    types: () => types,
    reader,
    lists: createPostgresLists({ url: place.url, schema: place.schema, connectionsMax: options.listConnectionsMax }),
    parts: new Parts({ place, space, partMs: options.partMs }),
    wall,
    leaseMs: options.leaseMs ?? LEASE_MS,
    monotonic: monotonicOf(options),
  })
  await database.shared.heartbeat()
  return database
}

async function startClock(connection: Connection, options: PostgresOptions): Promise<CarriedClock> {
  const newestAt = await newestInstant(connection)
  const [wall] = only(await connection.ask(MOMENT, [options.now?.() ?? null]))
  const behindMs = newestAt - wall
  if (behindMs > DAY_MS) {
    const newest = new Date(newestAt).toISOString()
    const message = `The database's clock is ${Math.round(behindMs / 3_600_000)} h before ${newest}, the newest time in the store. Set the clock.`
    throw new StorageError('clock_behind', message)
  }
  const clock = new CarriedClock({ monotonic: monotonicOf(options), newestAt })
  clock.adopt(wall)
  return clock
}

function monotonicOf({ monotonic }: PostgresOptions): () => number {
  return monotonic ?? (() => performance.now())
}

const SETTINGS = statement<[name: string]>(
  'settings',
  "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name",
)

async function warnOfSettings(connection: Connection, warn: ((message: string) => void) | undefined): Promise<void> {
  for (const [name] of await connection.ask(SETTINGS)) {
    warn?.(`PostgreSQL runs with ${name} off: a crash of its machine may damage the store.`)
  }
}
