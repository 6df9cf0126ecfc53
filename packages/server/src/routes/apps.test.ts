import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
const synced: string[] = []
beforeAll(async () => {
  server = await startTestServer({
    syncApp: async (url) => {
      synced.push(url)
      return url.includes('bad')
        ? { ok: false, code: 'unreachable', message: 'nobody is there' }
        : { ok: true, syncId: 'S1', appName: 'shop', modified: false }
    },
  })
  server.answer(() => ({ status: 200, body: null }))
})
afterAll(() => server.close())

const full = {
  triggers: [
    { event: 'shop/full', expression: 'event.data.n > 1' },
    { cron: 'TZ=Europe/Paris 0 9 * * 1-5', jitter: '30s' },
  ],
  concurrency: [{ limit: 5, key: 'event.data.user' }],
  throttle: { limit: 2, period: '1m', burst: 3 },
  rateLimit: { limit: 3, period: '1h' },
  debounce: { period: '5s', timeout: '1m' },
  priority: { run: 'event.data.p' },
  timeouts: { start: '10s' },
  cancel: [{ event: 'shop/stop', if: 'event.data.n == async.data.n', timeout: '1h' }],
}

describe('registration', () => {
  test('answers what SDKs read, and `modified: false` for the same again', async () => {
    const first = await server.register({ one: {}, full, 'one-failure': { name: 'one (failure)' } })
    expect(first).toMatchObject({
      status: 200,
      json: { ok: true, modified: true, sync_id: expect.any(String), app_id: expect.any(String) },
    })
    const again = await server.ask('PUT /fn/register?deployId=x', { body: await lastBody() })
    expect(again.json).toMatchObject({ ok: true, modified: false, app_id: at(first.json, 'app_id') })
  })

  test('refuses the whole sync for one bad function, and names each fault', async () => {
    const refused = await server.register({ one: {}, bad: { triggers: [{ event: 'x', cron: '* * * * *' }] } })
    expect(refused).toMatchObject({ status: 400, json: { code: 'invalid_config', status: 400 } })
    expect(at(refused.json, 'data', 'faults', 0)).toMatchObject({
      function: 'shop-bad',
      code: expect.any(String),
      message: expect.any(String),
    })
    expect(at((await server.ask('GET /v2/apps/shop/functions')).json, 'data')).toHaveLength(3)
  })

  test('refuses what is no registration', async () => {
    expect(
      await server.ask('POST /fn/register', { body: '[]', headers: { 'content-type': 'application/json' } }),
    ).toMatchObject({
      status: 400,
      json: { error: expect.stringMatching(/^Invalid request: /) },
    })
    expect(
      await server.ask('POST /fn/register', { body: { url: 'http://x', functions: [], appName: '' } }),
    ).toMatchObject({
      status: 400,
      json: { error: expect.stringMatching(/App ID required/) },
    })
  })

  async function lastBody(): Promise<unknown> {
    const steps = (id: string) => ({
      step: {
        id: 'step',
        name: 'step',
        runtime: { type: 'http', url: `http://127.0.0.1:3000/api/inngest?fnId=${id}&stepId=step` },
        retries: { attempts: 2 },
      },
    })
    const functions = { one: {}, full, 'one-failure': { name: 'one (failure)' } }
    return {
      url: 'http://127.0.0.1:3000/api/inngest',
      deployType: 'ping',
      framework: 'nodejs',
      appName: 'shop',
      sdk: 'js:v4.24.0',
      v: '0.1',
      functions: Object.entries(functions).map(([id, config]) => ({
        id: `shop-${id}`,
        name: id,
        triggers: [{ event: `shop/${id}` }],
        steps: steps(`shop-${id}`),
        ...config,
      })),
    }
  }
})

describe('apps', () => {
  test('are listed, and found by name and by UUID', async () => {
    const listed = await server.ask('GET /v2/apps?includeTotal=true')
    expect(at(listed.json, 'data')).toEqual([
      {
        id: 'shop',
        name: 'shop',
        method: 'SERVE',
        createdAt: expect.any(String),
        functionCount: 3,
        latestSync: {
          status: 'success',
          syncedAt: expect.any(String),
          sdkLanguage: 'js',
          sdkVersion: '4.24.0',
          framework: 'nodejs',
          url: 'http://localhost:3000/api/inngest',
        },
      },
    ])
    expect(at(listed.json, 'page')).toEqual({ limit: 20, totalCount: 1 })
    const uuid = at((await server.ask('GET /v1/apps/shop/functions')).json, 0, 'app_id')
    expect(at((await server.ask(`GET /v2/apps/${uuid}`)).json, 'data', 'id')).toBe('shop')
    expect(await server.ask('GET /v2/apps/none')).toMatchObject({
      status: 404,
      json: { errors: [{ code: 'not_found', message: 'App not found' }] },
    })
  })

  test('show why they cannot be used', async () => {
    await server.engine.noteAppError({ name: 'shop' }, { code: 'unreachable', message: 'connection refused' })
    expect(at((await server.ask('GET /v2/apps/shop')).json, 'data', 'latestSync')).toMatchObject({
      status: 'error',
      error: 'connection refused',
    })
    await server.engine.noteAppError({ name: 'shop' }, null)
  })

  test('are synced on request', async () => {
    const done = await server.ask('POST /v2/apps/shop/syncs', { body: { url: 'http://localhost:3000/x' } })
    expect(at(done.json, 'data')).toEqual({ id: 'S1', status: 'duplicate', appId: 'shop' })
    expect(synced).toEqual(['http://localhost:3000/x'])
    const failed = await server.ask('POST /v2/apps/shop/syncs', { body: { url: 'http://bad' } })
    expect(failed).toMatchObject({ status: 422, json: { errors: [{ code: 'app_sync_failed', hint: 'unreachable' }] } })
    for (const url of ['ftp://x', 'x', 'javascript:alert(1)', 7]) {
      expect((await server.ask('POST /v2/apps/shop/syncs', { body: { url } })).status, String(url)).toBe(400)
    }
    await server.ask('POST /v2/apps/shop/syncs', { body: {} })
    expect(synced.at(-1)).toBe('http://localhost:3000/api/inngest')
  })
})

describe('functions', () => {
  test('show their configuration on v2', async () => {
    const fn = at((await server.ask('GET /v2/apps/shop/functions/full')).json, 'data')
    expect(fn).toMatchObject({
      id: 'full',
      slug: 'shop-full',
      isPaused: false,
      isArchived: false,
      app: { id: 'shop' },
      triggers: [
        { type: 'EVENT', value: 'shop/full', if: 'event.data.n > 1' },
        { type: 'CRON', value: 'TZ=Europe/Paris 0 9 * * 1-5' },
      ],
      configuration: {
        cancellations: [{ event: 'shop/stop', timeout: '1h', condition: 'event.data.n == async.data.n' }],
        retries: { value: 2, isDefault: false },
        priority: 'event.data.p',
        concurrency: [{ scope: 'FUNCTION', limit: { value: 5, isPlanLimit: false }, key: 'event.data.user' }],
        rateLimit: { limit: 3, period: '1h' },
        debounce: { period: '5s' },
        throttle: { burst: 3, limit: 2, period: '1m' },
      },
    })
    const one = at((await server.ask('GET /v2/apps/shop/functions/one')).json, 'data')
    expect(at(one, 'failureHandler')).toEqual({ slug: 'shop-one-failure', name: 'one (failure)' })
    for (const id of ['shop-one', at(one, 'internalId')]) {
      expect(at((await server.ask(`GET /v2/apps/shop/functions/${id}`)).json, 'data', 'slug')).toBe('shop-one')
    }
    expect(await server.ask('GET /v2/apps/shop/functions/none')).toMatchObject({
      status: 404,
      json: { errors: [{ message: 'Function not found' }] },
    })
  })

  test('show their registered definition on v1 as a bare array', async () => {
    const list = (await server.ask('GET /v1/apps/shop/functions')).json as { id: string; config: unknown }[]
    expect(list.map((fn) => fn.id)).toEqual(['shop-one', 'shop-full', 'shop-one-failure'])
    expect(list[1]?.config).toMatchObject({
      slug: 'shop-full',
      fv: 1,
      triggers: [
        { event: 'shop/full', expression: 'event.data.n > 1' },
        { cron: 'TZ=Europe/Paris 0 9 * * 1-5', jitter: '30s' },
      ],
      steps: [{ id: 'step', retries: 2 }],
      timeouts: { start: '10s' },
    })
    expect((await server.ask('GET /v1/apps/none/functions')).status).toBe(404)
  })

  test('are paged', async () => {
    const first = await server.ask('GET /v2/apps/shop/functions?limit=2&include_total=true')
    expect(at(first.json, 'page')).toMatchObject({ hasMore: true, limit: 2, totalCount: 3 })
    const rest = await server.ask(`GET /v2/apps/shop/functions?limit=2&cursor=${at(first.json, 'page', 'cursor')}`)
    expect(at(rest.json, 'data')).toHaveLength(1)
    expect(at(rest.json, 'page')).toEqual({ limit: 2 })
  })

  test('are invoked on v2, once for each idempotency key', async () => {
    const path = 'POST /v2/apps/shop/functions/one/invoke'
    const first = await server.ask(path, { body: { data: { n: 1 }, idempotencyKey: 'k' } })
    const runId = at(first.json, 'data', 'runId')
    expect((await server.ask(`GET /v1/runs/${runId}`)).status).toBe(200)
    expect(await server.ask(path, { body: { data: { n: 1 }, idempotencyKey: 'k' } })).toMatchObject({
      status: 409,
      json: { data: { runId } },
    })
    expect((await server.ask(path)).status).toBe(200)
    for (const data of [7, 'x', [1], null]) {
      expect(await server.ask(path, { body: { data } }), String(data)).toMatchObject({
        status: 400,
        json: { errors: [{ code: 'invalid_field_format', path: 'data' }] },
      })
    }
    expect((await server.ask('POST /v2/apps/shop/functions/none/invoke')).status).toBe(404)
  })

  test('are invoked by their slug', async () => {
    const invoked = await server.ask('POST /invoke/shop-one', { body: { data: { n: 1 } } })
    expect(invoked.json).toEqual({ id: expect.any(String), status: 200 })
    const event = await server.ask(`GET /v1/events/${at(invoked.json, 'id')}`)
    expect(at(event.json, 'data')).toMatchObject({ name: 'inngest/function.invoked', data: { n: 1 } })
    expect((await server.ask('POST /invoke/shop%2Done')).status).toBe(200)
    expect(await server.ask('POST /invoke/none', { body: {} })).toMatchObject({
      status: 404,
      json: { code: 'function_not_found' },
    })
    expect(await server.ask('POST /invoke/shop-one', { body: { data: 'x' } })).toMatchObject({
      status: 400,
      json: { code: 'invalid_event' },
    })
  })
})

describe('removal', () => {
  test('archives an app by URL in development, by name on v2', async () => {
    expect(await server.ask('DELETE /fn/remove?url=http://localhost:1')).toMatchObject({
      status: 404,
      json: { error: 'App not found: http://localhost:1' },
    })
    expect((await server.ask('DELETE /fn/remove')).status).toBe(400)
    expect(await server.ask('DELETE /fn/remove?url=http://127.0.0.1:3000/api/inngest')).toMatchObject({
      status: 200,
      text: '',
    })
    expect((await server.ask('GET /v2/apps')).json).not.toHaveProperty('data')
    expect(at((await server.ask('GET /v2/apps?archived=true')).json, 'data', 0)).toMatchObject({
      isArchived: true,
      archivedAt: expect.any(String),
    })
    expect((await server.ask('DELETE /v2/apps/none')).status).toBe(404)
    await server.register({ one: {} })
    expect(await server.ask('DELETE /v2/apps/shop')).toMatchObject({ status: 204, text: '' })
    expect((await server.ask('DELETE /v2/apps/shop')).status).toBe(404)
  })
})
