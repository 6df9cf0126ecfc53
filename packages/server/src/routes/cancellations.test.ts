import type { BulkView, ListReads } from '@pawl/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { appUuid, type CancelManyRequest, functionUuid, type StoredCancel } from '../engine.ts'
import { at, startTestServer, type TestServer } from '../test-server.ts'

const ID = '01J00000000000000000000001'
const CREATED_AT = Date.UTC(2026, 0, 31, 12)
const asked: CancelManyRequest[] = []
const stopped: string[] = []
let stored: BulkView[] = []

const lists: Partial<ListReads> = {
  bulks: async ({ kind, after, limit }) =>
    stored.filter(({ row }) => row.kind === kind && (after === undefined || row.key < after.key)).slice(0, limit),
  bulk: async (id) => stored.find(({ row }) => row.id === id),
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    fakes: {
      engine: {
        cancelMany: async (request) => {
          asked.push(request)
          return { id: ID, createdAt: CREATED_AT }
        },
        stopBulk: async (id) => {
          stopped.push(id)
          return stored.some(({ row }) => row.id === id)
        },
      },
      lists,
    },
  })
  await server.register({ one: {} })
})
afterAll(() => server.close())
beforeEach(() => {
  asked.length = 0
  stopped.length = 0
  stored = []
})

/** Stored as the engine does it. */
async function aBulk(key: number, kind: BulkView['row']['kind'] = 'cancel'): Promise<BulkView> {
  const [app] = await server.store.lists.apps()
  const [fn] = await server.store.lists.functions(app?.key ?? 0)
  const request: StoredCancel = {
    functionId: functionUuid('shop', 'shop-one'),
    after: null,
    before: CREATED_AT,
    condition: 'event.data.n == 1',
    cause: key === 2 ? 'paused' : 'api',
  }
  const progress = { done: key, seen: 9, stopped: false }
  const row = {
    key,
    id: `01J000000000000000000000${String(key).padStart(2, '0')}`,
    kind,
    fn: fn?.key ?? 0,
    request: JSON.stringify(request),
    progress: JSON.stringify(progress),
    createdAt: CREATED_AT + key,
    endedAt: null,
  }
  return { row, functionSlug: 'shop-one', started: 0, failed: 0, live: 0 }
}

const cancel = (body: unknown) => server.ask('POST /v1/cancellations', { body })
const whole = { app_id: 'shop', function_id: 'one', started_before: '2026-01-31T11:00:00Z' }

describe('cancelling many runs', () => {
  test('answers the record once it is stored', async () => {
    const body = { ...whole, started_after: '2026-01-30T11:00:00Z', if: 'event.data.user == "a"' }
    expect(await cancel(body)).toMatchObject({
      status: 200,
      json: {
        data: {
          id: ID,
          created_at: '2026-01-31T12:00:00.000Z',
          name: expect.any(String),
          account_id: '00000000-0000-4000-a000-000000000000',
          environment_id: '00000000-0000-4000-b000-000000000000',
          app_id: appUuid('shop'),
          function_internal_id: functionUuid('shop', 'shop-one'),
          function_id: 'shop-one',
          started_after: '2026-01-30T11:00:00.000Z',
          started_before: '2026-01-31T11:00:00.000Z',
          if: 'event.data.user == "a"',
          kind: 'bulk_run',
          cause: 'API',
          cancelled_count: 0,
          ended_at: null,
          is_stopped: false,
        },
      },
    })
    expect(asked).toEqual([
      {
        functionId: functionUuid('shop', 'shop-one'),
        after: Date.UTC(2026, 0, 30, 11),
        before: Date.UTC(2026, 0, 31, 11),
        condition: 'event.data.user == "a"',
      },
    ])
  })

  test('needs neither a beginning nor an expression', async () => {
    const answer = await cancel({ ...whole, started_after: null, if: '' })
    expect(at(answer.json, 'data', 'started_after')).toBeNull()
    expect(at(answer.json, 'data')).not.toHaveProperty('if')
    expect(asked).toMatchObject([{ after: null, condition: null }])
  })

  test('may end a few seconds ahead, as clocks differ, but no more', async () => {
    const ahead = (ms: number) => new Date(Date.now() + ms).toISOString()
    expect((await cancel({ ...whole, started_before: ahead(3_000) })).status).toBe(200)
    expect(await cancel({ ...whole, started_before: ahead(60_000) })).toMatchObject({
      status: 400,
      json: { error: 'started_before must be in the past' },
    })
  })

  test.each([
    [{}, 'app_id is required\nfunction_id is required\nstarted_before is required'],
    [
      { app_id: '', function_id: null, started_before: whole.started_before },
      'app_id is required\nfunction_id is required',
    ],
    [{ ...whole, app_id: 7 }, 'app_id must be a string'],
    [
      { app_id: 'shop', started_before: '2100-01-01', started_after: '2101-01-01', if: 'event.' },
      'function_id is required\nstarted_before must be in the past\nstarted_after must be before started_before\ninvalid expression: ',
    ],
    [{ ...whole, started_after: whole.started_before }, 'started_after must be before started_before'],
    [{ ...whole, started_before: 'soon' }, 'started_before is no time'],
    [{ ...whole, if: 'async.data.n == 1' }, 'invalid expression: '],
  ])('refuses %j with every reason', async (body, reasons) => {
    const refused = await cancel(body)
    expect(refused).toMatchObject({ status: 400, json: { status: 400, code: 'invalid_parameter' } })
    expect(String(at(refused.json, 'error')).startsWith(reasons), String(at(refused.json, 'error'))).toBe(true)
    expect(asked).toEqual([])
  })

  test.each([['[]'], ['7'], ['null']])('refuses a body that is no object: %s', async (body) => {
    const refused = await server.ask('POST /v1/cancellations', {
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(refused).toMatchObject({ status: 400, json: { code: 'invalid_parameter' } })
  })

  test('needs a function that is known', async () => {
    for (const unknown of [{ app_id: 'none' }, { function_id: 'none' }]) {
      expect(await cancel({ ...whole, ...unknown })).toMatchObject({
        status: 404,
        json: { error: 'function not found', code: 'function_not_found' },
      })
    }
  })
})

describe('bulk cancellations', () => {
  test('are listed in exact pages, newest first, without replays', async () => {
    stored = [await aBulk(4), await aBulk(3, 'replay'), await aBulk(2), await aBulk(1)]
    const first = await server.ask('GET /v1/cancellations?limit=2')
    expect(at(first.json, 'data')).toMatchObject([
      { id: stored[0]?.row.id, app_id: appUuid('shop'), function_id: 'shop-one', cancelled_count: 4 },
      { id: stored[2]?.row.id, if: 'event.data.n == 1', cause: 'PAUSED', is_stopped: false },
    ])
    expect(at(first.json, 'page')).toMatchObject({ has_more: true, limit: 2 })
    const rest = await server.ask(`GET /v1/cancellations?limit=2&cursor=${at(first.json, 'page', 'cursor')}`)
    expect(at(rest.json, 'data')).toMatchObject([{ id: stored[3]?.row.id }])
    expect(at(rest.json, 'page')).toEqual({ has_more: false, limit: 2 })
    stored = []
    expect(at((await server.ask('GET /v1/cancellations')).json, 'data')).toEqual([])
    expect((await server.ask('GET /v1/cancellations?cursor=x')).status).toBe(400)
  })

  test('are stopped by their ID', async () => {
    stored = [await aBulk(4), await aBulk(3, 'replay')]
    const id = String(stored[0]?.row.id)
    expect(await server.ask(`DELETE /v1/cancellations/${id.toLowerCase()}`)).toMatchObject({
      status: 200,
      json: { data: { ok: true } },
    })
    expect(stopped).toEqual([id])
    for (const unknown of [stored[1]?.row.id, ID, 'x']) {
      expect(await server.ask(`DELETE /v1/cancellations/${unknown}`)).toMatchObject({
        status: 404,
        json: { error: 'Cancellation not found', code: 'cancellation_not_found' },
      })
    }
    expect(stopped).toEqual([id])
  })
})
