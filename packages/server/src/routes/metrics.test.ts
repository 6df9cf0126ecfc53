import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  server.answer(({ fnId }) =>
    fnId === 'shop-fail'
      ? { status: 400, body: { name: 'Refused', message: 'no luck' }, headers: { 'x-inngest-no-retry': 'true' } }
      : { status: 200, body: 1 },
  )
  await server.register({
    ok: { concurrency: [{ limit: 7 }, { limit: 2, key: 'event.data.u' }] },
    fail: {},
    tick: { triggers: [{ cron: 'TZ=Europe/Paris 0 9 * * 1' }] },
  })
  for (let n = 0; n < 3; n++) await server.run('shop/ok', 'Completed')
  await server.run('shop/fail', 'Failed')
})
afterAll(() => server.close())

const sum = (series: unknown) => (series as (number | null)[]).reduce<number>((all, value) => all + (value ?? 0), 0)
const data = async (what: string) => at((await server.ask(what)).json, 'data') as Record<string, unknown>

describe('the metrics', () => {
  test('count what happened, in buckets of one length', async () => {
    const metrics = await data('GET /v2/metrics?from=1h')
    expect(metrics.bucketMs).toBe(60_000)
    const buckets = (metrics.at as number[]).length
    expect(buckets).toBeGreaterThanOrEqual(60)
    expect(sum(at(metrics, 'ended', 'completed'))).toBe(3)
    expect(sum(at(metrics, 'ended', 'failed'))).toBe(1)
    expect(sum(at(metrics, 'throughput', 'queued'))).toBe(4)
    expect(sum(at(metrics, 'throughput', 'ended'))).toBe(4)
    expect(sum(at(metrics, 'requests', 'ok'))).toBe(3)
    expect(sum(at(metrics, 'requests', 'error'))).toBe(1)
    expect((at(metrics, 'queueDelay', 'p95') as unknown[]).filter((value) => value !== null).length).toBeGreaterThan(0)
    expect(sum((at(metrics, 'durationClasses') as { count: number }[]).map(({ count }) => count))).toBe(4)
    expect(sum(at(metrics, 'events', 'shop/ok'))).toBe(3)
    expect(at(metrics, 'running', 'limit')).toBeNull()
    for (const path of [['ended', 'failed'], ['failureRate'], ['latency', 'p99'], ['backlog', 'ready']]) {
      expect(at(metrics, ...path)).toHaveLength(buckets)
    }
  })

  test('of one function leave the others out, and know its limit', async () => {
    const metrics = await data('GET /v2/metrics?from=1h&function=shop-ok')
    expect(sum(at(metrics, 'ended', 'completed'))).toBe(3)
    expect(sum(at(metrics, 'ended', 'failed'))).toBe(0)
    expect(at(metrics, 'running', 'limit')).toBe(7)
    expect(metrics.events).toBeUndefined()
    expect(sum(at(await data('GET /v2/metrics?appId=shop'), 'ended', 'failed'))).toBe(1)
  })

  test.each([
    ['from=30d', 4 * 3_600_000],
    ['from=7d', 3_600_000],
    ['from=24h', 600_000],
  ])('of %s have at most 200 points', async (parameters, bucketMs) => {
    const metrics = await data(`GET /v2/metrics?${parameters}`)
    expect(metrics.bucketMs).toBe(bucketMs)
    expect((metrics.at as number[]).length).toBeLessThanOrEqual(200)
  })

  test.each([
    ['from=2026-01-02&until=2026-01-01', 400],
    ['from=soon', 400],
    ['from=2020-01-01&until=2026-01-01', 400],
    ['function=nope', 404],
    ['appId=nope', 404],
  ])('refuse %s', async (parameters, status) => {
    expect((await server.ask(`GET /v2/metrics?${parameters}`)).status).toBe(status)
  })
})

describe('the overview', () => {
  test('tells how healthy it is', async () => {
    const overview = await data('GET /v2/overview?range=1h')
    expect(overview).toMatchObject({
      range: '1h',
      bucketMs: 60_000,
      figures: {
        started: { value: 4, before: null },
        failureRate: { value: 0.25, before: null },
        queueDelayP50: { value: expect.any(Number), before: null },
        running: { value: 0 },
      },
      failing: [
        {
          function: { id: 'fail', name: 'fail', slug: 'shop-fail' },
          app: { id: 'shop' },
          failures: 1,
          ended: 1,
          lastError: 'Refused: no luck',
          lastRunId: expect.any(String),
          lastFailedAt: expect.any(String),
        },
      ],
      nextUp: [{ function: { slug: 'shop-tick' }, expression: 'TZ=Europe/Paris 0 9 * * 1', at: expect.any(String) }],
      firstUse: { appConnected: true, eventSent: true, runSeen: true },
    })
    expect(at(overview, 'figures', 'started', 'spark')).toHaveLength((overview.at as unknown[]).length)
    expect(overview.missed).toBeUndefined()
    expect(overview.waitingLongest).toBeUndefined()
  })

  test.each(['6h', '24h', '7d', '30d'])('of %s has at most 200 points', async (range) => {
    const overview = await data(`GET /v2/overview?range=${range}`)
    expect((overview.at as number[]).length).toBeLessThanOrEqual(200)
    expect(at(overview, 'figures', 'started', 'value')).toBe(4)
  })

  test('finds who waits longest behind hundreds that are meant to start later', async () => {
    const send = (events: readonly unknown[]) => server.ask('POST /e/key', { body: events })
    const later = Date.now() + 86_400_000
    await send(Array.from({ length: 230 }, () => ({ name: 'shop/ok', ts: later })))
    await server.ask('POST /v2/apps/shop/functions/ok/pause', { body: { new: 'hold' } })
    await send([{ name: 'shop/ok' }])
    await sleep(300)
    const { waitingLongest } = await data('GET /v2/overview?range=1h')
    expect(waitingLongest).toMatchObject([{ waiting: { code: 'paused' } }])
  })

  test('of another range is refused', async () => {
    expect((await server.ask('GET /v2/overview?range=1y')).status).toBe(400)
  })

  test('of an empty store is a list of what to do first', async () => {
    const empty = await startTestServer()
    const { json } = await empty.ask('GET /v2/overview')
    expect(at(json, 'data')).toMatchObject({
      figures: { started: { value: 0, before: null }, failureRate: { value: null } },
      firstUse: { appConnected: false, eventSent: false, runSeen: false },
    })
    await empty.close()
  })
})

describe('the schedules', () => {
  test('say when each runs next, in its zone', async () => {
    const { json } = await server.ask('GET /v2/schedules')
    expect(at(json, 'data')).toEqual([
      {
        id: 'shop-tick TZ=Europe/Paris 0 9 * * 1',
        kind: 'CRON',
        name: 'tick',
        function: { id: 'tick', slug: 'shop-tick' },
        app: { id: 'shop' },
        expression: 'TZ=Europe/Paris 0 9 * * 1',
        timezone: 'Europe/Paris',
        nextRunAt: expect.stringMatching(/:00:00\.000Z$/),
        isPaused: false,
      },
    ])
  })

  test('say which is late, and which rests', async () => {
    const [item] = await server.store.lists.crons()
    const late = Date.now() - 300_000
    const other = await startTestServer({
      fakes: {
        lists: {
          ...server.store.lists,
          crons: async () => (item === undefined ? [] : [{ ...item, due: late }]),
          strips: async () => [
            {
              fn: item?.fn ?? 0,
              cron: item?.step ?? '',
              id: 'R',
              status: 'failed',
              queuedAt: 1,
              startedAt: 5,
              endedAt: 9,
            },
          ],
        },
      },
    })
    const schedules = (await other.ask('GET /v2/schedules')).json
    expect(at(schedules, 'data', 0)).toMatchObject({
      lateSince: new Date(late).toISOString(),
      strip: [{ runId: 'R', status: 'FAILED', durationMs: '4' }],
    })
    expect(Date.parse(String(at(schedules, 'data', 0, 'nextRunAt')))).toBeGreaterThan(Date.now())
    expect(at((await other.ask('GET /v2/overview')).json, 'data', 'missed')).toMatchObject([
      { function: { slug: 'shop-tick' }, at: new Date(late).toISOString() },
    ])
    await other.close()
    await server.ask('POST /v2/apps/shop/functions/tick/pause')
    expect(at((await server.ask('GET /v2/schedules')).json, 'data', 0)).toMatchObject({
      isPaused: true,
      pause: { target: 'function', new: 'skip' },
    })
  })
})
