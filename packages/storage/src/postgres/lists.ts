// Opens the list reads of a PostgreSQL database, on connections of their own. Lists see what has committed and never
// write; a long one holds up neither the engine nor, for longer than a while, the others.
import pg from 'pg'
import type { ListReads } from '../contract/lists.ts'
import { StorageError } from '../errors.ts'
import { clientConfig, sessionSql } from './connection.ts'
import { openListQueries } from './lists-queries.ts'
import { Reader } from './lists-reader.ts'

/** Milliseconds for one read; whoever asked has given up long before. */
export const LIST_SETTINGS = { statement_timeout: '10000', default_transaction_read_only: 'on', jit: 'off' }
const CONNECTIONS_MAX = 3
/** Milliseconds after which a connection that nobody uses is closed. */
const IDLE_MS = 30_000

export interface PostgresListOptions {
  readonly url: string
  readonly schema: string
  readonly connectionsMax?: number | undefined
}

/**
 * Opens the reads for the API and for people. A connection is made with the first read.
 *
 * @throws StorageError from every read: `storage_error`, and after `close` `storage_closed`.
 */
export function createPostgresLists({ url, schema, connectionsMax = CONNECTIONS_MAX }: PostgresListOptions): ListReads {
  const config: pg.PoolConfig & { readonly onConnect: (client: pg.PoolClient) => Promise<unknown> } = {
    ...clientConfig(url),
    max: connectionsMax,
    idleTimeoutMillis: IDLE_MS,
    allowExitOnIdle: true,
    onConnect: (client) => client.query(sessionSql(schema, LIST_SETTINGS)),
  }
  const pool = new pg.Pool(config)
  // A connection that breaks while it rests is replaced; without a listener the process would end.
  pool.on('error', () => {})
  let isClosed = false
  const queries = openListQueries(
    new Reader(async (text, values) => {
      if (isClosed) throw new StorageError('storage_closed', 'The list reads were closed')
      try {
        return (await pool.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows
      } catch (cause) {
        const said = cause instanceof Error ? cause.message : String(cause)
        throw new StorageError('storage_error', `A list could not be read: ${said}`, { cause })
      }
    }),
  )
  return {
    ...queries,
    close: async () => {
      if (isClosed) return
      isClosed = true
      await pool.end()
    },
  }
}
