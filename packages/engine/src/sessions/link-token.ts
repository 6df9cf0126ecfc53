// One-time links: a random token whose hash stands at the request. It answers once, for the request is then resolved, and it
// ends with the request.
import { hash, timingSafeEqual } from 'node:crypto'
import type { RequestRow } from '@pawl/storage'
import { EngineError } from '../errors.ts'

/** 256 bits. */
const TOKEN_BYTES = 32

export function newToken(randomBytes: (count: number) => Uint8Array): string {
  return Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')
}

export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex')
}

/** Why the token does not open the request, or null. */
export function tokenRefusal(request: RequestRow, token: string): EngineError | null {
  const wanted = request.tokenHash ?? tokenHash('')
  const isRight = timingSafeEqual(Buffer.from(wanted, 'hex'), Buffer.from(tokenHash(token), 'hex'))
  if (request.tokenHash !== null && isRight) return null
  return new EngineError('link_invalid', 'The link is not valid, or a newer one has taken its place.')
}
