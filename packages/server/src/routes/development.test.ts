import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ startOptions: { port: 8288, urls: ['http://localhost:3000'] } })
  await server.register({ one: {} })
})
afterAll(() => server.close())

describe('GET /dev', () => {
  test('is what SDKs look for', async () => {
    const answer = await server.ask('GET /dev')
    expect(answer.json).toMatchObject({
      version: '1.2.3',
      authed: false,
      startOpts: { port: 8288, urls: ['http://localhost:3000'] },
      functions: [{ slug: 'shop-one' }],
      handlers: [{ appName: 'shop' }],
      isSingleNodeService: true,
      isMissingSigningKey: true,
      isMissingEventKeys: true,
      features: {},
    })
  })
})

describe('the clock', () => {
  test('moves forward only, and reset takes the offset off', async () => {
    const before = await server.ask('GET /dev/clock')
    expect(at(before.json, 'data', 'offsetMs')).toBe(0)
    const moved = await server.ask('POST /dev/clock', { body: { advance: '2h' } })
    expect(at(moved.json, 'data', 'offsetMs')).toBe(7_200_000)
    const ahead = Date.parse(String(at(moved.json, 'data', 'now'))) - Date.parse(String(at(before.json, 'data', 'now')))
    expect(ahead).toBeGreaterThanOrEqual(7_200_000)
    for (const advance of ['-1h', 'soon', '', 7]) {
      expect(await server.ask('POST /dev/clock', { body: { advance } }), String(advance)).toMatchObject({
        status: 400,
        json: { code: 'invalid_parameter' },
      })
    }
    expect((await server.ask('POST /dev/reset')).json).toEqual({ data: { ok: true } })
    expect(at((await server.ask('GET /dev/clock')).json, 'data', 'offsetMs')).toBe(0)
  })
})

describe('reset', () => {
  test('leaves an empty server with its apps', async () => {
    await server.ask('POST /e/key', { body: { name: 'a/b' } })
    await server.ask('POST /dev/reset', { body: {} })
    expect(at((await server.ask('GET /v1/events?include_internal=true')).json, 'data')).toEqual([])
    expect(at((await server.ask('GET /v2/apps')).json, 'data')).toHaveLength(1)
  })
})

describe('a function’s own limits', () => {
  test('are set and taken off', async () => {
    const id = at((await server.ask('GET /v1/apps/shop/functions')).json, 0, 'internal_id')
    for (const path of ['/fn/step-limit', '/fn/state-size-limit']) {
      expect(await server.ask(`DELETE ${path}?functionId=${id}`), path).toMatchObject({
        status: 404,
        json: { code: 'limit_not_set' },
      })
      expect(await server.ask(`POST ${path}?functionId=${id}&limit=5`), path).toMatchObject({ status: 200, text: '' })
      expect(await server.ask(`DELETE ${path}?functionId=${id}`), path).toMatchObject({ status: 200, text: '' })
      expect(
        (await server.ask(`POST ${path}?functionId=00000000-0000-4000-a000-000000000000&limit=5`)).status,
        path,
      ).toBe(404)
      for (const limit of ['0', 'x', '1.5', '999999999999']) {
        const refused = await server.ask(`POST ${path}?functionId=${id}&limit=${limit}`)
        expect(refused, path).toMatchObject({ status: 400, json: { error: expect.stringMatching(/^Invalid limit: /) } })
      }
    }
  })
})

describe('health', () => {
  test('answers as long as the process lives, readiness by store and queue', async () => {
    expect((await server.ask('GET /health')).json).toEqual({ status: 200, message: 'OK' })
    expect((await server.ask('HEAD /health')).status).toBe(200)
    expect((await server.ask('GET /ready')).json).toEqual({ status: 'ok', checks: { store: 'ok', queue: 'ok' } })
    expect(at((await server.ask('GET /v2/health')).json, 'data')).toEqual({ status: 'ok' })
    const stopped = await startTestServer()
    await stopped.engine.stop(0)
    expect(await stopped.ask('GET /ready')).toMatchObject({
      status: 503,
      json: { status: 'unavailable', checks: { queue: 'stopped' } },
    })
    expect(await stopped.ask('POST /e/key', { body: { name: 'a' } })).toMatchObject({
      status: 503,
      json: { ids: [], status: 503 },
    })
    await stopped.close()
  })
})

describe('spans and telemetry', () => {
  test('are taken and thrown away', async () => {
    const proto = await server.ask('POST /v1/traces/userland', {
      body: Buffer.from([1]),
      headers: { 'content-type': 'application/x-protobuf' },
    })
    expect(proto).toMatchObject({ status: 200, text: '' })
    expect((await server.ask('POST /v1/traces/userland', { body: { resourceSpans: [] } })).json).toEqual({})
    expect((await server.ask('POST /dev/traces', { body: {} })).status).toBe(200)
    expect(
      (await server.ask('POST /v0/telemetry', { body: 'anything', headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(200)
  })
})

describe('the account', () => {
  test('is the one there is, with its environment', async () => {
    expect(at((await server.ask('GET /v2/account')).json, 'data', 'id')).toBe('00000000-0000-4000-a000-000000000000')
    expect(at((await server.ask('GET /v2/envs')).json, 'data')).toMatchObject([
      { id: '00000000-0000-4000-b000-000000000000', name: 'dev', type: 'TEST' },
    ])
  })
})
