// Checking that a callback comes from the server: Standard Webhooks, with the Web Crypto that browsers and Node share.
import { now } from './clock.ts'
import type { Resolution } from './types.ts'

export interface CallbackCheck {
  /** `whsec_…`, as the server shows it; several while the signing key is being changed. */
  readonly secret: string | readonly string[]
  /** Of the request: a `Headers`, or anything with such a `get`. */
  readonly headers: { get(name: string): string | null }
  /** The body as it came, not parsed. */
  readonly body: string
  /** Now, in milliseconds; for tests. */
  readonly nowMs?: number
}

/** Older or newer ones may be repeats by somebody else. Milliseconds. */
const AGE_MS_MAX = 300_000

/**
 * Checks a callback and reads it. Its `webhook-id` header is the same for every try: whoever has seen it has been told.
 *
 * @returns null when the signature is not the server's, or its time is more than five minutes off.
 */
export async function verifyCallback(check: CallbackCheck): Promise<Resolution | null> {
  const { headers, body, nowMs = now() } = check
  const id = headers.get('webhook-id')
  const timestamp = headers.get('webhook-timestamp')
  const signatures = headers.get('webhook-signature')?.split(' ') ?? []
  if (id === null || timestamp === null || !/^\d{1,12}$/.test(timestamp)) return null
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > AGE_MS_MAX) return null
  const secrets = typeof check.secret === 'string' ? [check.secret] : check.secret
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  for (const secret of secrets) {
    if (await isSigned(secret, signed, signatures)) return JSON.parse(body) as Resolution
  }
  return null
}

async function isSigned(secret: string, signed: Uint8Array<ArrayBuffer>, signatures: readonly string[]) {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const bytes = fromBase64(secret.replace(/^whsec_/, ''))
  if (bytes === null || bytes.length === 0) return false
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify'])
  for (const signature of signatures) {
    const mac = signature.startsWith('v1,') ? fromBase64(signature.slice(3)) : null
    // Compared by Web Crypto, in constant time.
    if (mac !== null && (await crypto.subtle.verify('HMAC', key, mac, signed))) return true
  }
  return false
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
