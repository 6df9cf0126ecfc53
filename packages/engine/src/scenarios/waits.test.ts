// Runs that wait for something from outside: events, signals, other runs, and events that cancel them.
import { hashStepId } from '@pawl/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { invoke, ops, planned, ran, returned, sleep, threw, waitFor, waitForSignal } from './answers.ts'
import { held, type SeenCall, World } from './world.ts'

let world: World
afterEach(() => world.close())

/** Waits once and returns what it got. */
const waits = (opts: object) => (call: SeenCall) =>
  call.has('w') ? returned(call.memo('w') ?? null) : ops([waitFor('w', 'x', { ...opts })])

const MATCH = { if: 'event.data.id == async.data.id' }

describe('a wait for an event', () => {
  it('is resumed by the event whose value it names, and gets all of it', async () => {
    world = await World.open()
    await world.register({ f: [{}, waits(MATCH)] })
    await world.send({ name: 'f', data: { id: 1 } }, { name: 'f', data: { id: 2 } })
    await world.send({ name: 'x', id: 'theirs', data: { id: 2, n: 'two' }, v: '7' })
    const [first, second] = await world.runs('f')
    expect([first?.status, second?.status]).toEqual(['running', 'completed'])
    const view = await world.store.lists.run(second?.id ?? '', { withOutput: true, withEvents: false })
    expect(JSON.parse(view?.output ?? '')).toEqual({
      name: 'x',
      id: 'theirs',
      data: { id: 2, n: 'two' },
      ts: world.clock.now,
      user: {},
      v: '7',
    })
  })

  it.each([
    ['without a condition', undefined, { n: 1 }, true],
    [
      'with a condition beside the key that holds',
      'async.data.k == event.data.id && async.data.n > 5',
      { k: 1, n: 9 },
      true,
    ],
    [
      'with a condition beside the key that does not',
      'async.data.k == event.data.id && async.data.n > 5',
      { k: 1, n: 3 },
      false,
    ],
    ['with a value that the event lacks', 'event.data.none == async.data.none', {}, false],
    ['with a value of another type', 'event.data.id == async.data.id', { id: '1' }, false],
    ['with a listed value', 'async.data.t in event.data.tags', { t: 'b' }, true],
    ['with a value that is not listed', 'async.data.t in event.data.tags', { t: 'c' }, false],
    ['that errs', 'async.data.t + 1 > event.data.id', { t: 'c' }, false],
  ])('%s', async (_what, condition, data, wakes) => {
    world = await World.open()
    await world.register({ f: [{}, waits(condition === undefined ? {} : { if: condition })] })
    await world.send({ name: 'f', data: { id: 1, tags: ['a', 'b'] } })
    await world.send({ name: 'x', data })
    expect((await world.run('f')).status).toBe(wakes ? 'completed' : 'running')
  })

  it('gives null at its deadline, and not before', async () => {
    world = await World.open()
    await world.register({ f: [{}, waits({ timeout: '10s' })] })
    await world.send({ name: 'f' })
    await world.advance(9_999)
    expect((await world.run('f')).status).toBe('running')
    await world.advance(1)
    expect((await world.run('f')).status).toBe('completed')
    expect(await world.output('f')).toBe(null)
    await world.send({ name: 'x' })
    expect(world.calls).toHaveLength(2)
  })

  it('with an empty deadline expires at once', async () => {
    world = await World.open()
    await world.register({ f: [{}, waits({ timeout: '' })] })
    await world.send({ name: 'f' })
    expect((await world.run('f')).status).toBe('completed')
  })

  it('sees an event that came while the call that planned it was out', async () => {
    world = await World.open()
    const call = held()
    await world.register({ f: [{}, (seen) => (seen.has('w') ? returned(seen.memo('w') ?? null) : call.promise)] })
    await world.send({ name: 'x', data: { id: 1, when: 'before the call' } })
    await world.send({ name: 'f', data: { id: 1 } })
    await world.send({ name: 'x', data: { id: 2, when: 'for another' } })
    await world.send({ name: 'x', data: { id: 1, when: 'during the call' } })
    call.give(ops([waitFor('w', 'x', MATCH)]))
    await world.rest()
    expect(await world.output('f')).toMatchObject({ data: { when: 'during the call' } })
  })

  it('does not see an event from before the call that planned it', async () => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (!call.has('a') ? ops([ran('a')]) : call.has('s') ? waits({})(call) : ops([sleep('s', '1s')]))],
    })
    await world.send({ name: 'f' })
    await world.send({ name: 'x' })
    await world.advance(1_000)
    expect((await world.run('f')).status).toBe('running')
  })

  it('is never resumed by the event that started its run', async () => {
    world = await World.open()
    await world.register({ x: [{}, waits({ timeout: '5s' })] })
    await world.send({ name: 'x' })
    expect((await world.run('x')).status).toBe('running')
    await world.send({ name: 'x', data: { second: true } })
    expect((await world.runs('x')).map((run) => run.status)).toEqual(['completed', 'running'])
  })

  it('is resumed once by two events of one request', async () => {
    world = await World.open()
    await world.register({ f: [{}, waits({})] })
    await world.send({ name: 'f' })
    await world.send({ name: 'x', data: { n: 1 } }, { name: 'x', data: { n: 2 } })
    expect(await world.output('f')).toMatchObject({ data: { n: 1 } })
    expect(world.calls).toHaveLength(2)
  })

  it('whose condition does not compile fails the run at once', async () => {
    world = await World.open()
    await world.register({ f: [{}, waits({ if: 'event.data.id ==' })] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toMatchObject({ name: 'InvalidExpression' })
    expect(world.calls).toHaveLength(1)
  })

  it('is registered before its siblings are looked at, so that two waits may be resumed by one event', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) => (call.stack.length === 2 ? returned('both') : ops([waitFor('a', 'x'), waitFor('b', 'x', MATCH)])),
      ],
    })
    await world.send({ name: 'f', data: { id: 1 } })
    await world.send({ name: 'x', data: { id: 1 } })
    expect(await world.output('f')).toBe('both')
    expect(world.calls).toHaveLength(2)
  })

  it('leaves nothing behind when its run ends without it', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) =>
          call.has('s')
            ? returned('won')
            : ops([sleep('s', '1s', { parallelMode: 'race' }), waitFor('w', 'x', { parallelMode: 'race' })]),
      ],
    })
    await world.send({ name: 'f' })
    await world.advance(1_000)
    const record = await world.store.lists.record((await world.run('f')).id)
    expect([record?.items, record?.waits]).toEqual([[], []])
    await world.send({ name: 'x' })
    expect(await world.output('f')).toBe('won')
  })

  it('resumes 1,200 runs by one event, page after page', async () => {
    world = await World.open({ callsMax: 20 })
    await world.register({ f: [{}, waits({})] })
    for (let n = 0; n < 12; n++) await world.send(...Array.from({ length: 100 }, () => ({ name: 'f' })))
    await world.send({ name: 'x' })
    const statuses = (await world.runs('f')).map((run) => run.status)
    expect(statuses).toHaveLength(1_200)
    expect(new Set(statuses)).toEqual(new Set(['completed']))
    expect(world.calls).toHaveLength(2_400)
  })
})

describe('a wait for a signal', () => {
  const signals = (opts: object) => (call: SeenCall) =>
    call.has('s') ? returned(call.memo('s') ?? null) : ops([waitForSignal('s', 'go', { ...opts })])

  it('gets what was sent, once', async () => {
    world = await World.open()
    await world.register({ f: [{}, signals({})] })
    await world.send({ name: 'f' })
    const run = await world.run('f')
    expect(await world.engine.signal('other', '1')).toBeNull()
    expect(await world.engine.signal('go', '{"n":1}')).toEqual({ runId: run.id })
    await world.rest()
    expect(await world.output('f')).toEqual({ data: { signal: 'go', data: { n: 1 } } })
    expect(await world.engine.signal('go', '1')).toBeNull()
  })

  it('fails the second run that asks for the same one, and leaves the first', async () => {
    world = await World.open()
    await world.register({ f: [{}, signals({})], g: [{}, signals({})] })
    await world.send({ name: 'f' })
    await world.send({ name: 'g' })
    expect(await world.output('g')).toEqual({
      name: 'Error',
      message: 'Signal conflict; signal wait already exists for another run',
    })
    await world.engine.signal('go', '1')
    await world.rest()
    expect((await world.run('f')).status).toBe('completed')
  })

  it('may take the place of another, which then runs into its deadline', async () => {
    world = await World.open()
    await world.register({ f: [{}, signals({ timeout: '10s' })], g: [{}, signals({ conflict: 'replace' })] })
    await world.send({ name: 'f' })
    await world.send({ name: 'g' })
    await world.engine.signal('go', '1')
    await world.rest()
    expect((await world.run('g')).status).toBe('completed')
    expect((await world.run('f')).status).toBe('running')
    await world.advance(10_000)
    expect((await world.run('f')).status).toBe('completed')
    expect(await world.output('f')).toBe(null)
  })

  it('is free again when its run was cancelled', async () => {
    world = await World.open()
    await world.register({ f: [{}, signals({})] })
    await world.send({ name: 'f' })
    await world.engine.cancel((await world.run('f')).id)
    expect(await world.engine.signal('go', '1')).toBeNull()
    await world.send({ name: 'f' })
    expect((await world.runs('f')).map((run) => run.status)).toEqual(['cancelled', 'running'])
  })
})

describe('an invoke', () => {
  const invokes =
    (slug: string, opts: object = {}) =>
    (call: SeenCall) =>
      call.has('i') ? returned(call.memo('i')) : ops([invoke('i', slug, { ...opts })])

  it('gives what the other function returns', async () => {
    world = await World.open()
    await world.register({
      f: [{}, invokes('app-g', { payload: { data: { n: 1 } } })],
      g: [{ triggers: [{ event: 'never', if: 'false' }] }, (call) => returned(call.event)],
    })
    await world.send({ name: 'f' })
    const run = await world.run('f')
    expect(await world.output('f')).toMatchObject({
      data: {
        name: 'inngest/function.invoked',
        data: {
          n: 1,
          _inngest: {
            fn_id: 'app-g',
            correlation_id: `${run.id}.${hashStepId('i')}`,
            source_fn_id: 'app-f',
            name: 'i',
          },
        },
      },
    })
    const finished = await world.eventsNamed('inngest/function.finished')
    expect(finished.map(({ data }) => data)).toMatchObject([
      { function_id: 'app-g', correlation_id: `${run.id}.${hashStepId('i')}` },
      { function_id: 'app-f' },
    ])
  })

  it('gives the error of a function that failed', async () => {
    world = await World.open()
    await world.register({ f: [{}, invokes('app-g')], g: [{}, () => threw('child', { noRetry: true })] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toEqual({ error: { name: 'Error', message: 'child' } })
  })

  it('of a function that nobody knows is an error at once', async () => {
    world = await World.open()
    await world.register({ f: [{}, invokes('app-nobody')] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toEqual({
      error: { name: 'Error', message: 'could not find function with ID: app-nobody' },
    })
    expect(await world.eventsNamed('inngest/function.finished')).toHaveLength(1)
    expect(await world.eventsNamed('inngest/function.invoked')).toHaveLength(0)
  })

  it('that takes too long is an error, and the other run goes on', async () => {
    world = await World.open()
    await world.register({
      f: [{}, invokes('app-g', { timeout: '5s' })],
      g: [{}, (call) => (call.has('s') ? returned('late') : ops([sleep('s', '60s')]))],
    })
    await world.send({ name: 'f' })
    await world.advance(5_000)
    expect(await world.output('f')).toMatchObject({ error: { name: 'InngestInvokeTimeoutError' } })
    await world.advance(60_000)
    expect(await world.output('g')).toBe('late')
    expect(world.callsOf('f')).toHaveLength(2)
  })

  it('of a run that is cancelled is an error', async () => {
    world = await World.open()
    await world.register({ f: [{}, invokes('app-g')], g: [{}, () => ops([sleep('s', '60s')])] })
    await world.send({ name: 'f' })
    await world.engine.cancel((await world.run('g')).id)
    await world.rest()
    expect(await world.output('f')).toMatchObject({ error: { name: 'InngestInvokeCancelledError' } })
  })

  it('does not end when its own run is cancelled', async () => {
    world = await World.open()
    await world.register({
      f: [{}, invokes('app-g')],
      g: [{}, (call) => (call.has('s') ? returned('on my own') : ops([sleep('s', '60s')]))],
    })
    await world.send({ name: 'f' })
    expect(await world.engine.cancel((await world.run('f')).id)).toBe('cancelled')
    await world.advance(60_000)
    expect(await world.output('g')).toBe('on my own')
    expect((await world.run('f')).status).toBe('cancelled')
  })

  it('twice in one answer, of a function that runs once for a key, starts one run', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) =>
          call.has('x')
            ? returned([call.memo('x'), call.memo('y')])
            : ops([invoke('x', 'app-g'), invoke('y', 'app-g')]),
      ],
      g: [{ triggers: [], idempotency: '"one"' }, () => returned('g')],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toEqual([
      { data: 'g' },
      { error: { name: 'Error', message: 'The invoked function app-g has run for this idempotency key already.' } },
    ])
    expect(await world.runs('g')).toHaveLength(1)
  })

  it('is not answered by a run that was repeated later', async () => {
    world = await World.open()
    await world.register({ f: [{}, invokes('app-g')], g: [{}, () => returned('g')] })
    await world.send({ name: 'f' })
    await world.engine.rerun((await world.run('g')).id)
    await world.rest()
    expect(await world.runs('g')).toHaveLength(2)
    expect(world.callsOf('f')).toHaveLength(2)
  })

  it('from outside has a run as soon as it is answered', async () => {
    world = await World.open()
    await world.register({ f: [{ triggers: [] }, (call) => returned(call.event.data ?? null)] })
    const { runId } = await world.engine.invoke({ slug: 'app-f', dataText: '{"a":1}', idempotencyKey: null })
    expect((await world.run('f')).id).toBe(runId)
    await world.rest()
    expect(await world.output('f')).toMatchObject({ a: 1, _inngest: { fn_id: 'app-f' } })
  })

  it('from outside under a key that was used before names the first run', async () => {
    world = await World.open()
    await world.register({ f: [{ triggers: [] }, () => returned(1)] })
    const call = { slug: 'app-f', dataText: '{}', idempotencyKey: 'once' }
    const { runId } = await world.engine.invoke(call)
    await expect(world.engine.invoke(call)).rejects.toMatchObject({ code: 'idempotency_conflict', details: { runId } })
    await expect(world.engine.invoke({ ...call, slug: 'app-no' })).rejects.toMatchObject({ code: 'function_not_found' })
  })
})

describe('cancelOn', () => {
  const CANCEL = { cancel: [{ event: 'stop', if: 'event.data.id == async.data.id' }] }
  const long = () => ops([sleep('s', '1h')])

  it('cancels the run that its event names, and no other', async () => {
    world = await World.open()
    await world.register({ f: [CANCEL, long] })
    await world.send({ name: 'f', data: { id: 1 } }, { name: 'f', data: { id: 2 } })
    await world.send({ name: 'stop', data: { id: 2 } })
    expect((await world.runs('f')).map((run) => run.status)).toEqual(['running', 'cancelled'])
    const [event] = await world.eventsNamed('inngest/function.cancelled')
    expect(event?.data).toMatchObject({ _inngest: { status: 'Cancelled' }, function_id: 'app-f' })
    expect(event?.data).not.toHaveProperty('result')
    expect(event?.data).not.toHaveProperty('error')
    await world.advance(3_600_000)
    expect(world.calls).toHaveLength(3)
  })

  it('looks at events that come after the run was made only', async () => {
    world = await World.open()
    await world.register({ f: [CANCEL, long] })
    await world.send({ name: 'stop', data: { id: 1 } })
    await world.send({ name: 'f', data: { id: 1 } })
    expect((await world.run('f')).status).toBe('running')
  })

  it('does not take the event that starts the run', async () => {
    world = await World.open()
    await world.register({ f: [{ cancel: [{ event: 'f' }] }, long] })
    await world.send({ name: 'f' })
    expect((await world.run('f')).status).toBe('running')
    await world.send({ name: 'f' })
    expect((await world.runs('f')).map((run) => run.status)).toEqual(['cancelled', 'running'])
  })

  it('takes the second event of a request that starts the run with its first', async () => {
    world = await World.open()
    await world.register({ f: [CANCEL, long] })
    await world.send({ name: 'f', data: { id: 1 } })
    await world.send({ name: 'f', data: { id: 5 } }, { name: 'stop', data: { id: 1 } })
    expect((await world.runs('f')).map((run) => run.status)).toEqual(['cancelled', 'running'])
  })

  it('drops the answer of a call that is out', async () => {
    world = await World.open()
    const call = held()
    await world.register({ f: [CANCEL, () => call.promise] })
    await world.send({ name: 'f', data: { id: 1 } })
    await world.send({ name: 'stop', data: { id: 1 } })
    expect((await world.run('f')).status).toBe('cancelled')
    call.give(ops([ran('a'), planned('b')]))
    await world.rest()
    const record = await world.store.lists.record((await world.run('f')).id)
    expect([record?.steps, record?.items, record?.waits]).toEqual([[], [], []])
    expect(world.calls).toHaveLength(1)
    expect(world.engine.status().calls).toBe(0)
  })

  it('is armed for as long as it says', async () => {
    world = await World.open()
    await world.register({ f: [{ cancel: [{ event: 'stop', timeout: '10s' }] }, long] })
    await world.send({ name: 'f' })
    await world.advance(10_001)
    await world.send({ name: 'stop' })
    expect((await world.run('f')).status).toBe('running')
  })

  it('whose condition cannot take in what the event holds does not stop the event', async () => {
    world = await World.open()
    await world.register({
      f: [{ cancel: [{ event: 'stop', if: 'async.data.id in event.data.ids' }] }, () => returned('ran')],
    })
    await world.send({ name: 'f', data: { ids: Array.from({ length: 30_000 }, (_, n) => `number ${n}`) } })
    expect(await world.output('f')).toBe('ran')
    expect(world.engine.registry().apps[0]?.functions[0]?.warning).toContain('cancelOn')
  })
})
