// The live side of the dashboard: hears from the store what has committed, gathers it, reads the changed rows once and
// tells all open streams. While none is open it listens to nothing and reads nothing.
//
//   store.watch ─► gathered ─(250 ms after the last message)─► rows read by key ─► one message to every tab
//                     └─► ring of keys, for those who come back
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Key, RunView, StoreChange } from '@pawl/storage'
import { printJson } from '../http/raw-json.ts'
import type { ServerOptions } from '../options.ts'
import { instant } from '../views/instant.ts'
import { BulkIds, readChanges } from './read-changes.ts'
import { type Entry, Gathered, Ring } from './ring.ts'
import { SessionStreams } from './session-streams.ts'
import { Tab } from './tab.ts'

const TABS_MAX = 100
/** Between two messages: four a second at most. */
const MESSAGE_MS = 250
/** From the first change after a pause to its message: what belongs together comes together. */
const GATHER_MS = 25
const HEARTBEAT_MS = 15_000
/** A message and no comment: only so a page sees that the connection still carries something. */
const HEARTBEAT = 'event: beat\ndata: {}\n\n'
const RING_SIZE = 1_000
/** After the last tab has gone: a page that is loaded anew, or loses its connection for a moment, misses nothing. */
const LINGER_MS = 5_000
/** Rows of one kind in one message. */
const ROWS_MAX = 200
/** Runs that are remembered as told of, so that each is new only once. */
const TOLD_MAX = 10_000
/** A run's time of queueing lies so long before its commit is heard of, at most. */
const COMMIT_MS = 1_000
const FEED_BYTES = 6

type Parts = Pick<ServerOptions, 'engine' | 'lists' | 'watch' | 'log'>

export interface Joining {
  /** ID of the last message that was seen, if any was. */
  readonly after: string | undefined
  /** The sign-in that it belongs to, and the milliseconds that this one is good for: it sees nothing after its end. */
  readonly session: { readonly id: string; readonly endsInMs: number } | null
}

export class LiveHub {
  readonly #parts: Parts
  readonly #feed = randomBytes(FEED_BYTES).toString('hex')
  readonly #ring = new Ring(RING_SIZE)
  readonly #tabs = new Set<Tab>()
  readonly #told = new Set<Key>()
  readonly #bulkIds: BulkIds
  readonly #closing = new AbortController()
  /** The streams of single sessions. */
  readonly sessions: SessionStreams
  #gathered: Gathered | undefined
  /** Store's time: when the first of what is gathered was heard of, and when listening began. */
  #since = 0
  #openedAt = 0
  #timer: NodeJS.Timeout | undefined
  #isTelling = false
  #toldAt = Number.NEGATIVE_INFINITY
  #heartbeat: NodeJS.Timeout | undefined
  #linger: NodeJS.Timeout | undefined
  #unwatch: (() => void) | undefined
  #isClosed = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#bulkIds = new BulkIds(parts.lists)
    this.sessions = new SessionStreams(parts)
  }

  /** Aborts when the server stops: whoever is kept waiting is answered then. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  get isFull(): boolean {
    return this.#tabs.size >= TABS_MAX
  }

  /** Adds a stream whose head has been written. It leaves by itself when its connection ends. */
  async join(response: ServerResponse, { after, session }: Joining): Promise<void> {
    if (this.#isClosed) return void response.end()
    const tab = new Tab(response, session?.id ?? null, () => this.#gap())
    const end = session === null ? undefined : setTimeout(() => tab.end(), session.endsInMs)
    response.on('error', () => response.destroy())
    response.on('close', () => {
      clearTimeout(end)
      this.#leave(tab)
    })
    this.#open()
    this.#tabs.add(tab)
    const place = this.#placeOf(after)
    const known = place !== null && this.#ring.after(place) !== undefined
    // With an ID only where nothing has to follow: a connection that breaks now must come back to where it was.
    const id = known && place === this.#ring.seq ? this.#id() : ''
    const hello = { feed: this.#feed, seq: this.#ring.seq, now: instant(this.#now()) }
    tab.send(`${id}event: hello\ndata: ${JSON.stringify(hello)}\n\n`)
    if (known) await this.#tellMissed(tab, place)
    else tab.send(this.#gap())
    tab.isCurrent = true
  }

  /** Ends the streams of a sign-in. */
  signedOut(session: { readonly id: string }): void {
    for (const tab of this.#tabs) if (tab.session === session.id) tab.end()
    this.sessions.signedOut(session)
  }

  /** Ends all streams, for good. */
  close(): void {
    this.#isClosed = true
    this.#closing.abort()
    this.sessions.close()
    for (const tab of this.#tabs) tab.end()
    this.#rest()
  }

  /** The number of the last message that was seen; the newest for who comes for the first time, null for what is none of ours. */
  #placeOf(after: string | undefined): number | null {
    if (after === undefined || after === '') return this.#ring.seq
    const [, feed, seq] = /^([0-9a-f]+)\.(\d{1,15})$/.exec(after) ?? []
    return feed === this.#feed && seq !== undefined ? Number(seq) : null
  }

  #open(): void {
    clearTimeout(this.#linger)
    this.#heartbeat ??= setInterval(() => this.#send(HEARTBEAT), HEARTBEAT_MS).unref()
    if (this.#unwatch !== undefined) return
    // Of what happened while nobody listened nothing is known.
    this.#ring.cut()
    this.#openedAt = this.#now()
    this.#unwatch = this.#parts.watch((change) => this.#hear(change))
  }

  #leave(tab: Tab): void {
    this.#tabs.delete(tab)
    if (this.#tabs.size > 0 || this.#unwatch === undefined) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
    clearTimeout(this.#linger)
    this.#linger = setTimeout(() => this.#rest(), LINGER_MS).unref()
  }

  #rest(): void {
    clearTimeout(this.#linger)
    clearTimeout(this.#timer)
    clearInterval(this.#heartbeat)
    this.#timer = undefined
    this.#heartbeat = undefined
    this.#gathered = undefined
    this.#unwatch?.()
    this.#unwatch = undefined
    this.#told.clear()
  }

  #hear(change: StoreChange): void {
    if (this.#gathered === undefined) {
      this.#gathered = new Gathered(ROWS_MAX)
      this.#since = this.#now()
    }
    this.#gathered.add(change)
    this.#plan()
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#isTelling || this.#gathered === undefined) return
    const delay = Math.max(GATHER_MS, this.#toldAt + MESSAGE_MS - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#tell()
    }, delay).unref()
  }

  async #tell(): Promise<void> {
    const change = this.#gathered?.change()
    if (change === undefined) return
    this.#gathered = undefined
    this.#toldAt = performance.now()
    const entry = this.#ring.push(this.#since, change)
    // While everybody is away for a moment the keys are kept, and nothing is read.
    if (this.#tabs.size === 0) return
    this.#isTelling = true
    this.#send(await this.#message(entry.seq, change, (run) => this.#isNews(run)))
    this.#isTelling = false
    this.#plan()
  }

  #send(message: string): void {
    for (const tab of this.#tabs) if (tab.isCurrent) tab.send(message)
  }

  /** Tells one tab what has changed since a message, once for all that has. What came meanwhile follows. */
  async #tellMissed(tab: Tab, place: number): Promise<void> {
    for (let seen = place; ; ) {
      const missed = this.#ring.after(seen)
      if (missed === undefined) return tab.send(this.#gap())
      const first = missed[0]
      if (first === undefined) return
      seen = this.#ring.seq
      const change = merged(missed)
      tab.send(await this.#message(seen, change, ({ row }) => row.queuedAt >= first.since - COMMIT_MS))
    }
  }

  async #message(seq: number, change: StoreChange, isNew: (run: RunView) => boolean): Promise<string> {
    const rows = await readChanges(this.#parts, change, { isNew, bulkIds: this.#bulkIds }).catch((err: unknown) => {
      this.#parts.log.warn({ err }, 'What has changed could not be read for the dashboard')
      return { isCut: true }
    })
    return `${this.#id(seq)}event: change\ndata: ${printJson({ seq, ...rows })}\n\n`
  }

  /** Whether a run began while we listen and nobody has been told of it. */
  #isNews({ row }: RunView): boolean {
    if (row.queuedAt < this.#openedAt - COMMIT_MS || this.#told.has(row.key)) return false
    const [oldest] = this.#told
    if (this.#told.size >= TOLD_MAX && oldest !== undefined) this.#told.delete(oldest)
    this.#told.add(row.key)
    return true
  }

  #gap(): string {
    return `${this.#id()}event: gap\ndata: {}\n\n`
  }

  #id(seq = this.#ring.seq): string {
    return `id: ${this.#feed}.${seq}\n`
  }

  #now(): number {
    return this.#parts.engine.clock().now
  }
}

function merged(entries: readonly Entry[]): StoreChange {
  const all = new Gathered(ROWS_MAX)
  for (const { change } of entries) all.add(change)
  return all.change()
}
