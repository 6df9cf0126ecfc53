import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EngineError, functionUuid, type PauseHow, type PauseTarget } from '../engine.ts'
import { at, startTestServer, type TestServer } from '../test-server.ts'

const SINCE = Date.UTC(2026, 0, 31, 12)
const calls: unknown[] = []
/** What the store holds, by function slug or app name. */
const pauses = new Map<string, string>()

/** As the engine keeps it. */
async function pause(target: PauseTarget, how: PauseHow): Promise<void> {
  calls.push({ target, how })
  pauses.set(keyOf(target), JSON.stringify({ ...how, since: SINCE }))
}

async function unpause(target: PauseTarget): Promise<void> {
  calls.push({ target })
  pauses.delete(keyOf(target))
}

function keyOf(target: PauseTarget): string {
  if ('appName' in target) return target.appName
  if (target.functionId === functionUuid('shop', 'shop-one')) return 'shop-one'
  throw new EngineError('function_not_found', 'No such function')
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    fakes: {
      engine: { pause, unpause },
      lists: {
        apps: async () =>
          (await server.store.lists.apps()).map((app) => ({ ...app, pause: pauses.get(app.name) ?? null })),
        functions: async (app) =>
          (await server.store.lists.functions(app)).map((fn) => ({ ...fn, pause: pauses.get(fn.slug) ?? null })),
      },
    },
  })
  await server.register({ one: {}, two: {} })
})
afterAll(() => server.close())
beforeEach(() => {
  calls.length = 0
  pauses.clear()
})

const path = '/v2/apps/shop/functions/one'
const get = async (what = path) => at((await server.ask(`GET ${what}`)).json, 'data')

describe('pausing a function', () => {
  test('skips new runs and holds live ones unless it is told otherwise, and shows the pause', async () => {
    const paused = await server.ask(`POST ${path}/pause`)
    const pause = { since: '2026-01-31T12:00:00.000Z', by: 'api', new: 'skip', running: 'hold', target: 'function' }
    expect(paused).toMatchObject({ status: 200, json: { data: { id: 'one', isPaused: true, pause } } })
    expect(calls).toEqual([
      {
        target: { functionId: functionUuid('shop', 'shop-one') },
        how: { new: 'skip', running: 'hold', by: 'api', until: null },
      },
    ])
    expect(await get()).toMatchObject({ isPaused: true, pause })
    expect(await get('/v2/apps/shop/functions')).toMatchObject([
      { id: 'one', isPaused: true },
      { id: 'two', isPaused: false },
    ])
    const two = await get('/api/v2/apps/shop/functions/two')
    expect(two).toMatchObject({ isPaused: false })
    expect(two).not.toHaveProperty('pause')
  })

  test.each([
    [{ new: 'hold' }, { new: 'hold', running: 'hold' }],
    [{ running: 'finish' }, { new: 'skip', running: 'finish' }],
    [{ running: 'cancel' }, { new: 'skip', running: 'cancel' }],
    [{ cancelRunning: true }, { new: 'skip', running: 'cancel' }],
    [
      { cancelRunning: true, running: 'cancel', new: 'hold' },
      { new: 'hold', running: 'cancel' },
    ],
    [
      { cancelRunning: false, running: 'finish' },
      { new: 'skip', running: 'finish' },
    ],
  ])('takes %j', async (body, how) => {
    expect((await server.ask(`POST ${path}/pause`, { body })).status).toBe(200)
    expect(calls).toMatchObject([{ how }])
  })

  test.each([
    [{ new: 'drop' }, 'new'],
    [{ running: 'stop' }, 'running'],
    [{ cancelRunning: 'yes' }, 'cancelRunning'],
    [{ cancelRunning: true, running: 'finish' }, 'running'],
  ])('refuses %j', async (body, field) => {
    expect(await server.ask(`POST ${path}/pause`, { body })).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'invalid_field_format', path: field }] },
    })
    expect(calls).toEqual([])
  })

  test('ends with unpause', async () => {
    await server.ask(`POST ${path}/pause`)
    const unpaused = await server.ask(`POST ${path}/unpause`, { body: {} })
    expect(unpaused).toMatchObject({ status: 200, json: { data: { id: 'one', isPaused: false } } })
    expect(at(unpaused.json, 'data')).not.toHaveProperty('pause')
  })

  test('needs an app and a function that are known', async () => {
    for (const address of ['/v2/apps/none/functions/one', '/v2/apps/shop/functions/none']) {
      for (const verb of ['pause', 'unpause']) {
        expect(await server.ask(`POST ${address}/${verb}`)).toMatchObject({
          status: 404,
          json: { errors: [{ code: 'not_found' }] },
        })
      }
    }
  })
})

describe('pausing an app', () => {
  test('pauses all its functions, which say that it was the app', async () => {
    const paused = await server.ask('POST /v2/apps/shop/pause', { body: { new: 'hold' } })
    expect(paused).toMatchObject({
      status: 200,
      json: { data: { id: 'shop', isPaused: true, pause: { new: 'hold', running: 'hold', target: 'app' } } },
    })
    expect(calls).toEqual([
      { target: { appName: 'shop' }, how: { new: 'hold', running: 'hold', by: 'api', until: null } },
    ])
    for (const id of ['one', 'two']) {
      expect(await get(`/v2/apps/shop/functions/${id}`)).toMatchObject({ isPaused: true, pause: { target: 'app' } })
    }
    expect(await get('/v2/apps')).toMatchObject([{ id: 'shop', isPaused: true }])
  })

  test('leaves a function that was paused by itself so after its unpause', async () => {
    await server.ask(`POST ${path}/pause`)
    await server.ask('POST /v2/apps/shop/pause')
    expect(await get()).toMatchObject({ pause: { target: 'function' } })
    const unpaused = await server.ask('POST /v2/apps/shop/unpause')
    expect(at(unpaused.json, 'data')).not.toHaveProperty('isPaused')
    expect(await get()).toMatchObject({ isPaused: true, pause: { target: 'function' } })
    expect(await get('/v2/apps/shop/functions/two')).toMatchObject({ isPaused: false })
  })

  test('needs an app that is known', async () => {
    expect((await server.ask('POST /v2/apps/none/pause')).status).toBe(404)
    expect((await server.ask('POST /v2/apps/none/unpause')).status).toBe(404)
  })
})
