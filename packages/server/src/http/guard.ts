// The one hook before every route: size of the request line and headers, encoding, who calls, under which name and from
// which page. Deny by default: a route without declared rules answers nobody.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import type { Auth } from './auth.ts'
import { isSecure } from './caller.ts'
import type { HostCheck } from './hosts.ts'
import { HttpError } from './http-errors.ts'
import type { RouteRules } from './route.ts'
import type { Sessions } from './sessions.ts'

export const REQUEST_LINE_BYTES_MAX = 8 * 1024
export const HEADER_BYTES_MAX = 16 * 1024

/** Headers that pages of other origins may read on the routes that are open to them. */
const EXPOSED = 'Link, Mcp-Session-Id'

export interface GuardParts {
  readonly ctx: ServerContext
  readonly auth: Auth
  readonly sessions: Sessions
  readonly hosts: HostCheck
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The rules of the route; null where nothing is, and before the guard has seen the request. */
    rules: RouteRules | null
  }
}

/** Lets a request pass to its route, or throws the refusal. Without rules it is refused, unless nothing is there at all. */
export function guard(parts: GuardParts, request: FastifyRequest, reply: FastifyReply): void {
  const { ctx, auth, hosts } = parts
  const { rules } = request
  markAnswer(ctx, reply)
  if (ctx.stopping()) throw new HttpError('stopping', 'The server is stopping; send it again in a moment')
  checkSizes(request)
  checkHostOnce(request.raw)
  if (rules?.cors === true) {
    reply.header('access-control-allow-origin', '*')
    reply.header('access-control-expose-headers', EXPOSED)
  }
  checkBody(request, rules)
  const bears = request.is404 ? false : auth.check(rules?.scope, request)
  const exempt = ctx.mode === 'start' && (bears || rules?.anyHost === true)
  if (!exempt && !hosts.isOurs(request.headers.host)) {
    throw new HttpError('misdirected_host', 'This server does not answer under that host name; see --allowed-hosts')
  }
  if (rules?.cors !== true && changes(request.method) && !hosts.mayChange(request.headers)) {
    throw new HttpError('cross_origin', 'A page of another origin may not change anything here')
  }
  renew(parts.sessions, request, reply)
}

/** A sign-in that is used goes on. */
function renew(sessions: Sessions, request: FastifyRequest, reply: FastifyReply): void {
  const next = request.session === null ? undefined : sessions.renewed(request.session)
  if (next !== undefined) reply.header('set-cookie', sessions.cookie(next, isSecure(request)))
}

/** What stands on every answer. */
export function markAnswer(ctx: Pick<ServerContext, 'kind'>, reply: FastifyReply): void {
  reply.header('x-inngest-server-kind', ctx.kind)
  reply.header('x-content-type-options', 'nosniff')
}

function changes(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
}

function checkSizes(request: FastifyRequest): void {
  if (request.raw.url !== undefined && request.raw.url.length > REQUEST_LINE_BYTES_MAX) {
    throw new HttpError('uri_too_long', `The request line is over ${REQUEST_LINE_BYTES_MAX} bytes`)
  }
  let bytes = 0
  for (const part of request.raw.rawHeaders) bytes += part.length
  if (bytes > HEADER_BYTES_MAX)
    throw new HttpError('headers_too_large', `The headers are over ${HEADER_BYTES_MAX} bytes`)
}

/** Node keeps the first of several; a proxy in front may have judged by another one (RFC 9112, section 3.2). */
function checkHostOnce({ rawHeaders }: FastifyRequest['raw']): void {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1) throw new HttpError('invalid_request', 'Host is given more than once', { path: 'Host' })
}

const JSON_TYPE = /^\s*[\w.-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** A missing type counts as JSON: no page can send a body without one. */
function checkBody({ headers, method }: FastifyRequest, rules: RouteRules | null): void {
  if (!changes(method)) return
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity' && !(encoding === 'gzip' && rules?.gzip === true)) {
    throw new HttpError('unsupported_media_type', 'Compressed bodies are not taken here')
  }
  const type = headers['content-type']
  if (type === undefined) return
  const isJson = type === 'application/json' || JSON_TYPE.test(type)
  if (!isJson && rules?.anyType === false) {
    throw new HttpError('unsupported_media_type', 'The body must be JSON (content-type: application/json)')
  }
  // From here on the route decides how the body is read. Left in place, fastify would parse the type once more, and
  // refuse what is none even where any is taken.
  if (!isJson || rules?.anyType === false) headers['content-type'] = undefined
}
