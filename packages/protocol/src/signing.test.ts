import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bearerMatches, hashSigningKey, normalizeKey, signBody, verifySignature } from './signing.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const OTHER = 'ffff456789abcdef0123456789abcdef'
const TIME = 1_795_478_206

describe('signBody', () => {
  it.each([
    ['{"url":"http://localhost:9151/api/inngest"}', 'a465606f31396796c8be9907de98da2e59d199afff034570f56b2a40b12ca5c5'],
    [
      '{"message":"Successfully registered","modified":true}',
      '5065754faf6ce81f33adec05b2d3c610f2a9a87f979c150805c67d517fae380c',
    ],
  ])('signs %s as SDKs do', (body, signature) => {
    expect(signBody(body, KEY, TIME)).toBe(`t=${TIME}&s=${signature}`)
    expect(signBody(Buffer.from(body), `signkey-prod-${KEY}`, TIME)).toBe(`t=${TIME}&s=${signature}`)
  })
})

describe('verifySignature', () => {
  const check = (body: string | Uint8Array, header: string | undefined, more: object = {}): boolean =>
    verifySignature({ header, body: Buffer.from(body), keys: [KEY], nowSeconds: TIME, ...more })

  it('accepts what was signed with any of the keys, and nothing else', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (body, place) => {
        const header = signBody(body, OTHER, TIME)
        expect(check(body, header, { keys: [`signkey-test-${KEY}`, OTHER] })).toBe(true)
        expect(check(body, header)).toBe(false)
        const bytes = Buffer.from(body)
        bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ 1
        expect(check(bytes, header, { keys: [OTHER] })).toBe(false)
      }),
    )
  })

  it.each([
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ])('with a clock %d seconds away: %s', (seconds, accepted) => {
    expect(check('{}', signBody('{}', KEY, TIME), { nowSeconds: TIME + seconds })).toBe(accepted)
  })

  it('leaves out one newline at the end, as Go does', () => {
    expect(check('{}\n', signBody('{}', KEY, TIME))).toBe(true)
    expect(check('{}\n\n', signBody('{}', KEY, TIME))).toBe(false)
  })

  it('canonicalizes only when it is told to', () => {
    const header = signBody('{"a":1,"b":2}', KEY, TIME)
    expect(check('{ "b": 2, "a": 1.0 }', header)).toBe(false)
    expect(check('{ "b": 2, "a": 1.0 }', header, { canonicalize: true })).toBe(true)
    expect(check('no json', header, { canonicalize: true })).toBe(false)
  })

  it('signs an empty body by the time alone', () => {
    expect(check('', signBody('', KEY, TIME), { canonicalize: true })).toBe(true)
  })

  it.each([
    undefined,
    '',
    't=1',
    `s=${'0'.repeat(64)}`,
    `t=${TIME}&s=abc`,
    `t=x&s=${'0'.repeat(64)}`,
    `t=${TIME}&s=${'é'.repeat(64)}`,
  ])('refuses the header %s', (header) => {
    expect(check('{}', header)).toBe(false)
  })
})

describe('bearerMatches', () => {
  const hashed = '223e0a160af9da0a03e6dd2c4719c56f5d66a633cbe84e78aaa9f3735865522a'

  it('hashes the bytes of the key and keeps its prefix', () => {
    expect(hashSigningKey(KEY)).toBe(hashed)
    expect(hashSigningKey(`signkey-branch-${KEY}`)).toBe(`signkey-branch-${hashed}`)
    expect(normalizeKey(`signkey-branch-${KEY}`)).toBe(KEY)
  })

  it.each([KEY, `signkey-prod-${KEY}`, hashed, `signkey-test-${hashed}`])('accepts %s', (token) => {
    expect(bearerMatches(`Bearer ${token}`, [OTHER, KEY])).toBe(true)
    expect(bearerMatches(`bearer ${token}`, [`signkey-prod-${KEY}`])).toBe(true)
    expect(bearerMatches(`Bearer ${token}`, [OTHER])).toBe(false)
  })

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer undefined', KEY, `Basic ${KEY}`])('refuses %s', (header) => {
    expect(bearerMatches(header, [KEY])).toBe(false)
    expect(bearerMatches(header, [])).toBe(true)
  })
})
