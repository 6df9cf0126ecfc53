// One outgoing HTTP request, through undici's dispatcher with a handler of our own: no stream and no further promise, which
// is what a call costs the least. Used for apps and for gateway steps; each hop of a redirect is checked and made anew.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Agent, type Dispatcher } from 'undici'
import type { LostReason } from './driver.ts'
import { guardedLookup, type OutboundPolicy, refusedUrl } from './outbound-policy.ts'

export interface HttpRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export interface HttpLimits {
  /** Bytes of an answer's body, decompressed too. */
  readonly bodyBytesMax: number
  readonly redirectsMax: number
  /** First byte and whole answer, milliseconds. */
  readonly timeoutMs: number
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>

export type HttpResult =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Headers; readonly body: Buffer }
  | { readonly kind: 'lost'; readonly reason: LostReason; readonly message: string }

/** Bytes of the headers of an answer. */
const HEADER_BYTES_MAX = 16 * 1024
const CONNECT_MS = 10_000

/** A pool of connections for each origin, under one outbound policy. */
export class HttpClient {
  readonly #agent: Agent
  readonly #policy: OutboundPolicy

  constructor(policy: OutboundPolicy) {
    this.#policy = policy
    this.#agent = new Agent({
      pipelining: 1,
      maxHeaderSize: HEADER_BYTES_MAX,
      connect: { timeout: CONNECT_MS, lookup: guardedLookup(policy) },
    })
  }

  /** Sends the request, follows redirects with method and body kept. Never rejects. */
  async send(request: HttpRequest, limits: HttpLimits): Promise<HttpResult> {
    let url = request.url
    for (let hops = 0; ; hops++) {
      const result = await this.#hop({ ...request, url }, limits)
      if (result.kind === 'lost' || result.status < 300 || result.status > 399) return result
      const location = result.headers.location
      if (typeof location !== 'string') return result
      const next = redirectTarget(url, location, hops >= limits.redirectsMax)
      if (typeof next !== 'string') return next
      url = next
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  #hop(request: HttpRequest, limits: HttpLimits): Promise<HttpResult> {
    if (!URL.canParse(request.url))
      return Promise.resolve({ kind: 'lost', reason: 'blocked', message: 'the URL cannot be read' })
    const url = new URL(request.url)
    const refused = refusedUrl(url, this.#policy)
    if (refused !== null) return Promise.resolve({ kind: 'lost', reason: 'blocked', message: refused })
    return new Promise((resolve) => {
      const { method, headers, body } = request
      const options = {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: method as Dispatcher.HttpMethod,
        headers,
        body,
      }
      try {
        this.#agent.dispatch(
          { ...options, headersTimeout: limits.timeoutMs, bodyTimeout: limits.timeoutMs },
          new Collector(limits.bodyBytesMax, resolve),
        )
      } catch (error) {
        resolve({ kind: 'lost', reason: 'bad_response', message: messageOf(error) })
      }
    })
  }
}

function redirectTarget(from: string, location: string, exhausted: boolean): string | HttpResult {
  if (exhausted) return { kind: 'lost', reason: 'redirect_refused', message: 'too many redirects' }
  if (!URL.canParse(location, from))
    return { kind: 'lost', reason: 'redirect_refused', message: 'the redirect names no URL' }
  const target = new URL(location, from)
  const before = new URL(from)
  if (before.protocol === 'https:' && target.protocol === 'http:')
    return { kind: 'lost', reason: 'redirect_refused', message: 'a redirect from https to http is not followed' }
  // The query names function and step; platforms that redirect long calls do not always repeat it.
  for (const [name, value] of before.searchParams)
    if (!target.searchParams.has(name)) target.searchParams.append(name, value)
  return target.href
}

/** Collects one answer and settles once. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #bytesMax: number
  readonly #settle: (result: HttpResult) => void
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #status = 0
  #headers: Headers = {}

  constructor(bytesMax: number, settle: (result: HttpResult) => void) {
    this.#bytesMax = bytesMax
    this.#settle = settle
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#bytesMax) {
      this.#settle({ kind: 'lost', reason: 'too_large', message: `the answer is over ${this.#bytesMax} bytes` })
      controller.abort(new Error('answer too large'))
      return
    }
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const body = this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks)
    this.#settle(decoded({ kind: 'answer', status: this.#status, headers: this.#headers, body }, this.#bytesMax))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(lost(error, this.#status !== 0))
  }
}

function decoded(answer: Extract<HttpResult, { kind: 'answer' }>, maxOutputLength: number): HttpResult {
  const encoding = answer.headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return answer
  try {
    if (encoding === 'gzip') return { ...answer, body: gunzipSync(answer.body, { maxOutputLength }) }
    if (encoding === 'br') return { ...answer, body: brotliDecompressSync(answer.body, { maxOutputLength }) }
  } catch (error) {
    const tooLarge = codeOf(error) === 'ERR_BUFFER_TOO_LARGE'
    return {
      kind: 'lost',
      reason: tooLarge ? 'too_large' : 'bad_response',
      message: `the answer could not be decompressed: ${messageOf(error)}`,
    }
  }
  return {
    kind: 'lost',
    reason: 'bad_response',
    message: `the answer has a content encoding that is not read: ${String(encoding).slice(0, 100)}`,
  }
}

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
])

function lost(error: Error, answerBegan: boolean): HttpResult {
  const code = codeOf(error)
  const message = messageOf(error)
  if (code === 'BLOCKED_BY_POLICY') return { kind: 'lost', reason: 'blocked', message }
  if (TIMEOUTS.has(code)) return { kind: 'lost', reason: 'timeout', message }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('HPE_') || code.startsWith('UND_ERR_RES_'))
    return { kind: 'lost', reason: 'bad_response', message }
  return { kind: 'lost', reason: answerBegan ? 'reset' : 'unreachable', message }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return String(error.code)
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
