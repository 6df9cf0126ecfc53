import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type BulkAsk, functionUuid } from '../engine.ts'
import { at, startTestServer, type TestServer, until } from '../test-server.ts'

let server: TestServer
let asks: BulkAsk[] = []
beforeAll(async () => {
  server = await startTestServer({
    fakes: {
      engine: {
        startBulk(ask) {
          asks.push(ask)
          return server.engine.startBulk(ask)
        },
      },
    },
  })
  server.answer(({ fnId }) =>
    fnId === 'shop-nap'
      ? { status: 206, body: [{ id: 'a'.repeat(40), op: 'Sleep', name: '1h', displayName: 'nap', opts: {} }] }
      : { status: 400, body: { name: 'E', message: 'no' }, headers: { 'x-inngest-no-retry': 'true' } },
  )
  await server.register({ nap: {}, fail: {} })
})
beforeEach(() => {
  asks = []
})
afterAll(() => server.close())

const start = (body: object) => server.ask('POST /v2/bulk-operations', { body })

async function ended(id: string): Promise<unknown> {
  return until(async () => {
    const { json } = await server.ask(`GET /v2/bulk-operations/${id}`)
    return at(json, 'data', 'endedAt') === undefined ? undefined : at(json, 'data')
  }, `bulk ${id} to end`)
}

describe('a bulk operation', () => {
  test('counts and shows a few for a dry run', async () => {
    const run = await server.run('shop/nap', 'Running')
    const dry = await start({ kind: 'CANCEL', function: ['shop-nap'], dryRun: true })
    expect(dry).toMatchObject({
      status: 200,
      json: { data: { totalCount: 1, sample: [{ id: run, status: 'RUNNING' }] } },
    })
    expect(asks).toMatchObject([
      {
        kind: 'cancel',
        functionIds: [functionUuid('shop', 'shop-nap')],
        runIds: null,
        from: 0,
        statuses: ['scheduled', 'running'],
        conditions: [],
        perMinute: null,
        dryRun: true,
      },
    ])
  })

  test('cancels, and says how far it is', async () => {
    const begun = await start({ kind: 'CANCEL', name: 'tidy up', query: 'event.name == "shop/nap"', perMinute: 6_000 })
    expect(begun).toMatchObject({
      status: 201,
      json: {
        data: { kind: 'CANCEL', name: 'tidy up', status: ['QUEUED', 'RUNNING'], perMinute: 6_000, totalCount: 1 },
      },
    })
    const id = String(at(begun.json, 'data', 'id'))
    expect(await ended(id)).toMatchObject({
      state: 'done',
      doneCount: 1,
      failedCount: 0,
      query: 'event.name == "shop/nap"',
    })
    const { json } = await server.ask('GET /v2/bulk-operations')
    expect(at(json, 'data', 0)).toMatchObject({ id, state: 'done' })
    expect(await server.ask(`POST /v2/bulk-operations/${id}/pause`)).toMatchObject({
      status: 409,
      json: { errors: [{ code: 'bulk_ended' }] },
    })
    expect(at((await server.ask('GET /v1/cancellations')).json, 'data')).toEqual([])
  })

  test('runs named runs again, which are found by it', async () => {
    const run = await server.run('shop/fail', 'Failed')
    const begun = await start({ kind: 'RERUN', runIds: [run] })
    const id = String(at(begun.json, 'data', 'id'))
    expect(await ended(id)).toMatchObject({ kind: 'RERUN', state: 'done', totalCount: 1, doneCount: 1 })
    expect(at((await server.ask(`GET /v2/runs?bulkId=${id}`)).json, 'data')).toMatchObject([{ originalRunId: run }])
  })

  test('rests and goes on', async () => {
    await server.run('shop/fail', 'Failed')
    const begun = await start({ kind: 'RERUN', function: ['shop-fail'], perMinute: 1 })
    const id = String(at(begun.json, 'data', 'id'))
    const now = async (verb: string) =>
      at((await server.ask(`POST /v2/bulk-operations/${id}/${verb}`)).json, 'data', 'state')
    expect(await now('pause')).toBe('paused')
    expect(await now('resume')).toBe('running')
    expect(await now('stop')).toBe('stopped')
  })

  test.each([
    [{}, 'kind', 'invalid_field_format'],
    [{ kind: 'DELETE' }, 'kind', 'invalid_field_format'],
    [{ kind: 'CANCEL', status: ['FAILED'] }, 'status', 'invalid_field_format'],
    [{ kind: 'RERUN', status: ['RUNNING'] }, 'status', 'invalid_field_format'],
    [{ kind: 'RERUN', from: '2026-01-02', until: '2026-01-01' }, 'from', 'invalid_field_format'],
    [{ kind: 'RERUN', query: 'event.data.' }, 'query', 'invalid_expression'],
    [{ kind: 'RERUN', query: 'run.id == "x"' }, 'query', 'invalid_expression'],
    [{ kind: 'RERUN', perMinute: 0 }, 'perMinute', 'invalid_field_format'],
    [{ kind: 'RERUN', runIds: ['x'] }, 'runIds.0', 'invalid_field_format'],
  ])('is refused: %j', async (body, path, code) => {
    expect(await start(body)).toMatchObject({ status: 400, json: { errors: [{ path, code }] } })
  })

  test('of what is not known is not found', async () => {
    expect((await start({ kind: 'RERUN', function: ['shop-nope'] })).status).toBe(404)
    for (const what of ['GET', 'POST']) {
      const verb = what === 'POST' ? '/stop' : ''
      const reply = await server.ask(`${what} /v2/bulk-operations/01J00000000000000000000000${verb}`)
      expect(reply).toMatchObject({ status: 404, json: { errors: [{ code: 'not_found' }] } })
    }
    expect((await server.ask('GET /v2/bulk-operations/x')).status).toBe(400)
  })
})
