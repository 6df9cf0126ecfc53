/**
 * The queue explains itself: each reason for which a run rests is made true and read.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { serveApp } from '../harness/app.ts'
import { at, type Fields, text } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'
import { useServer, useWorld } from '../harness/world.ts'
import { Doors } from './doors.ts'
import { FlowApi, type Place } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const sdk = oneSdk('v4')
/** Keeps the bodies of a function open. */
const doors = new Doors()
for (const id of ['executing', 'concurrency', 'shared-one', 'branches', 'narrow']) doors.shut(id)

const world = useWorld({ name: 'why', sdks: [sdk], retryInterval: 30 }, ({ define, event }, ledger) => {
  type Spec = Parameters<typeof define>[0]
  const busy = (id: string): Spec => ({
    id,
    triggers: [{ event: event(id) }],
    run: ({ step, runId }) =>
      step.run('work', async () => {
        ledger.note(runId, 'work')
        await doors.pass(id)
      }),
  })
  const brief = (id: string, more: Partial<Spec> = {}): Spec => ({
    id,
    triggers: [{ event: event(id) }],
    run: () => 'done',
    ...more,
  })
  define(busy('executing'))
  define({ ...busy('concurrency'), concurrency: [{ limit: 5 }, { limit: 1, key: 'event.data.u' }] })
  define({ ...busy('shared-one'), concurrency: { limit: 1, scope: 'env', key: '"why"' } })
  define({ ...brief('shared-two'), concurrency: { limit: 1, scope: 'env', key: '"why"' } })
  define(brief('throttle', { throttle: { limit: 1, period: '10m', key: 'event.data.u' } }))
  define(brief('scheduled'))
  define(brief('paused'))
  define({
    id: 'sleeping',
    triggers: [{ event: event('sleeping') }],
    run: ({ step }) => step.sleep('nap', '1h'),
  })
  define({
    id: 'waiting',
    triggers: [{ event: event('waiting') }],
    run: ({ step }) => step.waitForEvent('an answer', { event: event('answer'), timeout: '1h', match: 'data.u' }),
  })
  define({
    id: 'signal',
    triggers: [{ event: event('signal') }],
    run: ({ step, event: { data } }) =>
      step.waitForSignal('a sign', { signal: String(data.u), timeout: '1h', onConflict: 'fail' }),
  })
  const child = define({
    id: 'child',
    triggers: [{ event: event('child') }],
    run: ({ step }) => step.sleep('nap', '1h'),
  })
  define({
    id: 'invoking',
    triggers: [{ event: event('invoking') }],
    run: ({ step }) => step.invoke('call', { function: child, timeout: '1h' }),
  })
  define({
    id: 'retry',
    triggers: [{ event: event('retry') }],
    run: ({ step }) =>
      step.run('charge', () => {
        throw new TypeError('declined')
      }),
  })
  define({
    id: 'branches',
    triggers: [{ event: event('branches') }],
    run: ({ step }) =>
      Promise.all([
        step.run('long', () => doors.pass('branches')),
        step.sleep('nap', '1h'),
        step.waitForEvent('an answer', { event: event('answer'), timeout: '1h' }),
      ]),
  })
})

describe.concurrent('a run says why it does not move', () => {
  it('executing: since when, in which attempt, and of which step', async () => {
    const began = Date.now()
    const run = await begin('executing')
    await until('its step', () => world.app(sdk).ledger.times(run, 'work') === 1)
    const reason = await api().rests(run, 'executing')
    expect(reason.attempt).toBe(0)
    expect(Date.parse(text(reason.since))).toBeGreaterThanOrEqual(began - 50)
    expect(Date.parse(text(reason.since))).toBeLessThanOrEqual(Date.now() + 50)
    doors.open('executing')
    await api().reached(run, 'Completed')
    expect(await api().why(run)).toBe(null)
  })

  it('concurrency: which rule and key, its limit, the place in line, and who holds the slots', async () => {
    const u = randomUUID()
    const [first = '', second = '', third = ''] = await beginAll('concurrency', [{ u }, { u }, { u }])
    await until('the first', () => world.app(sdk).ledger.times(first, 'work') === 1)
    const about = { rule: 'concurrency[1]', scope: 'fn', key: u, limit: 1, held: 1 }
    const seen = [await api().rests(second, 'concurrency'), await api().rests(third, 'concurrency')]
    expect(seen).toMatchObject([
      { ...about, place: 1 },
      { ...about, place: 2 },
    ])
    for (const reason of seen) {
      expect(reason.holders).toMatchObject([{ runId: first, function: slug('concurrency') }])
    }
    // On the run itself too.
    expect(at(await api().ask(`/v2/runs/${second}?includeWhy=true`), 'data', 'why', 'reason', 'code')).toBe(
      'concurrency',
    )
    await api().cancel(second)
    await until('its place', async () => (await api().why(third))?.place === 1)
    doors.open('concurrency')
    for (const run of [first, third]) await api().reached(run, 'Completed')
  })

  it('concurrency of the environment: held by a run of another function', async () => {
    const holder = await begin('shared-one')
    await until('the holder', () => world.app(sdk).ledger.times(holder, 'work') === 1)
    const run = await begin('shared-two')
    expect(await api().rests(run, 'concurrency')).toMatchObject({
      rule: 'concurrency[0]',
      scope: 'env',
      key: 'why',
      limit: 1,
      held: 1,
      place: 1,
      holders: [{ runId: holder, function: slug('shared-one') }],
    })
    doors.open('shared-one')
    await api().reached(run, 'Completed')
  })

  it('throttle: the next start, the rule and the place', async () => {
    const u = randomUUID()
    const began = await api().now()
    const [, second = '', third = ''] = await beginAll('throttle', [{ u }, { u }, { u }])
    const about = { key: u, limit: 1, periodMs: 10 * MINUTE_MS }
    const reason = await api().rests(second, 'throttle')
    expect(reason).toMatchObject({ ...about, place: 1 })
    near(reason.nextStartAt, began + 10 * MINUTE_MS)
    expect(await api().rests(third, 'throttle')).toMatchObject({ ...about, place: 2 })
  })

  it('sleeping: until when', async () => {
    const began = await api().now()
    const reason = await api().rests(await begin('sleeping'), 'sleeping')
    expect(reason.step).toBe('nap')
    near(reason.until, began + HOUR_MS)
  })

  it('waiting_for_event: its name, the expression, until when', async () => {
    const began = await api().now()
    const reason = await api().rests(await begin('waiting', { u: 1 }), 'waiting_for_event')
    expect(reason).toMatchObject({ step: 'an answer', name: world.app(sdk).event('answer') })
    expect(reason.expression).toContain('data.u')
    near(reason.until, began + HOUR_MS)
  })

  it('waiting_for_signal: which, until when', async () => {
    const [began, u] = [await api().now(), randomUUID()]
    const reason = await api().rests(await begin('signal', { u }), 'waiting_for_signal')
    expect(reason).toMatchObject({ step: 'a sign', name: u })
    near(reason.until, began + HOUR_MS)
  })

  it('invoking: which function, and which run', async () => {
    const began = await api().now()
    const reason = await api().rests(await begin('invoking'), 'invoking')
    expect(reason).toMatchObject({ step: 'call', function: slug('child') })
    near(reason.until, began + HOUR_MS)
    expect((await api().run(text(reason.childRunId))).status).toMatch(/Running|Scheduled/)
    expect((await api().listRuns(place('child'))).map(({ id }) => id)).toContain(reason.childRunId)
  })

  it('retry: which attempt, when, and what went wrong', async () => {
    const began = await api().now()
    const reason = await api().rests(await begin('retry'), 'retry')
    expect(reason).toMatchObject({ step: 'charge', attempt: 1 })
    near(reason.at, began + 30_000)
    expect(JSON.stringify(reason.error)).toContain('declined')
  })

  it('scheduled: for which time', async () => {
    const ts = (await api().now()) + HOUR_MS
    const id = await api().sendOne({ name: world.app(sdk).event('scheduled'), ts })
    const reason = await api().rests((await api().firstRun(id)).id, 'scheduled')
    expect(Date.parse(text(reason.at))).toBe(ts)
  })

  it('paused: since when, by whom, the function or its app', async () => {
    const began = await api().now()
    await api().pause(place('paused'), { new: 'hold' })
    const reason = await api().rests(await begin('paused'), 'paused')
    expect(reason).toMatchObject({ by: 'api', target: 'function' })
    near(reason.since, began)
    await api().unpause(place('paused'))
  })

  it('app_unreachable: since when, and the last error', async () => {
    const began = await api().now()
    const id = `gone-${randomUUID().slice(0, 8)}`
    const app = await serveApp(sdk, { id, server: world.server.url }, ({ define, event }) => {
      define({ id: 'gone', triggers: [{ event: event('gone') }], run: () => 'done' })
    })
    await app.sync()
    await app.close()
    const ids = await api().send(Array.from({ length: 12 }, () => ({ name: app.event('gone') })))
    const run = await api().firstRun(ids[0] ?? '')
    const reason = await api().rests(run.id, 'app_unreachable')
    expect(reason.error).toMatch(/refused|connect/i)
    near(reason.since, began)
  })

  it('of several branches each has its reason, the one that somebody can change first', async () => {
    const run = await begin('branches')
    const reasons = await until('three', async () => {
      const seen = await api().reasons(run)
      return seen.length === 3 && seen
    })
    expect(reasons.map(({ code, step }) => [code, step])).toEqual([
      ['executing', 'long'],
      ['sleeping', 'nap'],
      ['waiting_for_event', 'an answer'],
    ])
    expect(await api().why(run)).toMatchObject({ code: 'executing' })
    doors.open('branches')
  })

  it('a run that is not known has none', async () => {
    expect((await api().exchange('/v2/runs/01J00000000000000000000000/why')).status).toBe(404)
    expect((await api().exchange('/v2/events/01J00000000000000000000000/why')).status).toBe(404)
  })
})

describe('with one place for calls', () => {
  const narrow = useServer({ flags: ['--queue-workers', '1'] })

  it('queued: the place among those of the function', async () => {
    const app = await serveApp(sdk, { id: 'narrow', server: narrow().url }, ({ define, event }, ledger) => {
      define({
        id: 'busy',
        triggers: [{ event: event('busy') }],
        run: async ({ runId }) => {
          ledger.note(runId, 'called')
          await doors.pass('narrow')
        },
      })
    })
    await app.sync()
    const narrowApi = new FlowApi(narrow().url)
    const ids = await narrowApi.send([1, 2, 3].map(() => ({ name: app.event('busy') })))
    const runs = await Promise.all(ids.map(async (id) => (await narrowApi.firstRun(id)).id))
    await until('the first call', () => app.calls.length === 1)
    const reasons = await Promise.all(runs.map((run) => narrowApi.why(run)))
    expect(reasons).toMatchObject([{ code: 'executing' }, { code: 'queued', place: 1 }, { code: 'queued', place: 2 }])
    expect(await narrowApi.queue({ app: 'narrow', fn: 'busy' })).toMatchObject({ count: 3, running: 1, ready: 2 })
    doors.open('narrow')
    for (const run of runs) await narrowApi.reached(run, 'Completed')
    await app.close()
  })
})

/** An instant of the API, some seconds around a time at most. */
function near(value: unknown, ms: number): void {
  expect(Math.abs(Date.parse(text(value)) - ms)).toBeLessThan(10_000)
}

function send(name: string, data: Fields = {}): Promise<string> {
  return api().sendOne({ name: world.app(sdk).event(name), data })
}

async function begin(name: string, data: Fields = {}): Promise<string> {
  return (await api().firstRun(await send(name, data))).id
}

async function beginAll(name: string, data: readonly Fields[]): Promise<readonly string[]> {
  const ids = await api().send(data.map((each) => ({ name: world.app(sdk).event(name), data: each })))
  return Promise.all(ids.map(async (id) => (await api().firstRun(id)).id))
}

function slug(fn: string): string {
  return `${world.app(sdk).id}-${fn}`
}

function place(fn: string): Place {
  return { app: world.app(sdk).id, fn }
}

function api(): FlowApi {
  return new FlowApi(world.server.url)
}
