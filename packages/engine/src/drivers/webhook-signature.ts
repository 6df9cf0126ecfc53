// The headers that sign a request to somebody else's URL (Standard Webhooks): whoever holds the secret can tell that it
// came from here, is whole, and is not an old one sent again.
import { createHmac } from 'node:crypto'

/** Secrets of this form hold their bytes in base64; of any other form the text itself is the secret. */
const PREFIX = 'whsec_'

/** The three headers. `id` stays the same when the request is sent again; `body` is exactly what is sent. */
export function signWebhook(parts: {
  readonly secret: string
  readonly id: string
  readonly timestampSeconds: number
  readonly body: string
}): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const { secret, id, timestampSeconds, body } = parts
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret)
  const signature = createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': `v1,${signature}`,
  }
}
