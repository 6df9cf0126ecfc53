// Hints between the processes of a store: "there may be work for you", by NOTIFY. They save an idle process its next
// look at the queue and nothing more; one that is lost harms nobody, so nothing waits for one and no failure is told.
import pg from 'pg'
import { type Connection, clientConfig, statement } from './connection.ts'
import { spread } from './spread.ts'

/** Milliseconds between two hints of a process: each is a commit, and of those that notify one goes at a time. */
const BETWEEN_MS = 5
const RECONNECT_MS = 1_000

// Whether a hint survives a crash does not matter, so that its commit need not wait for the disk.
const NOTIFY = statement('notify', "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)")

export interface HintOptions {
  readonly url: string
  /** The store's own, in the database. */
  readonly channel: string
  /** Whose hints these are; its own are not told to it. */
  readonly process: number
  /** Runs on a connection on which no group is open. */
  readonly ask: (run: (connection: Connection) => Promise<unknown>) => Promise<unknown>
}

export class Hints {
  readonly #options: HintOptions
  #listener: (() => void) | null = null
  #client: pg.Client | null = null
  #retry: NodeJS.Timeout | undefined
  #rest: NodeJS.Timeout | undefined
  #isSending = false
  #isWanted = false
  #isClosed = false
  /** Nobody is told while nobody else is there. */
  #hasOthers = false

  constructor(options: HintOptions) {
    this.#options = options
  }

  /** What the last heartbeat has seen. */
  see(hasOthers: boolean): void {
    this.#hasOthers = hasOthers
  }

  hint(): void {
    if (this.#hasOthers) this.announce()
  }

  /** Tells whoever is there, also that this process is. */
  announce(): void {
    if (this.#isClosed) return
    if (this.#isSending || this.#rest !== undefined) this.#isWanted = true
    else void this.#send()
  }

  onHint(listener: () => void): void {
    this.#listener = listener
    void this.#listen()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    clearTimeout(this.#rest)
    await this.#client?.end().catch(() => {})
  }

  async #send(): Promise<void> {
    const { ask, channel, process } = this.#options
    this.#isWanted = false
    this.#isSending = true
    await ask((connection) => connection.ask(NOTIFY, [channel, String(process)])).catch(() => {})
    this.#isSending = false
    if (this.#isClosed) return
    this.#rest = setTimeout(() => {
      this.#rest = undefined
      if (this.#isWanted) void this.#send()
    }, BETWEEN_MS)
  }

  async #listen(): Promise<void> {
    const { url, channel } = this.#options
    const client = new pg.Client(clientConfig(url))
    this.#client = client
    client.on('error', () => {})
    client.on('end', () => this.#lose(client))
    client.on('notification', ({ payload }) => this.#hear(payload))
    try {
      await client.connect()
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
      // What was told while nobody listened was not heard.
      this.#listener?.()
    } catch {
      await client.end().catch(() => {})
      this.#lose(client)
    }
  }

  #hear(payload: string | undefined): void {
    if (payload === String(this.#options.process)) return
    this.#hasOthers = true
    this.#listener?.()
  }

  #lose(client: pg.Client): void {
    if (this.#isClosed || this.#client !== client) return
    this.#client = null
    this.#retry = setTimeout(() => void this.#listen(), RECONNECT_MS * spread())
    this.#retry.unref()
  }
}
