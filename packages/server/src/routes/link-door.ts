// What stands before one-time links: whoever comes with a token that is not right has only so many tries, and is not told
// whether the request exists.
import type { ServerContext } from '../context.ts'
import { EngineError } from '../engine.ts'
import { FailureLimit } from '../http/failure-limit.ts'
import { HttpError } from '../http/http-errors.ts'

export class LinkDoor {
  readonly #failures = new FailureLimit(() => performance.now())
  readonly #ctx: Pick<ServerContext, 'log'>

  constructor(ctx: Pick<ServerContext, 'log'>) {
    this.#ctx = ctx
  }

  /**
   * Runs what needs a right token.
   * @throws HttpError `too_many_tries`, `link_invalid`
   */
  async open<R>(address: string, work: () => Promise<R>): Promise<R> {
    const waitMs = this.#failures.waitMs(address)
    if (waitMs > 0) throw tooMany(waitMs)
    try {
      return await work()
    } catch (error) {
      if (!isWrong(error)) throw error
      this.#failures.note(address)
      this.#ctx.log.warn({ address }, 'A link to a request was not valid')
      throw new HttpError('link_invalid', 'The link is not valid, or a newer one has taken its place')
    }
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof EngineError && (error.code === 'link_invalid' || error.code === 'request_not_found')
}

function tooMany(waitMs: number): HttpError {
  const seconds = Math.ceil(waitMs / 1_000)
  return new HttpError(
    'too_many_tries',
    `Too many links that were not valid came from this address; wait ${seconds} s`,
    {
      headers: { 'retry-after': String(seconds) },
    },
  )
}
