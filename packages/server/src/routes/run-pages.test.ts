import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'

const HASH = { a: '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8', b: 'e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98' }

let server: TestServer
let flaky = 0
const seen: unknown[] = []
beforeAll(async () => {
  server = await startTestServer()
  server.answer(({ fnId, steps, ctx }) => {
    const op = (more: object) => ({
      status: 206,
      body: [{ id: HASH.a, name: 'a', displayName: 'a', opts: {}, ...more }],
    })
    const done = Object.hasOwn(steps, HASH.a)
    switch (fnId) {
      case 'shop-wait':
        return done
          ? { status: 200, body: steps[HASH.a] }
          : op({ op: 'WaitForEvent', opts: { event: 'shop/paid', timeout: '1h' } })
      case 'shop-parent':
        return done
          ? { status: 200, body: 1 }
          : op({ op: 'InvokeFunction', opts: { function_id: 'shop-child', payload: { data: {} }, timeout: '1h' } })
      case 'shop-flaky':
        return flaky++ % 2 === 0
          ? { status: 500, body: { name: 'E', message: 'again' }, headers: { 'retry-after': '0' } }
          : { status: 200, body: 1 }
      case 'shop-nap':
        return op({ op: 'Sleep', name: '1h' })
      default:
        seen.push(ctx)
        return { status: 200, body: 1 }
    }
  })
  await server.register({
    wait: {},
    parent: {},
    child: {},
    flaky: {},
    nap: {},
    'one-at-a-time': { concurrency: [{ limit: 1 }] },
  })
})
afterAll(() => server.close())

const rows = async (parameters: string) =>
  (at((await server.ask(`GET /v2/runs?${parameters}`)).json, 'data') ?? []) as Record<string, unknown>[]
const alone = async (id: string) => at((await server.ask(`GET /v2/runs/${id}?includeWhy=true`)).json, 'data')

describe('the list of runs', () => {
  test('says why a run does not move', async () => {
    await server.run('shop/nap', 'Running')
    const run = await until(async () => {
      const [row] = await rows('function=shop-nap')
      return row?.waiting === undefined ? undefined : row
    }, 'the sleep to begin')
    expect(run).toMatchObject({
      function: { id: 'nap', name: 'nap', slug: 'shop-nap' },
      waiting: { code: 'sleeping', at: expect.stringMatching(/Z$/) },
    })
  })

  test('finds runs by their retries, parents and originals, and says them', async () => {
    const id = await server.run('shop/flaky', 'Completed')
    expect(await rows('hasRetries=true')).toMatchObject([{ id, retryCount: 1 }])
    expect((await rows('hasRetries=false&function=shop-flaky')).length).toBe(0)
    const parent = await server.run('shop/parent', 'Completed')
    const [child] = await rows(`parentRunId=${parent}`)
    expect(child).toMatchObject({ function: { slug: 'shop-child' }, parentRunId: parent })
    const { json } = await server.ask(`POST /v2/runs/${id}/rerun`)
    expect(await rows(`originalRunId=${id}`)).toMatchObject([{ id: at(json, 'data', 'runId'), originalRunId: id }])
    expect(await alone(parent)).toMatchObject({
      children: [{ runId: child?.id, stepId: HASH.a }],
      functionVersion: 1,
      sdk: 'js 4.24.0',
      workingMs: expect.any(Number),
      waitingMs: expect.any(Number),
    })
    expect(await alone(id)).toMatchObject({ reruns: [at(json, 'data', 'runId')] })
  })

  test('is filtered by functions without an app, event names, duration and the run itself', async () => {
    const id = await server.run('shop/child', 'Completed')
    expect((await rows('function=shop-child&function=shop-nap&eventName=shop/child')).map((run) => run.id)).toEqual([
      id,
    ])
    expect(await rows('longerThanMs=3600000')).toEqual([])
    expect(await rows(`query=${encodeURIComponent(`run.id == "${id}" && run.function == "shop-child"`)}`)).toHaveLength(
      1,
    )
    expect(await rows('isBatch=true')).toEqual([])
  })

  test('is counted, up to a number', async () => {
    const count = async (parameters: string) => at((await server.ask(`GET /v2/runs/count?${parameters}`)).json, 'data')
    const all = (await rows('limit=100')).length
    expect(await count('')).toEqual({ count: all })
    expect(await count('atMost=2')).toEqual({ count: 2, isCut: true })
    expect(await count(`atMost=${all}`)).toEqual({ count: all })
    expect(await count(`atMost=1&query=${encodeURIComponent('run.retryCount == 0')}`)).toEqual({
      count: 1,
      isCut: true,
    })
  })

  test.each([
    ['function=shop-nope', 404, 'function'],
    ['parentRunId=01J00000000000000000000000', 404, 'parentRunId'],
    ['bulkId=01J00000000000000000000000', 404, 'bulkId'],
    ['parentRunId=x', 400, 'parentRunId'],
    ['longerThanMs=-1', 400, 'longerThanMs'],
    ['hasRetries=maybe', 400, 'hasRetries'],
    ['functionId=nap', 400, 'functionId'],
    ['query=run.id%20%3D%3D', 400, 'query'],
  ])('refuses %s by its name', async (parameters, status, path) => {
    expect(await server.ask(`GET /v2/runs?${parameters}`)).toMatchObject({ status, json: { errors: [{ path }] } })
    expect((await server.ask(`GET /v2/runs/count?${parameters}`)).status).toBe(status)
  })
})

describe('a rerun with other data', () => {
  test('gives the run an event of its own', async () => {
    const id = await server.run('shop/child', 'Completed', { n: 1 })
    const { json } = await server.ask(`POST /v2/runs/${id}/rerun`, { body: { data: { n: 2 } } })
    const again = String(at(json, 'data', 'runId'))
    await server.reached(again, 'Completed')
    const eventId = at((await server.ask(`GET /v2/runs/${again}`)).json, 'data', 'trigger', 'eventIds', 0)
    expect(at((await server.ask(`GET /v1/events/${String(eventId)}`)).json, 'data')).toMatchObject({
      name: 'shop/child',
      data: { n: 2 },
    })
  })

  test.each([[[]], ['x'], [1]])('is refused where it is no object: %j', async (data) => {
    const id = await server.run('shop/child', 'Completed')
    expect(await server.ask(`POST /v2/runs/${id}/rerun`, { body: { data } })).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'data' }] },
    })
  })
})

describe('a wait', () => {
  test('is ended by a resume, with its data', async () => {
    const id = await server.run('shop/wait', 'Running')
    await until(async () => (await rows('function=shop-wait'))[0]?.waiting !== undefined, 'the wait to open')
    expect(await rows('function=shop-wait')).toMatchObject([
      { waiting: { code: 'waiting_for_event', name: 'shop/paid' } },
    ])
    const resume = (body: object) => server.ask(`POST /v2/runs/${id}/resume`, { body })
    expect(await resume({ stepId: HASH.b, data: 1 })).toMatchObject({
      status: 409,
      json: { errors: [{ code: 'step_not_waiting' }] },
    })
    expect(await resume({ stepId: 'a' })).toMatchObject({ status: 400, json: { errors: [{ path: 'stepId' }] } })
    expect(await resume({ stepId: HASH.a, data: { paid: true } })).toMatchObject({
      status: 200,
      json: { data: { runId: id } },
    })
    await server.reached(id, 'Completed')
    expect(at((await server.ask(`GET /v1/runs/${id}`)).json, 'data', 'output')).toMatchObject({
      name: 'shop/paid',
      data: { paid: true },
    })
    expect(await resume({ stepId: HASH.a })).toMatchObject({
      status: 409,
      json: { errors: [{ code: 'run_already_ended' }] },
    })
    const nobody = await server.ask('POST /v2/runs/01J00000000000000000000000/resume', { body: { stepId: HASH.a } })
    expect(nobody.status).toBe(404)
  })
})

describe('the pages of runs', () => {
  test('cost the same reads whatever the number of rows', async () => {
    const asked: string[] = []
    const counting = new Proxy(server.store.lists, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          asked.push(String(name))
          return Reflect.apply(value, target, given) as unknown
        }
      },
    })
    const other = await startTestServer({ lists: counting })
    const reads = async (what: string) => {
      asked.length = 0
      expect((await other.ask(what)).status).toBe(200)
      return asked.length
    }
    expect(await reads('GET /v2/runs?limit=100')).toBe(1)
    expect(await reads('GET /v2/events?limit=100')).toBe(3)
    expect(await reads('GET /v2/functions')).toBe(4)
    expect(await reads('GET /v2/apps')).toBe(2)
    expect(await reads('GET /v2/bulk-operations')).toBe(3)
    await other.close()
  })
})
