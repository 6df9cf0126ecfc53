// What goes wrong, and what comes of it: attempts and their delays, errors in the words that users know, limits, apps that
// cannot be reached, and a store that refuses for a while. No run may be lost by any of it.
import { type Database, StorageError } from '@pawl/storage'
import { afterEach, describe, expect, it } from 'vitest'
import type { CallResult } from '../drivers/driver.ts'
import {
  answer,
  invoke,
  lost,
  ops,
  planned,
  ran,
  returned,
  sleep,
  stepFailed,
  stepThrew,
  threw,
  waitFor,
} from './answers.ts'
import { held, type SeenCall, World } from './world.ts'

let world: World
afterEach(() => world.close())

const attempts = (): readonly number[] => world.calls.map((call) => call.attempt)

describe('a function that throws', () => {
  it('is called as often as it may be, then its run has failed with its error', async () => {
    world = await World.open()
    await world.register({ f: [{ retries: 2 }, () => threw('no')] })
    await world.send({ name: 'f' })
    await world.advance(10_000)
    expect(attempts()).toEqual([0, 1, 2])
    expect((await world.run('f')).status).toBe('failed')
    expect(await world.output('f')).toEqual({ name: 'Error', message: 'no' })
    expect(await world.eventsNamed('inngest/function.failed')).toHaveLength(1)
    expect(await world.eventsNamed('inngest/function.finished')).toHaveLength(1)
  })

  it('without retries is called once', async () => {
    world = await World.open()
    await world.register({ f: [{ retries: 0 }, () => threw('no')] })
    await world.send({ name: 'f' })
    expect(attempts()).toEqual([0])
    expect((await world.run('f')).status).toBe('failed')
  })

  it('for good is called once', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => threw('no', { noRetry: true })] })
    await world.send({ name: 'f' })
    expect((await world.run('f')).status).toBe('failed')
  })

  it('has all its attempts anew after a step that succeeded', async () => {
    world = await World.open()
    const plan: ((call: SeenCall) => CallResult)[] = [
      () => threw('1'),
      () => ops([ran('a')]),
      () => threw('2'),
      () => threw('3'),
      () => returned('ok'),
    ]
    await world.register({ f: [{ retries: 2 }, (call) => plan.shift()?.(call) ?? threw('too often')] })
    await world.send({ name: 'f' })
    await world.advance(10_000)
    expect(attempts()).toEqual([0, 1, 0, 1, 2])
    expect(await world.output('f')).toBe('ok')
  })

  it('waits by the table, or as long as it asks', async () => {
    world = await World.open({ retryDelayMs: null })
    const plan = [threw('1'), threw('2', { retryAfter: '2' }), returned('ok')]
    await world.register({ f: [{}, () => plan.shift() ?? returned('?')] })
    await world.send({ name: 'f' })
    await world.advance(14_999)
    expect(world.calls).toHaveLength(1)
    await world.advance(1)
    expect(world.calls).toHaveLength(2)
    await world.advance(1_999)
    expect(world.calls).toHaveLength(2)
    await world.advance(1)
    expect(await world.output('f')).toBe('ok')
  })
})

describe('a step that throws', () => {
  const caught = (result: CallResult) => (call: SeenCall) => (call.has('a') ? returned(call.memo('a')) : result)

  it('until its attempts are used up becomes an error that the code can catch', async () => {
    world = await World.open()
    await world.register({ f: [{ retries: 1 }, caught(ops([stepThrew('a')]))] })
    await world.send({ name: 'f' })
    await world.advance(5_000)
    expect(attempts()).toEqual([0, 1, 0])
    expect(await world.output('f')).toEqual({ error: { name: 'Error', message: 'boom' } })
  })

  it('under a header that forbids another try has failed at once', async () => {
    world = await World.open()
    await world.register({ f: [{}, caught(ops([stepThrew('a')], { noRetry: true }))] })
    await world.send({ name: 'f' })
    expect(attempts()).toEqual([0, 0])
  })

  it('for good has failed at once, whatever the header says', async () => {
    world = await World.open()
    await world.register({ f: [{}, caught(ops([stepFailed('a')], { noRetry: false }))] })
    await world.send({ name: 'f' })
    expect(attempts()).toEqual([0, 0])
    expect(await world.output('f')).toEqual({ error: { name: 'Error', message: 'boom' } })
  })
})

describe('an answer that cannot be used', () => {
  it.each([
    ['of a web page', { kind: 'answer', raw: { status: 200, headers: {}, body: Buffer.from('<html>') } }, 'Error'],
    [
      'of a proxy',
      { kind: 'answer', raw: { status: 502, headers: {}, body: Buffer.from('') } },
      'Server returned a fatal error',
    ],
    ['that was cut off', lost('reset'), 'Error'],
    ['that never came', lost('timeout'), 'app_timeout'],
    ['that is too large', lost('too_large'), 'output_too_large'],
    ['that is no HTTP', lost('bad_response'), 'bad_response'],
    ['that leads in circles', lost('redirect_refused'), 'redirect_refused'],
    ['of an address that is not called', lost('blocked'), 'blocked_by_policy'],
  ] as const)('%s is tried again, then fails the run', async (_what, result, name) => {
    world = await World.open()
    await world.register({ f: [{ retries: 1 }, () => result] })
    await world.send({ name: 'f' })
    expect((await world.run('f')).status).toBe('running')
    await world.advance(5_000)
    expect(attempts()).toEqual([0, 1])
    expect(await world.output('f')).toMatchObject({ name })
  })

  it.each([
    ['an opcode that no SDK has', [{ op: 'Teleport', id: 'x' }]],
    ['a step without a hash', [{ op: 'StepRun', id: 'x', data: 1 }]],
  ])('with %s fails the run at once, and no other', async (_what, body) => {
    world = await World.open()
    await world.register({ f: [{}, () => ops(body)], g: [{ triggers: [{ event: 'f' }] }, () => returned('ok')] })
    await world.send({ name: 'f' })
    expect(attempts()).toEqual([0, 0])
    expect(await world.output('f')).toMatchObject({ name: 'protocol_error' })
    expect(await world.output('g')).toBe('ok')
  })

  it('that says it was replaced, while it was not, is asked for again and given up after ten times', async () => {
    world = await World.open()
    const stale = answer(400, { name: 'StaleDispatchError', message: 'stale' }, { noRetry: true })
    await world.register({ f: [{}, () => stale] })
    await world.send({ name: 'f' })
    expect(world.calls).toHaveLength(10)
    expect(new Set(attempts())).toEqual(new Set([0]))
    expect(await world.output('f')).toMatchObject({ name: 'poisoned' })
  })
})

describe('limits', () => {
  it('a step over the number of steps fails the run', async () => {
    world = await World.open({ limits: { stepsMax: 5 } })
    const next = (call: SeenCall) => ops([ran(`s${call.stack.length}`)])
    await world.register({
      f: [{}, next],
      g: [{}, (call) => (call.stack.length === 5 ? returned('fits') : next(call))],
    })
    await world.send({ name: 'f' }, { name: 'g' })
    expect(await world.output('f')).toEqual({
      name: 'InngestErrFunctionOverflowed',
      message: 'The function run exceeded the step limit of 5 steps.',
    })
    expect(await world.output('g')).toBe('fits')
  })

  it('more steps at once than a run may have fail it, and none is called', async () => {
    world = await World.open({ limits: { stepsMax: 5 } })
    await world.register({ f: [{}, () => ops(Array.from({ length: 6 }, (_, n) => planned(`s${n}`)))] })
    await world.send({ name: 'f' })
    expect(world.calls).toHaveLength(1)
    expect(await world.output('f')).toMatchObject({ name: 'InngestErrFunctionOverflowed' })
  })

  it('more state than a run may have fails it', async () => {
    world = await World.open({ limits: { stateBytesMax: 1_000 } })
    await world.register({ f: [{}, (call) => ops([ran(`s${call.stack.length}`, 'x'.repeat(300))])] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toMatchObject({
      name: 'InngestErrStateOverflowed',
      message: 'The function run exceeded the state size limit of 1000 bytes.',
    })
    expect(world.calls.length).toBeLessThan(5)
  })

  it("a function's own limits stand above the server's", async () => {
    world = await World.open()
    await world.register({ f: [{}, (call) => ops([ran(`s${call.stack.length}`)])] })
    const [fn] = world.engine.registry().apps[0]?.functions ?? []
    expect(await world.engine.setFunctionLimit(fn?.id ?? '', { stepsMax: 2 })).toBe(false)
    await world.send({ name: 'f' })
    expect(world.calls).toHaveLength(3)
    expect(await world.engine.setFunctionLimit(fn?.id ?? '', { stepsMax: null })).toBe(true)
  })

  it.each([
    ['a sleep', [sleep('s', '400d')]],
    ['a sleep until a date', [sleep('s', '2028-01-01T00:00:00Z')]],
    ['a wait', [waitFor('w', 'x', { timeout: '8785h' })]],
    ['an invoke', [invoke('i', 'app-f', { timeout: '400d' })]],
  ])('%s of more than 366 days fails the run', async (_what, list) => {
    world = await World.open()
    await world.register({ f: [{}, () => ops(list)] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toMatchObject({ name: 'InngestErrTimeoutTooLong' })
    expect(world.calls).toHaveLength(1)
  })

  it('a step output over 4 MiB is an error of the step, for good', async () => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (call.has('a') ? returned(call.memo('a')) : ops([ran('a', 'x'.repeat(4 * 1024 * 1024))]))],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toEqual({
      error: { name: 'output_too_large', message: 'step output size is greater than the limit' },
    })
  })
})

describe('an app that cannot be reached', () => {
  const DOWN = lost('unreachable', 'connect ECONNREFUSED')

  it('uses attempts until ten calls in a row have failed, and none after that', async () => {
    world = await World.open({ retryDelayMs: 100 })
    let down = true
    await world.register({ f: [{ retries: 20 }, (call) => (down ? DOWN : returned(call.attempt))] })
    await world.send({ name: 'f' })
    await world.advance(300_000)
    expect(world.engine.registry().apps[0]?.unreachableSince).not.toBeNull()
    const before = world.calls.length
    // One each of 1, 2, 4, 8, 16 seconds, then every 30.
    expect(before).toBeGreaterThan(15)
    expect(before).toBeLessThan(30)
    down = false
    await world.advance(30_000)
    expect(await world.output('f')).toBe(10)
    expect(world.engine.registry().apps[0]?.unreachableSince).toBeNull()
  })

  it('is probed by one call at a time, and all others follow as soon as one is answered', async () => {
    world = await World.open({ retryDelayMs: 100 })
    let down = true
    const last = held()
    // The first that gets through stays out for long; the rest must not wait for it.
    let answered = 0
    await world.register({
      f: [
        {},
        (call) => {
          if (down) return DOWN
          if (call.has('a')) return last.promise
          return answered++ === 0 ? ops([ran('a')]) : returned('ok')
        },
      ],
    })
    await world.send(...Array.from({ length: 20 }, () => ({ name: 'f' })))
    const before = world.calls.length
    await world.advance(10_000)
    expect(world.calls.length - before).toBeLessThan(10)
    down = false
    await world.advance(16_000)
    const statuses = (await world.runs('f')).map((run) => run.status)
    expect(statuses.filter((status) => status === 'completed')).toHaveLength(19)
    last.give(returned('late'))
    await world.rest()
    expect((await world.runs('f')).every((run) => run.status === 'completed')).toBe(true)
  })

  it('does not hold up another', async () => {
    world = await World.open({ callsMax: 3, retryDelayMs: 100 })
    await world.register({ f: [{ retries: 20 }, () => DOWN] })
    await world.send(...Array.from({ length: 30 }, () => ({ name: 'f' })))
    await world.advance(5_000)
    expect(world.engine.status().calls).toBe(0)
  })
})

describe('a call that seems to kill its server', () => {
  it('is given up after ten claims without an outcome', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    const item = { claims: 10, epoch: 10, state: 'ready' } as const
    await world.send({ name: 'f', ts: world.clock.now + 1_000 })
    const [row] = await world.store.lists.runItems((await world.run('f')).id)
    if (row === undefined) throw new Error('there is no item')
    await world.store.commit({
      needs: {},
      decide: () => ({ changes: [{ set: 'item', row: { ...row, ...item } }], result: null }),
    })
    await world.advance(2_000)
    expect(world.calls).toHaveLength(0)
    expect(await world.output('f')).toMatchObject({ name: 'poisoned' })
  })
})

describe('a store that refuses for a while', () => {
  /** Fails the calls of the database that are named, as long as it is told to. */
  function faulty() {
    const faults = new Set<string>()
    const fail = (name: string) => {
      if (faults.has(name)) throw new StorageError('storage_error', `no ${name}`)
    }
    const unless = <R>(name: string, answer: () => Promise<R>): Promise<R> => {
      fail(name)
      return answer()
    }
    const wrap = (database: Database): Database => ({
      name: database.name,
      process: database.process,
      now: database.now,
      lists: database.lists,
      state: {
        ...database.state,
        load: async (runs) => unless('load', () => database.state.load(runs)),
        nextDue: async () => unless('nextDue', () => database.state.nextDue()),
        registry: async () => unless('registry', () => database.state.registry()),
        events: async (keys) => unless('events', () => database.state.events(keys)),
      },
      reserveKeys: (count) => database.reserveKeys(count),
      begin: async (...all) => unless('begin', () => database.begin(...all)),
      finish: async (group) => {
        if (faults.has('finish')) {
          await database.rollback()
          fail('finish')
        }
        return database.finish(group)
      },
      rollback: () => database.rollback(),
      written: (group) => database.written(group),
      close: () => database.close(),
    })
    return { faults, wrap }
  }

  it.each(['begin', 'finish', 'load', 'nextDue'])(
    'by %s, while an answer is in hand, keeps the answer',
    async (name) => {
      const { faults, wrap } = faulty()
      world = await World.open({ database: wrap })
      const call = held()
      await world.register({ f: [{}, (seen) => (seen.has('a') ? returned('ok') : call.promise)] })
      await world.send({ name: 'f' })
      faults.add(name)
      call.give(ops([ran('a'), sleep('s', '1s')]))
      await world.advance(3_000)
      faults.clear()
      await world.advance(20_000)
      expect(await world.output('f')).toBe('ok')
      expect(world.calls).toHaveLength(2)
    },
  )

  it.each(['begin', 'finish', 'load', 'nextDue'])(
    'by %s, when a sleep is over, delays the run and does not lose it',
    async (name) => {
      const { faults, wrap } = faulty()
      world = await World.open({ database: wrap, limits: { hotBytesMax: 0 } })
      await world.register({ f: [{}, (seen) => (seen.has('s') ? returned('ok') : ops([sleep('s', '1s')]))] })
      await world.send({ name: 'f' })
      await world.send({ name: 'other' })
      faults.add(name)
      await world.advance(5_000)
      faults.clear()
      await world.advance(20_000)
      expect(await world.output('f')).toBe('ok')
      expect(world.engine.status().calls).toBe(0)
    },
  )

  it('is asked once a second, not all the time', async () => {
    const { faults, wrap } = faulty()
    world = await World.open({ database: wrap })
    await world.register({ f: [{}, (seen) => (seen.has('s') ? returned('ok') : ops([sleep('s', '1s')]))] })
    await world.send({ name: 'f' })
    faults.add('begin')
    await world.advance(11_000)
    const told = world.warnings.filter((text) => text.includes('queue could not be read'))
    expect(told.length).toBeGreaterThan(5)
    expect(told.length).toBeLessThanOrEqual(11)
  })

  it('does not take back what was committed when the registry cannot be read after it', async () => {
    const { faults, wrap } = faulty()
    world = await World.open({ database: wrap })
    await world.register({
      f: [{ cancel: [{ event: 'stop', if: 'event.data.id == async.data.id' }] }, () => returned('ok')],
    })
    faults.add('registry')
    await world.send({ name: 'f', data: { id: 1 } })
    faults.clear()
    expect(await world.output('f')).toBe('ok')
  })

  it('does not lose what an event hands on', async () => {
    const { faults, wrap } = faulty()
    world = await World.open({ database: wrap })
    await world.register({
      f: [{}, () => returned('ok')],
      g: [{ triggers: [{ event: 'inngest/function.finished' }] }, () => returned('heard')],
    })
    faults.add('events')
    await world.send({ name: 'f' })
    await world.advance(3_000)
    faults.clear()
    await world.advance(5_000)
    expect(await world.output('g')).toBe('heard')
  })

  it('says so to whoever sends', async () => {
    const { faults, wrap } = faulty()
    world = await World.open({ database: wrap })
    faults.add('finish')
    await expect(world.send({ name: 'f' })).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(world.engine.status().storeOk).toBe(false)
    faults.clear()
    await world.send({ name: 'f' })
    expect(world.engine.status().storeOk).toBe(true)
  })
})
