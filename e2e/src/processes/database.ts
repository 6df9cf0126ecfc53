/**
 * The stores of these tests: one PostgreSQL from npm's binaries, a schema for each cluster of servers.
 */
import type { TestServer } from '@pawl/storage/postgres-server'

let schemas = 0

/** What a server of ours needs to work on a store of its own. */
export interface Store {
  readonly uri: string
  readonly schema: string
}

/** A new, empty store. */
export function newStore(database: TestServer): Store {
  return { uri: database.url, schema: `processes_${++schemas}` }
}
