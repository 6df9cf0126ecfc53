import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import { callerOf, isSecure, prefixOf, publicUrl } from './caller.ts'

function request(headers: Record<string, string>, given: Partial<FastifyRequest> = {}): FastifyRequest {
  const raw = { socket: { remoteAddress: '203.0.113.7' } }
  return { headers, raw, session: null, hasKey: false, ...given } as unknown as FastifyRequest
}

describe('a caller', () => {
  test('has a name that tells who it was and opens nothing', () => {
    const session = { id: 'x'.repeat(43), expiresAt: 1, key: 0 }
    expect(callerOf(request({}))).toMatchObject({ name: 'anyone', address: '203.0.113.7' })
    expect(callerOf(request({}, { hasKey: true })).name).toBe('signing key')
    expect(callerOf(request({}, { session })).name).toMatch(/^session [0-9a-f]{8}$/)
    expect(callerOf(request({}, { session })).name).not.toContain('xxx')
  })

  test('came over TLS when its page or its proxy says so', () => {
    expect(isSecure(request({ origin: 'https://a.example' }))).toBe(true)
    expect(isSecure(request({ 'x-forwarded-proto': 'https, http' }))).toBe(true)
    expect(isSecure(request({ 'x-forwarded-proto': 'http', origin: 'http://a.example' }))).toBe(false)
  })

  test('sees the server at the address that the proxy has', () => {
    const headers = { host: 'a.example', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/tools/pawl/' }
    expect(publicUrl(request(headers))).toBe('https://a.example/tools/pawl')
    expect(prefixOf(request({ 'x-forwarded-prefix': '/.well/x' }))).toBe('')
  })
})
