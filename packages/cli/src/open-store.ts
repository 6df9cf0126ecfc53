// Opens the state: a folder with the SQLite file, nothing but memory, or a PostgreSQL database that many servers share.
// Whatever is wrong with it is told with its place and with what can be done; never with its credentials.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { heartbeatMs } from '@pawl/engine'
import { createStore, type Database, StorageError, type StorageErrorCode, type Store } from '@pawl/storage'
import { CliError } from './errors.ts'
import type { Log } from './log.ts'
import type { Config } from './options.ts'

/** Name of the database file in the state folder. */
const DATABASE_FILE = 'pawl.db'
/** Of the connections to PostgreSQL, those of the engine: one writes, one reads, one listens for hints. */
const ENGINE_CONNECTIONS = 3
const POSTGRES_PORT = '5432'

/**
 * Opens the store that the configuration names.
 * @throws CliError `state_in_use`, `state_unusable`, `database_unusable`
 */
export async function openStore(config: Config, log: Pick<Log, 'warn'>): Promise<Store> {
  const database = await (config.postgresUri === '' ? openFile(config) : openServer(config, log))
  return createStore({ database, turn: (take) => void setImmediate(take) })
}

/** Where the state is, for a person; without credentials. */
export function shownStore(config: Config): string {
  if (config.postgresUri !== '') return shownDatabase(config)
  if (config.inMemory) return 'memory: it is gone when the server ends'
  const folder = resolve(config.sqliteDir)
  return config.durability === 'relaxed' ? `${folder} (relaxed: a power cut may take the last commits)` : folder
}

async function openFile(config: Config): Promise<Database> {
  const folder = resolve(config.sqliteDir)
  try {
    // Loaded only here, as PostgreSQL's driver below: one of the two is never needed.
    const { openSqlite } = await import('@pawl/storage/sqlite')
    if (!config.inMemory) makeFolder(folder)
    const path = config.inMemory ? ':memory:' : join(folder, DATABASE_FILE)
    return await openSqlite({ path, durability: config.durability })
  } catch (error) {
    throw folderFault(folder, config, error)
  }
}

/** Level by level: Node's own recursive form never ends where a file system has no such folder, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

function folderFault(folder: string, { command }: Config, cause: unknown): CliError {
  const code = codeOf(cause)
  if (code === 'storage_locked') {
    const remedy = `End that one, or give this one a folder of its own: pawl ${command} --sqlite-dir ./other`
    const message = `Another server has the state folder ${folder} open. ${sentence(cause)} ${remedy}`
    return new CliError('state_in_use', message, { cause })
  }
  const remedy = remedyFor(code) ?? 'Another folder can be given with --sqlite-dir.'
  return new CliError('state_unusable', `The state folder ${folder} cannot be opened. ${sentence(cause)} ${remedy}`, {
    cause,
  })
}

async function openServer(config: Config, log: Pick<Log, 'warn'>): Promise<Database> {
  const { postgresUri: url, postgresSchema: schema, postgresMaxOpenConns, leaseMs } = config
  try {
    const { openPostgres } = await import('@pawl/storage/postgres')
    return await openPostgres({
      url,
      schema,
      listConnectionsMax: postgresMaxOpenConns - ENGINE_CONNECTIONS,
      leaseMs: leaseMs - heartbeatMs(leaseMs),
      warn: (message) => log.warn({}, message),
    })
  } catch (cause) {
    const remedy = remedyFor(codeOf(cause)) ?? 'Correct --postgres-uri, or start the database.'
    const message = `${shownDatabase(config)} cannot be used. ${sentence(cause)} ${remedy}`
    throw new CliError('database_unusable', message, { cause })
  }
}

function shownDatabase({ postgresUri, postgresSchema }: Config): string {
  const { hostname, port, pathname, searchParams } = new URL(postgresUri)
  const host = hostname || searchParams.get('host') || 'localhost'
  const place = `${host}:${port || searchParams.get('port') || POSTGRES_PORT}${pathname}`
  return `PostgreSQL at ${place}, schema ${postgresSchema}`
}

function codeOf(cause: unknown): StorageErrorCode | null {
  return cause instanceof StorageError ? cause.code : null
}

function sentence(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.?$/, '.') : String(cause)
}

function remedyFor(code: StorageErrorCode | null): string | null {
  if (code === 'storage_newer') return 'Use the version of pawl that wrote it, or a newer one.'
  if (code === 'clock_behind') return "Set this machine's clock."
  if (code === 'storage_locked') return 'Another server is changing it; try again in a moment.'
  return null
}
