// Posts JSON to one origin through undici's dispatcher, with a handler of its own: no stream, no promise, no redirect.
// The floor calls apps with it, and the bench drives apps and sends events with it, so both pay the same for HTTP.
// An answer is handed over exactly once, either whole or as an error.

import type { IncomingHttpHeaders } from 'node:http'
import { type Dispatcher, Pool } from 'undici'

/** What came back: status 0 and the error's text when nothing did. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Receives the answer of one call. */
export type OnAnswer = (answer: Answer) => void

/** Calls one origin over at most `connections` keep-alive connections; what is beyond waits in line. */
export class Caller {
  private readonly pool: Pool
  private readonly origin: string

  constructor(origin: string, connections: number) {
    this.origin = origin
    this.pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  }

  /** Posts `body` to `path`; `headers` go as they are. */
  post(path: string, headers: Record<string, string>, body: string, onAnswer: OnAnswer): void {
    const request = { origin: this.origin, path, method: 'POST' as const, headers, body }
    this.pool.dispatch(request, new AnswerCollector(onAnswer))
  }

  /** The same as a promise, for everything that is not hot. */
  send(path: string, body: string): Promise<Answer> {
    return new Promise((resolve) => this.post(path, JSON_HEADERS, body, resolve))
  }

  /** Drops the connections; calls in flight end with status 0. */
  async close(): Promise<void> {
    await this.pool.destroy()
  }
}

/** The headers of a request that says no more than what it is. */
export const JSON_HEADERS: Record<string, string> = { 'content-type': 'application/json' }

class AnswerCollector implements Dispatcher.DispatchHandler {
  private readonly onAnswer: OnAnswer
  private status = 0
  private headers: IncomingHttpHeaders = {}
  private first: Buffer | undefined
  private rest: Buffer[] | undefined

  constructor(onAnswer: OnAnswer) {
    this.onAnswer = onAnswer
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status
    this.headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // Nearly every answer is one chunk: only a second one is worth an array.
    if (this.first === undefined) this.first = chunk
    else if (this.rest === undefined) this.rest = [chunk]
    else this.rest.push(chunk)
  }

  onResponseEnd(): void {
    const { first, rest } = this
    const body =
      first === undefined ? '' : rest === undefined ? first.toString() : Buffer.concat([first, ...rest]).toString()
    this.onAnswer({ status: this.status, headers: this.headers, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.onAnswer({ status: 0, headers: {}, body: error.message })
  }
}
