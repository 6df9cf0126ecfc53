import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { verifyCallback } from './verify-callback.ts'

const NOW = Date.UTC(2026, 0, 1)
const SECRET = `whsec_${Buffer.from('a secret of the server').toString('base64')}`
const OTHER = `whsec_${Buffer.from('another one').toString('base64')}`
const BODY = '{"requestId":"r1","status":"approved"}'

function headersOf(part: Record<string, string> = {}, timestamp = NOW / 1_000): Headers {
  const mac = createHmac('sha256', 'a secret of the server').update(`r1.${timestamp}.${BODY}`).digest('base64')
  return new Headers({
    'webhook-id': 'r1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1a,x v1,AAAA v1,${mac}`,
    ...part,
  })
}

it('reads a callback that the server has signed, with any of its secrets', async () => {
  for (const secret of [SECRET, [OTHER, SECRET]]) {
    const read = await verifyCallback({ secret, headers: headersOf(), body: BODY, nowMs: NOW })
    expect(read).toEqual({ requestId: 'r1', status: 'approved' })
  }
})

it.each([
  ['another secret', { secret: OTHER }],
  ['a secret that is none', { secret: 'whsec_***' }],
  ['an empty secret', { secret: '' }],
  ['another body', { body: BODY.replace('approved', 'denied') }],
  ['another ID', { headers: headersOf({ 'webhook-id': 'r2' }) }],
  ['no signature', { headers: new Headers({ 'webhook-id': 'r1', 'webhook-timestamp': String(NOW / 1_000) }) }],
  ['an old time', { headers: headersOf({}, NOW / 1_000 - 301) }],
  ['a time that is none', { headers: headersOf({ 'webhook-timestamp': 'x' }) }],
])('refuses one with %s', async (_what, part) => {
  expect(await verifyCallback({ secret: SECRET, headers: headersOf(), body: BODY, nowMs: NOW, ...part })).toBeNull()
})
