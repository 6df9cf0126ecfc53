import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../test-server.ts'

const PAGE = `<!doctype html>
<html><head>
<script src="./theme.js"></script>
<script type="module" crossorigin src="./assets/index-4fA1b2C3.js"></script>
<link rel="stylesheet" crossorigin href="./assets/index-9aBcDeF0.css">
</head><body></body></html>`
const SCRIPT = `export const words = '${'pawl '.repeat(500)}'`

let folder: string
let server: TestServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-page-'))
  mkdirSync(join(folder, 'dist/assets'), { recursive: true })
  const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, 'dist', name), content)
  write('index.html', PAGE)
  write('theme.js', 'theme()')
  write('notes.unknown', 'x')
  write('assets/index-4fA1b2C3.js', SCRIPT)
  write('assets/index-4fA1b2C3.js.br', brotliCompressSync(SCRIPT))
  write('assets/index-4fA1b2C3.js.gz', gzipSync(SCRIPT))
  write('assets/index-9aBcDeF0.css', 'body{}')
  writeFileSync(join(folder, 'secret.js'), 'outside')
  server = await startTestServer({ dashboardFolder: join(folder, 'dist') })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const asBrowser = { accept: 'text/html,application/xhtml+xml' }

describe('the page', () => {
  test('has a strict policy, and stands in nobody’s frame', async () => {
    const page = await server.ask('GET /')
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    })
    const policy = String(page.headers['content-security-policy'])
    for (const rule of [
      "default-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "connect-src 'self'",
    ])
      expect(policy.split('; ')).toContain(rule)
    expect(policy).not.toContain('unsafe')
  })

  test('finds its files from any address', async () => {
    const page = await server.ask('GET /runs/some/deep', { headers: asBrowser })
    expect(page.status).toBe(200)
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1])
    expect(files).toEqual(['/theme.js', '/assets/index-4fA1b2C3.js', '/assets/index-9aBcDeF0.css'])
    for (const file of files) expect((await server.ask(`GET ${file}`)).status, file).toBe(200)
    expect(page.text).toContain('<meta name="pawl-prefix" content="">')
  })

  test('stands below the prefix that a proxy has taken off', async () => {
    const page = await server.ask('GET /', { headers: { 'x-forwarded-prefix': '/tools/pawl/' } })
    expect(page.text).toContain('src="/tools/pawl/assets/index-4fA1b2C3.js"')
    expect(page.text).toContain('<meta name="pawl-prefix" content="/tools/pawl">')
    expect(page.headers.vary).toContain('X-Forwarded-Prefix')
  })

  test.each([
    '//evil.example',
    '/a"><script>',
    '/../x',
    '/a//b',
    'https://evil.example',
    '/a b',
    `/${'x'.repeat(300)}`,
    '/a/../..',
    '/./a',
  ])('takes no prefix like %s', async (prefix) => {
    const page = await server.ask('GET /', { headers: { 'x-forwarded-prefix': prefix } })
    expect(page.text).toContain('<meta name="pawl-prefix" content="">')
    expect(page.text).toContain('src="/assets/index-4fA1b2C3.js"')
  })

  test('is not sent again to who has it', async () => {
    const { etag } = (await server.ask('GET /')).headers
    const again = await server.ask('GET /', { headers: { 'if-none-match': String(etag) } })
    expect(again).toMatchObject({ status: 304, text: '' })
    expect(again.headers['content-security-policy']).toBeDefined()
    const moved = { 'if-none-match': String(etag), 'x-forwarded-prefix': '/p' }
    expect((await server.ask('GET /', { headers: moved })).status).toBe(200)
  })

  test('answers unknown addresses to browsers, but not below the API', async () => {
    for (const path of ['/v1/x', '/v2/x', '/v0/x', '/api/x', '/e/x/y', '/fn/x', '/assets/x']) {
      expect((await server.ask(`GET ${path}`, { headers: asBrowser })).status, path).toBe(404)
    }
    expect((await server.ask('GET /runs/some')).status).toBe(404)
    expect((await server.ask('POST /runs/some', { headers: asBrowser })).status).toBe(404)
  })

  test('says in a sentence that it has not been built', async () => {
    const bare = await startTestServer()
    const page = await bare.ask('GET /', { headers: asBrowser })
    expect(page).toMatchObject({ status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' } })
    expect(page.text).toContain('has not been built')
    expect((await bare.ask('GET /health')).status).toBe(200)
    await bare.close()
  })

  test('is the new one after it was built anew', async () => {
    const own = join(folder, 'other')
    mkdirSync(join(own, 'assets'), { recursive: true })
    writeFileSync(join(own, 'index.html'), 'first')
    const other = await startTestServer({ dashboardFolder: own })
    expect((await other.ask('GET /')).text).toBe('first')
    writeFileSync(join(own, 'index.html'), 'second')
    writeFileSync(join(own, 'assets/new-12345678.js'), 'new')
    utimesSync(join(own, 'index.html'), 1, 1)
    expect((await other.ask('GET /')).text).toBe('second')
    expect((await other.ask('GET /assets/new-12345678.js')).text).toBe('new')
    await other.close()
  })
})

describe('a file of the page', () => {
  const script = 'GET /assets/index-4fA1b2C3.js'

  test('comes compressed to who reads that, and is kept for a year', async () => {
    const plain = await server.ask(script)
    expect(plain.text).toBe(SCRIPT)
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    })
    expect(plain.headers).not.toHaveProperty('content-encoding')
    const tags = new Set([plain.headers.etag])
    for (const [accepts, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
    ] as const) {
      const { headers } = await server.ask(script, { headers: { 'accept-encoding': accepts } })
      expect(headers['content-encoding']).toBe(encoding)
      tags.add(headers.etag)
    }
    expect(tags.size).toBe(3)
    const raw = await server.fastify.inject({
      url: '/assets/index-4fA1b2C3.js',
      headers: { host: 'localhost', 'accept-encoding': 'br' },
    })
    expect(brotliDecompressSync(raw.rawPayload).toString()).toBe(SCRIPT)
  })

  test('is not sent again to who has it', async () => {
    const { etag } = (await server.ask(script)).headers
    expect((await server.ask(script, { headers: { 'if-none-match': `W/"x", ${String(etag)}` } })).status).toBe(304)
  })

  test('without a hash in its name is asked for each time', async () => {
    expect((await server.ask('GET /theme.js')).headers['cache-control']).toBe('no-cache')
  })

  test.each([
    '/assets/../../secret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/..\\..\\secret.js',
    '/../secret.js',
    '/%2e%2e/secret.js',
    '/assets//index-4fA1b2C3.js',
    '/assets/index-4fA1b2C3.js%00',
    '/assets/index-4fA1b2C3.js.br',
    '/assets/',
    '/assets',
    '/notes.unknown',
    '/index.html',
  ])('is nothing like %s', async (path) => {
    expect((await server.ask(`GET ${path}`)).status).toBe(404)
  })

  test('is open in production too, and tells nothing of the server', async () => {
    const production = await startTestServer({
      mode: 'start',
      eventKeys: ['e'],
      signingKeys: ['ab'.repeat(16)],
      dashboardFolder: join(folder, 'dist'),
    })
    expect((await production.ask('GET /')).text).toBe((await server.ask('GET /')).text)
    expect((await production.ask(script)).status).toBe(200)
    await production.close()
  })
})
