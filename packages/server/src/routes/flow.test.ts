// Pause, bulk operations, batches and reasons through the HTTP surface on the real engine; the shapes of their answers
// are tested beside each route.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestApp, type TestServer, until } from '../test-server.ts'

const STEP = 'a'.repeat(40)

/** `nap` sleeps an hour; `fail` fails finally; the others answer at once. */
const app: TestApp = ({ fnId, steps }) => {
  if (fnId === 'shop-nap' && !Object.hasOwn(steps, STEP)) {
    return { status: 206, body: [{ id: STEP, op: 'Sleep', name: '1h', displayName: 'nap', opts: {} }] }
  }
  if (fnId === 'shop-fail') {
    return { status: 400, body: { name: 'Refused', message: 'no luck' }, headers: { 'x-inngest-no-retry': 'true' } }
  }
  return { status: 200, body: null }
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  server.answer(app)
  await server.register({
    plain: {},
    nap: {},
    fail: {},
    limited: { rateLimit: { limit: 1, period: '1h' } },
    batch: { batchEvents: { maxSize: 2, timeout: '60s' } },
  })
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.ask('POST /dev/reset')
})

const data = async (what: string, ...path: (string | number)[]) => at((await server.ask(what)).json, 'data', ...path)
const send = async (name: string, body: unknown = {}) =>
  String(at((await server.ask('POST /e/key', { body: { name, data: body } })).json, 'ids', 0))
const soon = () => new Date(Date.now() + 4_000).toISOString()

describe('a paused function', () => {
  test('skips what triggers it, says so everywhere, and starts again after the unpause', async () => {
    await server.ask('POST /v2/apps/shop/functions/plain/pause')
    const event = await send('shop/plain')
    const skipped = await until(async () => {
      const found = await data(`GET /v2/events/${event}/runs`, 0)
      return found === undefined ? undefined : found
    }, 'the skipped run')
    expect(skipped).toMatchObject({ status: 'SKIPPED', skipReason: 'paused' })
    expect(await data(`GET /v2/events/${event}/why`, 'functions', 0)).toMatchObject({
      function: 'shop-plain',
      outcome: 'paused',
      runId: at(skipped, 'id'),
    })
    expect(await server.ask('POST /v2/apps/shop/functions/plain/invoke')).toMatchObject({
      status: 422,
      json: { errors: [{ code: 'function_skipped' }], data: { reason: 'paused' } },
    })
    await server.ask('POST /v2/apps/shop/functions/plain/unpause')
    await server.run('shop/plain', 'Completed')
  })

  test('holds what triggers it when it is told so', async () => {
    await server.ask('POST /v2/apps/shop/functions/plain/pause', { body: { new: 'hold' } })
    const id = await server.run('shop/plain', 'Scheduled')
    expect(await data(`GET /v2/runs/${id}/why`, 'reason')).toMatchObject({
      code: 'paused',
      since: expect.any(String),
      by: 'api',
      target: 'function',
    })
    expect(await data('GET /v2/apps/shop/functions/plain/queue')).toMatchObject({ count: 1, blocked: 1 })
    await server.ask('POST /v2/apps/shop/functions/plain/unpause')
    await server.reached(id, 'Completed')
    expect(await data('GET /v2/apps/shop/functions/plain/queue', 'count')).toBe(0)
  })
})

describe('many runs', () => {
  test('are cancelled by their window and an expression', async () => {
    const runs = []
    for (const n of [1, 2, 1]) runs.push(await server.run('shop/nap', 'Running', { n }))
    const body = { app_id: 'shop', function_id: 'nap', started_before: soon(), if: 'event.data.n == 1' }
    expect((await server.ask('POST /v1/cancellations', { body })).status).toBe(200)
    await server.reached(String(runs[0]), 'Cancelled')
    await server.reached(String(runs[2]), 'Cancelled')
    expect(await data(`GET /v2/runs/${runs[1]}`, 'status')).toBe('RUNNING')
    const id = await data('GET /v1/cancellations', 0, 'id')
    expect(await server.ask(`DELETE /v1/cancellations/${id}`)).toMatchObject({ json: { data: { ok: true } } })
    expect(await data('GET /v1/cancellations', 0)).toMatchObject({ id, cancelled_count: 2 })
  })

  test('are counted, then started again', async () => {
    for (const n of [1, 2, 3]) await server.run('shop/fail', 'Failed', { n })
    const path = '/v2/apps/shop/functions/fail/replays'
    const body = { from: '1h', until: 'now', query: 'event.data.n > 1', perSecond: 100 }
    const dry = await server.ask(`POST ${path}`, { body: { ...body, dryRun: true } })
    expect(at(dry.json, 'data', 'totalCount')).toBe(2)
    const begun = await server.ask(`POST ${path}`, { body })
    expect(begun).toMatchObject({ status: 201, json: { data: { totalCount: 2 } } })
    const address = `${path}/${at(begun.json, 'data', 'id')}`
    await until(async () => (await data(`GET ${address}`, 'failedCount')) === 2, 'the replay')
    await until(async () => (await data(`GET ${address}`, 'endedAt')) !== undefined, 'its end')
    expect(await data(`GET ${path}`, 0)).toMatchObject({ startedCount: 2, failedCount: 2, liveCount: 0 })
  })
})

describe('a run', () => {
  test('that sleeps says until when', async () => {
    const id = await server.run('shop/nap', 'Running')
    const reason = await until(async () => {
      const why = await data(`GET /v2/runs/${id}?includeWhy=true`, 'why', 'reason')
      return at(why, 'code') === 'sleeping' ? why : undefined
    }, 'the sleep')
    expect(reason).toEqual({ code: 'sleeping', step: 'nap', until: expect.stringMatching(/Z$/) })
  })

  test('of a batch names all its events', async () => {
    const events = [await send('shop/batch', { n: 1 }), await send('shop/batch', { n: 2 })]
    const run = await until(() => data(`GET /v2/events/${events[1]}/runs`, 0), 'the run of the batch')
    expect(run).toMatchObject({ trigger: { eventIds: events, isBatch: true, batchId: expect.any(String) } })
    expect(await data(`GET /v1/runs/${at(run, 'id')}`, 'batch_id')).toBe(at(run, 'trigger', 'batchId'))
  })

  test('that the rate limit refuses is refused to who invokes it', async () => {
    const path = 'POST /v2/apps/shop/functions/limited/invoke'
    expect((await server.ask(path)).status).toBe(200)
    expect(await server.ask(path)).toMatchObject({ status: 422, json: { errors: [{ code: 'rate_limited' }] } })
  })
})
