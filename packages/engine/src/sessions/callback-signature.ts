// What callbacks are signed with: a secret derived from the signing key, so that a receiver that checks them cannot call the
// API with what it knows.
import { createHmac } from 'node:crypto'
import { normalizeKey } from '@pawl/protocol'
import { signWebhook } from '../drivers/webhook-signature.ts'

/** What receivers check callbacks with: `whsec_` and base64. */
export function callbackSecret(signingKey: string): string {
  return `whsec_${createHmac('sha256', normalizeKey(signingKey)).update('pawl callbacks').digest('base64')}`
}

export interface CallbackMessage {
  /** The same for every try. */
  readonly id: string
  readonly timestampSeconds: number
  readonly body: string
}

/** Headers of one try, with a signature by each key; without keys (development) there is none. */
export function callbackHeaders(message: CallbackMessage, keys: readonly string[]): Record<string, string> {
  const signed = keys.map((key) => signWebhook({ ...message, secret: callbackSecret(key) }))
  const signature = signed.map((headers) => headers['webhook-signature']).join(' ')
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestampSeconds),
    ...(signature !== '' && { 'webhook-signature': signature }),
  }
}
