// Resuming a step by hand, and a rerun with data of its own.
import { hashStepId } from '@pawl/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { invoke, type Op, ops, ran, returned, sleep, waitFor, waitForSignal } from './answers.ts'
import { held, type Script, World } from './world.ts'

let world: World
afterEach(() => world.close())

/** Rests at one step, and returns what it gives. */
function rests(op: Op, id = 'a'): Script {
  return (call) => (call.has(id) ? returned(call.memo(id) ?? null) : ops([op]))
}

const resume = async (fn: string, data = '{"n":7}', id = 'a'): Promise<void> => {
  await world.engine.resume((await world.run(fn)).id, hashStepId(id), data)
  await world.rest()
}

describe('a step that is resumed by hand', () => {
  it('gets an event of the name that it waits for', async () => {
    world = await World.open()
    await world.register({ f: [{}, rests(waitFor('a', 'x', { if: 'async.data.n == 1' }))] })
    await world.send({ name: 'f' })
    await resume('f')
    expect(await world.output('f')).toEqual({ name: 'x', data: { n: 7 }, id: expect.any(String), ts: world.clock.now })
    expect((await world.store.lists.totals()).items).toEqual({})
  })

  it.each<[string, Op, unknown]>([
    ['the data of its signal', waitForSignal('a', 'go'), { data: { signal: 'go', data: { n: 7 } } }],
    ['nothing after its sleep', sleep('a', '1h'), null],
  ])('gets %s', async (_what, op, output) => {
    world = await World.open()
    await world.register({ f: [{}, rests(op)] })
    await world.send({ name: 'f' })
    await resume('f')
    expect([(await world.run('f')).status, await world.output('f')]).toEqual(['completed', output])
    const record = await world.store.lists.record((await world.run('f')).id)
    const entry = record?.history.find(({ row }) => row.kind === 'step')
    expect(JSON.parse(entry?.row.detail ?? '{}')).toMatchObject({ byHand: true })
  })

  it('gets the result of the run that it invoked, which goes on alone', async () => {
    world = await World.open()
    const open = held()
    await world.register({ f: [{}, rests(invoke('a', 'app-g'))], g: [{}, () => open.promise] })
    await world.send({ name: 'f' })
    await resume('f')
    expect(await world.output('f')).toEqual({ data: { n: 7 } })
    open.give(returned('late'))
    await world.rest()
    expect((await world.run('g')).status).toBe('completed')
    expect(await world.output('f')).toEqual({ data: { n: 7 } })
  })

  it('may wait for what can never come', async () => {
    world = await World.open()
    await world.register({ f: [{}, rests(waitFor('a', 'x', { if: 'event.data.no == 1' }))] })
    await world.send({ name: 'f', data: { no: 2 } })
    await resume('f')
    expect((await world.run('f')).status).toBe('completed')
  })

  it('has one result when what it waits for comes at the same moment', async () => {
    world = await World.open()
    await world.register({ f: [{}, rests(waitFor('a', 'x'))] })
    await world.send({ name: 'f' })
    const { id } = await world.run('f')
    const both = await Promise.allSettled([
      world.engine.send([{ name: 'x', id: null, ts: null, data: {}, dataText: '{}', v: null, metaText: null }], null),
      world.engine.resume(id, hashStepId('a'), '{"n":7}'),
    ])
    await world.rest()
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await world.output('f')).toMatchObject({ name: 'x', data: {} })
    expect((await world.run('f')).steps).toBe(1)
  })

  it('has to wait, in a run that is live', async () => {
    world = await World.open()
    await world.register({ f: [{}, rests(sleep('a', '1h'))] })
    await world.send({ name: 'f' })
    const { id } = await world.run('f')
    const none = world.engine.resume('01K00000000000000000000000', hashStepId('a'), '{}')
    await expect(none).rejects.toMatchObject({ code: 'run_not_found' })
    for (const step of ['', '!finish', hashStepId('b')])
      await expect(world.engine.resume(id, step, '{}')).rejects.toMatchObject({ code: 'step_not_waiting' })
    await resume('f')
    await expect(resume('f')).rejects.toMatchObject({ code: 'run_ended' })
  })
})

describe('a rerun with data of its own', () => {
  it('starts this function alone, by an event that people see', async () => {
    world = await World.open()
    await world.register({
      f: [{ triggers: [{ event: 'x' }] }, (call) => returned(call.event.data ?? null)],
      g: [{ triggers: [{ event: 'x' }] }, () => returned(1)],
    })
    const [sent] = await world.send({ name: 'x', data: { n: 1 } })
    const first = await world.run('f')
    const { runId } = await world.engine.rerun(first.id, { dataText: '{"n":2}' })
    await world.rest()
    const [, second] = await world.runs('f')
    expect(second).toMatchObject({ id: runId, original: first.key, status: 'completed' })
    expect(await world.runs('g')).toHaveLength(1)
    const view = await world.store.lists.run(runId, { withOutput: true, withEvents: true })
    expect(JSON.parse(view?.output ?? 'null')).toEqual({ n: 2 })
    const event = view?.trigger
    expect(event?.id).not.toBe(sent)
    expect(await world.engine.whyEvent(event?.id ?? '')).toEqual([
      { function: 'app-f', outcome: 'started', runId, detail: null },
    ])
  })

  it('goes on from a step, too', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) => (call.has('a') ? returned([call.event.data ?? null, call.memo('a') ?? null]) : ops([ran('a')])),
      ],
    })
    await world.send({ name: 'f', data: { n: 1 } })
    const { id } = await world.run('f')
    await world.engine.rerun(id, { from: { step: 'a', inputText: null }, dataText: '{"n":2}' })
    await world.rest()
    const [, second] = await world.runs('f')
    const view = await world.store.lists.run(second?.id ?? '', { withOutput: true, withEvents: false })
    expect(JSON.parse(view?.output ?? 'null')).toEqual([{ n: 2 }, { data: 'a' }])
  })

  it('resumes nothing, neither what waits nor what begins to wait', async () => {
    world = await World.open()
    const open = held()
    await world.register({
      f: [{ triggers: [{ event: 'x' }] }, () => returned(1)],
      waits: [{}, rests(waitFor('a', 'x'))],
      begins: [{}, () => open.promise],
    })
    await world.send({ name: 'x' })
    await world.send({ name: 'waits' }, { name: 'begins' })
    await world.engine.rerun((await world.run('f')).id, { dataText: '{}' })
    await world.rest()
    open.give(ops([waitFor('a', 'x')]))
    await world.rest()
    expect([(await world.run('waits')).status, (await world.run('begins')).status]).toEqual(['running', 'running'])
  })

  it('starts a run of one event where the original began with a batch', async () => {
    world = await World.open()
    await world.register({
      f: [{ batchEvents: { maxSize: 2, timeout: '10s' } }, (call) => returned(call.event.data ?? null)],
    })
    await world.send({ name: 'f' }, { name: 'f' })
    const { id } = await world.run('f')
    const { runId } = await world.engine.rerun(id, { dataText: '{"n":2}' })
    await world.rest()
    const view = await world.store.lists.run(runId, { withOutput: true, withEvents: true })
    expect([view?.row.batch, view?.events.length, view?.output]).toEqual([null, 1, '{"n":2}'])
  })
})
