// Hints between the processes of a store: "there may be work for you", by NOTIFY. They save an idle process its next
// look at the queue and nothing more; one that is lost harms nobody, so nothing waits for one and no failure is told.
import type { Connection } from './connection.ts'
import { NOTIFY, type Notices } from './notices.ts'

/** Milliseconds between two hints of a process: each is a commit, and of those that notify one goes at a time. */
const BETWEEN_MS = 5

export interface HintOptions {
  readonly notices: Notices
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
    const { notices, channel } = this.#options
    notices.listen(channel, {
      hear: (payload) => this.#hear(payload),
      // What was told while nobody listened was not heard.
      begin: () => this.#listener?.(),
    })
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#rest)
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

  #hear(payload: string): void {
    if (payload === String(this.#options.process)) return
    this.#hasOthers = true
    this.#listener?.()
  }
}
