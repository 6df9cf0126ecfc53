import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'
import { pathsOf } from './event-names.ts'

const STEP = '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'
const WAIT = { id: STEP, name: 'a', displayName: 'a', op: 'WaitForEvent', opts: { event: 'shop/paid', timeout: '1h' } }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  server.answer(({ fnId, steps }) =>
    fnId === 'shop-wait' && !Object.hasOwn(steps, STEP) ? { status: 206, body: [WAIT] } : { status: 200, body: 1 },
  )
  await server.register({
    one: {},
    wait: {},
    picky: { triggers: [{ event: 'shop/one', expression: 'event.data.n > 100' }] },
  })
  await server.run('shop/one', 'Completed', { n: 1, user: { name: 'Ann' } })
})
afterAll(() => server.close())

const list = async (parameters = '') =>
  (at((await server.ask(`GET /v2/events?${parameters}`)).json, 'data') ?? []) as Record<string, unknown>[]
const send = async (name: string, data: unknown = {}) =>
  String(at((await server.ask('POST /e/key', { body: { name, data } })).json, 'ids', 0))

describe('the list of events', () => {
  test('shows what each started, and none of its data', async () => {
    const [event] = await list('name=shop/one')
    expect(event).toMatchObject({
      name: 'shop/one',
      sizeBytes: expect.any(Number),
      runs: [{ functionId: 'shop-one', functionName: 'one', status: 'COMPLETED' }],
    })
    expect(event?.data).toBeUndefined()
  })

  test('has those that started nothing, internal ones, and pages', async () => {
    await send('shop/nobody')
    expect((await list('startedNothing=true')).map((event) => event.name)).toEqual(['shop/nobody'])
    const internal = await list('includeInternal=true&limit=100')
    expect(internal.some((event) => event.isInternal === true)).toBe(true)
    const first = await server.ask('GET /v2/events?limit=1')
    const cursor = String(at(first.json, 'page', 'cursor'))
    expect((await list(`limit=1&cursor=${cursor}`))[0]?.id).not.toBe(at(first.json, 'data', 0, 'id'))
    expect(await list(`query=${encodeURIComponent('event.data.n == 1')}`)).toHaveLength(1)
  })

  test.each(['limit=0', 'limit=101', 'cursor=x', 'from=soon', 'query=(', 'from=2026-01-02&until=2026-01-01'])(
    'refuses %s',
    async (parameters) => expect((await server.ask(`GET /v2/events?${parameters}`)).status).toBe(400),
  )
})

describe('one event', () => {
  test('says what became of it for each function, and what it did to runs', async () => {
    const run = await server.run('shop/wait', 'Running')
    await until(async () => {
      const { json } = await server.ask('GET /v2/runs?function=shop-wait')
      return at(json, 'data', 0, 'waiting', 'code') === 'waiting_for_event'
    }, 'the wait to open')
    const paid = await send('shop/paid')
    await server.reached(run, 'Completed')
    expect(at((await server.ask(`GET /v2/events/${paid}`)).json, 'data')).toMatchObject({
      id: paid,
      effects: [{ runId: run, functionId: 'shop-wait', functionName: 'wait', how: 'resumed' }],
    })
    const [one] = await list('name=shop/one')
    expect(at((await server.ask(`GET /v2/events/${String(one?.id)}`)).json, 'data', 'outcomes')).toEqual([
      { functionId: 'shop-one', functionName: 'one', outcome: 'started', runId: expect.any(String), detail: null },
      {
        functionId: 'shop-picky',
        functionName: 'picky',
        outcome: 'filter_false',
        runId: null,
        detail: expect.any(Object),
      },
    ])
  })

  test('is sent again as a new one of the same data', async () => {
    const [one] = await list('name=shop/one')
    const again = at((await server.ask(`POST /v2/events/${String(one?.id)}/send`)).json, 'data', 'eventId')
    expect(again).not.toBe(one?.id)
    expect(at((await server.ask(`GET /v1/events/${String(again)}`)).json, 'data')).toMatchObject({
      name: 'shop/one',
      data: { n: 1, user: { name: 'Ann' } },
    })
  })

  test('that is internal is sent by nobody', async () => {
    const internal = (await list('includeInternal=true&limit=100')).find((event) => event.isInternal === true)
    expect(await server.ask(`POST /v2/events/${String(internal?.id)}/send`)).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'eventId' }] },
    })
  })

  test('that is not known is not found', async () => {
    for (const what of [
      'GET /v2/events/01J00000000000000000000000',
      'POST /v2/events/01J00000000000000000000000/send',
    ]) {
      expect(await server.ask(what)).toMatchObject({ status: 404, json: { errors: [{ code: 'not_found' }] } })
    }
    expect((await server.ask('GET /v2/events/x')).status).toBe(400)
  })
})

describe('the names of events', () => {
  test('are those received lately, the newest first, with the paths of their data', async () => {
    const last = await send('shop/one', { n: 1, user: { name: 'Ann' } })
    const { json } = await server.ask('GET /v2/event-names')
    expect(at(json, 'data', 0)).toEqual({
      name: 'shop/one',
      lastReceivedAt: expect.any(String),
      lastEventId: last,
      paths: ['data.n', 'data.user', 'data.user.name'],
    })
    const names = (at(json, 'data') as { name: string }[]).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.some((name) => name.startsWith('inngest/'))).toBe(false)
    expect(at((await server.ask('GET /v2/event-names?limit=1')).json, 'data')).toHaveLength(1)
  })

  test('have no paths into lists, beyond a depth, or of keys that no expression can write', () => {
    const deep = { a: { b: { c: { d: { e: 1 } } } } }
    expect(pathsOf({ data: { deep, list: [{ x: 1 }], 'odd key': 1, n: null } })).toEqual([
      'data.deep',
      'data.deep.a',
      'data.deep.a.b',
      'data.deep.a.b.c',
      'data.list',
      'data.n',
    ])
    expect(pathsOf({ data: Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`k${n}`, 1])) })).toHaveLength(50)
    expect(pathsOf('x')).toEqual([])
  })
})
