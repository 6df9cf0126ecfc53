// Pause, drain and unpause, through the door.
import { afterEach, describe, expect, it } from 'vitest'
import { functionUuid } from '../identity.ts'
import { ops, planned, ran, returned, sleep, waitFor } from '../scenarios/answers.ts'
import { type FunctionOptions, held, type Script, World } from '../scenarios/world.ts'

let world: World
afterEach(() => world.close())

const target = (fn: string) => ({ functionId: functionUuid('app', `app-${fn}`) })
const HOLD = { new: 'hold', running: 'hold', by: 'api', until: null } as const
const SKIP = { new: 'skip', running: 'hold', by: 'api', until: null } as const
const DRAIN = { new: 'skip', running: 'finish', by: 'api', until: null } as const
const CANCEL = { new: 'skip', running: 'cancel', by: 'api', until: null } as const

/** Sleeps for ten seconds and returns. */
const naps: Script = (call) => (call.has('nap') ? returned('awake') : ops([sleep('nap', '10s')]))

const statuses = async (fn: string) => (await world.runs(fn)).map((run) => run.skipped ?? run.status)

async function pause(...args: Parameters<World['engine']['pause']>): Promise<void> {
  await world.engine.pause(...args)
  await world.rest()
}

async function unpause(of: Parameters<World['engine']['unpause']>[0]): Promise<void> {
  await world.engine.unpause(of)
  await world.rest()
}

describe('what triggers a paused function', () => {
  it('becomes a skipped run, which an unpause does not bring back', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)], g: [{}, () => returned(1)] })
    await pause(target('f'), SKIP)
    await world.send({ name: 'f' }, { name: 'g' })
    expect([await statuses('f'), await statuses('g')]).toEqual([['paused'], ['completed']])
    await unpause(target('f'))
    await world.send({ name: 'f' })
    expect([await statuses('f'), world.callsOf('f').length]).toEqual([['paused', 'completed'], 1])
  })

  it('becomes a run that waits for the unpause, in its order', async () => {
    world = await World.open()
    await world.register({ f: [{}, (call) => returned(call.event.data ?? null)] })
    await pause(target('f'), HOLD)
    for (const n of [1, 2, 3]) await world.send({ name: 'f', data: { n } })
    expect([await statuses('f'), world.calls.length]).toEqual([['scheduled', 'scheduled', 'scheduled'], 0])
    await unpause(target('f'))
    expect(world.calls.map((call) => call.event.data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(await statuses('f')).toEqual(['completed', 'completed', 'completed'])
  })

  it('is refused where somebody waits for the answer', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await pause(target('f'), SKIP)
    const invoked = world.engine.invoke({ slug: 'app-f', dataText: '{}', idempotencyKey: null })
    await expect(invoked).rejects.toMatchObject({ code: 'function_skipped' })
  })
})

describe('the live runs of a paused function', () => {
  it('finish their open call, and go on after the unpause', async () => {
    world = await World.open()
    const open = held()
    await world.register({ f: [{}, (call) => (call.has('a') ? returned('done') : open.promise)] })
    await world.send({ name: 'f' })
    await pause(target('f'), SKIP)
    open.give(ops([ran('a')]))
    await world.rest()
    expect([world.calls.length, await statuses('f')]).toEqual([1, ['running']])
    await unpause(target('f'))
    expect([world.calls.length, await statuses('f')]).toEqual([2, ['completed']])
  })

  it('wait where they wake meanwhile: from a sleep, a wait, a parallel plan', async () => {
    world = await World.open()
    await world.register({
      f: [{}, naps],
      g: [{}, (call) => (call.has('w') ? returned(1) : ops([waitFor('w', 'x')]))],
      h: [
        {},
        (call) =>
          call.aimsAt('a')
            ? ops([ran('a')])
            : call.has('a') && call.has('s')
              ? returned(1)
              : ops([planned('a'), sleep('s', '5s')]),
      ],
    })
    await world.send({ name: 'f' }, { name: 'g' }, { name: 'h' })
    await pause({ appName: 'app' }, SKIP)
    const before = world.calls.length
    await world.send({ name: 'x' })
    await world.advance(20_000)
    expect(world.calls.length).toBe(before)
    await unpause({ appName: 'app' })
    expect((await world.runs()).map(({ status }) => status)).toEqual(['completed', 'completed', 'completed'])
  })

  it('go on to their end while the function is drained', async () => {
    world = await World.open()
    await world.register({ f: [{}, naps] })
    await world.send({ name: 'f' })
    await pause(target('f'), DRAIN)
    await world.send({ name: 'f' })
    await world.advance(10_000)
    expect(await statuses('f')).toEqual(['completed', 'drained'])
  })

  it('that an earlier pause held go on once the function is drained instead', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await pause(target('f'), HOLD)
    await world.send({ name: 'f' })
    await pause(target('f'), DRAIN)
    await world.send({ name: 'f' })
    expect(await statuses('f')).toEqual(['completed', 'drained'])
  })

  it('are cancelled where that was asked, and say so', async () => {
    world = await World.open()
    const open = held()
    await world.register({ f: [{}, (call) => (call.event.data === null ? open.promise : naps(call))] })
    await world.send({ name: 'f' }, { name: 'f' })
    await world.advance(1)
    await pause(target('f'), CANCEL)
    await world.advance(1)
    expect(await statuses('f')).toEqual(['cancelled', 'cancelled'])
    expect(await world.eventsNamed('inngest/function.cancelled')).toHaveLength(2)
    const [run] = await world.runs('f')
    const record = await world.store.lists.record(run?.id ?? '')
    expect(record?.history.at(-1)?.row).toMatchObject({ kind: 'run', status: 'cancelled', name: 'paused' })
    const [bulk] = await world.store.lists.bulks({ kind: 'cancel', limit: 10 })
    expect(bulk?.row.endedAt).not.toBe(null)
    await world.send({ name: 'f' })
    expect(await statuses('f')).toEqual(['cancelled', 'cancelled', 'paused'])
  })

  it('time out all the same', async () => {
    world = await World.open()
    await world.register({ f: [{ timeouts: { finish: '5s' } }, naps] })
    await world.send({ name: 'f' })
    await pause(target('f'), SKIP)
    await world.advance(5_000)
    expect(await statuses('f')).toEqual(['cancelled'])
  })
})

describe('a pause', () => {
  it('of an app and one of a function are two: each ends by itself', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)], g: [{}, () => returned(1)] })
    await pause(target('f'), HOLD)
    await pause({ appName: 'app' }, HOLD)
    await world.send({ name: 'f' }, { name: 'g' })
    await unpause({ appName: 'app' })
    expect([await statuses('f'), await statuses('g')]).toEqual([['scheduled'], ['completed']])
    await pause({ appName: 'app' }, HOLD)
    await unpause(target('f'))
    expect(await statuses('f')).toEqual(['scheduled'])
    await unpause({ appName: 'app' })
    expect(await statuses('f')).toEqual(['completed'])
  })

  it('outlives a sync, also one that leaves the function out for a while', async () => {
    world = await World.open()
    const f = [{}, () => returned(1)] as const
    const g = [{}, () => returned(1)] as const
    await world.register({ f, g })
    await pause(target('f'), SKIP)
    await world.register({ g })
    await world.register({ f, g: [{ retries: 1 }, g[1]] })
    await world.send({ name: 'f' })
    expect(await statuses('f')).toEqual(['paused'])
  })

  it('stops schedules from running, not from ticking', async () => {
    world = await World.open()
    await world.register({ f: [{ triggers: [{ cron: '* * * * *' }] }, () => returned(1)] })
    await pause(target('f'), SKIP)
    await world.advance(60_000)
    await unpause(target('f'))
    await world.advance(60_000)
    expect(await statuses('f')).toEqual(['paused', 'completed'])
  })

  it('of many that wait lets all of them go', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await pause(target('f'), HOLD)
    for (let n = 0; n < 5; n++) await world.send(...Array.from({ length: 100 }, () => ({ name: 'f' })))
    expect(world.calls.length).toBe(0)
    await unpause(target('f'))
    expect(new Set(await statuses('f'))).toEqual(new Set(['completed']))
    expect(world.calls.length).toBe(500)
  })

  it('holds all of many while their limits change', async () => {
    world = await World.open()
    await world.register({ f: [{ concurrency: { limit: 1 } }, () => returned(1)] })
    await pause(target('f'), HOLD)
    for (let n = 0; n < 3; n++) await world.send(...Array.from({ length: 100 }, () => ({ name: 'f' })))
    await world.register({ f: [{ concurrency: { limit: 500 } }, () => returned(1)] })
    expect(new Set(await statuses('f'))).toEqual(new Set(['scheduled']))
    await unpause(target('f'))
    expect(new Set(await statuses('f'))).toEqual(new Set(['completed']))
  })

  it('of nothing that is known is refused', async () => {
    world = await World.open()
    await expect(world.engine.pause(target('f'), HOLD)).rejects.toMatchObject({ code: 'function_not_found' })
    await expect(world.engine.unpause({ appName: 'app' })).rejects.toMatchObject({ code: 'app_not_found' })
  })
})

describe('limits that a sync changes', () => {
  const never: Script = () => held().promise

  async function blocked(options: FunctionOptions): Promise<void> {
    world = await World.open()
    await world.register({ f: [options, never] })
    await world.send(...Array.from({ length: 5 }, () => ({ name: 'f' })))
    expect(world.calls.length).toBe(1)
  }

  it.each<[string, FunctionOptions, FunctionOptions, number]>([
    ['let more go on when they are raised', { concurrency: { limit: 1 } }, { concurrency: { limit: 3 } }, 3],
    ['let all go on when they are taken off', { concurrency: { limit: 1 } }, {}, 5],
    ['let nothing go on when they stay', { concurrency: { limit: 1 } }, { concurrency: { limit: 1 }, retries: 1 }, 1],
    ['let go what a throttle held', { throttle: { limit: 1, period: '1h' } }, {}, 5],
  ])('%s', async (_what, before, after, calls) => {
    await blocked(before)
    await world.register({ f: [after, never] })
    expect(world.calls.length).toBe(calls)
  })

  it('let go as much as a wider throttle allows, counted from the starts that were', async () => {
    await blocked({ throttle: { limit: 1, period: '1h' } })
    await world.register({ f: [{ throttle: { limit: 3, period: '1h' } }, never] })
    // The next start was an hour after the first. Two may now go before their time, which is 20 minutes for each.
    await world.advance(20 * 60_000 - 1)
    expect(world.calls.length).toBe(1)
    await world.advance(1)
    expect(world.calls.length).toBe(2)
    await world.advance(20 * 60_000)
    expect(world.calls.length).toBe(3)
  })
})
