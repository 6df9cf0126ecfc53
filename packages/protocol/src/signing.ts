// Signatures of requests and answers, and the bearer form of a signing key (SDK spec, "signing and authentication").
// The HMAC key is the text of the key without its prefix; the bearer is the SHA-256 of the bytes that text stands for.
// Every comparison with a secret takes the same time whatever was sent.

import { Buffer } from 'node:buffer'
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { canonicalText, decodeUtf8 } from './json.ts'
import { LIMITS } from './limits.ts'

/** What a signature is checked against. `canonicalize`: the sender signed the RFC 8785 form of the body. */
export interface SignatureCheck {
  /** The header `x-inngest-signature`. */
  readonly header: string | undefined
  readonly body: Uint8Array
  /** Signing key, then its fallback; any of them may have signed. */
  readonly keys: readonly string[]
  readonly nowSeconds: number
  readonly canonicalize?: boolean
}

const PREFIX = /^signkey-\w+-/
const NEWLINE = 0x0a

/** Takes the prefix (`signkey-prod-` and kin) off a signing key. */
export function normalizeKey(key: string): string {
  return key.replace(PREFIX, '')
}

/** Signs a body for the header `x-inngest-signature`: `t=<seconds>&s=<hex>`. The body must be in canonical form. */
export function signBody(canonicalBody: string | Uint8Array, key: string, unixSeconds: number): string {
  return `t=${unixSeconds}&s=${mac(canonicalBody, normalizeKey(key), `${unixSeconds}`)}`
}

/**
 * Checks a signature: at most 5 minutes from now, made with any of the keys, over the bytes as they came. Go ends its answers with a
 * newline that it did not sign, so that one is also left out.
 */
export function verifySignature(check: SignatureCheck): boolean {
  const [, time, signature] = /^t=(\d{1,12})&s=([0-9a-f]{64})$/.exec(check.header ?? '') ?? []
  if (time === undefined || signature === undefined) return false
  if (Math.abs(check.nowSeconds - Number(time)) > LIMITS.signatureAgeSecondsMax.value) return false
  const keys = check.keys.map(normalizeKey)
  return signedForms(check).some((form) => keys.some((key) => equal(mac(form, key, time), signature)))
}

/** Hashes a signing key as it is sent to the API: its prefix, then the SHA-256 of the bytes that its hex digits stand for. */
export function hashSigningKey(key: string): string {
  const prefix = PREFIX.exec(key)?.[0] ?? ''
  return prefix + sha256(Buffer.from(normalizeKey(key), 'hex')).toString('hex')
}

/**
 * Prepares the check of the header `authorization`, hashing the keys once. Accepted is `Bearer` with a key, plain (Go checkpoints) or
 * hashed, with any prefix or none. Without keys everything is accepted, no header included: SDKs in dev mode send `Bearer undefined`.
 */
export function bearerMatcher(keys: readonly string[]): (authorizationHeader: string | undefined) => boolean {
  if (keys.length === 0) return () => true
  const accepted = keys.flatMap((key) => [normalizeKey(key), normalizeKey(hashSigningKey(key))]).map(sha256)
  return (header) => {
    const [, token] = /^bearer +(\S+)$/i.exec(header ?? '') ?? []
    if (token === undefined) return false
    const sent = sha256(normalizeKey(token))
    let matches = false
    for (const digest of accepted) matches = timingSafeEqual(digest, sent) || matches
    return matches
  }
}

/** As `bearerMatcher`, for one check. */
export function bearerMatches(authorizationHeader: string | undefined, keys: readonly string[]): boolean {
  return bearerMatcher(keys)(authorizationHeader)
}

function signedForms(check: SignatureCheck): (string | Uint8Array)[] {
  const { body } = check
  const forms: (string | Uint8Array)[] = [body]
  if (body.at(-1) === NEWLINE) forms.push(body.subarray(0, -1))
  if (check.canonicalize === true && body.length > 0) {
    const canonical = tryCanonical(body)
    if (canonical !== null) forms.push(canonical)
  }
  return forms
}

function tryCanonical(body: Uint8Array): string | null {
  try {
    return canonicalText(decodeUtf8(body))
  } catch {
    return null
  }
}

function mac(body: string | Uint8Array, key: string, time: string): string {
  return createHmac('sha256', key).update(body).update(time).digest('hex')
}

function equal(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer')
}
