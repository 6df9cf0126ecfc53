// Every reason made true, and read: why a run does not move, and what became of an event.
import { readEvent } from '@pawl/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import type { WhyEvent, WhyReason } from '../engine.ts'
import { functionUuid } from '../identity.ts'
import {
  invoke,
  lost,
  ops,
  planned,
  ran,
  returned,
  sleep,
  stepThrew,
  threw,
  waitFor,
  waitForSignal,
} from '../scenarios/answers.ts'
import { BEGIN, type FunctionOptions, held, type Script, World } from '../scenarios/world.ts'

let world: World
afterEach(() => world.close())

const never: Script = () => held().promise

async function why(fn = 'f', index = 0): Promise<readonly WhyReason[]> {
  const run = (await world.runs(fn))[index]
  const found = await world.engine.why(run?.id ?? '')
  expect(found).toMatchObject({ runId: run?.id, status: run?.status })
  expect(found?.reason ?? undefined).toEqual(found?.all[0])
  return found?.all ?? []
}

async function opened(
  options: FunctionOptions,
  script: Script,
  part: Parameters<typeof World.open>[0] = {},
): Promise<void> {
  world = await World.open(part)
  await world.register({ f: [options, script] })
}

describe('a run that does not move', () => {
  it('is executing', async () => {
    await opened({}, never)
    await world.send({ name: 'f' })
    await world.advance(700)
    expect(await why()).toEqual([{ code: 'executing', step: '', since: BEGIN, attempt: 0 }])
  })

  it('is queued, and tells its place', async () => {
    await opened({}, never, { callsMax: 1 })
    await world.send({ name: 'f' }, { name: 'f' }, { name: 'f' })
    expect(await why('f', 1)).toEqual([{ code: 'queued', step: '', place: 1 }])
    expect(await why('f', 2)).toEqual([{ code: 'queued', step: '', place: 2 }])
  })

  it('waits for a slot: of which rule and key, and who holds it', async () => {
    const script: Script = (call) => (call.aimsAt('a') ? never(call) : ops([planned('a'), planned('b')]))
    await opened({ concurrency: [{ limit: 9 }, { limit: 2, key: 'event.data.u' }] }, script)
    await world.send({ name: 'f', data: { u: 'ann' } })
    await world.send({ name: 'f', data: { u: 'ann' } })
    const [first, second] = [await why('f', 0), await why('f', 1)]
    const reasons = [...first, ...second].filter(({ code }) => code === 'concurrency')
    expect(reasons.length).toBeGreaterThan(0)
    const [run] = await world.runs('f')
    for (const reason of reasons) {
      expect(reason).toMatchObject({ rule: 'concurrency[1]', scope: 'fn', key: 'ann', limit: 2, held: 2 })
      expect(reason.code === 'concurrency' && reason.holders).toContainEqual({
        runId: run?.id,
        function: 'app-f',
        step: 'a',
      })
    }
  })

  it('waits for a slot: in which place', async () => {
    await opened({ concurrency: { limit: 1 } }, never)
    await world.send({ name: 'f' }, { name: 'f' }, { name: 'f' })
    const [holder] = await world.runs('f')
    expect(await why('f', 2)).toEqual([
      {
        code: 'concurrency',
        step: '',
        rule: 'concurrency[0]',
        scope: 'fn',
        key: null,
        limit: 1,
        held: 1,
        place: 2,
        holders: [{ runId: holder?.id, function: 'app-f', step: '' }],
      },
    ])
  })

  it('waits for the next start of a throttle', async () => {
    await opened({ throttle: { limit: 1, period: '10s', key: 'event.data.u' } }, () => returned(1))
    await world.send(...[1, 2, 3].map(() => ({ name: 'f', data: { u: 'ann' } })))
    await world.advance(4_000)
    const reason = { code: 'throttle', step: '', key: 'ann', limit: 1, periodMs: 10_000, nextStartAt: BEGIN + 10_000 }
    expect(await why('f', 1)).toEqual([{ ...reason, place: 1 }])
    expect(await why('f', 2)).toEqual([{ ...reason, place: 2 }])
    await world.advance(6_000)
    expect((await world.runs('f')).map(({ status }) => status)).toEqual(['completed', 'completed', 'scheduled'])
    expect(await why('f', 2)).toEqual([{ ...reason, place: 1, nextStartAt: BEGIN + 20_000 }])
  })

  it.each([
    ['its function', { functionId: functionUuid('app', 'app-f') }, 'function'],
    ['its app', { appName: 'app' }, 'app'],
  ] as const)('is paused, with %s', async (_what, target, of) => {
    await opened({}, never)
    await world.engine.pause(target, { new: 'hold', running: 'hold', by: 'ann', until: null })
    await world.advance(100)
    await world.send({ name: 'f' })
    expect(await why()).toEqual([{ code: 'paused', step: '', since: BEGIN, by: 'ann', until: null, target: of }])
  })

  it('cannot reach its app', async () => {
    await opened({ retries: 20 }, () => lost('unreachable', 'connection refused'), { retryDelayMs: 10 })
    await world.send(...Array.from({ length: 10 }, () => ({ name: 'f' })))
    await world.advance(900)
    const reasons = await why()
    expect(reasons).toMatchObject([{ code: 'app_unreachable', step: '', error: 'connection refused' }])
  })

  it('sleeps', async () => {
    await opened({}, () => ops([sleep('nap', '1h')]))
    await world.send({ name: 'f' })
    expect(await why()).toEqual([{ code: 'sleeping', step: 'nap', until: BEGIN + 3_600_000 }])
  })

  it('begins in the future', async () => {
    await opened({}, never)
    await world.send({ name: 'f', ts: BEGIN + 60_000 })
    expect(await why()).toEqual([{ code: 'scheduled', step: '', at: BEGIN + 60_000 }])
  })

  it.each<[string, Script, string]>([
    ['the function', () => threw('no luck'), ''],
    ['a step within its call', () => ops([stepThrew('charge', 'no luck')]), 'charge'],
    [
      'a planned step',
      (call) =>
        call.aimsAt('charge') ? ops([stepThrew('charge', 'no luck')]) : ops([planned('charge'), sleep('s', '1h')]),
      'charge',
    ],
  ])('is tried again: %s', async (_what, script, step) => {
    await opened({}, script)
    await world.send({ name: 'f' })
    const [reason] = await why()
    expect(reason).toMatchObject({ code: 'retry', step, attempt: 1, at: BEGIN + 1_000 })
    expect(reason?.code === 'retry' && JSON.parse(reason.error ?? '')).toMatchObject({ message: 'no luck' })
  })

  it('waits for an event', async () => {
    await opened({}, () => ops([waitFor('w', 'a/b', { if: 'async.data.id == event.data.id' })]))
    await world.send({ name: 'f', data: { id: 1 } })
    expect(await why()).toEqual([
      {
        code: 'waiting_for_event',
        step: 'w',
        name: 'a/b',
        expression: 'async.data.id == event.data.id',
        until: BEGIN + 3_600_000,
      },
    ])
  })

  it('waits for a signal', async () => {
    await opened({}, () => ops([waitForSignal('w', 'go')]))
    await world.send({ name: 'f' })
    expect(await why()).toEqual([{ code: 'waiting_for_signal', step: 'w', name: 'go', until: BEGIN + 3_600_000 }])
  })

  it('waits for a run that it invoked', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => ops([invoke('i', 'app-g', { timeout: '1h' })])], g: [{}, never] })
    await world.send({ name: 'f' })
    const child = await world.run('g')
    expect(await why()).toEqual([
      { code: 'invoking', step: 'i', function: 'app-g', childRunId: child.id, until: BEGIN + 3_600_000 },
    ])
  })

  it('has a reason for each open branch', async () => {
    await opened({}, (call) =>
      call.aimsAt('a') ? never(call) : ops([planned('a'), sleep('nap', '1h'), waitFor('w', 'x')]),
    )
    await world.send({ name: 'f' })
    expect((await why()).map(({ code, step }) => [code, step])).toEqual([
      ['executing', 'a'],
      ['sleeping', 'nap'],
      ['waiting_for_event', 'w'],
    ])
  })

  it('has none once it has ended, and is not told of when it is not known', async () => {
    await opened({}, (call) => (call.has('a') ? returned(1) : ops([ran('a')])))
    await world.send({ name: 'f' })
    const { id } = await world.run('f')
    expect(await world.engine.why(id)).toEqual({ runId: id, status: 'completed', reason: null, all: [] })
    expect(await world.engine.why('none')).toBe(undefined)
  })
})

async function became(id: string | undefined, fn = 'f'): Promise<WhyEvent> {
  const all = await world.engine.whyEvent(id ?? '')
  const found = all?.filter((one) => one.function === `app-${fn}`) ?? []
  expect(found).toHaveLength(1)
  return found[0] as WhyEvent
}

describe('an event', () => {
  it('started a run of each function that listens to its name', async () => {
    world = await World.open()
    await world.register({
      f: [{ triggers: [{ event: 'e' }] }, () => returned(1)],
      g: [{ triggers: [{ event: '*' }, { event: 'e' }] }, () => returned(1)],
      h: [{ triggers: [{ event: 'other' }] }, () => returned(1)],
    })
    const [id] = await world.send({ name: 'e' })
    const [f, g] = [await world.run('f'), await world.run('g')]
    expect(await world.engine.whyEvent(id ?? '')).toEqual([
      { function: 'app-f', outcome: 'started', runId: f.id, detail: null },
      { function: 'app-g', outcome: 'started', runId: g.id, detail: null },
    ])
    await world.engine.rerun(f.id)
    expect((await became(id)).runId).toBe(f.id)
  })

  it('did not pass a filter, and tells what that saw', async () => {
    const expression = 'event.data.n > 5 && event.data.x == 1'
    await opened({ triggers: [{ event: 'e', expression }] }, () => returned(1))
    const [id] = await world.send({ name: 'e', data: { n: 3 } })
    expect(await became(id)).toEqual({
      function: 'app-f',
      outcome: 'filter_false',
      runId: null,
      detail: { expression, values: { 'event.data.n': 3 }, missing: ['event.data.x'] },
    })
  })

  it('met a condition that errs', async () => {
    await opened({ triggers: [{ event: 'e', expression: 'event.data.s + 1 > 3' }] }, () => returned(1))
    const [id] = await world.send({ name: 'e', data: { s: 'x' } })
    const { outcome, detail } = await became(id)
    expect([outcome, detail?.error]).toEqual(['bad_expression', expect.stringContaining('event.data.s + 1 > 3: ')])
  })

  it('was a repeat', async () => {
    await opened({}, () => returned(1))
    const [first] = await world.send({ name: 'f', id: 'mine' })
    const [second] = await world.send({ name: 'f', id: 'mine' })
    expect([(await became(first)).outcome, (await became(second)).outcome]).toEqual(['started', 'duplicate'])
  })

  it('went over a rate limit', async () => {
    await opened({ rateLimit: { limit: 1, period: '1m' } }, () => returned(1))
    const ids = await world.send({ name: 'f' }, { name: 'f' })
    expect([(await became(ids[0])).outcome, (await became(ids[1])).outcome]).toEqual(['started', 'rate_limited'])
  })

  it('was debounced: the last one starts the run', async () => {
    await opened({ debounce: { period: '10s' } }, () => returned(1))
    const ids = [...(await world.send({ name: 'f' })), ...(await world.send({ name: 'f' }))]
    expect([(await became(ids[0])).outcome, (await became(ids[1])).outcome]).toEqual(['debounced', 'debounced'])
    expect((await became(ids[0])).detail).toHaveProperty('window')
    await world.advance(10_000)
    const run = await world.run('f')
    expect(await became(ids[0])).toMatchObject({ outcome: 'debounced', runId: null })
    expect(await became(ids[1])).toMatchObject({ outcome: 'started', runId: run.id })
  })

  it('was batched: each of them started the run', async () => {
    await opened({ batchEvents: { maxSize: 2, timeout: '10s' } }, () => returned(1))
    const [first] = await world.send({ name: 'f' })
    expect(await became(first)).toMatchObject({ outcome: 'batched', runId: null })
    const [second] = await world.send({ name: 'f' })
    const run = await world.run('f')
    for (const id of [first, second]) {
      expect(await became(id)).toMatchObject({ outcome: 'started', runId: run.id, detail: { batch: run.batch } })
    }
  })

  it('met a singleton that runs', async () => {
    await opened({ singleton: { mode: 'skip' } }, never)
    await world.send({ name: 'f' })
    const [id] = await world.send({ name: 'f' })
    const skipped = (await world.runs('f')).find((run) => run.status === 'skipped')
    expect(await became(id)).toEqual({ function: 'app-f', outcome: 'singleton', runId: skipped?.id, detail: null })
  })

  it.each([
    ['hold', 'paused'],
    ['finish', 'drained'],
  ] as const)('met a function that is paused (running: %s)', async (running, outcome) => {
    await opened({}, () => returned(1))
    await world.engine.pause(
      { functionId: functionUuid('app', 'app-f') },
      { new: 'skip', running, by: 'api', until: null },
    )
    const [id] = await world.send({ name: 'f' })
    expect(await became(id)).toMatchObject({ outcome })
  })

  it('came before the function', async () => {
    world = await World.open()
    const [id] = await world.send({ name: 'f' })
    await world.advance(1)
    await world.register({ f: [{}, () => returned(1)] })
    expect(await became(id)).toMatchObject({ outcome: 'not_listening_then', runId: null })
  })

  it('came before the function listened to its name', async () => {
    await opened({}, () => returned(1))
    const [id] = await world.send({ name: 'e' })
    await world.advance(61_000)
    await world.register({ f: [{ triggers: [{ event: 'e' }] }, () => returned(1)] })
    expect(await became(id)).toMatchObject({ outcome: 'not_listening_then', runId: null })
  })

  it('has not been decided on yet, where there is more than a page', async () => {
    world = await World.open({ limits: { matchPage: 1 } })
    const listens = [{ triggers: [{ event: 'e' }] }, () => returned(1)] as const
    await world.register({ f: listens, g: listens })
    const { ids } = await world.engine.send([readEvent({ name: 'e' })], null)
    const all = await world.engine.whyEvent(ids[0] ?? '')
    expect(all?.map(({ outcome }) => outcome)).toEqual(['started', 'pending'])
    await world.rest()
    expect((await became(ids[0], 'g')).outcome).toBe('started')
  })

  it('is a tick that was missed', async () => {
    await opened({ triggers: [{ cron: '0 0 * * *' }] }, () => returned(1), { options: { cronCatchUp: 'skip' } })
    const stopped = world.engine.stop(0)
    await world.advance(1)
    await stopped
    world.clock.now += 30 * 3_600_000
    await world.engine.start()
    await world.rest()
    const [view] = await world.store.lists.events({
      names: ['inngest/scheduled.timer'],
      includeInternal: true,
      limit: 1,
      withText: false,
    })
    expect(await became(view?.row.id)).toMatchObject({ outcome: 'missed_tick', runId: null })
  })

  it('is not told of when it is not known', async () => {
    world = await World.open()
    expect(await world.engine.whyEvent('none')).toBe(undefined)
  })
})
