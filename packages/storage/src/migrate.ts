// The one runner of migrations: numbered, forward only, each applied and recorded in one transaction of its own. The
// caller holds the lock that keeps other servers out. A schema newer than this server is refused, not guessed at.
import { StorageError } from './errors.ts'

export interface Migration {
  /** 1, 2, 3 … without gaps: the schema's version after it. */
  readonly number: number
  readonly name: string
  readonly sql: string
}

/** What a database brings to the runner. */
export interface MigrationTarget {
  /** The number of the last migration applied, 0 for none. */
  version(): Promise<number>
  /** Runs the statements and records the number, both or neither. */
  apply(migration: Migration): Promise<void>
}

/**
 * Brings a database to the newest schema.
 *
 * @returns The numbers that were applied now.
 * @throws StorageError `storage_newer` when the schema is newer than the newest migration; nothing is changed.
 */
export async function migrate(target: MigrationTarget, migrations: readonly Migration[]): Promise<readonly number[]> {
  const version = await target.version()
  refuseNewer(version, migrations)
  const applied: number[] = []
  for (const migration of migrations) {
    if (migration.number <= version) continue
    await target.apply(migration)
    applied.push(migration.number)
  }
  return applied
}

/** @throws StorageError `storage_newer` when the schema is one that this server does not know. */
export function refuseNewer(version: number, migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.number ?? 0
  if (version <= newest) return
  const message = `The store has schema ${version}, this server knows schemas up to ${newest}. Use a newer server.`
  throw new StorageError('storage_newer', message)
}
