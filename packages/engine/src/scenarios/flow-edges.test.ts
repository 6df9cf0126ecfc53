// Where flow control meets ends, pauses, other servers and apps that cannot be reached: each of these stood still, or turned
// in circles, before it was a test.
import type { Change, Database } from '@pawl/storage'
import { afterEach, describe, expect, it } from 'vitest'
import { functionUuid } from '../identity.ts'
import { invoke, lost, ops, ran, returned } from './answers.ts'
import { type FunctionOptions, held, type Script, type SeenCall, World } from './world.ts'

let world: World

afterEach(() => world.close())

async function statuses(fn: string): Promise<readonly string[]> {
  return (await world.runs(fn)).map((run) => run.status)
}

async function expectQuiet(): Promise<void> {
  expect((await world.store.lists.totals()).items).toEqual({})
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => void world.clock.setTimer(ms, resolve))
}

/** The database as one that other servers share. */
function shared(database: Database): Database {
  const others = {
    heartbeat: async () => ({ released: 0 }),
    hint: () => {},
    onHint: () => {},
    isWatched: () => false,
    publish: () => {},
    subscribe: () => () => {},
  }
  return {
    name: database.name,
    process: database.process,
    shared: others,
    now: database.now,
    state: database.state,
    lists: database.lists,
    reserveKeys: (count) => database.reserveKeys(count),
    begin: (...question) => database.begin(...question),
    finish: (group) => database.finish(group),
    rollback: () => database.rollback(),
    written: (group) => database.written(group),
    close: () => database.close(),
  }
}

/** What another server writes, of which this one has not heard. */
async function elsewhere(...changes: Change[]): Promise<void> {
  await world.store.commit({ needs: {}, decide: () => ({ changes, result: undefined }) })
}

describe('a slot of a whole run', () => {
  it.each<[string, FunctionOptions, number, Script]>([
    [
      'is out of time when its step ends',
      { timeouts: { finish: '2s' } },
      1_000,
      async () => {
        await after(3_000)
        return ops([ran('a')])
      },
    ],
    ['goes over its limit of steps', {}, 0, (call) => ops([ran(`step ${Object.keys(call.steps).length}`)])],
  ])('is free again when the run %s', async (_what, options, stepsMax, first) => {
    world = await World.open(stepsMax === 0 ? { limits: { stepsMax: 1 } } : {})
    let calls = 0
    const isFirst = (call: SeenCall) => JSON.stringify(call.event).includes('"first"')
    const script: Script = (call) => (isFirst(call) && calls++ < 5 ? first(call) : returned(null))
    await world.register({ f: [{ concurrency: { fn: [{ limit: 1 }] }, ...options }, script] })
    await world.send({ name: 'f', data: { n: 'first' } }, { name: 'f', data: { n: 'second' } })
    await world.advance(60_000)
    expect((await statuses('f'))[1]).toBe('completed')
    await expectQuiet()
  })
})

describe('who waits for the run of a debounce', () => {
  const caller: Script = (call) =>
    call.has('i') ? returned('answered') : ops([invoke('i', 'app-g', { timeout: '30d' })])

  it.each<[string, () => Promise<void>]>([
    [
      'is paused meanwhile',
      () =>
        world.engine.pause(
          { functionId: functionUuid('app', 'app-g') },
          { new: 'skip', running: 'hold', by: 'test', until: null },
        ),
    ],
    ['is archived meanwhile', () => world.register({ f: [{}, caller] })],
  ])('is answered when the function %s', async (_what, act) => {
    world = await World.open()
    await world.register({ f: [{}, caller], g: [{ debounce: { period: '10s' } }, () => returned(null)] })
    await world.send({ name: 'f' })
    await act()
    await world.advance(60_000)
    expect(await statuses('f')).toEqual(['completed'])
    await expectQuiet()
  })
})

describe('a line of those who wait for two limits', () => {
  it('moves by as many as there are starts, however long it is', async () => {
    const updates = async (waiting: number) => {
      let sets = 0
      world = await World.open({
        callsMax: 1_000,
        database: (database) => ({
          ...shared(database),
          shared: undefined,
          finish: (group) => {
            for (const { changes } of group.writes)
              sets += changes.filter((change) => 'set' in change && change.set === 'item').length
            return database.finish(group)
          },
        }),
      })
      let calls = 0
      const script: Script = async () => {
        await after(Math.floor(calls++ / 3) % 2 === 0 ? 300 : 4_500)
        return returned(null)
      }
      await world.register({ f: [{ concurrency: 2, throttle: { limit: 1, period: '1s' } }, script] })
      await world.send(...Array.from({ length: waiting }, (_, n) => ({ name: 'f', data: { n } })))
      sets = 0
      await world.advance(30_000)
      await world.close()
      return sets / calls
    }
    const [few, many] = [await updates(100), await updates(800)]
    world = await World.open()
    expect(many).toBeLessThan(few * 1.5)
    expect(many).toBeLessThan(12)
  })
})

describe('a limit that many functions share', () => {
  it('lets one in for each slot, and rests in between', async () => {
    let commits = 0
    world = await World.open({
      database: (database) => ({
        ...shared(database),
        shared: undefined,
        finish: (group) => {
          commits++
          return database.finish(group)
        },
      }),
    })
    const script: Script = async () => {
      await after(1_000)
      return returned(null)
    }
    const options = { triggers: [{ event: 'e' }], concurrency: { limit: 1, scope: 'env', key: '"x"' } }
    await world.register(Object.fromEntries(Array.from({ length: 110 }, (_, n) => [`f${n}`, [options, script]])))
    await world.send({ name: 'e' })
    commits = 0
    await world.advance(1_000)
    expect(world.calls).toHaveLength(2)
    expect(commits).toBeLessThan(10)
  })
})

describe('an app that cannot be reached', () => {
  it('is probed by a throttled start too, and goes on when it answers again', async () => {
    world = await World.open()
    let calls = 0
    const script: Script = () => (++calls <= 10 ? lost('unreachable', 'refused') : returned(null))
    await world.register({ f: [{ retries: 0, throttle: { limit: 1_000, period: '60s' } }, script] })
    await world.send(...Array.from({ length: 10 }, (_, n) => ({ name: 'f', data: { n } })))
    await world.advance(10_000)
    await world.send({ name: 'f', data: { n: 'late' } })
    await world.advance(60_000)
    expect((await statuses('f')).at(-1)).toBe('completed')
    await expectQuiet()
  })
})

describe('what another server has changed', () => {
  const options = { tickMs: 150, random: () => 0.5 }

  it('holds nobody in a pause that has ended', async () => {
    world = await World.open({ database: shared, options })
    const call = held()
    await world.register({ f: [{}, (seen) => (seen.has('a') ? returned('ok') : call.promise)] })
    await world.send({ name: 'f' })
    const [fn] = (await world.store.state.registry()).functions
    if (fn === undefined) throw new Error('there is no function')
    const pause = JSON.stringify({ new: 'hold', running: 'hold', by: 'test', since: world.clock.now })
    await elsewhere({ set: 'function', row: { ...fn, pause } })
    await world.advance(400)
    await elsewhere({ set: 'function', row: fn })
    call.give(ops([ran('a')]))
    await world.advance(10_000)
    expect(await statuses('f')).toEqual(['completed'])
  })

  it('gives no slot above a limit that was lowered', async () => {
    world = await World.open({ database: shared, options })
    await world.register({ f: [{ concurrency: { limit: 3 } }, () => held().promise] })
    await world.send(...[1, 2, 3, 4].map((n) => ({ name: 'f', data: { n } })))
    const [fn] = (await world.store.state.registry()).functions
    if (fn === undefined) throw new Error('there is no function')
    await elsewhere({
      set: 'function',
      row: { ...fn, config: fn.config.replace('"limit":3', '"limit":1'), version: 2 },
    })
    await world.engine.cancel((await world.runs('f'))[0]?.id ?? '')
    await world.rest()
    expect(world.calls).toHaveLength(3)
  })
})

describe('the same pause twice', () => {
  it('goes on holding what it held', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(null)] })
    const target = { functionId: functionUuid('app', 'app-f') }
    const how = { new: 'hold', running: 'finish', by: 'test', until: null } as const
    await world.engine.pause(target, how)
    await world.send({ name: 'f' })
    await world.advance(1_000)
    await world.engine.pause(target, how)
    await world.advance(1_000)
    expect(await statuses('f')).toEqual(['scheduled'])
    await world.engine.unpause(target)
    await world.rest()
    expect(await statuses('f')).toEqual(['completed'])
  })
})
