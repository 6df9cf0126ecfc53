// Each reason and each outcome that the queue can tell, made true on the real engine and read over HTTP.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AppAnswer, at, startTestServer, type TestApp, type TestServer, until } from '../test-server.ts'

const STEP = 'a'.repeat(40)
const CALLS_MAX = 16
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)

/** Calls of `hold` are answered when the test says so. */
let release: () => void = () => {}
let held: Promise<AppAnswer>
const OPCODES: Readonly<Record<string, object>> = {
  'shop-event': {
    op: 'WaitForEvent',
    name: 'shop/paid',
    opts: { event: 'shop/paid', timeout: '1h', if: 'async.data.n == 1' },
  },
  'shop-signal': { op: 'WaitForSignal', opts: { signal: 'go', timeout: '1h', conflict: 'fail' } },
  'shop-invoke': { op: 'InvokeFunction', opts: { function_id: 'shop-hold', payload: { data: {} }, timeout: '1h' } },
}

const app: TestApp = ({ fnId }) => {
  if (fnId === 'shop-hold' || fnId === 'shop-one-at-a-time') return held
  if (fnId === 'shop-gone') return 'unreachable'
  if (fnId === 'shop-flaky') return { status: 500, body: { name: 'Flaky', message: 'not now' } }
  const opcode = OPCODES[fnId]
  if (opcode === undefined) return { status: 200, body: null }
  return { status: 206, body: [{ id: STEP, name: 'it', displayName: 'it', ...opcode }] }
}

let server: TestServer
beforeEach(async () => {
  held = new Promise((resolve) => {
    release = () => resolve({ status: 200, body: null })
  })
  server = await startTestServer()
  server.answer(app)
})
afterEach(async () => {
  release()
  await server.close()
})

async function send(name: string, event: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return String(at((await server.ask('POST /e/key', { body: { name, data: {}, ...event } })).json, 'ids', 0))
}

/** The run that an event started. */
async function runOf(name: string, event: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await send(name, event)
  const found = async () => at((await server.ask(`GET /v1/events/${id}/runs`)).json, 'data', 0, 'run_id')
  return String(await until(found, `a run of ${name}`))
}

/** The reason of a run, once it has this code. */
async function reason(runId: string, code: string): Promise<unknown> {
  return until(async () => {
    const why = at((await server.ask(`GET /v2/runs/${runId}/why`)).json, 'data', 'reason')
    return at(why, 'code') === code ? why : undefined
  }, `${runId} to be ${code}`)
}

/** What became of an event for the only function that listens, once that is known. */
async function outcome(eventId: string): Promise<unknown> {
  return until(async () => {
    const [first] = at((await server.ask(`GET /v2/events/${eventId}/why`)).json, 'data', 'functions') as unknown[]
    return at(first, 'outcome') === 'pending' ? undefined : first
  }, `the outcome of ${eventId}`)
}

describe('a run that does not move', () => {
  test('is executing while its call is open', async () => {
    await server.register({ hold: {} })
    expect(await reason(await runOf('shop/hold'), 'executing')).toEqual({ code: 'executing', since: ISO, attempt: 0 })
  })

  test('is queued while the server has no call left', async () => {
    await server.register({ hold: {}, 'one-at-a-time': {}, other: {} })
    // One function leaves the last place to others.
    for (let n = 1; n < CALLS_MAX; n++) await reason(await runOf('shop/hold'), 'executing')
    await reason(await runOf('shop/one-at-a-time'), 'executing')
    await runOf('shop/other')
    expect(await reason(await runOf('shop/other'), 'queued')).toEqual({ code: 'queued', place: 2 })
  })

  test('waits for a slot that another run holds', async () => {
    await server.register({ 'one-at-a-time': { concurrency: [{ limit: 1, key: 'event.data.user' }] } })
    const event = { data: { user: 'ann' } }
    const holder = await runOf('shop/one-at-a-time', event)
    await reason(holder, 'executing')
    await runOf('shop/one-at-a-time', event)
    expect(await reason(await runOf('shop/one-at-a-time', event), 'concurrency')).toEqual({
      code: 'concurrency',
      rule: expect.any(String),
      scope: 'fn',
      key: 'ann',
      limit: 1,
      held: 1,
      place: 2,
      holders: [{ runId: holder, function: 'shop-one-at-a-time', step: '' }],
    })
  })

  test('waits for the next start that the throttle allows', async () => {
    await server.register({ slow: { throttle: { limit: 1, period: '1h' } } })
    await server.reached(await runOf('shop/slow'), 'Completed')
    expect(await reason(await runOf('shop/slow'), 'throttle')).toEqual({
      code: 'throttle',
      key: null,
      limit: 1,
      periodMs: 3_600_000,
      place: 1,
      nextStartAt: ISO,
    })
  })

  test('cannot reach its app', async () => {
    await server.register({ gone: {} })
    for (let n = 0; n < 12; n++) await send('shop/gone')
    expect(await reason(await runOf('shop/gone'), 'app_unreachable')).toEqual({
      code: 'app_unreachable',
      since: ISO,
      error: expect.any(String),
    })
  })

  test('is tried again later', async () => {
    await server.register({ flaky: {} })
    expect(await reason(await runOf('shop/flaky'), 'retry')).toEqual({
      code: 'retry',
      attempt: 1,
      at: ISO,
      error: expect.objectContaining({ message: 'not now' }),
    })
  })

  test('begins at the time of its event', async () => {
    await server.register({ plain: {} })
    const ts = Date.now() + 3_600_000
    expect(await reason(await runOf('shop/plain', { ts }), 'scheduled')).toEqual({
      code: 'scheduled',
      at: new Date(ts).toISOString(),
    })
  })

  test('waits for an event', async () => {
    await server.register({ event: {} })
    expect(await reason(await runOf('shop/event'), 'waiting_for_event')).toEqual({
      code: 'waiting_for_event',
      step: 'it',
      name: 'shop/paid',
      expression: 'async.data.n == 1',
      until: ISO,
    })
  })

  test('waits for a signal', async () => {
    await server.register({ signal: {} })
    expect(await reason(await runOf('shop/signal'), 'waiting_for_signal')).toEqual({
      code: 'waiting_for_signal',
      step: 'it',
      name: 'go',
      until: ISO,
    })
  })

  test('waits for the run that it invoked', async () => {
    await server.register({ hold: {}, invoke: {} })
    const why = await reason(await runOf('shop/invoke'), 'invoking')
    expect(why).toEqual({
      code: 'invoking',
      step: 'it',
      function: 'shop-hold',
      childRunId: expect.stringMatching(/^[0-9A-Z]{26}$/),
      until: ISO,
    })
    await reason(String(at(why, 'childRunId')), 'executing')
  })
})

describe('an event', () => {
  test('started a run', async () => {
    await server.register({ plain: {} })
    const id = await send('shop/plain')
    expect(await outcome(id)).toMatchObject({
      function: 'shop-plain',
      outcome: 'started',
      runId: expect.stringMatching(/^[0-9A-Z]{26}$/),
    })
  })

  test('does not fulfil the condition, which saw these values', async () => {
    await server.register({ plain: { triggers: [{ event: 'shop/plain', expression: 'event.data.n > 10' }] } })
    const told = await outcome(await send('shop/plain', { data: { n: 3 } }))
    expect(told).toMatchObject({ outcome: 'filter_false', runId: null, detail: { expression: 'event.data.n > 10' } })
    expect(JSON.stringify(at(told, 'detail'))).toContain('3')
  })

  test('meets a condition that cannot be evaluated', async () => {
    await server.register({ plain: { triggers: [{ event: 'shop/plain', expression: 'event.data.n.size() > 1' }] } })
    expect(await outcome(await send('shop/plain', { data: { n: 3 } }))).toMatchObject({
      outcome: 'bad_expression',
      detail: { error: expect.any(String) },
    })
  })

  test('was sent before under the same ID', async () => {
    await server.register({ plain: {} })
    await outcome(await send('shop/plain', { id: 'once' }))
    expect(await outcome(await send('shop/plain', { id: 'once' }))).toMatchObject({ outcome: 'duplicate', runId: null })
  })

  test('is over the rate limit', async () => {
    await server.register({ plain: { rateLimit: { limit: 1, period: '1h' } } })
    await outcome(await send('shop/plain'))
    expect(await outcome(await send('shop/plain'))).toMatchObject({ outcome: 'rate_limited', runId: null })
  })

  test('is taken into a debounce', async () => {
    await server.register({ plain: { debounce: { period: '1h' } } })
    expect(await outcome(await send('shop/plain'))).toMatchObject({ outcome: 'debounced', runId: null })
  })

  test('is taken into a batch', async () => {
    await server.register({ plain: { batchEvents: { maxSize: 2, timeout: '60s' } } })
    expect(await outcome(await send('shop/plain'))).toMatchObject({ outcome: 'batched', runId: null })
  })

  test('meets the live run of a singleton', async () => {
    await server.register({ hold: { singleton: { mode: 'skip' } } })
    await reason(await runOf('shop/hold'), 'executing')
    expect(await outcome(await send('shop/hold'))).toMatchObject({
      outcome: 'singleton',
      runId: expect.stringMatching(/^[0-9A-Z]{26}$/),
    })
  })

  test.each([
    ['hold', 'paused'],
    ['finish', 'drained'],
  ])('meets a paused function whose live runs %s', async (running, expected) => {
    await server.register({ plain: {} })
    await server.ask('POST /v2/apps/shop/functions/plain/pause', { body: { running } })
    const told = await outcome(await send('shop/plain'))
    expect(told).toMatchObject({ outcome: expected, runId: expect.stringMatching(/^[0-9A-Z]{26}$/) })
    expect(at((await server.ask(`GET /v2/runs/${at(told, 'runId')}`)).json, 'data')).toMatchObject({
      status: 'SKIPPED',
      skipReason: expected,
    })
  })

  test('came before the function listened', async () => {
    const id = await send('shop/plain')
    const sentAt = Date.now()
    await until(async () => Date.now() > sentAt, 'a later instant')
    await server.register({ plain: {} })
    expect(await outcome(id)).toMatchObject({ outcome: 'not_listening_then', runId: null })
  })

  test('that nobody listens to concerned no function', async () => {
    const id = await send('shop/nobody')
    expect(at((await server.ask(`GET /v2/events/${id}/why`)).json, 'data')).toEqual({ eventId: id, functions: [] })
  })
})
