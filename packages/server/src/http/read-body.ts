// Reads the bytes of a request's body within the limit of its route, in time. A body that is too large or too slow is
// given up where it stands; nothing more of it is kept in memory.
import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-errors.ts'

/** A body that has begun and not ended. */
interface OpenBody {
  readonly startedAt: number
  received: number
  giveUp(error: HttpError): void
}

const BODY_MS_MAX = 30_000
const BYTES_PER_SECOND_MIN = 1024
/** Before this a slow start says nothing. */
const GRACE_MS = 5_000
const SWEEP_MS = 1_000

/** Watches the bodies that did not come in one piece: one timer for all of them, none while there are none. */
export class BodyWatch {
  readonly #open = new Set<OpenBody>()
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined

  /** @param now  Milliseconds that never go back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Reads a body. `done` is called once, with the bytes or with a refusal (`body_too_large`, `request_timeout`). */
  read(request: IncomingMessage, bytesMax: number, done: (error: Error | null, bytes?: Uint8Array) => void): void {
    if (Number(request.headers['content-length']) > bytesMax) return done(tooLarge(bytesMax))
    const chunks: Buffer[] = []
    const finish = (error: Error | null): void => {
      this.#open.delete(body)
      request.off('data', take).off('end', end).off('error', finish).off('close', aborted)
      if (error === null) done(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
      else done(error)
    }
    const body: OpenBody = {
      startedAt: this.#now(),
      received: 0,
      giveUp(error) {
        request.pause()
        finish(error)
      },
    }
    const take = (chunk: Buffer): void => {
      body.received += chunk.length
      if (body.received > bytesMax) return body.giveUp(tooLarge(bytesMax))
      chunks.push(chunk)
    }
    const end = (): void => finish(null)
    const aborted = (): void =>
      finish(new HttpError('invalid_request', 'The connection was closed before the body ended'))
    request.on('data', take).on('end', end).on('error', finish).on('close', aborted)
    this.#watch(body)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #watch(body: OpenBody): void {
    this.#open.add(body)
    this.#timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref()
  }

  /** Gives up what has taken too long. */
  sweep(): void {
    const now = this.#now()
    for (const body of this.#open) {
      const age = now - body.startedAt
      if (age < GRACE_MS) continue
      const slow = body.received < (age / 1000) * BYTES_PER_SECOND_MIN
      if (age > BODY_MS_MAX || slow) body.giveUp(new HttpError('request_timeout', 'The body was not sent in time'))
    }
    if (this.#open.size === 0) this.close()
  }
}

function tooLarge(bytesMax: number): HttpError {
  return new HttpError('body_too_large', `The body is over the limit of ${bytesMax} bytes`)
}
