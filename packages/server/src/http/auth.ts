// Who may call what. Keys are compared as digests in constant time, so that an answer never depends on how much of a key
// was right; what has no declared scope is refused.
import { hash, timingSafeEqual } from 'node:crypto'
import { bearerMatcher } from '@pawl/protocol'
import type { FastifyRequest } from 'fastify'
import type { ServerOptions } from '../options.ts'
import { HttpError } from './http-errors.ts'
import type { Scope } from './route.ts'

export interface Auth {
  /**
   * Lets the request pass or throws.
   *
   * @returns true when it bears a credential of this server.
   */
  check(scope: Scope | undefined, request: FastifyRequest): boolean
}

type AuthOptions = Pick<ServerOptions, 'mode' | 'eventKeys' | 'signingKeys' | 'openInvoke'>

/** Production without a signing key never gets here: `createServer` refuses it. */
export function createAuth(options: AuthOptions): Auth {
  const { mode, eventKeys, signingKeys } = options
  const matches = bearerMatcher(signingKeys)
  const eventKeyMatches = digestMatcher(eventKeys)

  const signingKey = (request: FastifyRequest): boolean => {
    const header = request.headers.authorization
    if (!matches(header)) throw unauthorized(header === undefined)
    return signingKeys.length > 0
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
