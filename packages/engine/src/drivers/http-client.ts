// One outgoing HTTP request, through undici's dispatcher with a handler of our own: no stream and no further promise, which
// is what a call costs the least. Used for apps and for gateway steps; each hop of a redirect is checked and made anew.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Agent, type Dispatcher } from 'undici'
import type { LostReason, ReachFault } from './driver.ts'
import { guardedLookup, type OutboundPolicy, type Resolve, refusedUrl } from './outbound-policy.ts'

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
  /** Whole answer, redirects counted in; milliseconds. */
  readonly timeoutMs: number
  /** A body above the limit is cut off there instead of being an error, and one that cannot be decoded is left out. */
  readonly cutsBody?: boolean | undefined
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>

export type HttpResult =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Headers
      readonly body: Buffer
      /** Of the body as it came. */
      readonly bodyBytes: number
    }
  | {
      readonly kind: 'lost'
      readonly reason: LostReason
      readonly message: string
      readonly fault?: ReachFault | undefined
    }

/** Bytes of the headers of an answer, and their number. */
const HEADER_BYTES_MAX = 16 * 1024
const HEADERS_MAX = 100
const CONNECT_MS = 10_000

/** A pool of connections for each origin, under one outbound policy. */
export class HttpClient {
  readonly #agent: Agent
  readonly #policy: OutboundPolicy

  /** `resolve`: how names become addresses, where it is not the system's way. */
  constructor(policy: OutboundPolicy, resolve?: Resolve) {
    this.#policy = policy
    this.#agent = new Agent({
      pipelining: 1,
      maxHeaderSize: HEADER_BYTES_MAX,
      connect: { timeout: CONNECT_MS, lookup: guardedLookup(policy, resolve) },
    })
  }

  /** Sends the request and follows redirects. Never rejects. */
  async send(first: HttpRequest, limits: HttpLimits): Promise<HttpResult> {
    let request = first
    const deadline = performance.now() + limits.timeoutMs
    for (let hops = 0; ; hops++) {
      const leftMs = Math.max(1, Math.ceil(deadline - performance.now()))
      const result = await this.#hop(request, hops === 0 ? limits : { ...limits, timeoutMs: leftMs })
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
  readonly #limits: HttpLimits
  readonly #settle: (result: HttpResult) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | null = null
  #isLate = false
  #bytes = 0
  #status = 0
  #headers: Headers = {}

  /** The time runs from here: looking up a name and waiting for a connection count too. */
  constructor(limits: HttpLimits, settle: (result: HttpResult) => void) {
    this.#limits = limits
    this.#timer = setTimeout(() => this.#giveUp(), limits.timeoutMs)
    this.#settle = (result) => {
      clearTimeout(this.#timer)
      settle(result)
    }
  }

  /** undici's own time-outs begin anew with every chunk; an answer that trickles has to end as well. */
  #giveUp(): void {
    this.#isLate = true
    const message = `no whole answer within ${this.#limits.timeoutMs} ms`
    this.#settle({ kind: 'lost', reason: 'timeout', message })
    this.#controller?.abort(new Error('answer too slow'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // What was told to be lost must not be sent afterwards.
    if (this.#isLate) controller.abort(new Error('connected too late'))
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
    const { bodyBytesMax, cutsBody } = this.#limits
    const room = bodyBytesMax - this.#bytes
    this.#bytes += chunk.length
    if (chunk.length <= room) {
      this.#chunks.push(chunk)
      return
    }
    if (cutsBody === true) {
      this.#bytes = bodyBytesMax
      this.#chunks.push(chunk.subarray(0, room))
      this.#settle(this.#answer())
    } else {
      this.#settle({ kind: 'lost', reason: 'too_large', message: `the answer is over ${bodyBytesMax} bytes` })
    }
    controller.abort(new Error('answer too large'))
  }

  onResponseEnd(): void {
    this.#settle(this.#answer())
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(lost(error, this.#status !== 0))
  }

  #answer(): HttpResult {
    const body = this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks)
    const status = this.#status
    const answer: Answer = { kind: 'answer', status, headers: this.#headers, body, bodyBytes: this.#bytes }
    return this.#limits.cutsBody === true ? readable(answer, this.#limits) : decoded(answer, this.#limits.bodyBytesMax)
  }
}

type Answer = Extract<HttpResult, { kind: 'answer' }>

/** As much of the body as can be read: whoever cuts it off does not need it. */
function readable(answer: Answer, { bodyBytesMax }: HttpLimits): Answer {
  const encoding = String(answer.headers['content-encoding'] ?? 'identity').toLowerCase()
  if (encoding === 'identity') return answer
  const result = decoded(answer, bodyBytesMax)
  return result.kind === 'answer' ? result : { ...answer, body: Buffer.alloc(0) }
}

function decoded(answer: Answer, maxOutputLength: number): HttpResult {
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

const TIMEOUTS: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

function lost(error: Error, answerBegan: boolean): HttpResult {
  const code = codeOf(error)
  const message = messageOf(error)
  if (code === 'BLOCKED_BY_POLICY') return { kind: 'lost', reason: 'blocked', message }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { kind: 'lost', reason: 'timeout', message, fault: 'connect' }
  if (TIMEOUTS.has(code)) return { kind: 'lost', reason: 'timeout', message }
  const isUnreadable = error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW'
  if (isUnreadable || code === 'UND_ERR_INVALID_ARG' || code.startsWith('UND_ERR_RES_'))
    return { kind: 'lost', reason: 'bad_response', message }
  return answerBegan
    ? { kind: 'lost', reason: 'reset', message }
    : { kind: 'lost', reason: 'unreachable', message, fault: reachFault(code) }
}

/** What the connection failed at; undefined when it stood, and the other side ended it before it answered. */
function reachFault(code: string): ReachFault | undefined {
  if (code === 'ENOTFOUND' || code.startsWith('EAI_') || code === 'ENODATA') return 'dns'
  if (TLS_FAULT.test(code)) return 'tls'
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE' ? undefined : 'connect'
}

/** Codes of OpenSSL and of Node's checks of certificates. */
const TLS_FAULT =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return String(error.code)
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
