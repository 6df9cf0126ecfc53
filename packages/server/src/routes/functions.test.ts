import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineError } from '../engine.ts'
import { at, startTestServer, type TestServer } from '../test-server.ts'

const RUN = '01J00000000000000000000001'
let refusal: EngineError | undefined
let events: readonly string[] = []

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    fakes: {
      engine: {
        invoke: async () => {
          if (refusal !== undefined) throw refusal
          return { eventId: RUN, runId: RUN }
        },
        runEvents: async () => events,
      },
      lists: { queue: async () => ({ ready: 1, leased: 2, sleeping: 3, blocked: 4 }) },
    },
  })
  await server.register({ one: {} })
})
afterAll(() => server.close())

describe('what is queued of a function', () => {
  test('is counted by how it stands', async () => {
    const counted = await server.ask('GET /v2/apps/shop/functions/one/queue')
    expect(counted.status).toBe(200)
    expect(at(counted.json, 'data')).toEqual({ count: 10, ready: 1, running: 2, sleeping: 3, blocked: 4 })
    expect((await server.ask('GET /api/v2/apps/shop/functions/one/queue')).status).toBe(200)
    expect((await server.ask('GET /v2/apps/shop/functions/none/queue')).status).toBe(404)
  })
})

describe('an invoke that starts no run', () => {
  test.each([
    ['rate_limited', { limit: 1, periodMs: 60_000 }],
    ['function_debounced', { firesAt: 1 }],
    ['function_skipped', { reason: 'paused', runId: RUN }],
    ['function_skipped', { reason: 'singleton' }],
  ] as const)('is refused as %s with its facts', async (code, details) => {
    refusal = new EngineError(code, 'Not now', { details })
    expect(await server.ask('POST /v2/apps/shop/functions/one/invoke')).toMatchObject({
      status: 422,
      json: { errors: [{ code, message: 'Not now' }], data: details },
    })
    expect(await server.ask('POST /invoke/shop-one')).toMatchObject({
      status: 422,
      json: { error: 'Not now', status: 422, code, data: details },
    })
  })

  test('without facts has no data', async () => {
    refusal = new EngineError('rate_limited', 'Not now')
    expect((await server.ask('POST /v2/apps/shop/functions/one/invoke')).json).not.toHaveProperty('data')
  })
})

describe('a run that began with several events', () => {
  test('gives all of them to its SDK, in order', async () => {
    events = ['{"data":{"n":1},"name":"a"}', '{"data":{"n":2},"name":"a"}']
    expect(await server.ask(`GET /v0/runs/${RUN}/batch`)).toMatchObject({
      status: 200,
      json: [
        { name: 'a', data: { n: 1 } },
        { name: 'a', data: { n: 2 } },
      ],
    })
  })
})
