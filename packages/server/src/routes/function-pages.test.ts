import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'
import { groupFailures } from './function-details.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  server.answer(({ fnId }) =>
    fnId === 'shop-fail'
      ? { status: 400, body: { name: 'Refused', message: 'order 17' }, headers: { 'x-inngest-no-retry': 'true' } }
      : fnId === 'shop-nap'
        ? { status: 206, body: [{ id: 'a'.repeat(40), op: 'Sleep', name: '1h', displayName: 'nap', opts: {} }] }
        : { status: 200, body: 1 },
  )
  const limits = {
    concurrency: [{ limit: 3 }, { limit: 1, key: 'event.data.u' }],
    throttle: { limit: 9, period: '1s' },
  }
  await server.register({ ok: { timeouts: { finish: '1h' } }, fail: {}, nap: limits, old: {} })
  await server.register({ ok: { retries: 0, timeouts: { start: '10s' } }, fail: {}, nap: limits })
  await server.run('shop/ok', 'Completed')
  await server.run('shop/fail', 'Failed')
  await server.run('shop/fail', 'Failed')
  await server.run('shop/nap', 'Running')
  await until(async () => {
    const { json } = await server.ask('GET /v2/apps/shop/functions/nap/queue')
    return at(json, 'data', 'sleeping') === 1
  }, 'the nap')
})
afterAll(() => server.close())

const data = async (what: string) => at((await server.ask(what)).json, 'data')

describe('the list of functions', () => {
  test('tells the last day and the backlog of each', async () => {
    const rows = (await data('GET /v2/functions')) as Record<string, unknown>[]
    expect(rows.map((row) => [row.id, row.state])).toEqual([
      ['ok', 'active'],
      ['fail', 'active'],
      ['nap', 'active'],
    ])
    expect(rows[1]).toMatchObject({
      slug: 'shop-fail',
      app: { id: 'shop' },
      stats: { started: 2, ended: 2, failed: 2, p95Ms: expect.any(Number) },
      backlog: { ready: 0, leased: 0, sleeping: 0, blocked: 0 },
    })
    expect(at(rows[1], 'stats', 'spark')).toHaveLength(24)
    expect((at(rows[1], 'stats', 'spark') as number[]).at(-1)).toBe(2)
    expect(rows[2]).toMatchObject({ backlog: { sleeping: 1 } })
  })

  test('has what is gone when it is asked for, pages, and the state of a pause', async () => {
    const all = (await data('GET /v2/functions?includeArchived=true')) as Record<string, unknown>[]
    expect(all.map((row) => row.state)).toContain('removed')
    const first = await server.ask('GET /v2/functions?limit=2')
    const cursor = String(at(first.json, 'page', 'cursor'))
    expect(await data(`GET /v2/functions?limit=2&cursor=${cursor}`)).toMatchObject([{ id: 'nap' }])
    await server.ask('POST /v2/apps/shop/functions/nap/pause', { body: { for: '1h' } })
    expect(await data('GET /v2/functions?appId=shop')).toMatchObject([{}, {}, { state: 'paused', isPaused: true }])
    expect((await server.ask('GET /v2/functions?appId=nope')).status).toBe(404)
    await server.ask('POST /v2/apps/shop/functions/nap/unpause')
  })
})

describe('a function', () => {
  test('groups its failures by message', async () => {
    expect(await data('GET /v2/apps/shop/functions/fail/failures')).toEqual([
      { name: 'Refused', message: 'order 17', count: 2, lastRunId: expect.any(String), lastAt: expect.any(String) },
    ])
    expect(await data('GET /v2/apps/shop/functions/ok/failures')).toEqual([])
    expect((await server.ask('GET /v2/apps/shop/functions/ok/failures?from=2026-01-02&until=2026-01-01')).status).toBe(
      400,
    )
    expect((await server.ask('GET /v2/apps/shop/functions/nope/failures')).status).toBe(404)
  })

  test('tells failures apart by their words, not by the numbers in them', () => {
    const failure = (runId: string, name: string, message: string) => ({
      fn: 1,
      runId,
      endedAt: 1_000,
      error: JSON.stringify({ name, message }),
    })
    const groups = groupFailures([
      failure('R3', 'E', 'order 17 is gone'),
      failure('R2', 'E', 'order 18 is gone'),
      failure('R1', 'F', 'order 17 is gone'),
      { fn: 1, runId: 'R0', endedAt: 1_000, error: null },
    ])
    expect(groups.map(({ name, message, count, lastRunId }) => [name, message, count, lastRunId])).toEqual([
      ['E', 'order 17 is gone', 2, 'R3'],
      ['F', 'order 17 is gone', 1, 'R1'],
      ['Error', '', 1, 'R0'],
    ])
  })

  test('has the history of its configuration, the newest first', async () => {
    const versions = (await data('GET /v2/apps/shop/functions/ok/versions')) as Record<string, unknown>[]
    expect(versions.map((one) => one.version)).toEqual([2, 1])
    expect(versions[0]).toMatchObject({
      configuration: { timeouts: { start: '10s' } },
      triggers: [{ value: 'shop/ok' }],
    })
    expect(versions[1]).toMatchObject({ configuration: { timeouts: { finish: '1h' } } })
  })

  test('says how full its limits without a key are', async () => {
    expect(await data('GET /v2/apps/shop/functions/nap/limits')).toEqual([
      { rule: 'concurrency[0]', limit: 3, held: 0, waiting: 0 },
      { rule: 'throttle', limit: 9, held: 0, waiting: 0 },
    ])
    expect(await data('GET /v2/apps/shop/functions/fail/limits')).toEqual([])
  })
})

describe('a pause', () => {
  test('ends by itself at an instant, or after a while', async () => {
    const pause = (body: object) => server.ask('POST /v2/apps/shop/functions/ok/pause', { body })
    const until = new Date(Date.now() + 60_000).toISOString()
    expect(at((await pause({ until })).json, 'data', 'pause')).toMatchObject({ until, by: 'api' })
    const shown = String(at((await pause({ for: '2h' })).json, 'data', 'pause', 'until'))
    expect(Math.abs(Date.parse(shown) - Date.now() - 7_200_000)).toBeLessThan(10_000)
    expect(at((await pause({})).json, 'data', 'pause', 'until')).toBeUndefined()
    await server.ask('POST /v2/apps/shop/functions/ok/unpause')
  })

  test.each([
    [{ until: '2020-01-01' }, 'until'],
    [{ until: 'soon' }, 'until'],
    [{ for: 'x' }, 'for'],
    [{ for: '0s' }, 'for'],
    [{ for: '1h', until: '2099-01-01' }, 'for'],
    [{ until: '2099-01-01' }, 'until'],
  ])('is refused for %j', async (body, path) => {
    expect(await server.ask('POST /v2/apps/shop/pause', { body })).toMatchObject({
      status: 400,
      json: { errors: [{ path }] },
    })
  })
})
