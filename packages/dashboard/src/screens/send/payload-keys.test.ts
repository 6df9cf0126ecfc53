import { expect, it } from 'vitest'
import { hasLongNumber, keysAt, whyNotSendable } from './payload-keys.ts'

const paths = ['data.user', 'data.user.id', 'data.user.mail', 'data.username', 'data.amount']

it('keys of past events are offered where they stood', () => {
  expect(keysAt(paths, [])).toEqual(['user', 'username', 'amount'])
  expect(keysAt(paths, ['user'])).toEqual(['id', 'mail'])
  expect(keysAt(paths, ['nowhere'])).toEqual([])
})

it.each([
  ['', '{}', 'An event needs a name.'],
  ['inngest/x', '{}', 'Names that begin with inngest/ are kept for the server.'],
  ['a', '{', 'The data is not JSON yet.'],
  ['a', '[1]', 'The data must be an object.'],
  ['a', '{}', undefined],
])('%j with %s: %s', (name, text, reason) => expect(whyNotSendable(name, text)).toBe(reason))

it('a number beyond doubles is noticed, digits in a text are not', () => {
  expect(hasLongNumber('{"a": 12345678901234567}')).toBe(true)
  expect(hasLongNumber('{"a": "12345678901234567", "b": 5}')).toBe(false)
})
