// The schema of a store: made where there is none, brought up to date, refused when it is newer than this server or not
// ours. Servers that start at once wait for each other under an advisory lock.
import { StorageError } from '../errors.ts'
import { type Migration, migrate } from '../migrate.ts'
import { Connection, type ConnectionOptions, quoted, statement } from './connection.ts'
import { LOCK_MIGRATION, UNLOCK_MIGRATION } from './locks.ts'
import { isConflict, sqlState } from './postgres-errors.ts'

/** Milliseconds that a start waits for another server's migrations. */
const WAIT_MS = 60_000
const DUPLICATE_TABLE = '42P07'

const HAS_SCHEMA = statement<[boolean]>('has_schema', 'SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)')
const VERSION = statement<[version: number]>('version', 'SELECT coalesce(max(number), 0) FROM migrations')

interface Bringing {
  /** Advisory locks of this store begin with it. */
  readonly space: number
  readonly migrations: readonly Migration[]
  readonly waitMs?: number | undefined
}

/**
 * Brings the schema to the newest version.
 *
 * @throws StorageError `storage_newer`; `storage_locked` when another server migrates for too long; `storage_damaged`
 *         when the schema has tables of another program.
 */
export async function prepareSchema(options: Omit<ConnectionOptions, 'settings'>, bringing: Bringing): Promise<void> {
  const { space, migrations, waitMs = WAIT_MS } = bringing
  const settings = { lock_timeout: String(waitMs), statement_timeout: '0' }
  const connection = await Connection.open({ ...options, settings })
  try {
    await takeLock(connection, space, waitMs)
    await makeSchema(connection, options.schema)
    await migrate(target(connection, options.schema), migrations)
    await connection.ask(UNLOCK_MIGRATION, [space])
  } finally {
    // The lock is the session's, so it ends with it.
    await connection.end()
  }
}

async function takeLock(connection: Connection, space: number, waitMs: number): Promise<void> {
  try {
    await connection.ask(LOCK_MIGRATION, [space])
  } catch (cause) {
    if (!isConflict(cause)) throw cause
    const message = `Another server has been changing the schema for ${waitMs / 1_000} s. When it has ended or was stopped, start again.`
    throw new StorageError('storage_locked', message, { cause })
  }
}

async function makeSchema(connection: Connection, schema: string): Promise<void> {
  const [row] = await connection.ask(HAS_SCHEMA, [schema])
  // Who may not make schemas can be given one.
  if (row?.[0] !== true) await connection.run(`CREATE SCHEMA ${quoted(schema)}`)
  await connection.run(
    'CREATE TABLE IF NOT EXISTS migrations (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  )
}

function target(connection: Connection, schema: string) {
  return {
    version: async () => (await connection.ask(VERSION))[0]?.[0] ?? 0,
    apply: async ({ number, name, sql }: Migration) => {
      try {
        await connection.run(
          `BEGIN; ${sql}; INSERT INTO migrations (number, name) VALUES (${number}, '${name}'); COMMIT`,
        )
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => {})
        if (sqlState(error) !== DUPLICATE_TABLE) throw error
        const message = `The schema ${schema} has tables of another program. Give the store a schema of its own.`
        throw new StorageError('storage_damaged', message, { cause: error })
      }
    },
  }
}
