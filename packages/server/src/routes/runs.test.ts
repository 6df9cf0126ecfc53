import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, startTestServer, type TestApp, type TestServer, until } from '../test-server.ts'

const HASH = { a: '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8', b: 'e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98' }

/** Two steps, then a result; `fail` throws, `nap` sleeps an hour, `wait` waits for a signal. */
const app: TestApp = ({ fnId, steps, ctx }) => {
  const done = (step: keyof typeof HASH) => Object.hasOwn(steps, HASH[step])
  const op = (step: keyof typeof HASH, more: object) => ({
    status: 206,
    body: [{ id: HASH[step], name: step, displayName: step, opts: {}, ...more }],
  })
  switch (fnId) {
    case 'shop-steps':
      if (!done('a')) return op('a', { op: 'StepRun', data: { from: 'a' }, opts: { input: ['x'] } })
      if (!done('b')) return op('b', { op: 'StepRun', data: 2 })
      return { status: 200, body: { total: 3, attempt: ctx.attempt } }
    case 'shop-fail':
      return { status: 400, body: { name: 'Refused', message: 'no luck' }, headers: { 'x-inngest-no-retry': 'true' } }
    case 'shop-nap':
      return done('a') ? { status: 200, body: null } : op('a', { op: 'Sleep', name: '1h' })
    case 'shop-wait':
      return done('a')
        ? { status: 200, body: steps[HASH.a] }
        : op('a', { op: 'WaitForSignal', opts: { signal: 'go', timeout: '1h', conflict: 'fail' } })
    default:
      return { status: 200, body: 'plain' }
  }
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  server.answer(app)
  await server.register({ steps: {}, fail: {}, nap: {}, wait: {}, plain: {} })
})
afterAll(() => server.close())

describe('a run', () => {
  test('that completed is shown on v1 and v2', async () => {
    const id = await server.run('shop/steps', 'Completed', { n: 1 })
    const v1 = at((await server.ask(`GET /v1/runs/${id}`)).json, 'data')
    expect(v1).toMatchObject({
      run_id: id,
      status: 'Completed',
      function_version: 1,
      output: { total: 3, attempt: 0 },
      ended_at: expect.any(String),
    })
    const v2 = at((await server.ask(`GET /v2/runs/${id}?includeOutput=true`)).json, 'data')
    expect(v2).toMatchObject({
      id,
      function: { id: 'steps', name: 'steps' },
      app: { id: 'shop' },
      status: 'COMPLETED',
      trigger: { eventIds: [at(v1, 'event_id')], eventName: 'shop/steps' },
      output: { total: 3, attempt: 0 },
      durationMs: expect.stringMatching(/^\d+$/),
    })
    expect(at((await server.ask(`GET /v2/runs/${id}`)).json, 'data', 'output')).toBeUndefined()
    expect((await server.ask(`GET /api/v2/runs/${id.toLowerCase()}`)).status).toBe(200)
  })

  test('whose output is no object has it under `data`', async () => {
    const id = await server.run('shop/plain', 'Completed')
    expect(at((await server.ask(`GET /v2/runs/${id}?include_output=1`)).json, 'data', 'output')).toEqual({
      data: 'plain',
    })
    expect(at((await server.ask(`GET /v1/runs/${id}`)).json, 'data', 'output')).toBe('plain')
  })

  test('that failed shows its error', async () => {
    const id = await server.run('shop/fail', 'Failed')
    expect(at((await server.ask(`GET /v1/runs/${id}`)).json, 'data', 'output')).toEqual({
      error: { error: 'Refused: no luck', name: 'Refused', message: 'no luck' },
    })
    expect(at((await server.ask(`GET /v2/runs/${id}?includeOutput=true`)).json, 'data')).toMatchObject({
      status: 'FAILED',
      output: { error: { name: 'Refused', message: 'no luck' } },
    })
  })

  test('has a trace with inputs and outputs only when they are asked for', async () => {
    const id = await server.run('shop/steps', 'Completed')
    const root = at((await server.ask(`GET /v2/runs/${id}/trace?includeOutput=true`)).json, 'data', 'rootSpan')
    expect(root).toMatchObject({
      name: 'steps',
      status: 'COMPLETED',
      output: { data: { total: 3 } },
      children: [
        {
          name: 'a',
          stepOp: 'RUN',
          stepId: HASH.a,
          stepInfo: { type: null },
          attempts: 0,
          input: ['x'],
          output: { data: { from: 'a' } },
        },
        { name: 'b', output: { data: 2 } },
        { name: 'function success', attempts: 0, output: { data: { total: 3 } } },
      ],
    })
    const without = (await server.ask(`GET /v2/runs/${id}/trace`)).text
    expect(without).not.toContain('"output"')
    expect(without).not.toContain('"input"')
  })

  test('that sleeps has a job and a running span, is cancelled once, and says so', async () => {
    const id = await server.run('shop/nap', 'Running')
    await until(
      async () => at((await server.ask(`GET /v1/runs/${id}/jobs`)).json, 'data', 0, 'kind') === 'sleep',
      'the sleep',
    )
    const jobs = at((await server.ask(`GET /v1/runs/${id}/jobs`)).json, 'data')
    expect(jobs).toEqual([
      { JobID: expect.any(String), at: expect.any(String), position: 0, kind: 'sleep', attempt: 0 },
    ])
    const nap = at((await server.ask(`GET /v2/runs/${id}/trace`)).json, 'data', 'rootSpan', 'children', 0)
    expect(nap).toMatchObject({
      name: 'a',
      status: 'RUNNING',
      stepOp: 'SLEEP',
      stepInfo: { sleepUntil: expect.any(String) },
    })
    expect(nap).not.toHaveProperty('endedAt')
    expect((await server.ask(`POST /v2/runs/${id}/cancel`, { body: {} })).json).toMatchObject({ data: { runId: id } })
    expect(await server.ask(`POST /v2/runs/${id}/cancel`)).toMatchObject({
      status: 409,
      json: { errors: [{ code: 'run_already_cancelled' }] },
    })
    expect(await server.ask(`DELETE /v1/runs/${id}`)).toMatchObject({ status: 200, text: '' })
    expect(at((await server.ask(`GET /v1/runs/${id}`)).json, 'data', 'status')).toBe('Cancelled')
    expect(at((await server.ask(`GET /v1/runs/${id}/jobs`)).json, 'data')).toEqual([])
  })

  test('is cancelled through v0 and v1 as well', async () => {
    const first = await server.run('shop/nap', 'Running')
    expect(await server.ask(`DELETE /v0/runs/${first}`)).toMatchObject({ status: 204, text: '' })
    const second = await server.run('shop/nap', 'Running')
    expect(await server.ask(`DELETE /v1/runs/${second}`)).toMatchObject({ status: 200, text: '' })
    await server.reached(first, 'Cancelled')
    await server.reached(second, 'Cancelled')
  })

  test('that has ended cannot be cancelled on v2', async () => {
    const id = await server.run('shop/plain', 'Completed')
    expect(await server.ask(`POST /v2/runs/${id}/cancel`)).toMatchObject({
      status: 409,
      json: { errors: [{ code: 'run_already_ended' }] },
    })
    expect((await server.ask(`DELETE /v1/runs/${id}`)).status).toBe(200)
  })

  test('is resumed by its signal, once', async () => {
    const id = await server.run('shop/wait', 'Running')
    await until(
      async () => at((await server.ask(`GET /v1/runs/${id}/jobs`)).json, 'data', 0, 'kind') === 'pause',
      'the wait',
    )
    const sent = await server.ask('POST /v1/signals', { body: { signal: 'go', data: { b: 1, a: [null] } } })
    expect(at(sent.json, 'data')).toEqual({ run_id: id })
    await server.reached(id, 'Completed')
    expect(at((await server.ask(`GET /v1/runs/${id}`)).json, 'data', 'output')).toEqual({
      data: { signal: 'go', data: { b: 1, a: [null] } },
    })
    expect(await server.ask('POST /v1/signals', { body: { signal: 'go' } })).toMatchObject({
      status: 404,
      json: { error: 'No signal found', data: null },
    })
    expect(await server.ask('POST /v1/signals', { body: {} })).toMatchObject({
      status: 400,
      json: { error: 'signal is required', data: { path: 'signal' } },
    })
  })

  test('runs again, whole or from a step', async () => {
    const id = await server.run('shop/steps', 'Completed', { n: 7 })
    const again = String(at((await server.ask(`POST /v2/runs/${id}/rerun`)).json, 'data', 'runId'))
    await server.reached(again, 'Completed')
    expect(at((await server.ask(`GET /v1/runs/${again}`)).json, 'data', 'original_run_id')).toBe(id)
    expect(at((await server.ask(`GET /v2/runs/${again}`)).json, 'data', 'originalRunId')).toBe(id)
    const body = { fromStep: { stepId: 'b', input: [{ z: 1, a: 2 }] } }
    const from = String(at((await server.ask(`POST /v2/runs/${id}/rerun`, { body })).json, 'data', 'runId'))
    await server.reached(from, 'Completed')
    const missing = await server.ask(`POST /v2/runs/${id}/rerun`, { body: { fromStep: { stepId: 'nope' } } })
    expect(missing).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'invalid_request', message: 'Step not found in original run' }] },
    })
    const bad = await server.ask(`POST /v2/runs/${id}/rerun`, { body: { fromStep: { input: [] } } })
    expect(bad).toMatchObject({ status: 400, json: { errors: [{ code: 'missing_field', path: 'fromStep.stepId' }] } })
  })

  test('takes metadata, and refuses a target without a step', async () => {
    const id = await server.run('shop/plain', 'Completed')
    const metadata = [{ kind: 'userland.x', op: 'merge', values: { a: 1 } }]
    expect(
      await server.ask(`POST /v1/runs/${id}/metadata`, {
        body: { target: { step_id: 'a', step_attempt: 0 }, metadata },
      }),
    ).toMatchObject({ status: 200, text: '' })
    expect(
      await server.ask(`POST /v1/runs/${id}/metadata`, { body: { target: { step_index: 1 }, metadata } }),
    ).toMatchObject({
      status: 400,
      json: { error: 'Invalid metadata target' },
    })
  })

  test('shows its state to its SDK while it lives, and answers 410 afterwards', async () => {
    const id = await server.run('shop/nap', 'Running', { n: 1 })
    await until(
      async () => at((await server.ask(`GET /v1/runs/${id}/jobs`)).json, 'data', 0, 'kind') === 'sleep',
      'the sleep',
    )
    expect(await server.ask(`GET /v0/runs/${id}/batch`)).toMatchObject({
      status: 200,
      json: [{ name: 'shop/nap', data: { n: 1 } }],
    })
    expect(await server.ask(`GET /v0/runs/${id}/actions`)).toMatchObject({ status: 200, json: {} })
    await server.engine.advanceClock(2 * 3_600_000)
    await server.reached(id, 'Completed')
    const gone = { status: 410, json: { error: `runtime state is no longer available for runID: ${id}`, status: 410 } }
    expect(await server.ask(`GET /v0/runs/${id}/batch`)).toMatchObject(gone)
    expect(await server.ask(`GET /v0/runs/${id}/actions`)).toMatchObject(gone)
  })
})

describe('the list of runs', () => {
  const ids = (json: unknown) => ((at(json, 'data') ?? []) as { id: string }[]).map((run) => run.id)
  const list = async (query: string) => (await server.ask(`GET /v2/runs?${query}`)).json
  let made: string[] = []

  beforeAll(async () => {
    await server.ask('POST /dev/reset')
    made = []
    for (const [name, status] of [
      ['shop/plain', 'Completed'],
      ['shop/steps', 'Completed'],
      ['shop/fail', 'Failed'],
      ['shop/plain', 'Completed'],
      ['shop/nap', 'Running'],
    ] as const) {
      made.push(await server.run(name, status, { n: made.length }))
    }
  })

  test('is in the chosen order of the chosen time, both ways', async () => {
    expect(ids(await list('order=ASC'))).toEqual(made)
    expect(ids(await list(''))).toEqual([...made].reverse())
    expect(ids(await list('timeField=endedAt&order=ASC'))).toEqual(made.slice(0, 4))
    expect(ids(await list('time_field=STARTED_AT&order=ASC'))).toEqual(made)
  })

  test('is paged exactly', async () => {
    const seen: string[] = []
    let json = await list('limit=2&order=ASC')
    for (let page = 0; page < 5; page++) {
      seen.push(...ids(json))
      if (at(json, 'page', 'hasMore') !== true) break
      json = await list(`limit=2&order=ASC&cursor=${at(json, 'page', 'cursor')}`)
    }
    expect(seen).toEqual(made)
    expect(at(await list('limit=5'), 'page')).toEqual({ limit: 5 })
    expect(at(await list('limit=4'), 'page', 'hasMore')).toBe(true)
  })

  test('refuses a cursor of another order', async () => {
    const cursor = at(await list('limit=2&order=ASC'), 'page', 'cursor')
    expect(await server.ask(`GET /v2/runs?limit=2&cursor=${cursor}`)).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'invalid_field_format', path: 'cursor' }] },
    })
  })

  test('is filtered by status, app, function and time', async () => {
    expect(ids(await list('status=FAILED&status=RUNNING'))).toEqual([made[4], made[2]])
    expect(ids(await list('appId=shop&functionId=plain&functionId=fail&order=ASC'))).toEqual([
      made[0],
      made[2],
      made[3],
    ])
    expect(ids((await server.ask('GET /v2/apps/shop/functions/plain/runs?order=ASC')).json)).toEqual([made[0], made[3]])
    expect(ids(await list('until=1h'))).toEqual([])
    expect(ids(await list('from=1h&until=2100-01-01'))).toHaveLength(5)
    expect(at(await list('until=1h'), 'data')).toBeUndefined()
  })

  test('is filtered by expressions over event, output and error, with a count', async () => {
    const query = (text: string) => `query=${encodeURIComponent(text)}`
    expect(ids(await list(query('event.data.n >= 3')))).toEqual([made[4], made[3]])
    expect(ids(await list(query('output.total == 3')))).toEqual([made[1]])
    expect(ids(await list(query('error.message == "no luck"')))).toEqual([made[2]])
    expect(ids(await list(query('event.data.n < 4\nevent.name == "shop/plain"')))).toEqual([made[3], made[0]])
    expect(ids(await list(query('output.missing == null')))).toHaveLength(5)
    const page = await list(`${query('event.data.n < 4')}&limit=2&includeTotal=true`)
    expect(at(page, 'page')).toMatchObject({ totalCount: 4, hasMore: true })
    const rest = await list(
      `${query('event.data.n < 4')}&limit=2&includeTotal=true&cursor=${at(page, 'page', 'cursor')}`,
    )
    expect([...ids(page), ...ids(rest)]).toEqual(made.slice(0, 4).reverse())
    expect(at(rest, 'page')).toEqual({ limit: 2, totalCount: 4 })
  })

  test('of an event has the runs it started', async () => {
    const event = at((await server.ask(`GET /v1/runs/${made[1]}`)).json, 'data', 'event_id')
    expect(ids((await server.ask(`GET /v2/events/${event}/runs?includeOutput=true`)).json)).toEqual([made[1]])
    expect(await server.ask(`GET /v2/events/${event}/runs?limit=41`)).toMatchObject({ status: 400 })
  })

  test.each([
    ['functionId=plain', 'functionId', 400],
    ['from=2026-01-02&until=2026-01-01', 'from', 400],
    ['status=completed', 'status.0', 400],
    ['order=up', 'order', 400],
    ['timeField=madeAt', 'timeField', 400],
    ['limit=101', 'limit', 400],
    ['appId=none', undefined, 404],
    ['appId=shop&functionId=none', undefined, 404],
  ])('refuses %s', async (query, path, status) => {
    const code = status === 404 ? 'not_found' : 'invalid_field_format'
    const refused = await server.ask(`GET /v2/runs?${query}`)
    expect(refused).toMatchObject({ status, json: { errors: [{ code, ...(path === undefined ? {} : { path }) }] } })
  })
})
