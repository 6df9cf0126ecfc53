// What other processes say by NOTIFY: one connection listens for all that this process wants to hear. It is made with the
// first wish and made anew when it is lost; whoever listens is told when that begins, since nothing was heard before.
import pg from 'pg'
import { clientConfig, statement } from './connection.ts'
import { spread } from './spread.ts'

const RECONNECT_MS = 1_000

/** Channel and payload. Whether it survives a crash does not matter, so that its commit need not wait for the disk. */
export const NOTIFY = statement('notify', "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)")

export interface Listener {
  hear(payload: string): void
  /** From now on nothing is missed. `wasLost`: something may have been, since it listened before. */
  begin(wasLost: boolean): void
}

interface Wish {
  readonly listener: Listener
  hasBegun: boolean
}

export class Notices {
  readonly #url: string
  /** By channel. */
  readonly #wishes = new Map<string, Wish>()
  #client: pg.Client | null = null
  #isConnected = false
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(url: string) {
    this.#url = url
  }

  /** One listener for each channel, until the end. */
  listen(channel: string, listener: Listener): void {
    if (this.#isClosed) return
    const wish = { listener, hasBegun: false }
    this.#wishes.set(channel, wish)
    if (this.#client === null) this.#open()
    else if (this.#isConnected) void this.#begin(this.#client, channel, wish)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    await this.#client?.end().catch(() => {})
  }

  #open(): void {
    if (this.#isClosed || this.#retry !== undefined) return
    const client = new pg.Client(clientConfig(this.#url))
    this.#client = client
    client.on('error', () => {})
    client.on('end', () => this.#lose(client))
    client.on('notification', ({ channel, payload = '' }) => this.#wishes.get(channel)?.listener.hear(payload))
    void this.#connect(client)
  }

  async #connect(client: pg.Client): Promise<void> {
    try {
      await client.connect()
    } catch {
      return this.#giveUp(client)
    }
    this.#isConnected = true
    for (const [channel, wish] of this.#wishes) void this.#begin(client, channel, wish)
  }

  async #begin(client: pg.Client, channel: string, wish: Wish): Promise<void> {
    try {
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    } catch {
      return this.#giveUp(client)
    }
    if (this.#isClosed) return
    const wasLost = wish.hasBegun
    wish.hasBegun = true
    wish.listener.begin(wasLost)
  }

  async #giveUp(client: pg.Client): Promise<void> {
    await client.end().catch(() => {})
    this.#lose(client)
  }

  #lose(client: pg.Client): void {
    if (this.#isClosed || this.#client !== client) return
    this.#client = null
    this.#isConnected = false
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#open()
    }, RECONNECT_MS * spread())
    this.#retry.unref()
  }
}
