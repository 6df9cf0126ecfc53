// The sign-in of a browser: a cookie that a signing key was exchanged for. It holds no state at the server: 32 random
// bytes, an end and a code made with a key that follows from the signing key. So it is good at every process and after a
// restart, and ends when the signing key that made it is taken out.
import { createHmac, hash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { bearerMatcher, normalizeKey } from '@pawl/protocol'

export const SESSION_COOKIE = 'pawl_session'

/** A sign-in ends after so long without use. */
export const SESSION_MS = 12 * 3_600_000
/** A cookie this old is made anew when it is used; younger ones are left, so that not every answer sets one. */
const RENEW_MS = 5 * 60_000
/** Signed-out sessions that are remembered, at this process. */
const SIGNED_OUT_MAX = 10_000
const ID_BYTES = 32

export interface Session {
  /** 32 random bytes in base64url: the same through all renewals. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** Which of the signing keys it was made with. */
  readonly key: number
}

export class Sessions {
  readonly #keys: readonly Buffer[]
  readonly #matchers: readonly ((header: string) => boolean)[]
  readonly #now: () => number
  /** When each would have ended, by ID; the oldest first. */
  readonly #signedOut = new Map<string, number>()

  /** @param now  Wall clock in epoch milliseconds: never moved by tests of schedules. */
  constructor(signingKeys: readonly string[], now: () => number) {
    this.#keys = signingKeys.map(sessionKey)
    this.#matchers = signingKeys.map((key) => bearerMatcher([key]))
    this.#now = now
  }

  /** A new session for who knows a signing key (or its hash, as everywhere); undefined for anybody else. */
  open(signingKey: string): Session | undefined {
    let key = -1
    // All are compared, so that the time does not tell which one it was.
    for (const [index, matches] of this.#matchers.entries()) if (matches(`Bearer ${signingKey}`)) key = index
    if (key === -1) return undefined
    return { id: randomBytes(ID_BYTES).toString('base64url'), expiresAt: this.#now() + SESSION_MS, key }
  }

  /** The session that a `Cookie` header brings; undefined when it brings none that holds. */
  read(cookies: string | undefined): Session | undefined {
    const value = cookieIn(cookies)
    if (value === undefined) return undefined
    const [, id = '', end = '', code = ''] = /^([\w-]{43})\.([0-9a-z]{1,11})\.([\w-]{43})$/.exec(value) ?? []
    if (code === '') return undefined
    const sent = Buffer.from(code, 'base64url')
    let key = -1
    for (const [index, secret] of this.#keys.entries()) {
      if (timingSafeEqual(codeOf(`${id}.${end}`, secret), sent)) key = index
    }
    const expiresAt = Number.parseInt(end, 36)
    if (key === -1 || expiresAt <= this.#now() || this.#signedOut.has(id)) return undefined
    return { id, expiresAt, key }
  }

  /** As it goes on from now, when it is time to say so. */
  renewed(session: Session): Session | undefined {
    const expiresAt = this.#now() + SESSION_MS
    return expiresAt - session.expiresAt < RENEW_MS ? undefined : { ...session, expiresAt }
  }

  /** Ends a session at this process; other ones take its cookie until it expires, but its browser has lost it. */
  close(session: Session): void {
    if (this.#signedOut.size >= SIGNED_OUT_MAX) {
      const [oldest] = this.#signedOut.keys()
      if (oldest !== undefined) this.#signedOut.delete(oldest)
    }
    this.#signedOut.set(session.id, session.expiresAt)
  }

  isOpen(session: Session): boolean {
    return session.expiresAt > this.#now() && !this.#signedOut.has(session.id)
  }

  /** The `Set-Cookie` header that a browser keeps a session by. */
  cookie(session: Session, isSecure: boolean): string {
    const end = session.expiresAt.toString(36)
    const signed = `${session.id}.${end}`
    const key = this.#keys[session.key]
    if (key === undefined) throw new Error('A session without a key')
    const value = `${signed}.${codeOf(signed, key).toString('base64url')}`
    return setCookie(value, { seconds: SESSION_MS / 1000, isSecure })
  }
}

/** The `Set-Cookie` header that takes it away. */
export function noCookie(isSecure: boolean): string {
  return setCookie('', { seconds: 0, isSecure })
}

/** How a session stands in the log: enough to tell two apart, and useless to anybody. */
export function sessionName(session: Session): string {
  return `session ${hash('sha256', session.id).slice(0, 8)}`
}

function setCookie(value: string, how: { readonly seconds: number; readonly isSecure: boolean }): string {
  const secure = how.isSecure ? '; Secure' : ''
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${how.seconds}; HttpOnly; SameSite=Strict${secure}`
}

/** The first cookie of ours. A second one of the name can only come from a page that may set cookies for this host. */
function cookieIn(header: string | undefined): string | undefined {
  if (header === undefined || !header.includes(SESSION_COOKIE)) return undefined
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === SESSION_COOKIE) return value
  }
  return undefined
}

/** Kept apart from the signing key's other uses by its label. */
function sessionKey(signingKey: string): Buffer {
  return Buffer.from(hkdfSync('sha256', normalizeKey(signingKey), '', 'pawl dashboard session v1', 32))
}

function codeOf(text: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
