import type { BulkView, ListReads } from '@pawl/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { functionUuid, type ReplayRequest, type StoredReplay } from '../engine.ts'
import { at, startTestServer, type TestServer } from '../test-server.ts'

const ID = '01J00000000000000000000001'
const CREATED_AT = Date.UTC(2026, 0, 31, 12)
const asked: ReplayRequest[] = []
let stored: BulkView[] = []

const lists: Partial<ListReads> = {
  bulks: async ({ kind, fn, after, limit }) =>
    stored
      .filter(({ row }) => row.kind === kind && row.fn === fn && (after === undefined || row.key < after.key))
      .slice(0, limit),
  bulk: async (id) => stored.find(({ row }) => row.id === id),
}

let server: TestServer
let keys: readonly number[] = []
beforeAll(async () => {
  server = await startTestServer({
    fakes: {
      engine: {
        replay: async (request) => {
          asked.push(request)
          return { id: request.dryRun ? null : ID, createdAt: CREATED_AT, totalCount: 12 }
        },
        stopBulk: async (id) => {
          stored = stored.map((view) => (view.row.id === id ? ended(view) : view))
          return true
        },
      },
      lists,
    },
  })
  await server.register({ one: {}, two: {} })
  const [app] = await server.store.lists.apps()
  keys = (await server.store.lists.functions(app?.key ?? 0)).map((fn) => fn.key)
})
afterAll(() => server.close())
beforeEach(() => {
  asked.length = 0
  stored = []
})

function ended(view: BulkView): BulkView {
  const progress = JSON.stringify({ done: 5, seen: 5, stopped: true })
  return { ...view, row: { ...view.row, progress, endedAt: CREATED_AT + 1_000 } }
}

/** Stored as the engine does it, for the first function unless another is named. */
function aReplay(key: number, row: Partial<BulkView['row']> = {}): BulkView {
  const request: StoredReplay = {
    functionId: functionUuid('shop', 'shop-one'),
    from: CREATED_AT - 1_000,
    until: CREATED_AT,
    statuses: ['failed', 'cancelled'],
    conditions: ['event.data.n == 1', 'error.name == "E"'],
    name: 'after the fix',
    perSecond: 3,
    dryRun: false,
    totalCount: 12,
  }
  return {
    row: {
      key,
      id: `01J000000000000000000000${String(key).padStart(2, '0')}`,
      kind: 'replay',
      fn: keys[0] ?? 0,
      request: JSON.stringify(request),
      progress: JSON.stringify({ done: 5, seen: 5, stopped: false }),
      createdAt: CREATED_AT + key,
      endedAt: null,
      ...row,
    },
    functionSlug: 'shop-one',
    started: 5,
    failed: 1,
    live: 2,
  }
}

const path = '/v2/apps/shop/functions/one/replays'
const window = { from: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' }

describe('a replay', () => {
  test('takes failed runs at ten a second unless it is told otherwise', async () => {
    expect(await server.ask(`POST ${path}`, { body: window })).toMatchObject({
      status: 201,
      json: { data: { id: ID, totalCount: 12, createdAt: '2026-01-31T12:00:00.000Z' } },
    })
    expect(asked).toEqual([
      {
        functionId: functionUuid('shop', 'shop-one'),
        from: Date.UTC(2026, 0, 1),
        until: Date.UTC(2026, 0, 2),
        statuses: ['failed'],
        conditions: [],
        name: null,
        perSecond: 10,
        dryRun: false,
      },
    ])
  })

  test('takes statuses, expressions, a name and a rate', async () => {
    const query = 'event.data.n == 1\n\noutput.n > 2'
    const body = { ...window, status: ['SKIPPED', 'COMPLETED'], query, name: 'again', perSecond: 200 }
    expect(at((await server.ask(`POST ${path}`, { body })).json, 'data')).toMatchObject({ name: 'again' })
    expect(asked).toMatchObject([
      {
        statuses: ['completed', 'skipped'],
        conditions: ['event.data.n == 1', 'output.n > 2'],
        name: 'again',
        perSecond: 200,
      },
    ])
  })

  test('that is dry only counts', async () => {
    const counted = await server.ask(`POST ${path}`, { body: { ...window, dryRun: true } })
    expect(counted.status).toBe(200)
    expect(at(counted.json, 'data')).toEqual({ totalCount: 12 })
    expect(asked).toMatchObject([{ dryRun: true }])
  })

  test.each([
    [{ until: window.until }, 'missing_field', 'from'],
    [{ from: window.from }, 'missing_field', 'until'],
    [{ from: '', until: window.until }, 'missing_field', 'from'],
    [{ from: 'soon', until: window.until }, 'invalid_field_format', 'from'],
    [{ from: window.until, until: window.from }, 'invalid_field_format', 'from'],
    [{ ...window, status: [] }, 'invalid_field_format', 'status'],
    [{ ...window, status: ['RUNNING'] }, 'invalid_field_format', 'status.0'],
    [{ ...window, query: 'event.' }, 'invalid_expression', 'query'],
    [{ ...window, query: 'async.data.n == 1' }, 'invalid_expression', 'query'],
    [{ ...window, perSecond: 0 }, 'invalid_field_format', 'perSecond'],
    [{ ...window, perSecond: 1.5 }, 'invalid_field_format', 'perSecond'],
    [{ ...window, perSecond: 1_001 }, 'invalid_field_format', 'perSecond'],
    [{ ...window, name: '' }, 'invalid_field_format', 'name'],
  ])('refuses %j', async (body, code, field) => {
    expect(await server.ask(`POST ${path}`, { body })).toMatchObject({
      status: 400,
      json: { errors: [{ code, path: field }] },
    })
    expect(asked).toEqual([])
  })

  test('needs a function that is known', async () => {
    for (const address of ['/v2/apps/none/functions/one/replays', '/v2/apps/shop/functions/none/replays']) {
      expect((await server.ask(`POST ${address}`, { body: window })).status).toBe(404)
      expect((await server.ask(`GET ${address}`)).status).toBe(404)
    }
  })
})

describe('the replays of a function', () => {
  test('are listed in exact pages, newest first, without those of others', async () => {
    stored = [aReplay(4), aReplay(3, { fn: keys[1] ?? 0 }), aReplay(2), aReplay(1, { kind: 'cancel' })]
    const first = await server.ask(`GET ${path}?limit=1`)
    expect(at(first.json, 'data')).toMatchObject([{ id: stored[0]?.row.id }])
    expect(at(first.json, 'page')).toMatchObject({ hasMore: true, limit: 1 })
    const rest = await server.ask(`GET ${path}?limit=1&cursor=${at(first.json, 'page', 'cursor')}`)
    expect(at(rest.json, 'data')).toMatchObject([{ id: stored[2]?.row.id }])
    expect(at(rest.json, 'page')).toEqual({ limit: 1 })
    stored = []
    expect((await server.ask(`GET ${path}`)).json).not.toHaveProperty('data')
  })

  test('show what was asked for and how far they are', async () => {
    stored = [aReplay(1)]
    const id = stored[0]?.row.id
    expect(at((await server.ask(`GET ${path}/${id}`)).json, 'data')).toEqual({
      id,
      name: 'after the fix',
      createdAt: '2026-01-31T12:00:00.001Z',
      totalCount: 12,
      startedCount: 5,
      failedCount: 1,
      liveCount: 2,
      from: '2026-01-31T11:59:59.000Z',
      until: '2026-01-31T12:00:00.000Z',
      status: ['FAILED', 'CANCELLED'],
      query: 'event.data.n == 1\nerror.name == "E"',
      perSecond: 3,
    })
  })

  test('are stopped, and say so', async () => {
    stored = [aReplay(1)]
    const address = `${path}/${stored[0]?.row.id}`
    const data = { isStopped: true, endedAt: '2026-01-31T12:00:01.000Z', startedCount: 5 }
    expect(await server.ask(`DELETE ${address}`)).toMatchObject({ status: 200, json: { data } })
    expect(await server.ask(`GET ${address}`)).toMatchObject({ json: { data } })
  })

  test('are found under their own function only', async () => {
    stored = [aReplay(1, { fn: keys[1] ?? 0 }), aReplay(2, { kind: 'cancel' })]
    for (const id of [...stored.map(({ row }) => row.id), ID]) {
      for (const method of ['GET', 'DELETE']) {
        expect(await server.ask(`${method} ${path}/${id}`)).toMatchObject({
          status: 404,
          json: { errors: [{ code: 'not_found', message: 'Replay not found' }] },
        })
      }
    }
    expect((await server.ask(`GET ${path}/x`)).status).toBe(400)
  })
})
