// What has changed, told between the processes of a store by NOTIFY, while somebody watches. A watcher says so at once and
// again and again; who has heard it lately gathers what it commits and tells it a few times a second. Nothing waits for
// the feed, and it is exact: what could not be told, or was told while nobody listened, is told as `isCut`.
import type { StoreChange } from '../contract/store.ts'
import type { Connection } from './connection.ts'
import { Gathered, readChange } from './gathered-change.ts'
import { NOTIFY, type Notices } from './notices.ts'

/** Milliseconds that changes are gathered before they are told. */
const GATHER_MS = 100
/** Milliseconds between two notices of a watcher, and after which one who is not heard of has gone. */
const WATCH_MS = 30_000
const WATCHED_MS = 60_000
/** Milliseconds after which it is tried again to tell what could not be told. */
const AGAIN_MS = 1_000

/** Somebody begins to watch; watches still; asks who does. Each is followed by the process that says it. */
const BEGINS = 'n'
const WATCHING = 'w'
const WHO_WATCHES = '?'

const CUT: StoreChange = {
  runs: [],
  events: [],
  bulks: [],
  jobs: [],
  sessions: [],
  requests: [],
  registry: false,
  isCut: true,
}

export interface FeedOptions {
  readonly notices: Notices
  /** The store's own, in the database. */
  readonly channel: string
  /** Whose changes these are; its own are not told to it. */
  readonly process: number
  /** Runs on a connection on which no group is open. */
  readonly ask: (run: (connection: Connection) => Promise<unknown>) => Promise<unknown>
  /** Milliseconds that are never stepped. */
  readonly monotonic: () => number
}

export class ChangeFeed {
  readonly #options: FeedOptions
  readonly #listeners = new Set<(change: StoreChange) => void>()
  #gathered = new Gathered()
  /** When a watcher was heard of last. */
  #watchedAt = Number.NEGATIVE_INFINITY
  #isListening = false
  /** What is told is heard, but for when the connection is lost. */
  #hasBegun = false
  /** Nobody is asked while nobody else is there. */
  #hasOthers = false
  #hasAsked = false
  #isSending = false
  #isClosed = false
  #gathering: NodeJS.Timeout | undefined
  #notice: NodeJS.Timeout | undefined

  constructor(options: FeedOptions) {
    this.#options = options
  }

  /** What the last heartbeat has seen. */
  see(hasOthers: boolean): void {
    this.#hasOthers = hasOthers
    this.#askWhoWatches()
  }

  /** Begins to listen for watchers with the first question. */
  isWatched(): boolean {
    this.#listen()
    return this.#options.monotonic() - this.#watchedAt < WATCHED_MS
  }

  publish(change: StoreChange): void {
    if (!this.isWatched()) return
    this.#gathered.add(change)
    this.#gather()
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    // Two who subscribe with one function are two.
    const own = (change: StoreChange): void => listener(change)
    this.#listeners.add(own)
    // Until they have heard of it the others tell nothing, or tell it to nobody: each says so then.
    if (this.#hasBegun) this.#announce(BEGINS)
    else this.#listen()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) clearTimeout(this.#notice)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#listeners.clear()
    clearTimeout(this.#gathering)
    clearTimeout(this.#notice)
  }

  #gather(ms = GATHER_MS): void {
    if (this.#isClosed || this.#isSending) return
    this.#gathering ??= setTimeout(() => void this.#send(), ms)
  }

  async #send(): Promise<void> {
    this.#gathering = undefined
    const gathered = this.#gathered
    this.#gathered = new Gathered()
    this.#isSending = true
    const isTold = await this.#tell(gathered.text(this.#options.process))
    this.#isSending = false
    if (!isTold) this.#gathered.add(CUT)
    if (!this.#gathered.isEmpty && this.isWatched()) this.#gather(isTold ? GATHER_MS : AGAIN_MS)
  }

  /** @returns false when it was not told, or nobody knows. */
  async #tell(payload: string): Promise<boolean> {
    if (this.#isClosed) return true
    const { ask, channel } = this.#options
    return ask((connection) => connection.ask(NOTIFY, [channel, payload])).then(
      () => true,
      () => false,
    )
  }

  /** Says that somebody watches here, now and for as long as somebody does. */
  #announce(how: string): void {
    clearTimeout(this.#notice)
    if (this.#isClosed || this.#listeners.size === 0) return
    void this.#tell(`${how} ${this.#options.process}`).then((isTold) => {
      clearTimeout(this.#notice)
      if (this.#isClosed || this.#listeners.size === 0) return
      this.#notice = setTimeout(() => this.#announce(isTold ? WATCHING : how), isTold ? WATCH_MS : AGAIN_MS)
      this.#notice.unref()
    })
  }

  #listen(): void {
    if (this.#isListening) return
    this.#isListening = true
    const { notices, channel } = this.#options
    notices.listen(channel, {
      hear: (payload) => this.#hear(payload),
      begin: (wasLost) => {
        this.#hasBegun = true
        this.#hasAsked = false
        this.#announce(BEGINS)
        if (wasLost) this.#deliver(CUT)
        this.#askWhoWatches()
      },
    })
  }

  #askWhoWatches(): void {
    if (!this.#hasBegun || !this.#hasOthers || this.#hasAsked) return
    this.#hasAsked = true
    void this.#tell(`${WHO_WATCHES} ${this.#options.process}`)
  }

  #hear(payload: string): void {
    const [kind, by] = payload.split(' ', 2)
    if (by === String(this.#options.process)) return
    if (kind === WHO_WATCHES) return this.#announce(WATCHING)
    if (kind === WATCHING || kind === BEGINS) return this.#hearWatcher(kind === BEGINS)
    const change = this.#listeners.size === 0 ? null : readChange(payload)
    if (change !== null) this.#deliver(change)
  }

  /** To one who begins, or was not known of, nothing was told until now. */
  #hearWatcher(begins: boolean): void {
    const isNew = begins || !this.isWatched()
    this.#watchedAt = this.#options.monotonic()
    if (isNew) this.publish(CUT)
  }

  #deliver(change: StoreChange): void {
    for (const listener of [...this.#listeners]) listener(change)
  }
}
