// One open stream of server-sent events. It never holds more than what the socket has not taken yet: who does not read
// misses messages and is told so (`gap`) once it reads again.
import type { ServerResponse } from 'node:http'

/** What the socket may have waiting when a message comes; with more, the tab has stopped reading. Bytes. */
const BEHIND_BYTES = 64 * 1024

export class Tab {
  /** ID of the sign-in that it belongs to; null where nobody has to sign in, or with a signing key. */
  readonly session: string | null
  readonly #response: ServerResponse
  readonly #gap: () => string
  #isBehind = false
  /** It has been told all that it missed: from now on it gets what everybody gets. */
  isCurrent = false

  /** @param gap  The message that says that something was missed, up to now. */
  constructor(response: ServerResponse, session: string | null, gap: () => string) {
    this.#response = response
    this.session = session
    this.#gap = gap
    response.on('drain', () => this.#catchUp())
  }

  send(message: string): void {
    if (this.#response.writableLength > BEHIND_BYTES) this.#isBehind = true
    if (!this.#isBehind) this.#response.write(message)
  }

  end(): void {
    this.#response.end()
  }

  #catchUp(): void {
    if (!this.#isBehind) return
    this.#isBehind = false
    this.#response.write(this.#gap())
  }
}
