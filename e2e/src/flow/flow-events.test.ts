/**
 * What became of an event, for each function that listens: each outcome is made true and read.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { serveApp } from '../harness/app.ts'
import { type Fields, text } from '../harness/shapes.ts'
import { moment } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { FlowApi, type Outcome, type Place } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'

const sdk = oneSdk('v4')

const world = useWorld({ name: 'outcomes', sdks: [sdk] }, ({ define, event }) => {
  type Spec = Parameters<typeof define>[0]
  const brief = (id: string, more: Partial<Spec> = {}): Spec => ({
    id,
    triggers: [{ event: event(id) }],
    run: () => 'done',
    ...more,
  })
  define(brief('started'))
  define(brief('started-too', { triggers: [{ event: event('started') }] }))
  define(brief('filtered', { triggers: [{ event: event('filtered'), if: 'event.data.n > 5 && event.data.x == 1' }] }))
  define(brief('erring', { triggers: [{ event: event('erring'), if: 'event.data.s + 1 > 3' }] }))
  define(brief('duplicate'))
  define(brief('rated', { rateLimit: { limit: 1, period: '1h', key: 'event.data.u' } }))
  define(brief('debounced', { debounce: { period: '1h', key: 'event.data.u' } }))
  define(brief('batched', { batchEvents: { maxSize: 2, timeout: '60s', key: 'event.data.u' } }))
  define(brief('singleton', { singleton: { mode: 'skip' }, run: ({ step }) => step.sleep('long', '24h') }))
  define(brief('rests'))
  define(brief('drains'))
})

describe.concurrent('an event says what became of it', () => {
  it('started: the run, for each function', async () => {
    const id = await send('started')
    const outcomes = await api().outcomes(id)
    const runs = await api().runsOf(id)
    expect(outcomes.map(({ function: fn, outcome }) => [fn, outcome]).toSorted()).toEqual([
      [slug('started'), 'started'],
      [slug('started-too'), 'started'],
    ])
    expect(outcomes.map(({ runId }) => runId).toSorted()).toEqual(runs.map((run) => run.id).toSorted())
  })

  it('filter_false: with the values that the condition saw', async () => {
    const { outcome, runId, detail } = await outcomeOf(await send('filtered', { n: 3 }), 'filtered')
    expect([outcome, runId]).toEqual(['filter_false', null])
    expect(detail).toMatchObject({ values: { 'event.data.n': 3 }, missing: ['event.data.x'] })
  })

  it('bad_expression: with the error', async () => {
    const { outcome, detail } = await outcomeOf(await send('erring', { s: 'x' }), 'erring')
    expect([outcome, String(detail?.error)]).toEqual(['bad_expression', expect.stringContaining('event.data.s + 1')])
  })

  it('duplicate: an ID that was there before', async () => {
    const id = randomUUID()
    const [first = ''] = await api().send({ name: world.app(sdk).event('duplicate'), id })
    const [second = ''] = await api().send({ name: world.app(sdk).event('duplicate'), id })
    expect((await outcomeOf(first, 'duplicate')).outcome).toBe('started')
    expect((await outcomeOf(second, 'duplicate')).outcome).toBe('duplicate')
  })

  it('rate_limited', async () => {
    const u = randomUUID()
    const [first, second] = [await send('rated', { u }), await send('rated', { u })]
    expect((await outcomeOf(first, 'rated')).outcome).toBe('started')
    expect(await outcomeOf(second, 'rated')).toMatchObject({ outcome: 'rate_limited', runId: null })
  })

  it('batched: while it waits, and the run that it ended up in', async () => {
    const u = randomUUID()
    const first = await send('batched', { u })
    expect(await outcomeOf(first, 'batched')).toMatchObject({ outcome: 'batched', runId: null })
    const second = await send('batched', { u })
    const run = await api().firstRun(second)
    expect(await outcomeOf(second, 'batched')).toMatchObject({ runId: run.id })
    expect(await outcomeOf(first, 'batched')).toMatchObject({ runId: run.id })
  })

  it('singleton: the run that is recorded as skipped', async () => {
    const holder = (await api().firstRun(await send('singleton'))).id
    const id = await send('singleton')
    const seen = await outcomeOf(id, 'singleton')
    expect(seen).toMatchObject({ outcome: 'singleton', runId: expect.any(String) })
    expect(seen.runId).not.toBe(holder)
    expect((await api().run(text(seen.runId))).status).toBe('Skipped')
  })

  it('paused and drained', async () => {
    await api().pause(place('rests'))
    await api().pause(place('drains'), { running: 'finish' })
    expect(await outcomeOf(await send('rests'), 'rests')).toMatchObject({ outcome: 'paused' })
    expect(await outcomeOf(await send('drains'), 'drains')).toMatchObject({ outcome: 'drained' })
  })

  it('not_listening_then: the function came later', async () => {
    const id = `late-${randomUUID().slice(0, 8)}`
    const event = await api().sendOne({ name: `${id}/work` })
    expect(await api().outcomes(event)).toEqual([])
    await moment(20)
    const app = await serveApp(sdk, { id, server: world.server.url }, ({ define }) => {
      define({ id: 'late', triggers: [{ event: `${id}/work` }], run: () => 'done' })
    })
    await app.sync()
    expect(await api().outcome(event, { app: id, fn: 'late' })).toMatchObject({
      outcome: 'not_listening_then',
      runId: null,
    })
    await app.close()
  })
})

describe('with the clock moved', () => {
  it('debounced: the one that is replaced, and the run of the last', async () => {
    const u = randomUUID()
    const ids = await api().send([1, 2].map(() => ({ name: world.app(sdk).event('debounced'), data: { u } })))
    const [first = '', last = ''] = ids
    expect((await outcomeOf(last, 'debounced')).outcome).toBe('debounced')
    await api().advance('1h')
    const run = await api().firstRun(last)
    expect(await outcomeOf(last, 'debounced')).toMatchObject({ outcome: 'started', runId: run.id })
    const replaced = await outcomeOf(first, 'debounced')
    expect(replaced.outcome).toBe('debounced')
    expect(replaced.detail).not.toBe(null)
  })
})

function send(name: string, data: Fields = {}): Promise<string> {
  return api().sendOne({ name: world.app(sdk).event(name), data })
}

function outcomeOf(eventId: string, fn: string): Promise<Outcome> {
  return api().outcome(eventId, place(fn))
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
