// One connection. Statements are prepared by name at their first use, rows come as arrays, and several statements go out
// in one flight: each is executed in order and sees what those before it did, while only one round trip is waited for.
import pg from 'pg'
import { StorageError } from '../errors.ts'
import { readText, storedText } from './arrays.ts'
import { ConnectionLost, isConsequence, toError } from './postgres-errors.ts'

/** A prepared statement. Its rows have these columns. */
export interface Statement<Cells extends readonly unknown[] = readonly unknown[]> {
  readonly name: string
  readonly text: string
  /** Only for the compiler. */
  readonly cells?: Cells
}

/** Names a statement; within the folder a name stands for one text. */
export function statement<Cells extends readonly unknown[] = readonly unknown[]>(
  name: string,
  text: string,
): Statement<Cells> {
  return { name, text }
}

export type Value = string | number | boolean | null | Buffer

export interface ConnectionOptions {
  readonly url: string
  readonly schema: string
  /** Settings of the session. */
  readonly settings: Readonly<Record<string, string>>
}

const CONNECT_MS = 5_000
/** Object IDs of types, fixed in pg_type. */
const BOOL = 16
const INTEGERS: ReadonlySet<number> = new Set([20, 21, 23])
const TEXT = 25

// Keys, times and counters stay far below 2^53.
const types = {
  getTypeParser: (oid: number) => (value: string) => {
    if (INTEGERS.has(oid)) return Number(value)
    if (oid === TEXT) return readText(value)
    return oid === BOOL ? value === 't' : value
  },
}

export function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: 'pawl',
    types: types as unknown as pg.CustomTypesConfig,
  }
}

/**
 * A group's statement takes some hundred KiB of memory. On Linux's C library what is freed at the end goes back to the
 * system above 128 KiB, and comes back page by page with the next statement: 70 page faults each, a third of the server's
 * CPU for a step. Having freed one large block, the library keeps up to twice its size.
 */
const KEEP_MEMORY = "SELECT length(repeat('x', 4000000));"

/** Sets what a session needs whatever the database's own settings say. */
export function sessionSql(schema: string, settings: Readonly<Record<string, string>>): string {
  const path = `SET search_path TO ${quoted(schema)};`
  // The stronger setting stays; compression by lz4 where the server was built with it.
  const durable = `SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');`
  const compression = `SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals);`
  return (
    KEEP_MEMORY +
    path +
    durable +
    compression +
    Object.entries(settings)
      .map(([name, value]) => `SET ${name} TO '${value}';`)
      .join('')
  )
}

export function quoted(name: string): string {
  return pg.escapeIdentifier(name)
}

export class Connection {
  readonly #client: pg.Client
  #lost: ConnectionLost | null = null

  private constructor(client: pg.Client) {
    this.#client = client
    // Whoever asks next is told; without a listener the process would end.
    client.on('error', (error) => this.drop(error))
    client.on('end', () => this.drop(new Error('it was closed')))
  }

  /** @throws ConnectionLost when there is no server, StorageError `storage_error` when it refuses us. */
  static async open({ url, schema, settings }: ConnectionOptions): Promise<Connection> {
    const config: pg.ClientConfig & { readonly pipeline: boolean } = { ...clientConfig(url), pipeline: true }
    const client = new pg.Client(config)
    const connection = new Connection(client)
    try {
      await client.connect()
      await connection.run(sessionSql(schema, settings))
      return connection
    } catch (error) {
      await connection.end()
      const cause = toError(error)
      if (cause instanceof ConnectionLost) throw cause
      const message = `PostgreSQL refuses the connection: ${error instanceof Error ? error.message : String(error)}`
      throw new StorageError('storage_error', message, { cause })
    }
  }

  get isLost(): boolean {
    return this.#lost !== null
  }

  /** Several statements by the simple protocol, without parameters. */
  async run(sql: string): Promise<void> {
    try {
      await this.#client.query(sql)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async ask<Cells extends readonly unknown[]>(
    query: Statement<Cells>,
    values: readonly Value[] = [],
  ): Promise<Cells[]> {
    return this.#send(query, values).catch((error: unknown) => {
      throw this.#failed(error)
    })
  }

  /** Statements that are sent together. */
  flight(): Flight {
    return new Flight((orders) => this.#sendAll(orders))
  }

  /** From now on this connection is not used: what it was asked last is in doubt. */
  drop(cause: unknown): void {
    this.#lost ??= cause instanceof ConnectionLost ? cause : new ConnectionLost(cause)
  }

  async end(): Promise<void> {
    this.drop(new Error('it was closed'))
    await this.#client.end().catch(() => {})
  }

  /** In one write: else the server would wake up for each statement by itself. */
  async #sendAll(orders: readonly Order[]): Promise<void> {
    const { stream } = (this.#client as unknown as { readonly connection: pg.Connection }).connection
    stream.cork()
    for (const { query, values, settle } of orders) settle(this.#send(query, values))
    stream.uncork()
    const settled = await Promise.allSettled(orders.map(({ answer }) => answer))
    let failure: unknown
    for (const answer of settled) {
      if (answer.status === 'rejected' && (failure === undefined || isConsequence(failure))) failure = answer.reason
    }
    if (failure !== undefined) throw this.#failed(failure)
  }

  /** What is thrown for what the driver rejects with; a connection that fails us is not used any more. */
  #failed(error: unknown): unknown {
    const failure = toError(error)
    if (failure instanceof ConnectionLost) this.drop(failure)
    return failure
  }

  async #send<Cells extends readonly unknown[]>(query: Statement<Cells>, values: readonly Value[]): Promise<Cells[]> {
    if (this.#lost !== null) throw this.#lost
    const { name, text } = query
    const bound = values.map((value) => (typeof value === 'string' ? storedText(value) : value))
    const { rows, command } = await this.#client.query<Cells[number][]>({ name, text, values: bound, rowMode: 'array' })
    // The end of a transaction says which one it was. The cells are what the statement's author says they are.
    return (command === 'COMMIT' || command === 'ROLLBACK' ? [[command]] : rows) as unknown as Cells[]
  }
}

interface Order {
  readonly query: Statement
  readonly values: readonly Value[]
  readonly answer: Promise<unknown>
  settle(answer: Promise<unknown>): void
}

/** Statements that go out together. None does before `land`, so a flight that is not complete can be dropped. */
export class Flight {
  readonly #send: (orders: readonly Order[]) => Promise<void>
  readonly #orders: Order[] = []

  constructor(send: (orders: readonly Order[]) => Promise<void>) {
    this.#send = send
  }

  /** The answer is there once `land` has resolved; until then nobody need look at it. */
  ask<Cells extends readonly unknown[]>(query: Statement<Cells>, values: readonly Value[] = []): Promise<Cells[]> {
    const { promise, resolve } = Promise.withResolvers<Cells[]>()
    // The rows are those of this very statement.
    const settle = (answer: Promise<unknown>) => resolve(answer as Promise<Cells[]>)
    this.#orders.push({ query, values, answer: promise, settle })
    return promise
  }

  /** Resolves when all were executed. @throws The first error that is not the consequence of another. */
  land(): Promise<void> {
    return this.#send(this.#orders)
  }
}

export const BEGIN = statement('begin', 'BEGIN')
export const BEGIN_SNAPSHOT = statement('begin_snapshot', 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
export const COMMIT = statement<[string]>('commit', 'COMMIT')
export const ROLLBACK = statement<[string]>('rollback', 'ROLLBACK')

/** The one row that a statement returns. */
export function only<Cells>([row]: readonly Cells[]): Cells {
  if (row === undefined) throw new Error('A statement returned no row')
  return row
}
