// A connection that comes back: lost, it is opened anew by whoever needs it next. What was asked on the old one is never
// asked again here, for only its caller knows whether that may be.
import { Connection, type ConnectionOptions } from './connection.ts'

/** What has to be done on each new connection before anybody uses it. */
type Prepare = (connection: Connection) => Promise<void>

export class Line {
  readonly #options: ConnectionOptions
  readonly #prepare: Prepare
  #connection: Connection | null = null
  #opening: Promise<Connection> | null = null

  constructor(options: ConnectionOptions, prepare: Prepare = async () => {}) {
    this.#options = options
    this.#prepare = prepare
  }

  /** @throws ConnectionLost, StorageError when there is none to be had. */
  async get(): Promise<Connection> {
    if (this.#connection !== null && !this.#connection.isLost) return this.#connection
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  async end(): Promise<void> {
    await this.#opening?.catch(() => {})
    await this.#connection?.end()
  }

  async #open(): Promise<Connection> {
    await this.#connection?.end()
    this.#connection = null
    const connection = await Connection.open(this.#options)
    try {
      await this.#prepare(connection)
    } catch (error) {
      await connection.end()
      throw error
    }
    this.#connection = connection
    return connection
  }
}
