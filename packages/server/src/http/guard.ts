// The one hook before every route: size of the request line and headers, encoding, who calls, under which name and from
// which page. Deny by default: a route without declared rules answers nobody.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import type { Auth } from './auth.ts'
import type { HostCheck } from './hosts.ts'
import { HttpError } from './http-errors.ts'
import type { RouteRules } from './route.ts'

export const REQUEST_LINE_BYTES_MAX = 8 * 1024
export const HEADER_BYTES_MAX = 16 * 1024

/** Headers that pages of other origins may read on the routes that are open to them. */
const EXPOSED = 'Link, Mcp-Session-Id'

export interface GuardParts {
  readonly ctx: ServerContext
  readonly auth: Auth
  readonly hosts: HostCheck
}

/** Lets a request pass to its route, or throws the refusal. */
export function guard({ ctx, auth, hosts }: GuardParts, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-inngest-server-kind', ctx.kind)
  reply.header('x-content-type-options', 'nosniff')
  if (ctx.stopping()) throw new HttpError('stopping', 'The server is stopping; send it again in a moment')
  checkSizes(request)
  const rules = request.is404 ? undefined : rulesOf(request)
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
}

/** The rules that the route was registered with; undefined denies. */
export function rulesOf(request: FastifyRequest): RouteRules | undefined {
  const { rules } = request.routeOptions.config as { readonly rules?: RouteRules }
  return rules
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

const JSON_TYPE = /^\s*[\w.-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** A missing type counts as JSON: no page can send a body without one. */
function checkBody({ headers, method }: FastifyRequest, rules: RouteRules | undefined): void {
  if (!changes(method)) return
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity' && !(encoding === 'gzip' && rules?.gzip === true)) {
    throw new HttpError('unsupported_media_type', 'Compressed bodies are not taken here')
  }
  const type = headers['content-type']
  if (type === undefined || type === 'application/json' || JSON_TYPE.test(type)) return
  if (rules?.anyType !== true && rules !== undefined) {
    throw new HttpError('unsupported_media_type', 'The body must be JSON (content-type: application/json)')
  }
  // What the client claims does not matter here, and what is no type at all must not either.
  headers['content-type'] = undefined
}
