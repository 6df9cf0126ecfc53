import { describe, expect, it } from 'vitest'
import { signWebhook } from './webhook-signature.ts'

describe('a signed webhook', () => {
  it('carries the example of the Standard Webhooks specification', () => {
    const headers = signWebhook({
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1_614_265_330,
      body: '{"test": 2432232314}',
    })
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('differs with the id, the time and the body', () => {
    const parts = { secret: 'plain text', id: 'a', timestampSeconds: 1, body: 'x' }
    const signatures = [
      parts,
      { ...parts, id: 'b' },
      { ...parts, timestampSeconds: 2 },
      { ...parts, body: 'y' },
      { ...parts, secret: 'other' },
    ].map((each) => signWebhook(each)['webhook-signature'])
    expect(new Set(signatures).size).toBe(5)
  })
})
