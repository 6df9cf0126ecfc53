// Opens the state: a folder with the SQLite file, or nothing but memory. Whatever is wrong with the folder is told with
// its path and with what can be done.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createStore, StorageError, type StorageErrorCode, type Store } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import { CliError } from './errors.ts'
import type { Config } from './options.ts'

/** Name of the database file in the state folder. */
const DATABASE_FILE = 'pawl.db'

/**
 * Opens the store that the configuration names.
 * @throws CliError `state_in_use`, `state_unusable`
 */
export async function openStore(config: Config): Promise<Store> {
  const folder = resolve(config.sqliteDir)
  try {
    if (!config.inMemory) makeFolder(folder)
    const path = config.inMemory ? ':memory:' : join(folder, DATABASE_FILE)
    const database = await openSqlite({ path, durability: config.durability })
    return createStore({ database, turn: (take) => void setImmediate(take) })
  } catch (error) {
    throw storeFault(folder, error)
  }
}

/** Level by level: Node's own recursive form never ends where a file system has no such folder, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

function storeFault(folder: string, cause: unknown): CliError {
  const says = cause instanceof Error ? cause.message.replace(/\.?$/, '.') : String(cause)
  const code = cause instanceof StorageError ? cause.code : null
  if (code === 'storage_locked') {
    const remedy = 'End that one, or give this one a folder of its own: pawl dev --sqlite-dir ./other'
    return new CliError('state_in_use', `Another server has the state folder ${folder} open. ${says} ${remedy}`, {
      cause,
    })
  }
  return new CliError('state_unusable', `The state folder ${folder} cannot be opened. ${says} ${remedyFor(code)}`, {
    cause,
  })
}

function remedyFor(code: StorageErrorCode | null): string {
  if (code === 'storage_newer') return 'Use the version of pawl that wrote it, or a newer one.'
  if (code === 'clock_behind') return "Set this machine's clock."
  return 'Another folder can be given with --sqlite-dir.'
}
