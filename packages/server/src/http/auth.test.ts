import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'
import type { Scope } from './route.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const HASH = '223e0a160af9da0a03e6dd2c4719c56f5d66a633cbe84e78aaa9f3735865522a'
const OLD_KEY = 'ffffffffffffffffffffffffffffffff'
const RUN = '01J00000000000000000000000'
const SCOPES: readonly Scope[] = [
  'public',
  'event-key',
  'signing-key',
  'signing-key-or-link',
  'start-signing-key',
  'dev',
]

let dev: TestServer
let production: TestServer
beforeAll(async () => {
  dev = await startTestServer()
  production = await startTestServer({
    mode: 'start',
    eventKeys: ['key-1', 'key-2'],
    signingKeys: [`signkey-prod-${KEY}`, OLD_KEY],
  })
})
afterAll(() => Promise.all([dev.close(), production.close()]))

/** An address of the route with something in place of its parameters. */
function addressOf(path: string): string {
  return path.replace(':runId', RUN).replace(':eventId', RUN).replace(/:\w+/g, 'x').replace('*', 'x')
}

describe('every route', () => {
  test('declares who may call it', () => {
    const undeclared = production.routes
      .filter((route) => !SCOPES.includes(route.rules.scope))
      .map((route) => route.path)
    expect(undeclared).toEqual([])
  })

  test('that fastify serves is one of the list', () => {
    const served = production.fastify.printRoutes({ commonPrefix: false, includeMeta: false })
    const methods = served.match(/\((?:[A-Z]+(?:, )?)+\)/g)?.flatMap((group) => group.slice(1, -1).split(', ')) ?? []
    const listed = production.routes.flatMap((route) => {
      const given = [route.method].flat()
      const per = given.length + (given.includes('GET') ? 1 : 0)
      const preflight = route.rules.cors ? [route.path].flat().length : 0
      return Array.from({ length: per * [route.path].flat().length + preflight })
    })
    expect(methods.length).toBe(listed.length)
  })

  test('but the few that are open by design answers nobody in production without a key', async () => {
    // No dashboard has been built for this server.
    const open = new Map([
      ...['/', '/assets/x'].map((path): [string, number] => [path, path === '/' ? 503 : 404]),
      ...['/health', '/ready', '/v2/sign-out', '/api/v2/sign-out'].map((path): [string, number] => [path, 200]),
      ...['/v2/sign-in', '/api/v2/sign-in'].map((path): [string, number] => [path, 400]),
    ])
    let asked = 0
    for (const route of production.routes) {
      for (const method of [route.method].flat().flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each]))) {
        for (const path of [route.path].flat()) {
          const body = method === 'GET' || method === 'HEAD' ? {} : { body: {} }
          const { status } = await production.ask(`${method} ${addressOf(path)}`, body)
          const expected = open.get(addressOf(path)) ?? (route.rules.scope === 'dev' ? 404 : 401)
          expect(status, `${method} ${path}`).toBe(expected)
          asked++
        }
      }
    }
    expect(asked).toBeGreaterThan(120)
  })

  test('that needs a signing key refuses without one, in the shape of its surface', async () => {
    const guarded = production.routes.filter(
      (route) => route.rules.scope === 'signing-key' || route.rules.scope === 'start-signing-key',
    )
    expect(guarded.length).toBeGreaterThan(50)
    for (const route of guarded) {
      for (const path of [route.path].flat()) {
        const refused = await production.ask(`${[route.method].flat()[0]} ${addressOf(path)}`)
        expect(refused.status, path).toBe(401)
        const shape =
          route.rules.surface === 'v2'
            ? { errors: [{ code: 'authorization_header_missing', message: 'Authentication failed' }] }
            : { error: 'Authentication failed', status: 401, data: null, code: 'authorization_missing' }
        expect(refused.json, path).toEqual(shape)
      }
    }
  })

  test('of development is not there in production', async () => {
    const guarded = production.routes.filter((route) => route.rules.scope === 'dev')
    expect(guarded.length).toBeGreaterThan(6)
    for (const route of guarded) {
      const path = [route.path].flat()[0] ?? ''
      const refused = await production.ask(`${[route.method].flat()[0]} ${addressOf(path)}`, {
        headers: { authorization: `Bearer ${KEY}` },
      })
      expect(refused.status, path).toBe(404)
    }
  })

  test('without declared rules answers nobody', async () => {
    const { createAuth } = await import('./auth.ts')
    const { Sessions } = await import('./sessions.ts')
    const parts = { sessions: new Sessions([], () => 0), hosts: { mayChange: () => true } }
    const auth = createAuth({ mode: 'dev', eventKeys: [], signingKeys: [] }, parts)
    expect(() => auth.check(undefined, { headers: {}, params: {} } as never)).toThrow('Authentication failed')
  })
})

describe('a signing key', () => {
  const ask = (authorization?: string) =>
    production.ask('GET /v2/runs', { headers: authorization === undefined ? {} : { authorization } })

  test.each([KEY, `signkey-prod-${KEY}`, HASH, `signkey-prod-${HASH}`, `signkey-test-${HASH}`, OLD_KEY])(
    'is taken as %s',
    async (key) => {
      expect((await ask(`Bearer ${key}`)).status).toBe(200)
    },
  )

  test.each([
    'Bearer',
    'Bearer ',
    'Bearer undefined',
    'Bearer x',
    `Basic ${KEY}`,
    `Bearer ${KEY}0`,
    `Bearer ${KEY.slice(0, -2)}`,
  ])('is refused as %s', async (authorization) => {
    expect(await ask(authorization)).toMatchObject({ status: 401, json: { errors: [{ code: 'invalid_signing_key' }] } })
  })

  test('is not asked for in development, whatever is sent', async () => {
    for (const authorization of ['Bearer undefined', 'Bearer', 'Bearer x']) {
      expect((await dev.ask('GET /v2/runs', { headers: { authorization } })).status).toBe(200)
    }
    expect((await dev.ask('GET /v2/runs')).status).toBe(200)
  })

  test('opens the invoke route in production only when the operator did not', async () => {
    expect((await production.ask('POST /invoke/x', { body: {} })).status).toBe(401)
    expect((await dev.ask('POST /invoke/x', { body: {} })).status).toBe(404)
    const open = await startTestServer({ mode: 'start', eventKeys: ['k'], signingKeys: [KEY], openInvoke: true })
    expect((await open.ask('POST /invoke/x', { body: {} })).status).toBe(404)
    await open.close()
  })

  test('must be there for production', async () => {
    const { createServer } = await import('../server.ts')
    expect(() => createServer({ mode: 'start', signingKeys: [] } as never)).toThrow(
      'A production server needs a signing key',
    )
  })
})

describe('an app in production', () => {
  const registration = {
    url: 'http://127.0.0.1:3000/api/inngest',
    appName: 'x',
    functions: [],
    sdk: 'js:v4.24.0',
    v: '0.1',
  }
  const register = (headers: Record<string, string>) =>
    production.ask('PUT /fn/register', { body: registration, headers })

  test.each([HASH, OLD_KEY])('registers with either of the keys that are valid: %s', async (key) => {
    const registered = await register({
      authorization: `Bearer ${key}`,
      'x-inngest-expected-server-kind': 'cloud',
    })
    expect(registered).toMatchObject({ status: 200, json: { ok: true } })
  })

  test('does not register without a key, nor with another one', async () => {
    expect((await register({})).status).toBe(401)
    expect((await register({ authorization: `Bearer ${'0'.repeat(64)}` })).status).toBe(401)
  })
})

describe('an event key', () => {
  const send = (server: TestServer, key: string) => server.ask(`POST /e/${key}`, { body: { name: 'a/b' } })

  test('must be one of the configured ones in production', async () => {
    expect((await send(production, 'key-1')).status).toBe(200)
    expect((await send(production, 'key-2')).status).toBe(200)
    for (const key of ['key-3', 'key', KEY, 'key-1%00']) {
      expect(await send(production, key)).toMatchObject({
        status: 401,
        json: { ids: [], status: 401, error: 'Event key not found' },
      })
    }
  })

  test('may be anything in development', async () => {
    expect((await send(dev, 'x'.repeat(500))).status).toBe(200)
  })

  test('reads nothing', async () => {
    expect((await production.ask('GET /v1/events', { headers: { authorization: 'Bearer key-1' } })).status).toBe(401)
  })

  test('is missed in production when none is configured', async () => {
    const none = await startTestServer({ mode: 'start', signingKeys: [KEY] })
    expect(await send(none, 'key-1')).toMatchObject({
      status: 503,
      json: { error: 'Event keys are required to process events securely' },
    })
    await none.close()
  })
})

describe('the kind of server', () => {
  test('stands on every answer', async () => {
    for (const what of ['GET /health', 'GET /nowhere', 'PATCH /v2/runs', 'GET /v2/runs', 'POST /e/x', 'GET /']) {
      expect((await dev.ask(what)).headers['x-inngest-server-kind'], what).toBe('dev')
      expect((await production.ask(what)).headers['x-inngest-server-kind'], what).toBe('cloud')
    }
  })

  test('must be the one that a registering app expects', async () => {
    const headers = { 'x-inngest-expected-server-kind': 'cloud' }
    const refused = await dev.ask('POST /fn/register', { body: { appName: 'x', functions: [] }, headers })
    expect(refused).toMatchObject({ status: 400, json: { code: 'server_kind_mismatch' } })
    expect(at(refused.json, 'error')).toContain('"dev"')
  })
})

describe('keys in production', () => {
  test('are listed masked', async () => {
    const headers = { authorization: `Bearer ${KEY}` }
    const listed = await production.ask('GET /v2/keys/events', { headers })
    expect(at(listed.json, 'data')).toHaveLength(2)
    expect(listed.text).not.toContain('key-1')
    expect(
      (await production.ask('GET /v2/keys/events', { headers: { ...headers, 'x-inngest-env': 'other' } })).json,
    ).not.toHaveProperty('data')
    expect((await dev.ask('GET /v2/keys/signing')).json).not.toHaveProperty('data')
  })
})
