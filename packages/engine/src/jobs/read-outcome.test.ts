import { describe, expect, it } from 'vitest'
import type { GatewayResult } from '../drivers/driver.ts'
import { excerptOf } from './excerpt.ts'
import { redactedUrl } from './mask.ts'
import { readOutcome, sessionIdOf } from './read-outcome.ts'

const asIs = (text: string) => text

function answer(status: number, part: Partial<Extract<GatewayResult, { kind: 'answer' }>> = {}): GatewayResult {
  return { kind: 'answer', status, headers: {}, body: 'body', bodyBytes: 4, ...part }
}

describe('an answer', () => {
  it.each([200, 201, 204, 299])('of %i is a success, whatever it says', (status) => {
    expect(readOutcome(answer(status, { body: '{"error":"no"}' }), asIs)).toMatchObject({
      status: 'success',
      error: null,
    })
  })

  it.each([199, 304, 400, 404, 429, 500, 503])('of %i is a failure', (status) => {
    const outcome = readOutcome(answer(status), asIs)
    expect(outcome).toMatchObject({
      status: 'failure',
      httpStatus: status,
      error: { code: 'http_status' },
      excerpt: 'body',
    })
  })

  it('that redirects where it is not followed is a failure of its own', () => {
    const outcome = readOutcome(answer(307, { headers: { location: '/x' } }), asIs)
    expect(outcome).toMatchObject({ status: 'failure', httpStatus: 307, error: { code: 'redirect' } })
  })

  it('is kept up to 2 KiB of a success and 64 KiB of a failure, masked before it is cut', () => {
    const body = 'x'.repeat(100_000)
    expect(readOutcome(answer(200, { body, bodyBytes: 100_000 }), asIs)).toMatchObject({ responseBytes: 100_000 })
    expect(readOutcome(answer(200, { body }), asIs).excerpt).toHaveLength(2_048)
    expect(readOutcome(answer(500, { body }), asIs).excerpt).toHaveLength(65_536)
    const secret = `${'x'.repeat(2_044)}secret`
    const masked = readOutcome(answer(200, { body: secret }), (text) => text.replaceAll('secret', '[masked]'))
    expect(masked.excerpt?.slice(-4)).toBe('[mas')
  })

  it.each([
    ['timeout', undefined, 'timeout'],
    ['timeout', 'connect', 'connect'],
    ['unreachable', 'connect', 'connect'],
    ['unreachable', 'dns', 'dns'],
    ['unreachable', 'tls', 'tls'],
    ['unreachable', undefined, 'response_aborted'],
    ['reset', undefined, 'response_aborted'],
    ['bad_response', undefined, 'response_aborted'],
    ['redirect_refused', undefined, 'redirect'],
    ['blocked', undefined, 'blocked_by_policy'],
  ] as const)('that was lost (%s, %s) is a failure of %s', (reason, fault, code) => {
    const outcome = readOutcome({ kind: 'lost', reason, fault, message: 'why' }, (text) => `${text} masked`)
    expect(outcome).toEqual({
      ...{ status: 'failure', httpStatus: null, responseBytes: null, excerpt: null },
      error: { code, message: 'why masked' },
    })
  })

  it('may name a session', () => {
    const named = (id: string) => sessionIdOf(answer(202, { headers: { 'x-session-id': id } }))
    expect(named('01K00000000000000000000001')).toBe('01K00000000000000000000001')
    expect([named('x'), named(''), sessionIdOf(answer(200))]).toEqual([null, null, null])
  })
})

describe('an excerpt', () => {
  it('ends at a whole character, and holds nothing that cannot be stored', () => {
    expect(excerptOf('aé', 2)).toBe('a')
    expect(excerptOf('aé', 3)).toBe('aé')
    expect(excerptOf('🔑🔑', 7)).toBe('🔑')
    expect(excerptOf('a\0b\ud800', 100)).toBe('a\ufffdb\ufffd')
    expect(excerptOf('', 10)).toBe('')
  })
})

describe('a URL of a record', () => {
  it.each([
    ['https://target.test/a?b=c#d', 'https://target.test/a?b=c'],
    ['https://target.test/a?token=abc&b=c', 'https://target.test/a?token=[masked]&b=c'],
    ['https://target.test/?api_key=x=y', 'https://target.test/?api_key=[masked]'],
    ['https://target.test/?key={{secrets.K}}', 'https://target.test/?key={{secrets.K}}'],
    ['https://me:word@target.test/', 'https://target.test/'],
    ['https://{{secrets.HOST}}/x', 'https://{{secrets.HOST}}/x'],
  ])('%s is kept as %s', (url, kept) => {
    expect(redactedUrl(url)).toBe(kept)
  })
})
