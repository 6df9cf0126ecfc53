// Streams of single sessions. The store is watched while any is open; a change rings those of its session, which then read
// what they have not sent yet. Nothing polls, and a reader that is slow is read for no faster than it takes.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Key, StoreChange } from '@pawl/storage'
import type { StreamSession } from '../http/event-stream.ts'
import { printJson } from '../http/raw-json.ts'
import type { ServerOptions } from '../options.ts'
import { itemV2, sessionV2 } from '../views/session-view.ts'

const STREAMS_MAX = 500
const HEARTBEAT_MS = 15_000
/** From a change to its reading: what belongs together is read together. */
const GATHER_MS = 25
/** Items that are read at a time; each may have 256 KiB. */
const ITEMS_MAX = 20

type Parts = Pick<ServerOptions, 'engine' | 'lists' | 'watch' | 'log'>

export interface SessionJoining {
  readonly session: Key
  /** `seq` of the last item that was seen; 0: none. */
  readonly after: number
  readonly signIn: StreamSession | null
}

export class SessionStreams {
  readonly #parts: Parts
  readonly #open = new Set<SessionStream>()
  #unwatch: (() => void) | undefined
  #heartbeat: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get isFull(): boolean {
    return this.#open.size >= STREAMS_MAX
  }

  /** Adds a stream whose head has been written. It leaves by itself when its connection ends. */
  join(response: ServerResponse, joining: SessionJoining): void {
    if (this.#isClosed) return void response.end()
    const stream = new SessionStream(this.#parts, response, joining)
    const { signIn } = joining
    const end = signIn === null ? undefined : setTimeout(() => stream.end(), signIn.endsInMs).unref()
    response.on('close', () => {
      clearTimeout(end)
      this.#leave(stream)
    })
    this.#open.add(stream)
    // Listening begins before the first reading: what commits in between rings.
    this.#unwatch ??= this.#parts.watch((change) => this.#hear(change))
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref()
    stream.ring()
  }

  /** Ends the streams of a sign-in. */
  signedOut(session: { readonly id: string }): void {
    for (const stream of this.#open) if (stream.signIn === session.id) stream.end()
  }

  /** Ends all streams, for good. */
  close(): void {
    this.#isClosed = true
    for (const stream of this.#open) stream.end()
    this.#open.clear()
    this.#rest()
  }

  #hear({ sessions, isCut }: StoreChange): void {
    if (sessions.length === 0 && !isCut) return
    const changed = new Set(sessions)
    for (const stream of this.#open) if (isCut || changed.has(stream.session)) stream.ring()
  }

  #beat(): void {
    for (const stream of this.#open) stream.beat()
  }

  #leave(stream: SessionStream): void {
    stream.end()
    this.#open.delete(stream)
    if (this.#open.size === 0) this.#rest()
  }

  #rest(): void {
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
    this.#unwatch?.()
    this.#unwatch = undefined
  }
}

class SessionStream {
  readonly session: Key
  /** ID of the sign-in that it belongs to; null where nobody has to sign in, or with a signing key. */
  readonly signIn: string | null
  readonly #parts: Parts
  readonly #response: ServerResponse
  /** `seq` of the last item that was sent, and the session as it was told. */
  #sent: number
  #told = ''
  #isRung = false
  #isReading = false
  #isEnded = false

  constructor(parts: Parts, response: ServerResponse, { session, after, signIn }: SessionJoining) {
    this.#parts = parts
    this.#response = response
    this.session = session
    this.signIn = signIn?.id ?? null
    this.#sent = after
  }

  /** Something has changed. */
  ring(): void {
    this.#isRung = true
    if (this.#isReading || this.#isEnded) return
    this.#isReading = true
    setTimeout(() => void this.#read(), GATHER_MS).unref()
  }

  beat(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(': \n\n')
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#response.end()
  }

  async #read(): Promise<void> {
    try {
      while (this.#isRung && !this.#isEnded) {
        this.#isRung = false
        await this.#tell()
      }
    } catch (err) {
      this.#parts.log.warn({ err }, 'A session could not be read for its stream')
      // Who reconnects goes on behind the last item.
      this.end()
    } finally {
      this.#isReading = false
    }
  }

  async #tell(): Promise<void> {
    const [view] = await this.#parts.lists.sessionsByKey([this.session])
    // Its retention is over.
    if (view === undefined) return this.end()
    const text = printJson(sessionV2(view, this.#parts.engine.clock().now))
    if (text !== this.#told) {
      this.#told = text
      await this.#write(`event: session\ndata: ${text}\n\n`)
    }
    while (this.#sent < view.row.items && !this.#isEnded) {
      const items = await this.#parts.lists.sessionItems(this.session, this.#sent, ITEMS_MAX)
      if (items.length === 0) return
      for (const item of items) {
        await this.#write(`id: ${item.seq}\nevent: item\ndata: ${printJson(itemV2(item))}\n\n`)
        this.#sent = item.seq
      }
    }
  }

  async #write(message: string): Promise<void> {
    if (this.#isEnded || this.#response.write(message)) return
    const over = new AbortController()
    await Promise.race([
      once(this.#response, 'drain', { signal: over.signal }),
      once(this.#response, 'close', { signal: over.signal }),
    ]).finally(() => over.abort())
  }
}
