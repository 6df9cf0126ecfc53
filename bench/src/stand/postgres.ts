// The PostgreSQL of a run of the bench: one cluster on a loopback port with real syncs, a database of its own for every store.
// It is started by the first part that needs it and ends with the bench, also when that is killed.

import pg from 'pg'
import { familyCpuMs } from './usage.ts'

/** The starter of a PostgreSQL that the storage package has for its own tests and measurements. */
interface Starter {
  startServer(options: {
    readonly isDurable: boolean
    readonly settings: Readonly<Record<string, string>>
  }): Promise<PostgresServer>
}

interface PostgresServer {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** It stands behind no door of the package, since nothing that is shipped may start a database. */
const STARTER = new URL('../../../packages/storage/src/postgres-server/start-server.ts', import.meta.url)

/**
 * What an operator would set on a small machine: vacuum on, the working set in memory, and room in the log, so that no
 * checkpoint falls into a load of two seconds. All else is as PostgreSQL comes.
 */
const SETTINGS = {
  autovacuum: 'on',
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
  max_connections: '200',
}

/** A running cluster. */
export class Postgres {
  private readonly server: PostgresServer
  private databases = 0

  private constructor(server: PostgresServer) {
    this.server = server
  }

  static async start(): Promise<Postgres> {
    const starter = (await import(STARTER.href)) as Starter
    return new Postgres(await starter.startServer({ isDurable: true, settings: SETTINGS }))
  }

  /** CPU milliseconds that all processes of the cluster have used so far. */
  cpuMs(): number {
    return familyCpuMs(this.server.pid)
  }

  /** Makes an empty database; returns its URL. */
  async createDatabase(): Promise<string> {
    this.databases += 1
    const name = `bench_${this.databases}`
    await this.run(this.server.url, `create database ${name}`)
    const url = new URL(this.server.url)
    url.pathname = `/${name}`
    return url.href
  }

  async dropDatabase(url: string): Promise<void> {
    await this.run(this.server.url, `drop database ${new URL(url).pathname.slice(1)} with (force)`)
  }

  /** Does now what vacuum and checkpoint would do some time after a store was filled: in the middle of a measurement. */
  async tidy(url: string): Promise<void> {
    await this.run(url, 'vacuum (analyze)')
    await this.run(url, 'checkpoint')
  }

  stop(): Promise<void> {
    return this.server.stop()
  }

  private async run(url: string, sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
}
