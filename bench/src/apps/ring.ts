// The servers that share one store, as their app sees them: each request goes to the next of them.
// With one server it is that server.

import { type Answer, Caller, JSON_HEADERS, type OnAnswer } from '../../floor/caller.ts'

/** Calls several origins in turns. */
export class Ring {
  private readonly callers: readonly Caller[]
  private turn = 0

  constructor(origins: readonly string[], connections: number) {
    this.callers = origins.map((origin) => new Caller(origin, Math.ceil(connections / origins.length)))
  }

  /** Posts `body` to `path` of the next server. */
  post(path: string, body: string, onAnswer: OnAnswer): void {
    this.turn = (this.turn + 1) % this.callers.length
    this.callers[this.turn]?.post(path, JSON_HEADERS, body, onAnswer)
  }

  /** The same as a promise. */
  send(path: string, body: string): Promise<Answer> {
    return new Promise((resolve) => this.post(path, body, resolve))
  }

  async close(): Promise<void> {
    await Promise.all(this.callers.map((caller) => caller.close()))
  }
}
