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
  /**
   * `app`: a redirect is followed with method, body, headers and query, wherever it leads (platforms that host apps
   * redirect long calls). `plain`: only GET and HEAD are, and another origin gets no header of the request.
   */
  readonly redirects: 'app' | 'plain'
  /** First byte and whole answer, milliseconds. */
  readonly timeoutMs: number
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>

export type HttpResult =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Headers; readonly body: Buffer }
  | { readonly kind: 'lost'; readonly reason: LostReason; readonly message: string }

/** Bytes of the headers of an answer, and their number. */
const HEADER_BYTES_MAX = 16 * 1024
const HEADERS_MAX = 100
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

  /** Sends the request and follows redirects. Never rejects. */
  async send(first: HttpRequest, limits: HttpLimits): Promise<HttpResult> {
    let request = first
    for (let hops = 0; ; hops++) {
      const result = await this.#hop(request, limits)
      if (result.kind === 'lost' || result.status < 300 || result.status > 399) return result
      const { location } = result.headers
      const isPlain = limits.redirects === 'plain'
      if (typeof location !== 'string' || (isPlain && !/^(?:GET|HEAD)$/i.test(request.method))) return result
      const target = redirectTarget(request.url, location, hops >= limits.redirectsMax)
      if ('kind' in target) return target
      request = isPlain ? plainRedirect(request, target) : appRedirect(request, target)
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
          new Collector(limits, resolve),
        )
      } catch (error) {
        resolve({ kind: 'lost', reason: 'bad_response', message: messageOf(error) })
      }
    })
  }
}

function redirectTarget(from: string, location: string, exhausted: boolean): URL | HttpResult {
  if (exhausted) return { kind: 'lost', reason: 'redirect_refused', message: 'too many redirects' }
  if (!URL.canParse(location, from))
    return { kind: 'lost', reason: 'redirect_refused', message: 'the redirect names no URL' }
  const target = new URL(location, from)
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    return { kind: 'lost', reason: 'redirect_refused', message: `a redirect to ${target.protocol} is not followed` }
  }
  const before = new URL(from)
  if (before.protocol === 'https:' && target.protocol === 'http:')
    return { kind: 'lost', reason: 'redirect_refused', message: 'a redirect from https to http is not followed' }
  return target
}

/** The query names function and step; platforms that redirect long calls do not always repeat it. */
function appRedirect(request: HttpRequest, target: URL): HttpRequest {
  for (const [name, value] of new URL(request.url).searchParams)
    if (!target.searchParams.has(name)) target.searchParams.append(name, value)
  return { ...request, url: target.href }
}

/** Headers may hold keys that are meant for the first origin alone. */
function plainRedirect(request: HttpRequest, target: URL): HttpRequest {
  const isSameOrigin = new URL(request.url).origin === target.origin
  return { ...request, url: target.href, headers: isSameOrigin ? request.headers : {} }
}

/** Collects one answer and settles once. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #bytesMax: number
  readonly #timeoutMs: number
  readonly #settle: (result: HttpResult) => void
  #timer: NodeJS.Timeout | null = null
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #status = 0
  #headers: Headers = {}

  constructor(limits: HttpLimits, settle: (result: HttpResult) => void) {
    this.#bytesMax = limits.bodyBytesMax
    this.#timeoutMs = limits.timeoutMs
    this.#settle = (result) => {
      if (this.#timer !== null) clearTimeout(this.#timer)
      settle(result)
    }
  }

  /** undici's own time-outs begin anew with every chunk; an answer that trickles has to end as well. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#timer ??= setTimeout(() => {
      this.#settle({ kind: 'lost', reason: 'timeout', message: `no whole answer within ${this.#timeoutMs} ms` })
      controller.abort(new Error('answer too slow'))
    }, this.#timeoutMs)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return
    if (Object.keys(headers).length > HEADERS_MAX) {
      this.#settle({ kind: 'lost', reason: 'bad_response', message: `the answer has over ${HEADERS_MAX} headers` })
      controller.abort(new Error('too many headers'))
      return
    }
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
  const encoding = String(answer.headers['content-encoding'] ?? 'identity').toLowerCase()
  // An answer to HEAD names the encoding of a body that it does not have.
  if (encoding === 'identity' || answer.body.length === 0) return answer
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
    message: `the answer has a content encoding that is not read: ${encoding.slice(0, 100)}`,
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
  const isUnreadable = error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW'
  if (isUnreadable || code === 'UND_ERR_INVALID_ARG' || code.startsWith('UND_ERR_RES_'))
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
