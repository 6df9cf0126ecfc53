import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, type Reply, startTestServer, type TestServer } from '../test-server.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const now = { ms: 1_700_000_000_000 }

let server: TestServer
let dev: TestServer
beforeAll(async () => {
  const keys = { signingKeys: [`signkey-prod-${KEY}`], wallNow: () => now.ms }
  server = await startTestServer({ mode: 'start', eventKeys: ['k'], ...keys })
  dev = await startTestServer(keys)
})
afterAll(() => Promise.all([server.close(), dev.close()]))

async function signIn(to = server, headers: Record<string, string> = {}): Promise<string> {
  const reply = await to.ask('POST /v2/sign-in', { body: { key: KEY }, headers })
  expect(reply.status).toBe(200)
  return String(reply.headers['set-cookie']).split(';', 1)[0] ?? ''
}

const codeOf = (reply: Reply): unknown => at(reply.json, 'errors', 0, 'code')

describe('signing in', () => {
  test.each(['start', 'dev'])('with a signing key opens the API to the browser in %s', async (mode) => {
    const to = mode === 'dev' ? dev : server
    expect(codeOf(await to.ask('GET /v2/info'))).toBe('authorization_header_missing')
    const cookie = await signIn(to)
    expect(await to.ask('GET /v2/info', { headers: { cookie } })).toMatchObject({
      status: 200,
      json: { data: { mode } },
    })
    expect((await to.ask('GET /v1/events', { headers: { cookie } })).status).toBe(200)
    expect((await to.ask('POST /v2/events', { headers: { cookie }, body: { name: 'a/b' } })).status).toBe(200)
  })

  test('gives a cookie that no script and no other site gets', async () => {
    const reply = await server.ask('POST /v2/sign-in', { body: { key: KEY } })
    expect(reply.headers['set-cookie']).toMatch(/^pawl_session=\S+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/)
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.text).not.toContain(KEY)
    for (const headers of [{ 'x-forwarded-proto': 'https' }, { origin: 'https://localhost:8288' }]) {
      const secure = await server.ask('POST /v2/sign-in', { body: { key: KEY }, headers })
      expect(secure.headers['set-cookie'], JSON.stringify(headers)).toMatch(/; Secure$/)
    }
  })

  test('does not say what was wrong with a key, nor log it', async () => {
    const own = await startTestServer({ mode: 'start', eventKeys: ['k'], signingKeys: [KEY] })
    for (const key of ['x', `${KEY}0`, KEY.toUpperCase()]) {
      const refused = await own.ask('POST /v2/sign-in', { body: { key } })
      expect(refused).toMatchObject({
        status: 401,
        json: { errors: [{ code: 'invalid_signing_key', message: 'Authentication failed' }] },
      })
      expect(refused.headers).not.toHaveProperty('set-cookie')
      expect(JSON.stringify(own.log)).not.toContain(key === 'x' ? '"x"' : key)
    }
    await own.close()
  })

  test('has to wait after ten failures, with the right key too', async () => {
    const own = await startTestServer({ mode: 'start', eventKeys: ['k'], signingKeys: [KEY] })
    for (let count = 0; count < 10; count++) {
      expect((await own.ask('POST /v2/sign-in', { body: { key: 'wrong' } })).status).toBe(401)
    }
    const limited = await own.ask('POST /v2/sign-in', { body: { key: KEY } })
    expect(limited.status).toBe(429)
    expect(codeOf(limited)).toBe('rate_limited')
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
    expect(at(limited.json, 'errors', 0, 'hint')).toBeDefined()
    await own.close()
  })

  test('is for JSON from this origin', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await server.ask('POST /v2/sign-in', { body: { key: KEY }, headers })).status).toBe(403)
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await server.ask('POST /v2/sign-in', { body: `key=${KEY}`, headers: form })).status).toBe(415)
    expect((await server.ask('POST /v2/sign-in', { body: {} })).status).toBe(400)
  })

  test('is not there where nobody has to', async () => {
    const open = await startTestServer()
    expect((await open.ask('POST /v2/sign-in', { body: { key: 'x' } })).status).toBe(404)
    expect((await open.ask('GET /v2/info')).status).toBe(200)
    await open.close()
  })
})

describe('a browser that is signed in', () => {
  test.each([
    { origin: 'https://evil.example' },
    { origin: 'http://localhost:3000' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('does nothing for a page of another origin: %o', async (foreign) => {
    const cookie = await signIn()
    const headers = { cookie, ...foreign } as unknown as Record<string, string>
    const changed = await server.ask('POST /v2/events', { headers, body: { name: 'a/b' } })
    expect(changed.status).toBe(403)
    expect(codeOf(changed)).toBe('access_denied')
    for (const path of ['/v2/runs', '/v2/stream', '/v2/info', '/v1/events']) {
      const read = await server.ask(`GET ${path}`, { headers })
      expect(read.status, path).toBe(403)
      expect(read.headers, path).not.toHaveProperty('access-control-allow-origin')
    }
  })

  test.each([
    {},
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { origin: 'http://localhost:8288' },
  ])('reads and changes by its own page: %o', async (own) => {
    const headers = { cookie: await signIn(), ...own } as unknown as Record<string, string>
    expect((await server.ask('GET /v2/runs', { headers })).status).toBe(200)
    expect((await server.ask('POST /v2/events', { headers, body: { name: 'a/b' } })).status).toBe(200)
  })

  test('cannot send events in the name of an event key, and a wrong bearer is wrong all the same', async () => {
    const cookie = await signIn()
    expect((await server.ask('POST /e/other', { headers: { cookie }, body: { name: 'a/b' } })).status).toBe(401)
    const both = { cookie, authorization: 'Bearer x' }
    expect((await server.ask('GET /v2/runs', { headers: both })).status).toBe(401)
  })

  test('stays so while it is used, and is told when that has ended', async () => {
    let cookie = await signIn()
    for (let hours = 0; hours < 24; hours += 8) {
      now.ms += 8 * 3_600_000
      const reply = await server.ask('GET /v2/runs', { headers: { cookie } })
      expect(reply.status).toBe(200)
      cookie = String(reply.headers['set-cookie']).split(';', 1)[0] ?? ''
    }
    expect((await server.ask('GET /v2/runs', { headers: { cookie } })).headers).not.toHaveProperty('set-cookie')
    now.ms += 12 * 3_600_000
    const ended = await server.ask('GET /v2/runs', { headers: { cookie } })
    expect(ended.status).toBe(401)
    expect(codeOf(ended)).toBe('invalid_signing_key')
  })

  test('signs out', async () => {
    const cookie = await signIn()
    const out = await server.ask('POST /v2/sign-out', { headers: { cookie } })
    expect(out.headers['set-cookie']).toContain('pawl_session=; Path=/; Max-Age=0')
    expect((await server.ask('GET /v2/runs', { headers: { cookie } })).status).toBe(401)
    expect(
      (await server.ask('POST /v2/sign-out', { headers: { cookie, origin: 'https://evil.example' } })).status,
    ).toBe(403)
    expect((await server.ask('POST /v2/sign-out')).status).toBe(200)
  })
})

test('the server tells what it is, and no key', async () => {
  const info = await server.ask('GET /v2/info', {
    headers: { authorization: `Bearer ${KEY}`, 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/jobs' },
  })
  expect(info.json).toMatchObject({
    data: {
      mode: 'start',
      version: '1.2.3',
      database: 'memory',
      eventKeys: 1,
      signingKeys: 1,
      eventUrl: 'https://localhost:8288/jobs/e/YOUR_EVENT_KEY',
      callsOpen: 0,
      callsMax: 16,
      storeOk: true,
      retentionDays: 30,
    },
  })
  expect(info.text).not.toContain(KEY)
})
