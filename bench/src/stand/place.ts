// Where a server keeps its state, and how it is told: a directory for SQLite, a URL for PostgreSQL.
// A place outlives the servers that stand on it; whoever made it removes it.

import { removeDirectory, temporaryDirectory } from './children.ts'
import type { Postgres } from './postgres.ts'

/** The databases that a server can stand on. */
export type DatabaseName = 'sqlite' | 'postgres'

/** The state of one server, or of several that share it. */
export interface Place {
  readonly database: DatabaseName
  /** For the log, and for the state where it is SQLite. */
  readonly directory: string
  /** Null for SQLite. */
  readonly url: string | null
  /** The flags that name it. */
  readonly flags: string
  /** CPU milliseconds of the database's own processes so far; 0 for SQLite, which has none. */
  databaseMs(): number
  /** Lets the database do what it would do later, in a measurement. */
  tidy(): Promise<void>
  remove(): Promise<void>
}

/** A new, empty place in a directory. */
export function sqlitePlace(): Place {
  const directory = temporaryDirectory()
  return {
    database: 'sqlite',
    directory,
    url: null,
    flags: `--sqlite-dir ${directory}`,
    databaseMs: () => 0,
    tidy: async () => {},
    remove: async () => removeDirectory(directory),
  }
}

/** A new, empty database in a cluster. */
export async function postgresPlace(postgres: Postgres): Promise<Place> {
  const directory = temporaryDirectory()
  const url = await postgres.createDatabase()
  return {
    database: 'postgres',
    directory,
    url,
    flags: `--postgres-uri ${url}`,
    databaseMs: () => postgres.cpuMs(),
    tidy: () => postgres.tidy(url),
    remove: async () => {
      await postgres.dropDatabase(url)
      removeDirectory(directory)
    },
  }
}
