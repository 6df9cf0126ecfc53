// Who may call what. Keys are compared as digests in constant time, so that an answer never depends on how much of a key
// was right; what has no declared scope is refused. Where a signing key is asked for, a browser's session does as well,
// but only on requests that no page of another origin has made.
import { hash, timingSafeEqual } from 'node:crypto'
import { bearerMatcher } from '@pawl/protocol'
import type { FastifyRequest } from 'fastify'
import type { ServerOptions } from '../options.ts'
import type { HostCheck } from './hosts.ts'
import { HttpError } from './http-errors.ts'
import type { Scope } from './route.ts'
import { SESSION_COOKIE, type Sessions } from './sessions.ts'

export interface Auth {
  /**
   * Lets the request pass or throws. Notes on the request by what it came in (`session`, `hasKey`).
   *
   * @returns true when it bears a credential of this server.
   */
  check(scope: Scope | undefined, request: FastifyRequest): boolean
}

type AuthOptions = Pick<ServerOptions, 'mode' | 'eventKeys' | 'signingKeys' | 'openInvoke'>

export interface AuthParts {
  readonly sessions: Sessions
  readonly hosts: Pick<HostCheck, 'mayChange'>
}

/** Production without a signing key never gets here: `createServer` refuses it. */
export function createAuth(options: AuthOptions, { sessions, hosts }: AuthParts): Auth {
  const { mode, eventKeys, signingKeys } = options
  const matches = bearerMatcher(signingKeys)
  const eventKeyMatches = digestMatcher(eventKeys)

  const signingKey = (request: FastifyRequest): boolean => {
    if (signingKeys.length === 0) return false
    const { authorization, cookie } = request.headers
    if (authorization === undefined) return browser(request, cookie)
    if (!matches(authorization)) throw unauthorized(false)
    request.hasKey = true
    return true
  }
  const browser = (request: FastifyRequest, cookie: string | undefined): boolean => {
    const session = sessions.read(cookie)
    if (session === undefined) throw unauthorized(cookie?.includes(SESSION_COOKIE) !== true)
    // A page on another port of this host is of the same site: its requests bring the cookie, reads too.
    if (!hosts.mayChange(request.headers)) {
      throw new HttpError('cross_origin', 'A page of another origin may not ask in the name of who is signed in here')
    }
    request.session = session
    return true
  }
  const eventKey = (request: FastifyRequest): boolean => {
    const { key } = request.params as { readonly key?: string }
    if (mode === 'start' && eventKeys.length === 0) {
      throw new HttpError('event_keys_missing', 'Event keys are required to process events securely')
    }
    const known = mode === 'dev' ? key !== undefined && key !== '' : key !== undefined && eventKeyMatches(key)
    if (!known) throw new HttpError('event_key_unknown', 'Event key not found')
    return mode === 'start'
  }

  return {
    check(scope, request) {
      switch (scope) {
        case 'public':
          return false
        case 'event-key':
          return eventKey(request)
        case 'signing-key':
          return signingKey(request)
        case 'signing-key-or-link':
          return bearsLink(request) ? false : signingKey(request)
        case 'start-signing-key':
          return mode === 'dev' || options.openInvoke === true ? false : signingKey(request)
        case 'dev':
          if (mode !== 'dev') throw new HttpError('not_found', 'This address exists in dev mode only')
          return signingKey(request)
        case undefined:
          throw unauthorized(false)
      }
    },
  }
}

/** Whether the token is right only the route can tell: it stands with what the link opens. */
function bearsLink({ query }: FastifyRequest): boolean {
  const { token } = query as { readonly token?: string | readonly string[] }
  return token !== undefined && token !== ''
}

function unauthorized(missing: boolean): HttpError {
  const code = missing ? 'authorization_missing' : 'unauthorized'
  return new HttpError(code, 'Authentication failed', { headers: { 'www-authenticate': 'Bearer' } })
}

function digestMatcher(keys: readonly string[]): (key: string) => boolean {
  const digests = keys.map((key) => hash('sha256', key, 'buffer'))
  return (key) => {
    const digest = hash('sha256', key, 'buffer')
    let found = false
    for (const known of digests) found = timingSafeEqual(digest, known) || found
    return found
  }
}
