import { describe, expect, it } from 'vitest'
import { secretMask } from './mask-secrets.ts'

describe('the mask of a request', () => {
  it.each([
    [
      'a key header',
      { url: 'http://a/', headers: { 'x-api-key': 'sk-1234567890' } },
      'got sk-1234567890',
      'got [masked]',
    ],
    [
      'a bearer token',
      { url: 'http://a/', headers: { authorization: 'Bearer tok-12345678' } },
      'tok-12345678',
      '[masked]',
    ],
    [
      'a whole header',
      { url: 'http://a/', headers: { Authorization: 'Bearer tok-12345678' } },
      'Bearer tok-12345678',
      '[masked]',
    ],
    [
      'a key in the query',
      { url: 'http://a/?key=qk-12345678&model=m-12345678', headers: {} },
      'qk-12345678 m-12345678',
      '[masked] m-12345678',
    ],
    [
      'a secret of its own name',
      { url: 'http://a/', headers: { 'x-secret': 'shhh-12345678' } },
      'shhh-12345678',
      '[masked]',
    ],
    [
      'an ordinary header',
      { url: 'http://a/', headers: { accept: 'application/json' } },
      'application/json',
      'application/json',
    ],
    ['a value too short to be a key', { url: 'http://a/', headers: { 'x-api-key': 'abc' } }, 'abc', 'abc'],
  ])('takes out %s or leaves it', (_what, request, text, masked) => {
    expect(secretMask(request)(text)).toBe(masked)
  })
})
