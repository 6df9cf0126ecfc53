import { parseJson, writeCanonical } from '@pawl/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskJson } from './mask.ts'
import { secrecyOf } from './secret-key.ts'

const hidden = (text: string): string => maskJson(text).text

describe('a key that is named like a secret', () => {
  test.each([
    'token',
    'accessToken',
    'refresh_token',
    'client-secret',
    'SECRET',
    'Password',
    'passwd',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'Authorization',
    'Proxy-Authorization',
    'internalKey',
    'cookie',
    'Set-Cookie',
    'private_key',
    'AWS_ACCESS_KEY_ID',
    'signing key',
    'credentials',
    'githubToken',
  ])('hides what stands under %s', (key) => {
    expect(JSON.parse(hidden(JSON.stringify({ [key]: 'hunter2', a: 'b' })))).toEqual({ [key]: '•••', a: 'b' })
    expect(JSON.parse(hidden(JSON.stringify({ [key]: 1234 })))).toEqual({ [key]: '•••' })
  })

  test.each(['name', 'key', 'id', 'passenger', 'keyboard', 'author', 'accessible', 'private'])(
    'is not one like %s',
    (key) => {
      const text = JSON.stringify({ [key]: 'shown' })
      expect(maskJson(text)).toEqual({ text, isMasked: false })
    },
  )

  test('counts model tokens aloud, and hides texts all the same', () => {
    const usage = { totalTokens: 532, max_tokens: 1024, tokenCount: 3, tokens: { input: 5, output: 7 } }
    expect(maskJson(JSON.stringify({ usage })).isMasked).toBe(false)
    expect(hidden('{"tokens":["abc",7]}')).toBe('{"tokens":["•••",7]}')
    expect(hidden('{"tokenSecret":7}')).toBe('{"tokenSecret":"•••"}')
    expect(hidden('{"tokens":{"secret":7,"n":1}}')).toBe('{"tokens":{"secret":"•••","n":1}}')
  })

  test('leaves what tells nothing', () => {
    expect(hidden('{"token":null,"hasSecret":true}')).toBe('{"token":null,"hasSecret":true}')
  })

  test('is seen when it is written with escapes', () => {
    expect(hidden('{"\\u0074oken":"x"}')).toBe('{"\\u0074oken":"•••"}')
  })

  test('is no text that looks like one', () => {
    const text = '{"a":"\\"token\\":\\"x\\"","b":["token","x"],"c":"token\\\\"}'
    expect(hidden(text)).toBe(text)
  })

  test('hides all of an object or array, and nothing behind it', () => {
    expect(hidden('{"cookie":{"sid":"x","n":[1,{"a":"b"}],"ok":true},"z":"z","y":[1]}')).toBe(
      '{"cookie":{"sid":"•••","n":["•••",{"a":"•••"}],"ok":true},"z":"z","y":[1]}',
    )
  })

  test('may stand in text that is not compact', () => {
    expect(hidden('{ "token" : "x" , "a" : 1 }')).toBe('{ "token" : "•••" , "a" : 1 }')
  })
})

const name = fc.oneof(
  fc.constantFrom('token', 'apiKey', 'a', '__proto__', 'constructor', 'tokens', 'x', '', '"', '\\'),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

/** The same rule over values, as plainly as it can be said. */
function reference(value: unknown, all: boolean, texts: boolean): unknown {
  if (typeof value === 'string') return all || texts ? '•••' : value
  if (typeof value === 'number') return all ? '•••' : value
  if (Array.isArray(value)) return value.map((item) => reference(item, all, texts))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => {
    const own = secrecyOf(key)
    return [key, reference(member, all || own === 'all', texts || own === 'texts')]
  })
  return Object.fromEntries(entries)
}

describe('any JSON', () => {
  test('is hidden as the rule over its values says, and keeps its shape', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value)
        const masked = maskJson(text)
        expect(JSON.stringify(JSON.parse(masked.text))).toBe(JSON.stringify(reference(JSON.parse(text), false, false)))
        expect(masked.isMasked).toBe(masked.text !== text || text.includes('"•••"'))
      }),
      { numRuns: 2_000 },
    )
  })

  test('that is nested as deeply as may be gives nothing away', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'secrets', '__proto__', '[]'), { minLength: 62, maxLength: 62 }),
        (path) => {
          const open = path.map((key) => (key === '[]' ? '[' : `{"${key}":`))
          const close = path.map((key) => (key === '[]' ? ']' : '}')).reverse()
          const text = `${open.join('')}{"password":"hunter2"}${close.join('')}`
          const masked = maskJson(text)
          expect(masked.isMasked).toBe(true)
          expect(masked.text).not.toContain('hunter2')
          expect(masked.text.length).toBe(text.length - 4)
        },
      ),
    )
  })

  test('is canonical afterwards when it was before', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const { text } = maskJson(writeCanonical(parseJson(JSON.stringify(value))))
        expect(writeCanonical(parseJson(text))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })
})

test('five megabytes are looked through in a fraction of a second', () => {
  const row = {
    id: 12345,
    name: 'Ada Lovelace',
    tags: ['one', 'two'],
    note: 'lorem ipsum dolor '.repeat(3),
    apiKey: 'k',
  }
  const text = JSON.stringify(Array.from({ length: 35_000 }, () => row))
  const began = performance.now()
  expect(maskJson(text).isMasked).toBe(true)
  // About 40 ms; the rest is for a machine that is busy.
  expect(performance.now() - began).toBeLessThan(1_000)
})
