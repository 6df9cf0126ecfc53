// The life of a run seen from outside: what starts it once and only once, when it begins, how it is cancelled, repeated and
// timed out, steps that are reported while a call is out, and schedules.
import { hashStepId, readCheckpoint, seededUlid } from '@pawl/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { ops, planned, ran, returned, sleep, threw } from './answers.ts'
import { BEGIN, held, type SeenCall, World } from './world.ts'

let world: World
afterEach(() => world.close())

const steps =
  (...ids: readonly string[]) =>
  (call: SeenCall) => {
    const next = ids.find((id) => !call.has(id))
    return next === undefined ? returned('done') : ops([ran(next)])
  }

describe('an event', () => {
  it('starts each function that listens once, whatever it is called and however many triggers match', async () => {
    world = await World.open()
    const ok = () => returned(1)
    await world.register({
      exact: [{ triggers: [{ event: 'a/b' }] }, ok],
      both: [{ triggers: [{ event: 'a/*' }, { event: 'a/b' }] }, ok],
      other: [{ triggers: [{ event: 'a/c' }] }, ok],
      bad: [{ triggers: [{ event: 'a/b', expression: 'event.data.s + 1 > 3' }] }, ok],
    })
    await world.send({ name: 'a/b', data: { s: 'x' } })
    const slugs = world.calls.map((call) => call.fnSlug).sort()
    expect(slugs).toEqual(['app-both', 'app-exact'])
    const functions = world.engine.registry().apps[0]?.functions ?? []
    expect(functions.find((fn) => fn.slug === 'app-bad')?.warning).toContain('event.data.s + 1 > 3')
    expect(functions.filter((fn) => fn.warning !== null)).toHaveLength(1)
    expect(await world.eventsNamed('a/b')).toHaveLength(1)
  })

  it('that comes again under its own ID within a day starts nothing, in one request or in two', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)], g: [{ triggers: [{ event: 'f' }] }, () => returned(2)] })
    await world.send({ name: 'f', id: 'k' }, { name: 'f', id: 'k' })
    await world.send({ name: 'f', id: 'k' })
    expect([(await world.runs('f')).length, (await world.runs('g')).length]).toEqual([1, 1])
    expect(await world.eventsNamed('f')).toHaveLength(3)
    await world.advance(86_400_001)
    await world.send({ name: 'f', id: 'k' })
    expect(await world.runs('f')).toHaveLength(2)
  })

  it('says of each function why it started nothing', async () => {
    world = await World.open()
    await world.register({
      f: [{}, () => returned(1)],
      g: [{ triggers: [{ event: 'f', expression: 'event.data.n > 1' }] }, () => returned(1)],
    })
    await world.send({ name: 'f', id: 'k', data: { n: 1 } })
    const [id] = await world.send({ name: 'f', id: 'k', data: { n: 1 } })
    const view = await world.store.lists.event(id ?? '')
    const skips = await world.store.lists.skips(view?.row.key ?? 0)
    expect(skips.map((skip) => skip.reason).sort()).toEqual(['duplicate', 'filter_false'])
  })

  it('that is sent again with the same seed is kept as a repeat', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    const seed = `${BEGIN},${Buffer.alloc(10, 7).toString('base64')}`
    const input = { name: 'f', id: null, ts: null, data: {}, dataText: '{}', v: null, metaText: null }
    const first = await world.engine.send([input], seed)
    const second = await world.engine.send([input], seed)
    await world.rest()
    expect(first.ids).toEqual(second.ids)
    expect(first.ids).toEqual([seededUlid(seed, 1)])
    expect(await world.runs('f')).toHaveLength(1)
  })

  it('with a time in the future starts its runs then, and resumes at once', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await world.send({ name: 'f', ts: BEGIN + 60_000 })
    expect((await world.run('f')).status).toBe('scheduled')
    await world.advance(59_999)
    expect(world.calls).toHaveLength(0)
    await world.advance(1)
    expect((await world.run('f')).status).toBe('completed')
  })

  it('starts one run for each value of an idempotency expression', async () => {
    world = await World.open()
    await world.register({ f: [{ idempotency: 'event.data.cart' }, () => returned(1)] })
    const cart = (value: string) => ({ name: 'f', data: { cart: value } })
    await world.send(cart('a'), cart('b'), cart('a'))
    await world.send(cart('b'), { name: 'f' }, { name: 'f' })
    expect(await world.runs('f')).toHaveLength(3)
    expect(world.engine.registry().apps[0]?.functions[0]?.warning).toContain('event.data.cart')
  })

  it('of 5,000 in one request makes 5,000 runs', { timeout: 30_000 }, async () => {
    world = await World.open({ callsMax: 50 })
    await world.register({ f: [{}, () => returned(1)] })
    await world.send(...Array.from({ length: 5_000 }, (_, n) => ({ name: 'f', data: { n } })))
    expect(await world.store.lists.totals()).toMatchObject({ runs: { completed: 5_000 } })
    expect(new Set(world.calls.map((call) => call.runId)).size).toBe(5_000)
  })

  it('of a run that a finished event started is not told', async () => {
    world = await World.open()
    await world.register({
      f: [{}, () => returned(1)],
      g: [{ triggers: [{ event: 'inngest/function.finished' }], retries: 0 }, () => threw('no')],
    })
    await world.send({ name: 'f' })
    expect((await world.run('g')).status).toBe('failed')
    expect(await world.eventsNamed('inngest/function.finished')).toHaveLength(1)
    expect(await world.eventsNamed('inngest/function.failed')).toHaveLength(0)
  })

  it('calls a failure handler once for a run that failed', async () => {
    world = await World.open()
    const handler = {
      triggers: [{ event: 'inngest/function.failed', expression: "event.data.function_id == 'app-f'" }],
    }
    await world.register({
      f: [{ retries: 0 }, () => threw('no')],
      'f-failure': [handler, (call) => returned(call.event.data ?? null)],
      g: [{ retries: 0 }, () => threw('not mine')],
    })
    await world.send({ name: 'f', data: { a: 1 } }, { name: 'g' })
    expect(await world.runs('f-failure')).toHaveLength(1)
    expect(await world.output('f-failure')).toMatchObject({
      error: { message: 'no' },
      event: { name: 'f', data: { a: 1 } },
      run_id: (await world.run('f')).id,
    })
  })
})

describe('time-outs', () => {
  it('to the start cancel a run that was not called in time', async () => {
    world = await World.open({ callsMax: 1 })
    const call = held()
    await world.register({ busy: [{}, () => call.promise], f: [{ timeouts: { start: '5s' } }, () => returned(1)] })
    await world.send({ name: 'busy' })
    await world.send({ name: 'f' })
    await world.advance(4_999)
    expect((await world.run('f')).status).toBe('scheduled')
    await world.advance(1)
    expect((await world.run('f')).status).toBe('cancelled')
    call.give(returned(1))
    await world.rest()
    expect(world.callsOf('f')).toHaveLength(0)
  })

  it('to the start mean nothing once the run was called', async () => {
    world = await World.open()
    await world.register({
      f: [{ timeouts: { start: '5s' } }, (call) => (call.has('s') ? returned(1) : ops([sleep('s', '20s')]))],
    })
    await world.send({ name: 'f' })
    await world.advance(20_000)
    expect((await world.run('f')).status).toBe('completed')
  })

  it('to the start count from the time of a future event', async () => {
    world = await World.open()
    await world.register({ f: [{ timeouts: { start: '5s' } }, () => returned(1)] })
    await world.send({ name: 'f', ts: BEGIN + 60_000 })
    await world.advance(60_000)
    expect((await world.run('f')).status).toBe('completed')
  })

  it.each([
    ['start', '20s', 20_000],
    ['finish', '20s', 20_000],
  ])('to the %s that were made longer count as they are now', async (which, longer, ms) => {
    world = await World.open({ callsMax: 1 })
    const call = held()
    const register = (time: string) =>
      world.register({
        busy: [{}, () => call.promise],
        f: [{ timeouts: { [which]: time } }, () => ops([sleep('s', '1h')])],
      })
    await register('5s')
    if (which === 'start') await world.send({ name: 'busy' })
    await world.send({ name: 'f' })
    await register(longer)
    await world.advance(5_000)
    expect((await world.run('f')).status).toBe(which === 'start' ? 'scheduled' : 'running')
    await world.advance(ms - 5_000)
    expect((await world.run('f')).status).toBe('cancelled')
  })

  it('that were taken off are ignored', async () => {
    world = await World.open()
    await world.register({ f: [{ timeouts: { finish: '5s' } }, () => ops([sleep('s', '10s')])] })
    await world.send({ name: 'f' })
    await world.register({ f: [{}, (call) => (call.has('s') ? returned(1) : ops([sleep('s', '10s')]))] })
    await world.advance(10_000)
    expect((await world.run('f')).status).toBe('completed')
  })

  it('to the finish cancel a run that sleeps', async () => {
    world = await World.open()
    await world.register({ f: [{ timeouts: { finish: '2s' } }, () => ops([sleep('s', '10s')])] })
    await world.send({ name: 'f' })
    await world.advance(2_000)
    expect((await world.run('f')).status).toBe('cancelled')
    await world.advance(20_000)
    expect(world.calls).toHaveLength(1)
  })
})

describe('a request to cancel', () => {
  it('ends a run once, and says what it found', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => ops([sleep('s', '1h')])], g: [{}, () => returned(1)] })
    await world.send({ name: 'f' }, { name: 'g' })
    const run = await world.run('f')
    expect(await world.engine.cancel(run.id)).toBe('cancelled')
    expect(await world.engine.cancel(run.id)).toBe('already_cancelled')
    expect(await world.engine.cancel((await world.run('g')).id)).toBe('already_ended')
    await expect(world.engine.cancel('01K00000000000000000000000')).rejects.toMatchObject({ code: 'run_not_found' })
    await world.rest()
    expect(await world.eventsNamed('inngest/function.cancelled')).toHaveLength(1)
  })
})

describe('a repeat', () => {
  it('is a new run of the same event', async () => {
    world = await World.open()
    await world.register({ f: [{}, (call) => returned(call.event.data ?? null)] })
    await world.send({ name: 'f', id: 'k', data: { n: 1 } })
    const first = await world.run('f')
    const { runId } = await world.engine.rerun(first.id)
    await world.rest()
    const [, second] = await world.runs('f')
    expect(second).toMatchObject({ id: runId, status: 'completed', original: first.key, event: first.event })
    expect(world.calls[1]?.event).toEqual(world.calls[0]?.event)
  })

  it('from a step keeps what came before, and runs the step and all after it', async () => {
    world = await World.open()
    await world.register({ f: [{}, steps('a', 'b', 'c')] })
    await world.send({ name: 'f' })
    await world.engine.rerun((await world.run('f')).id, { from: { step: 'b', inputText: null } })
    await world.rest()
    const calls = world.calls.slice(4)
    expect(calls.map((call) => call.stack)).toEqual(
      [['a'], ['a', 'b'], ['a', 'b', 'c']].map((ids) => ids.map(hashStepId)),
    )
    expect((await world.runs('f'))[1]?.status).toBe('completed')
  })

  it('from a step can give it other arguments, which are no result', async () => {
    world = await World.open()
    await world.register({ f: [{}, steps('a', 'b')] })
    await world.send({ name: 'f' })
    await world.engine.rerun((await world.run('f')).id, { from: { step: hashStepId('b'), inputText: '[2]' } })
    await world.rest()
    const [first, second] = world.calls.slice(3)
    expect(first?.memo('b')).toEqual({ input: [2] })
    expect(first?.stack).toEqual([hashStepId('a')])
    expect(second?.memo('b')).toEqual({ data: 'b' })
  })

  it('of what does not exist is refused', async () => {
    world = await World.open()
    await world.register({ f: [{}, steps('a', 'b')] })
    await world.send({ name: 'f' })
    const { id } = await world.run('f')
    await expect(world.engine.rerun(id, { from: { step: 'none', inputText: null } })).rejects.toMatchObject({
      code: 'step_not_found',
    })
    await expect(world.engine.rerun('01K00000000000000000000000')).rejects.toMatchObject({ code: 'run_not_found' })
  })
})

describe('a checkpoint', () => {
  /** A call that stays out, and the means to report steps of it. */
  async function open(options: { retries?: number } = {}) {
    world = await World.open()
    const call = held()
    let first: SeenCall | undefined
    await world.register({
      f: [
        { retries: options.retries ?? 4 },
        (seen) => {
          if (first !== undefined) return returned(seen.stack.length)
          first = seen
          return call.promise
        },
      ],
    })
    await world.send({ name: 'f' })
    const seen = world.calls[0]
    if (seen === undefined) throw new Error('the app was not called')
    const report = async (list: readonly object[], changed: object = {}): Promise<void> => {
      const body = {
        run_id: seen.runId,
        fn_id: 'fn',
        qi_id: seen.qiId,
        generation_id: seen.generationId,
        steps: list,
        ...changed,
      }
      await world.engine.checkpoint(readCheckpoint(Buffer.from(JSON.stringify(body))))
    }
    return { call, seen, report }
  }

  it('keeps steps in order, and the end of the call goes on from them', async () => {
    const { call, report } = await open()
    await report([ran('a'), ran('b')])
    await report([ran('c')])
    expect((await world.run('f')).stack).toBe(3)
    call.give(ops([ran('d'), sleep('s', '1s')]))
    await world.advance(1_000)
    expect(world.calls[1]?.stack).toEqual(['a', 'b', 'c', 'd', 's'].map(hashStepId))
  })

  it('takes the same bytes again, and no others', async () => {
    const { report } = await open()
    await report([ran('a', 1)])
    await report([ran('a', 1)])
    await expect(report([ran('a', 2)])).rejects.toMatchObject({ code: 'checkpoint_conflict' })
    expect((await world.run('f')).stack).toBe(1)
  })

  it.each([
    ['of an older call', { generation_id: 0 }, 'stale_dispatch'],
    ['with a token of an older call', { qi_id: '1.0', generation_id: null }, 'stale_dispatch'],
    ['of an item that never was', { qi_id: '999999.1', generation_id: 1 }, 'stale_dispatch'],
    ['of another run', { run_id: '01K00000000000000000000000' }, 'stale_dispatch'],
    ['with a token that is not ours', { qi_id: 'abc' }, 'checkpoint_invalid'],
  ])('%s is refused', async (_what, changed, code) => {
    const { report } = await open()
    await expect(report([ran('a')], changed)).rejects.toMatchObject({ code })
    expect((await world.run('f')).stack).toBe(0)
  })

  it('after the run was cancelled is refused', async () => {
    const { report } = await open()
    await world.engine.cancel((await world.run('f')).id)
    await expect(report([ran('a')])).rejects.toMatchObject({ code: 'stale_dispatch' })
  })

  it('after its call was answered is refused, also while the run sleeps', async () => {
    const { call, report } = await open()
    call.give(ops([sleep('s', '1h')]))
    await world.rest()
    await expect(report([ran('a')])).rejects.toMatchObject({ code: 'stale_dispatch' })
  })

  it('gives the steps after it all attempts anew', async () => {
    const { call } = await open({ retries: 1 })
    call.give(threw('first'))
    await world.rest()
    expect((await world.store.lists.runItems((await world.run('f')).id))[0]?.attempt).toBe(1)
    await world.close()

    const again = await open({ retries: 1 })
    await again.report([ran('a')])
    const [item] = await world.store.lists.runItems((await world.run('f')).id)
    expect(item).toMatchObject({ attempt: 0, claims: 0, state: 'leased', epoch: again.seen.generationId })
    again.call.give(threw('later'))
    await world.advance(5_000)
    expect(await world.output('f')).toBe(1)
  })

  it('over the number of steps fails the run and stops the app', async () => {
    const { report } = await open()
    const many = Array.from({ length: 1_001 }, (_, n) => ran(`s${n}`, 1))
    await expect(report(many)).rejects.toMatchObject({ code: 'stale_dispatch' })
    expect(await world.output('f')).toMatchObject({ name: 'InngestErrFunctionOverflowed' })
  })

  it('plans nothing that it only announces', async () => {
    const { report } = await open()
    await report([planned('a')])
    expect(await world.store.lists.runItems((await world.run('f')).id)).toHaveLength(1)
  })
})

describe('the state that a call leaves out', () => {
  it('is fetched while the run is live, and gone afterwards', async () => {
    world = await World.open({ limits: { inlineBytesMax: 1_000 } })
    await world.register({
      f: [{}, (call) => (call.stack.length === 0 ? ops([ran('a', 'x'.repeat(2_000))]) : ops([sleep('s', '1s')]))],
    })
    await world.send({ name: 'f' })
    const body = JSON.parse(world.calls[1]?.request.body ?? '')
    expect(body).toMatchObject({ use_api: true, events: [], steps: {}, ctx: { use_api: true } })
    const { id } = await world.run('f')
    expect(JSON.parse(await world.engine.runSteps(id))).toEqual({ [hashStepId('a')]: { data: 'x'.repeat(2_000) } })
    expect((await world.engine.runEvents(id)).map((text) => JSON.parse(text).name)).toEqual(['f'])
    await world.engine.cancel(id)
    await expect(world.engine.runSteps(id)).rejects.toMatchObject({ code: 'run_ended' })
    await expect(world.engine.runEvents('01K00000000000000000000000')).rejects.toMatchObject({ code: 'run_not_found' })
  })
})

describe('development', () => {
  it('can move the clock forward, and what sleeps wakes', async () => {
    world = await World.open()
    await world.register({ f: [{}, (call) => (call.has('s') ? returned(1) : ops([sleep('s', '30d')]))] })
    await world.send({ name: 'f' })
    const { now, offsetMs } = await world.engine.advanceClock(30 * 86_400_000)
    expect([now, offsetMs]).toEqual([BEGIN + 30 * 86_400_000, 30 * 86_400_000])
    await world.rest()
    expect((await world.run('f')).status).toBe('completed')
  })

  it('can empty the store; functions, schedules and waits work as before', async () => {
    world = await World.open()
    const CANCEL = { cancel: [{ event: 'stop', if: 'event.data.id == async.data.id' }] }
    await world.register({
      f: [CANCEL, () => ops([sleep('s', '1h')])],
      tick: [{ triggers: [{ cron: '* * * * *' }] }, () => returned(1)],
    })
    await world.send({ name: 'f', data: { id: 1 } })
    await world.engine.advanceClock(3_600_000)
    await world.rest()
    await world.engine.reset()
    await world.rest()
    expect(world.engine.clock()).toEqual({ now: BEGIN, offsetMs: 0 })
    expect(await world.runs()).toEqual([])
    await world.send({ name: 'f', data: { id: 1 } })
    await world.send({ name: 'stop', data: { id: 1 } })
    expect((await world.run('f')).status).toBe('cancelled')
    await world.advance(60_000)
    expect(await world.runs('tick')).toHaveLength(1)
  })

  it('can empty the store under a call that is out', async () => {
    world = await World.open()
    const call = held()
    await world.register({ f: [{}, () => call.promise] })
    await world.send({ name: 'f' })
    await world.engine.reset()
    call.give(ops([ran('a')]))
    await world.rest()
    expect(await world.runs()).toEqual([])
    expect(world.engine.status().calls).toBe(0)
  })
})

describe('a schedule', () => {
  const CRON = { triggers: [{ cron: '* * * * *' }] }

  it('makes one run for each tick, at its time', async () => {
    world = await World.open()
    await world.register({ f: [CRON, (call) => returned(call.event)] })
    await world.advance(180_000)
    expect((await world.runs('f')).map((run) => run.queuedAt)).toEqual([1, 2, 3].map((n) => BEGIN + n * 60_000))
    expect(await world.output('f')).toEqual({
      name: 'inngest/scheduled.timer',
      id: '2026-01-01T00:01:00.000Z',
      ts: BEGIN + 60_000,
      user: {},
      data: { cron: '* * * * *', scheduledAt: '2026-01-01T00:01:00.000Z', fireAt: '2026-01-01T00:01:00.000Z' },
    })
  })

  it('with two expressions that meet makes one run', async () => {
    world = await World.open()
    await world.register({ f: [{ triggers: [{ cron: '*/2 * * * *' }, { cron: '*/3 * * * *' }] }, () => returned(1)] })
    await world.advance(360_000)
    const minutes = (await world.runs('f')).map((run) => (run.queuedAt - BEGIN) / 60_000)
    expect(minutes).toEqual([2, 3, 4, 6])
  })

  it('goes on from now when its expression changes, and stops with its function', async () => {
    world = await World.open()
    await world.register({ f: [CRON, () => returned(1)] })
    await world.register({ f: [{ triggers: [{ cron: '*/5 * * * *' }] }, () => returned(1)] })
    await world.advance(300_000)
    expect(await world.runs('f')).toHaveLength(1)
    await world.register({ g: [{}, () => returned(1)] })
    await world.advance(600_000)
    expect(await world.runs('f')).toHaveLength(1)
  })

  it.each([
    ['latest', 1],
    ['all', 6],
    ['skip', 0],
  ] as const)('catches up on missed ticks by the policy %s', async (cronCatchUp, caughtUp) => {
    world = await World.open({ options: { cronCatchUp } })
    await world.register({ f: [CRON, () => returned(1)] })
    // The process stood still for six minutes and a half, and a minute more than what counts as late.
    world.clock.now += 6 * 60_000 + 59_999
    await world.advance(0)
    const runs = await world.runs('f')
    expect(runs).toHaveLength(cronCatchUp === 'skip' ? 1 : caughtUp)
    await world.advance(1)
    expect(await world.runs('f')).toHaveLength(runs.length + 1)
  })

  it('whose jitter is longer than the time between its ticks loses none of them', async () => {
    for (const cronCatchUp of ['latest', 'skip'] as const) {
      world = await World.open({ options: { cronCatchUp } })
      await world.register({ f: [{ triggers: [{ cron: '* * * * *', jitter: '5m' }] }, () => returned(1)] })
      await world.advance(20 * 60_000)
      const ticks = (await world.eventsNamed('inngest/scheduled.timer')).map((event) => event.id)
      // Those of the first fifteen minutes have fallen due whatever their jitter.
      expect(ticks.slice(0, 15)).toEqual(
        Array.from({ length: 15 }, (_, n) => new Date(BEGIN + (n + 1) * 60_000).toISOString()),
      )
      expect(await world.runs('f')).toHaveLength(ticks.length)
      if (cronCatchUp === 'latest') await world.close()
    }
  })

  it('notices time that went by while the machine was suspended', async () => {
    let suspendedMs = 0
    world = await World.open()
    const { clock } = world
    // The wall clock, which the store reads, goes on in the meantime; the monotonic one, which timers go by, does not.
    clock.monotonic = () => clock.now - suspendedMs
    await world.register({ f: [{}, (call) => (call.has('s') ? returned(1) : ops([sleep('s', '5m')]))] })
    await world.send({ name: 'f' })
    suspendedMs = 300_000
    clock.now += 300_000
    // The next look at the time is at most a tick away.
    await world.advance(60_000)
    expect((await world.run('f')).status).toBe('completed')
  })
})
