// One HTTP request to an app's serve URL, for looking and for syncing: bounded in time and size, redirects followed with
// method, headers and body kept. Never rejects; what went wrong is a value.
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockedAddressError, guardedLookup, type OutboundPolicy, refusedUrl } from '@pawl/engine/drivers'
import { LIMITS } from '@pawl/protocol'

/** Apps of development stand on this machine or beside it. Link-local and metadata addresses are never called. */
const POLICY: OutboundPolicy = { allowPrivate: true }
const lookup = guardedLookup(POLICY)

/** Platforms that host apps send a waiting client round in redirects; this many are followed. */
const REDIRECTS_MAX = 60

export interface AppRequest {
  readonly method: 'GET' | 'PUT'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
}

export type AppAnswer =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: Buffer
    }
  /** `refused`: nobody listens there. */
  | {
      readonly kind: 'lost'
      readonly reason: 'refused' | 'unreachable' | 'timeout' | 'too_large' | 'redirect' | 'blocked'
      readonly message: string
    }

export type RequestApp = (request: AppRequest) => Promise<AppAnswer>

/** Sends the request and reads the whole answer. */
export const requestApp: RequestApp = async (request) => {
  const signal = AbortSignal.timeout(request.timeoutMs)
  try {
    return await follow(request, signal)
  } catch (error) {
    if (signal.aborted) return lost('timeout', `no answer within ${request.timeoutMs / 1_000} s`)
    return lostBy(error)
  }
}

async function follow(request: AppRequest, signal: AbortSignal): Promise<AppAnswer> {
  let url = new URL(request.url)
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const refused = refusedUrl(url, POLICY)
    if (refused !== null) return lost('blocked', refused)
    const message = await send(url, request, signal)
    const next = redirectTarget(url, message)
    if (next === null) return read(message)
    message.destroy()
    if (url.protocol === 'https:' && next.protocol !== 'https:')
      return lost('redirect', `it redirects from https to ${next.protocol}//`)
    if (!/^https?:$/.test(next.protocol)) return lost('redirect', `it redirects to ${next.protocol}`)
    url = next
  }
  return lost('redirect', `it redirects more than ${REDIRECTS_MAX} times`)
}

function send(url: URL, request: AppRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const open = url.protocol === 'https:' ? requestHttps : requestHttp
  const body = request.body ?? ''
  const headers = { ...request.headers, 'content-length': Buffer.byteLength(body) }
  // No shared agent: a scan must not leave sockets behind in programs that happen to listen.
  const outgoing = open(url, { method: request.method, headers, signal, agent: false, lookup })
  outgoing.on('response', resolve).on('error', reject)
  outgoing.end(body)
  return promise
}

function redirectTarget(from: URL, { statusCode = 0, headers }: IncomingMessage): URL | null {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode)
  return isRedirect && headers.location !== undefined && URL.canParse(headers.location, from.href)
    ? new URL(headers.location, from)
    : null
}

async function read(message: IncomingMessage): Promise<AppAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message) {
    bytes += chunk.length
    if (bytes > LIMITS.answerBytesMax.value)
      return lost('too_large', `the answer is larger than ${LIMITS.answerBytesMax.value} bytes`)
    chunks.push(chunk)
  }
  return { kind: 'answer', status: message.statusCode ?? 0, headers: flat(message), body: Buffer.concat(chunks) }
}

function flat({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}

function lost(reason: Extract<AppAnswer, { kind: 'lost' }>['reason'], message: string): AppAnswer {
  return { kind: 'lost', reason, message }
}

function lostBy(error: unknown): AppAnswer {
  if (error instanceof BlockedAddressError) return lost('blocked', error.message)
  // A name with several addresses fails with one error that holds those of each.
  const first = error instanceof AggregateError ? error.errors[0] : error
  const code = first instanceof Error && 'code' in first ? String(first.code) : ''
  if (code === 'ECONNREFUSED') return lost('refused', 'connection refused')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return lost('unreachable', 'the name is not known')
  return lost('unreachable', first instanceof Error ? first.message : String(first))
}
