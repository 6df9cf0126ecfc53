import { describe, expect, it } from 'vitest'
import type { StoredRequest } from './door.ts'
import { type CallTold, prepareRequest, secretsNamed } from './prepare-request.ts'

const TOLD: CallTold = {
  jobId: 'JOB',
  runId: 'RUN',
  scheduledAt: Date.UTC(2026, 0, 1, 9),
  trigger: 'schedule',
  wallMs: 1_614_265_330_999,
}

function prepared(part: Partial<StoredRequest>, secrets: Readonly<Record<string, string>> = {}) {
  const usual: StoredRequest = {
    method: 'POST',
    url: 'https://target.test/',
    headers: [],
    body: null,
    signingSecret: null,
  }
  return prepareRequest({ ...usual, ...part, secrets: new Map(Object.entries(secrets)) }, TOLD)
}

describe('the request of a call', () => {
  it('says which call it is, also where the job would say something else', () => {
    const { headers, body } = prepared({ headers: [{ name: 'X-Other', isSecret: false, value: 'y' }] })
    expect(body).toBeNull()
    expect(headers).toEqual({
      'user-agent': 'pawl-jobs/1',
      'idempotency-key': 'RUN',
      'x-job-id': 'JOB',
      'x-job-run-id': 'RUN',
      'x-job-scheduled-at': '2026-01-01T09:00:00.000Z',
      'x-job-trigger': 'schedule',
      'x-other': 'y',
    })
  })

  it('has the type of its body, unless the job says another one', () => {
    const json = { body: { text: '{}', isJson: true } }
    expect(prepared(json).headers['content-type']).toBe('application/json')
    expect(prepared({ body: { text: '', isJson: false } }).headers['content-type']).toBe('text/plain; charset=utf-8')
    const headers = [{ name: 'Content-Type', isSecret: false, value: 'application/cloudevents+json' }]
    expect(prepared({ ...json, headers }).headers['content-type']).toBe('application/cloudevents+json')
  })

  it('has its secrets in their places, each spelled as the place demands', () => {
    const secrets = { A: 'a&b/c', Q: 'say "hi"\n' }
    const { url, headers, body } = prepared(
      {
        url: 'https://target.test/{{secrets.A}}?k={{ secrets.A }}',
        headers: [{ name: 'Authorization', isSecret: true, value: 'Bearer {{secrets.A}}' }],
        body: { text: '{"q":"{{secrets.Q}}"}', isJson: true },
      },
      secrets,
    )
    expect(url).toBe('https://target.test/a&b/c?k=a%26b%2Fc')
    expect(headers.authorization).toBe('Bearer a&b/c')
    expect(JSON.parse(body ?? '')).toEqual({ q: 'say "hi"\n' })
    expect(prepared({ body: { text: '{{secrets.Q}}', isJson: false } }, secrets).body).toBe('say "hi"\n')
  })

  it('is not made with a secret that is not there, or one that cannot be sent where it stands', () => {
    expect(() => prepared({ url: 'https://target.test/{{secrets.GONE}}' })).toThrow('the secret GONE is not set')
    const headers = [{ name: 'X-Key', isSecret: false, value: '{{secrets.K}}' }]
    expect(() => prepared({ headers }, { K: 'a\r\nHost: b' })).toThrow('the header X-Key holds characters')
  })

  it('does not put a secret into a secret', () => {
    expect(prepared({ body: { text: '{{secrets.A}}', isJson: false } }, { A: '{{secrets.B}}', B: 'deep' }).body).toBe(
      '{{secrets.B}}',
    )
  })

  it('is signed where the job has a secret for it', () => {
    const { headers } = prepared({
      signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      body: { text: '{"test": 2432232314}', isJson: false },
    })
    expect(headers).toMatchObject({ 'webhook-id': 'RUN', 'webhook-timestamp': '1614265330' })
    expect(headers['webhook-signature']).toMatch(/^v1,[\w+/]{43}=$/)
  })

  it('masks whatever of its secrets comes back, however it is spelled', () => {
    const { mask } = prepared(
      {
        url: 'https://target.test/?k={{secrets.A}}',
        headers: [{ name: 'Authorization', isSecret: true, value: 'Bearer abcdef' }],
        signingSecret: 'sign-me',
      },
      { A: 'p&q "r"' },
    )
    const text = 'abcdef Bearer abcdef sign-me p&q "r" p%26q%20%22r%22 p&q \\"r\\" abc'
    expect(mask(text)).toBe('[masked] [masked] [masked] [masked] [masked] [masked] abc')
  })
})

describe('secretsNamed', () => {
  it('finds each name once, wherever it stands', () => {
    const headers = [{ name: 'a', isSecret: true, value: '{{secrets.B}}{{secrets.A}}' }]
    const body = { text: '{{ secrets.C }} {{secret.D}} {{secrets}}', isJson: false }
    expect(secretsNamed({ url: 'https://x/{{secrets.A}}', headers, body })).toEqual(['A', 'B', 'C'])
  })
})
