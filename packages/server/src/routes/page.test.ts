import { Script } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { developmentPage } from '../page/html.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const asBrowser = { accept: 'text/html,application/xhtml+xml' }

describe('the page', () => {
  test('has a strict policy, and nothing inline', async () => {
    const page = await server.ask('GET /')
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'self'; script-src 'self'"),
      'x-content-type-options': 'nosniff',
    })
    expect(page.headers['content-security-policy']).toContain("object-src 'none'; base-uri 'none'")
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|style=|javascript:/i)
    expect(page.text).toContain('1.2.3')
  })

  test('has its assets beside it', async () => {
    const page = await server.ask('GET /')
    const assets = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1])
    expect(new Set(assets)).toEqual(new Set(['/assets/icon.svg', '/assets/page.css', '/assets/page.js']))
    for (const asset of assets) expect((await server.ask(`GET ${asset}`)).status).toBe(200)
    const script = await server.ask('GET /assets/page.js')
    expect(() => new Script(script.text)).not.toThrow()
    expect(script.text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
  })

  test('answers unknown addresses to browsers, but not below the API', async () => {
    expect((await server.ask('GET /runs/some', { headers: asBrowser })).headers['content-type']).toContain('text/html')
    for (const path of ['/v1/x', '/v2/x', '/v0/x', '/api/x', '/e/x/y', '/fn/x', '/assets/x']) {
      expect((await server.ask(`GET ${path}`, { headers: asBrowser })).status, path).toBe(404)
    }
    expect((await server.ask('GET /runs/some')).status).toBe(404)
    expect((await server.ask('POST /runs/some', { headers: asBrowser })).status).toBe(404)
  })

  test('in production says how to ask with a key, and shows and asks nothing', async () => {
    const production = await startTestServer({ mode: 'start', eventKeys: ['e'], signingKeys: ['ab'.repeat(16)] })
    const page = await production.ask('GET /')
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
    expect(page.text).toContain('authorization: Bearer')
    expect(page.text).not.toMatch(/<script|<form|<input|1\.2\.3/)
    await production.close()
  })

  test('writes what it is told as text', () => {
    expect(developmentPage('<img src=x onerror=alert(1)>')).not.toContain('<img src=x')
  })
})
