// Who makes a request, for the log and for what is done in somebody's name. Never a key or anything that could be used as
// one.
import type { FastifyRequest } from 'fastify'
import { type Session, sessionName } from './sessions.ts'

export interface Caller {
  /** `signing key`, `session 1a2b3c4d`, or `anyone` where nobody has to sign in. */
  readonly name: string
  readonly address: string
  readonly session: Session | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The browser's sign-in that let the request pass, if one did. */
    session: Session | null
    /** A signing key let it pass. */
    hasKey: boolean
  }
}

export function callerOf(request: FastifyRequest): Caller {
  const { session, hasKey } = request
  const name = session !== null ? sessionName(session) : hasKey ? 'signing key' : 'anyone'
  return { name, address: request.raw.socket.remoteAddress ?? '', session }
}

/** Whether the browser came over TLS: told by the proxy that ends it, or by the page's own origin. */
export function isSecure({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { origin } = headers
  if (typeof origin === 'string' && origin.startsWith('https://')) return true
  return forwarded(headers['x-forwarded-proto']) === 'https'
}

/** The origin and the path below which the browser sees this server, as far as it can be told. */
export function publicUrl(request: Pick<FastifyRequest, 'headers'>): string {
  const host = request.headers.host ?? 'localhost'
  return `${isSecure(request) ? 'https' : 'http'}://${host}${prefixOf(request)}`
}

/**
 * The path that a proxy has taken off in front of ours (`/tools/pawl`), '' for none. It ends up in the page, so anything
 * but plain segments counts as none.
 */
export function prefixOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const given = (forwarded(headers['x-forwarded-prefix']) ?? '').replace(/\/$/, '')
  const isPlain = given.length <= PREFIX_CHARACTERS_MAX && /^(?:\/[\w~-][\w.~-]*)+$/.test(given)
  return isPlain ? given : ''
}

const PREFIX_CHARACTERS_MAX = 200

/** The value that the proxy nearest to the browser gave. */
function forwarded(header: string | readonly string[] | undefined): string | undefined {
  return (typeof header === 'string' ? header : header?.[0])?.split(',', 1)[0]?.trim()
}
