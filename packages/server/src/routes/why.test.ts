import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WhyEvent, WhyReason, WhyRun } from '../engine.ts'
import { at, startTestServer, type TestServer } from '../test-server.ts'

const AT = Date.UTC(2026, 0, 31, 12)
const ISO = '2026-01-31T12:00:00.000Z'
const RUN = '01J00000000000000000000001'
const HOLDERS = [{ runId: RUN, function: 'shop-one', step: '' }]
let why: WhyRun | undefined
let whyEvent: readonly WhyEvent[] | undefined
let askedFor: string[] = []

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    fakes: {
      engine: {
        why: async (runId) => {
          askedFor.push(runId)
          return why
        },
        whyEvent: async () => whyEvent,
      },
    },
  })
  server.answer(({ fnId }) =>
    fnId === 'shop-nap'
      ? { status: 206, body: [{ id: 'a'.repeat(40), op: 'Sleep', name: '1h', opts: {} }] }
      : { status: 200, body: null },
  )
  await server.register({ nap: {}, plain: {} })
})
afterAll(() => server.close())

/** Each reason as the engine gives it, and as it is shown. */
const REASONS: readonly (readonly [WhyReason, Record<string, unknown>])[] = [
  [
    { code: 'executing', step: '', since: AT, attempt: 1 },
    { code: 'executing', since: ISO, attempt: 1 },
  ],
  [
    { code: 'queued', step: 'a', place: 3 },
    { code: 'queued', step: 'a', place: 3 },
  ],
  [
    { code: 'concurrency', step: '', rule: 'r', scope: 'fn', key: null, limit: 1, held: 1, place: 2, holders: HOLDERS },
    { code: 'concurrency', rule: 'r', scope: 'fn', key: null, limit: 1, held: 1, place: 2, holders: HOLDERS },
  ],
  [
    { code: 'throttle', step: '', key: 'u', limit: 2, periodMs: 1_000, place: 1, nextStartAt: AT },
    { code: 'throttle', key: 'u', limit: 2, periodMs: 1_000, place: 1, nextStartAt: ISO },
  ],
  [
    { code: 'paused', step: '', since: AT, by: 'api', until: null, target: 'app' },
    { code: 'paused', since: ISO, by: 'api', until: null, target: 'app' },
  ],
  [
    { code: 'app_unreachable', step: '', since: AT, error: 'refused' },
    { code: 'app_unreachable', since: ISO, error: 'refused' },
  ],
  [
    { code: 'sleeping', step: 'nap', until: AT },
    { code: 'sleeping', step: 'nap', until: ISO },
  ],
  [
    { code: 'scheduled', step: '', at: AT },
    { code: 'scheduled', at: ISO },
  ],
  [
    { code: 'retry', step: 'a', attempt: 2, at: AT, error: null },
    { code: 'retry', step: 'a', attempt: 2, at: ISO, error: null },
  ],
  [
    { code: 'retry', step: '', attempt: 1, at: AT, error: '{"message":"no","name":"E"}' },
    { code: 'retry', attempt: 1, at: ISO, error: { message: 'no', name: 'E' } },
  ],
  [
    { code: 'waiting_for_event', step: 'w', name: 'a/b', expression: null, until: AT },
    { code: 'waiting_for_event', step: 'w', name: 'a/b', expression: null, until: ISO },
  ],
  [
    { code: 'waiting_for_signal', step: 's', name: 'go', until: AT },
    { code: 'waiting_for_signal', step: 's', name: 'go', until: ISO },
  ],
  [
    { code: 'invoking', step: 'i', function: 'shop-one', childRunId: RUN, until: AT },
    { code: 'invoking', step: 'i', function: 'shop-one', childRunId: RUN, until: ISO },
  ],
]

describe('why a run does not move', () => {
  test.each(REASONS)('is told with its facts: %j', async (reason, shown) => {
    why = { runId: RUN, status: 'running', reason, all: [reason] }
    const told = await server.ask(`GET /v2/runs/${RUN}/why`)
    expect(told.status).toBe(200)
    expect(at(told.json, 'data')).toEqual({ runId: RUN, status: 'RUNNING', reason: shown, reasons: [shown] })
  })

  test('has a reason for each open branch', async () => {
    const all = REASONS.map(([reason]) => reason)
    why = { runId: RUN, status: 'scheduled', reason: all[0] ?? null, all }
    const told = await server.ask(`GET /api/v2/runs/${RUN.toLowerCase()}/why`)
    expect(at(told.json, 'data', 'status')).toBe('QUEUED')
    expect(at(told.json, 'data', 'reasons')).toEqual(REASONS.map(([, shown]) => shown))
    expect(askedFor.at(-1)).toBe(RUN)
  })

  test('is nothing for a run that has ended, and 404 for one that is not known', async () => {
    why = { runId: RUN, status: 'completed', reason: null, all: [] }
    expect(at((await server.ask(`GET /v2/runs/${RUN}/why`)).json, 'data')).toEqual({
      runId: RUN,
      status: 'COMPLETED',
      reason: null,
      reasons: [],
    })
    why = undefined
    expect(await server.ask(`GET /v2/runs/${RUN}/why`)).toMatchObject({
      status: 404,
      json: { errors: [{ code: 'not_found', message: 'Run not found' }] },
    })
    expect((await server.ask('GET /v2/runs/x/why')).status).toBe(400)
  })

  test('stands on the run itself when it is asked for, and costs nothing otherwise', async () => {
    const id = await server.run('shop/nap', 'Running')
    const reason = { code: 'sleeping', step: 'nap', until: AT } as const
    why = { runId: id, status: 'running', reason, all: [reason] }
    askedFor = []
    const shown = { code: 'sleeping', step: 'nap', until: ISO }
    expect(at((await server.ask(`GET /v2/runs/${id}?includeWhy=true`)).json, 'data', 'why')).toEqual({
      reason: shown,
      reasons: [shown],
    })
    expect(askedFor).toEqual([id])
    expect(at((await server.ask(`GET /v2/runs/${id}`)).json, 'data')).not.toHaveProperty('why')
    const ended = await server.run('shop/plain', 'Completed')
    expect(at((await server.ask(`GET /v2/runs/${ended}?includeWhy=true`)).json, 'data')).not.toHaveProperty('why')
    expect(askedFor).toEqual([id])
  })
})

describe('what became of an event', () => {
  test('is told for each function that listens', async () => {
    whyEvent = [
      { function: 'shop-one', outcome: 'started', runId: RUN, detail: null },
      {
        function: 'shop-two',
        outcome: 'filter_false',
        runId: null,
        detail: { if: 'event.data.n > 1', values: { n: 1 } },
      },
      { function: 'shop-six', outcome: 'debounced', runId: null, detail: { key: null, firesAt: AT } },
      { function: 'shop-ten', outcome: 'missed_tick', runId: null, detail: { from: AT, until: AT, ran: null } },
    ]
    expect(at((await server.ask(`GET /v2/events/${RUN}/why`)).json, 'data')).toEqual({
      eventId: RUN,
      functions: [
        { function: 'shop-one', outcome: 'started', runId: RUN, detail: null },
        {
          function: 'shop-two',
          outcome: 'filter_false',
          runId: null,
          detail: { if: 'event.data.n > 1', values: { n: 1 } },
        },
        { function: 'shop-six', outcome: 'debounced', runId: null, detail: { key: null, firesAt: ISO } },
        { function: 'shop-ten', outcome: 'missed_tick', runId: null, detail: { from: ISO, until: ISO, ran: null } },
      ],
    })
    whyEvent = []
    expect(at((await server.ask(`GET /v2/events/${RUN}/why`)).json, 'data')).toEqual({ eventId: RUN, functions: [] })
  })

  test('is not known for an event that is not', async () => {
    whyEvent = undefined
    expect(await server.ask(`GET /v2/events/${RUN}/why`)).toMatchObject({
      status: 404,
      json: { errors: [{ code: 'not_found', message: 'Event not found' }] },
    })
    expect((await server.ask('GET /v2/events/x/why')).status).toBe(400)
  })
})
