import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../test-server.ts'
import { HostCheck } from './hosts.ts'

const check = new HostCheck({ allowedHosts: ['Pawl.Example', 'x.test:8288'], allowedOrigins: ['https://ops.example/'] })

describe('a host name', () => {
  test.each([
    'localhost',
    'LOCALHOST:8288',
    'localhost.',
    'app.localhost:1',
    '127.0.0.1:8288',
    '10.0.0.7',
    '[::1]:8288',
    '[fe80::1]',
    '::1',
    'pawl',
    'my-server:80',
    'host.docker.internal:8288',
    'pawl.example',
    'PAWL.example:443',
    'x.test',
  ])('is ours: %s', (host) => expect(check.isOurs(host)).toBe(true))

  test.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'pawl.example.evil',
    '127.0.0.1.evil.example',
    'a.b:80',
    'xlocalhost.com',
    ':8288',
    '[::1',
    'a b',
    'host.docker.internal.evil',
    '1.2.3',
  ])('is not ours: %s', (host) => expect(check.isOurs(host)).toBe(false))
})

describe('a change', () => {
  test.each([
    [{ host: 'localhost:8288' }, true],
    [{ host: 'localhost:8288', origin: 'http://localhost:8288' }, true],
    [{ host: 'pawl.example', origin: 'https://pawl.example:443' }, true],
    [{ host: 'pawl.example:443', origin: 'https://pawl.example' }, true],
    [{ host: 'localhost:8288', origin: 'https://ops.example' }, true],
    [{ host: 'localhost:8288', origin: 'http://localhost:3000' }, false],
    [{ host: 'localhost:8288', origin: 'https://evil.example' }, false],
    [{ host: 'localhost:8288', origin: 'null' }, false],
    [{ host: 'localhost:8288', 'sec-fetch-site': 'same-origin' }, true],
    [{ host: 'localhost:8288', 'sec-fetch-site': 'none' }, true],
    [{ host: 'localhost:8288', 'sec-fetch-site': 'cross-site' }, false],
    [{ host: 'localhost:8288', 'sec-fetch-site': 'same-site' }, false],
    [{ host: 'localhost:8288', origin: 'http://localhost:8288', 'sec-fetch-site': 'same-origin' }, true],
  ])('with %j: %s', (headers, expected) => {
    expect(check.mayChange(headers)).toBe(expected)
  })
})

describe('the guard', () => {
  const KEY = '0123456789abcdef0123456789abcdef'
  const rebound = { host: 'evil.example' }
  const key = { authorization: `Bearer ${KEY}` }
  let dev: TestServer
  let production: TestServer
  beforeAll(async () => {
    dev = await startTestServer()
    production = await startTestServer({
      mode: 'start',
      eventKeys: ['k'],
      signingKeys: [KEY],
      allowedHosts: ['pawl.example'],
    })
  })
  afterAll(() => Promise.all([dev.close(), production.close()]))

  test('refuses a rebound name everywhere in development', async () => {
    for (const what of ['GET /', 'GET /health', 'GET /v2/runs', 'POST /e/key', 'GET /nowhere', 'OPTIONS /e/key']) {
      expect((await dev.ask(what, { headers: rebound })).status, what).toBe(421)
    }
    expect(await dev.ask('GET /v1/events', { headers: rebound })).toMatchObject({
      json: { code: 'misdirected_host', status: 421 },
    })
  })

  test('refuses it in production, but for who bears a key and for health', async () => {
    expect((await production.ask('GET /', { headers: rebound })).status).toBe(421)
    expect((await production.ask('GET /assets/page.css', { headers: rebound })).status).toBe(421)
    expect((await production.ask('GET /', { headers: { host: 'pawl.example' } })).status).toBe(503)
    expect((await production.ask('GET /v2/runs', { headers: { ...rebound, ...key } })).status).toBe(200)
    expect((await production.ask('POST /e/k', { headers: rebound, body: { name: 'a' } })).status).toBe(200)
    expect((await production.ask('GET /health', { headers: rebound })).status).toBe(200)
    expect((await production.ask('GET /ready', { headers: rebound })).status).toBe(200)
  })

  test('refuses changes from pages of other origins, reads it answers', async () => {
    const page = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    for (const what of [
      'POST /dev/reset',
      'POST /v2/events',
      'DELETE /fn/remove?url=x',
      'POST /invoke/x',
      'PUT /fn/register',
    ]) {
      expect((await dev.ask(what, { headers: page })).status, what).toBe(403)
    }
    const read = await dev.ask('GET /v2/runs', { headers: page })
    expect(read.status).toBe(200)
    expect(read.headers).not.toHaveProperty('access-control-allow-origin')
    expect((await dev.ask('OPTIONS /v2/runs', { headers: page })).status).toBe(405)
  })
})
