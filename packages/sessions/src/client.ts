// The client: one method for each thing a program does with Sessions. It uses `fetch` only and keeps no state; every call
// that writes may be repeated, for sessions, items and requests have keys.
import { now } from './clock.ts'
import { SessionsError } from './sessions-error.ts'
import type { Item, Json, NewItem, NewRequest, NewSession, Request, Session } from './types.ts'

export interface SessionsOptions {
  /** Of the Pawl server; `http://localhost:8288` by default. */
  readonly baseUrl?: string
  /** A signing key. A development server needs none. */
  readonly key?: string
  /** Replaces `globalThis.fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

/** How long one poll for an answer waits at the server, at most; the server allows 60 seconds. */
const POLL_SECONDS = 30
/** A poll that has no answer so long after that is lost with its connection. */
const POLL_GRACE_MS = 15_000
/** A server that is started anew is back within this time; after it, waiting is given up. */
const OUTAGE_MS = 120_000
/** Between two polls while the server cannot be reached. */
const PAUSE_MS = 1_000

/** A client of Sessions. Every method rejects with `SessionsError`, whose `code` is the server's. */
export class Sessions {
  readonly #baseUrl: string
  readonly #key: string | undefined
  readonly #fetch: typeof globalThis.fetch

  constructor(options: SessionsOptions = {}) {
    this.#baseUrl = (options.baseUrl ?? 'http://localhost:8288').replace(/\/+$/, '')
    this.#key = options.key
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  }

  /** Opens a session, or finds the one with this key. */
  open(session: NewSession): Promise<Session> {
    return this.#data('POST', '/v2/sessions', session)
  }

  get(sessionId: string): Promise<Session> {
    return this.#data('GET', `/v2/sessions/${segment(sessionId)}`)
  }

  /**
   * Appends to the log, all or nothing; 100 items at most.
   * @throws SessionsError `session_ended`, `too_many_items`
   */
  append(sessionId: string, items: NewItem | readonly NewItem[]): Promise<readonly Item[]> {
    const body = Array.isArray(items) ? { items } : items
    return this.#data('POST', `/v2/sessions/${segment(sessionId)}/items`, body)
  }

  /** Asks a person, or finds the question with this key. @throws SessionsError `session_ended` */
  request(sessionId: string, request: NewRequest): Promise<Request> {
    return this.#data('POST', `/v2/sessions/${segment(sessionId)}/requests`, request)
  }

  getRequest(requestId: string): Promise<Request> {
    return this.#data('GET', `/v2/requests/${segment(requestId)}`)
  }

  /**
   * Waits until a request is no longer pending, by long polls. A server that cannot be reached is asked again for two
   * minutes. A durable function waits with `requestApproval` instead, which keeps no connection.
   *
   * @param options.timeoutMs Gives up after this long; absent: waits until the request is resolved, if only by its expiry.
   * @returns The request; still `pending` when the time was up.
   * @throws SessionsError `request_not_found`; what `fetch` rejects with, when the server is away or `signal` aborts
   */
  async waitForRequest(
    requestId: string,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Request> {
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options
    const end = now() + timeoutMs
    let heardAt = now()
    for (;;) {
      try {
        const resolved = await this.#poll(requestId, end - now(), signal)
        if (resolved !== undefined) return resolved
        heardAt = now()
        if (heardAt >= end) return await this.getRequest(requestId)
      } catch (error) {
        const isOver = now() >= Math.min(end, heardAt + OUTAGE_MS)
        if (signal?.aborted === true || !mayPass(error) || isOver) throw error
        await pause(PAUSE_MS, signal)
      }
    }
  }

  /** @returns undefined while it is pending. */
  #poll(requestId: string, leftMs: number, signal: AbortSignal | undefined): Promise<Request | undefined> {
    const seconds = Math.max(0, Math.min(POLL_SECONDS, Math.ceil(leftMs / 1_000)))
    const lost = AbortSignal.timeout(seconds * 1_000 + POLL_GRACE_MS)
    const either = signal === undefined ? lost : AbortSignal.any([signal, lost])
    return this.#send('GET', `/v2/requests/${segment(requestId)}/wait?timeout=${seconds}`, undefined, either)
  }

  /** Answers an approval, with other arguments if some are given. @throws SessionsError `request_already_resolved` */
  respond(
    requestId: string,
    answer:
      | { readonly decision: 'approve' | 'deny'; readonly arguments?: Json; readonly reason?: string }
      | { readonly response: Json; readonly reason?: string },
  ): Promise<Request> {
    return this.#data('POST', `/v2/requests/${segment(requestId)}/respond`, answer)
  }

  /** Takes a question back. @throws SessionsError `request_already_resolved` */
  cancelRequest(requestId: string): Promise<Request> {
    return this.#data('POST', `/v2/requests/${segment(requestId)}/cancel`, {})
  }

  /** Ends a session well. */
  complete(sessionId: string, result?: Json): Promise<Session> {
    return this.#end(sessionId, { status: 'completed', ...(result !== undefined && { result }) })
  }

  /** Ends a session badly. */
  fail(sessionId: string, error: Json): Promise<Session> {
    return this.#end(sessionId, { status: 'failed', error })
  }

  #end(sessionId: string, change: { readonly [field: string]: Json }): Promise<Session> {
    return this.#data('PATCH', `/v2/sessions/${segment(sessionId)}`, change)
  }

  async #data<T>(method: string, path: string, body?: unknown): Promise<T> {
    const data = await this.#send<T>(method, path, body)
    if (data === undefined) throw new SessionsError('empty_answer', `${method} ${path} answered nothing`, 204)
    return data
  }

  /** @returns `data` of the answer; undefined for 204. */
  async #send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T | undefined> {
    const answer = await this.#fetch(`${this.#baseUrl}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
    if (answer.status === 204) return undefined
    const text = await answer.text()
    if (!answer.ok) throw SessionsError.from(answer.status, text)
    return (JSON.parse(text) as { readonly data: T }).data
  }
}

/** Whether the same call may succeed a little later: nobody answered, or somebody said so. */
function mayPass(error: unknown): boolean {
  return !(error instanceof SessionsError) || error.status === 429 || error.status >= 500
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}

function segment(id: string): string {
  return encodeURIComponent(id)
}
