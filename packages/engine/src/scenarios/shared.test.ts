// One of several processes on a store: what it says of itself, what it finds that others have left, and what becomes of
// its own work when others have taken it. The others are played by commits that this engine does not know of.
import type { Change, Database, ItemRow } from '@pawl/storage'
import { afterEach, describe, expect, it } from 'vitest'
import { ops, ran, returned, sleep } from './answers.ts'
import { held, World } from './world.ts'

const LEASE_MS = 30_000
const BEAT_MS = 5_000
const TICK_MS = 150

/** The store as one that others share, with what this process has told it. */
class Sharing {
  readonly beats: number[] = []
  hints = 0
  released = 0
  isOut = false
  hear: () => void = () => {}
  world: World | undefined

  wrap(database: Database): Database {
    const shared = {
      heartbeat: async () => {
        if (this.isOut) throw new Error('the store is out of reach')
        this.beats.push(this.world?.clock.now ?? 0)
        return { released: this.released }
      },
      hint: () => void this.hints++,
      onHint: (listener: () => void) => {
        this.hear = listener
      },
      isWatched: () => false,
      publish: () => {},
      subscribe: () => () => {},
    }
    return {
      name: database.name,
      process: database.process,
      shared,
      now: database.now,
      state: database.state,
      lists: database.lists,
      reserveKeys: (count) => database.reserveKeys(count),
      begin: (...all) => database.begin(...all),
      finish: (group) => database.finish(group),
      rollback: () => database.rollback(),
      written: (group) => database.written(group),
      close: () => database.close(),
    }
  }
}

let world: World

afterEach(() => world.close())

async function open(options: { readonly callsMax?: number } = {}): Promise<Sharing> {
  const sharing = new Sharing()
  world = await World.open({
    ...options,
    database: (database) => sharing.wrap(database),
    limits: { leaseMs: LEASE_MS },
    options: { tickMs: TICK_MS, random: () => 0.5 },
  })
  sharing.world = world
  return sharing
}

/** Another process writes. */
async function elsewhere(...changes: readonly Change[]): Promise<void> {
  await world.store.commit({ needs: {}, decide: () => ({ changes, result: null }) })
}

async function itemOf(fn: string): Promise<ItemRow> {
  const [item] = await world.store.lists.runItems((await world.run(fn)).id)
  if (item === undefined) throw new Error(`the run of ${fn} has no item`)
  return item
}

/** What another process's heartbeat does with the lease of one that is gone. */
async function release(fn: string): Promise<void> {
  const item = await itemOf(fn)
  await elsewhere({ set: 'item', row: { ...item, state: 'ready', owner: 0, epoch: item.epoch + 1 } })
}

describe('a heartbeat', () => {
  it('is given so often that others notice a death within a lease, and again soon when it fails', async () => {
    const sharing = await open()
    const began = world.clock.now
    await world.advance(3 * BEAT_MS)
    expect(sharing.beats.map((at) => at - began)).toEqual([BEAT_MS, 2 * BEAT_MS, 3 * BEAT_MS])
    sharing.isOut = true
    await world.advance(BEAT_MS + 1_500)
    sharing.isOut = false
    await world.advance(500)
    expect(sharing.beats.at(-1)).toBe(began + 4 * BEAT_MS + 2_000)
  })

  it('that fails makes the server not ready, until one succeeds', async () => {
    const sharing = await open()
    sharing.isOut = true
    await world.advance(BEAT_MS)
    expect(world.engine.status().storeOk).toBe(false)
    sharing.isOut = false
    await world.advance(1_000)
    expect(world.engine.status().storeOk).toBe(true)
  })

  it('that finds the work of a process that is gone is followed by a claim at once', async () => {
    const sharing = await open({ callsMax: 1 })
    await world.register({ f: [{}, () => returned('ok')] })
    await world.send({ name: 'f', ts: world.clock.now + 3_600_000 })
    const item = await itemOf('f')
    // Just before the heartbeat, so that no look at the store comes between.
    await world.advance(BEAT_MS - 1)
    await elsewhere({ set: 'item', row: { ...item, state: 'ready' } })
    sharing.released = 1
    await world.advance(1)
    expect(await world.output('f')).toBe('ok')
  })
})

describe('work that others have left', () => {
  async function sleeping(): Promise<ItemRow> {
    await world.register({ f: [{}, () => returned('ok')] })
    await world.send({ name: 'f', ts: world.clock.now + 3_600_000 })
    return itemOf('f')
  }

  it('is found within a tick', async () => {
    await open()
    const item = await sleeping()
    await elsewhere({ set: 'item', row: { ...item, state: 'ready' } })
    await world.advance(2 * TICK_MS)
    expect(world.calls).toHaveLength(1)
  })

  it('is found at once after a hint', async () => {
    const sharing = await open()
    const item = await sleeping()
    await elsewhere({ set: 'item', row: { ...item, state: 'ready' } })
    sharing.hear()
    await world.rest()
    expect(world.calls).toHaveLength(1)
  })

  it('asleep wakes at its time', async () => {
    await open()
    const item = await sleeping()
    const due = world.clock.now + 10_000
    await elsewhere({ set: 'item', row: { ...item, due } })
    await world.advance(9_999)
    expect(world.calls).toHaveLength(0)
    await world.advance(50)
    expect(world.calls).toHaveLength(1)
  })

  it('is called as functions are registered now', async () => {
    await open()
    const item = await sleeping()
    const [fn] = (await world.store.state.registry()).functions
    if (fn === undefined) throw new Error('there is no function')
    const config = fn.config.replaceAll('http://app.test', 'http://moved.test')
    await elsewhere({ set: 'function', row: { ...fn, config } }, { set: 'item', row: { ...item, state: 'ready' } })
    await world.advance(2 * TICK_MS)
    expect(world.calls.map(({ request }) => new URL(request.url).host)).toEqual(['moved.test'])
  })
})

describe('a function that another process has registered', () => {
  it('is known at once', async () => {
    await open()
    await world.register({ f: [{}, () => returned('ok')] })
    const [fn] = (await world.store.state.registry()).functions
    if (fn === undefined) throw new Error('there is no function')
    const config = fn.config.replaceAll('app-f', 'app-late')
    await elsewhere({ put: 'function', row: { ...fn, key: 1_000_000, slug: 'app-late', config } })
    const call = { slug: 'app-late', dataText: '{}', idempotencyKey: null }
    expect((await world.engine.invoke(call)).runId).toMatch(/^\w{26}$/)
    await expect(world.engine.invoke({ ...call, slug: 'app-nobody' })).rejects.toMatchObject({
      code: 'function_not_found',
    })
  })
})

describe('development’s clock', () => {
  it('that another process has moved is taken over within a tick', async () => {
    await open()
    await elsewhere({ set: 'clockOffset', ms: 3_600_000 })
    await world.advance(2 * TICK_MS)
    expect(world.engine.clock()).toEqual({ now: world.clock.now + 3_600_000, offsetMs: 3_600_000 })
  })
})

describe('work for which there is no place here', () => {
  it('is told to others, not more often than they can listen', async () => {
    const sharing = await open({ callsMax: 1 })
    const call = held()
    await world.register({ f: [{}, () => call.promise] })
    await world.send({ name: 'f' })
    expect(sharing.hints).toBe(0)
    await world.send(...Array.from({ length: 20 }, () => ({ name: 'f' })))
    await world.send({ name: 'f' })
    expect(sharing.hints).toBe(1)
    await world.advance(100)
    await world.send({ name: 'f' })
    expect(sharing.hints).toBe(2)
    call.give(returned('ok'))
  })

  it('is told to others when a server stops', async () => {
    const sharing = await open()
    const call = held()
    await world.register({ f: [{}, () => call.promise] })
    await world.send({ name: 'f' })
    const stopped = world.engine.stop(1_000)
    await world.advance(1_000)
    await stopped
    expect(await itemOf('f')).toMatchObject({ state: 'ready', owner: 0, attempt: 0, claims: 0 })
    expect(sharing.hints).toBe(1)
  })
})

describe('a process that was not heard for longer than a lease', () => {
  it.each(['old', 'new'])(
    'takes its run up anew, and only the new call counts (the %s one ends first)',
    async (first) => {
      const sharing = await open()
      const [old, next] = [held(), held()]
      await world.register({ f: [{}, () => (world.calls.length === 1 ? old.promise : next.promise)] })
      await world.send({ name: 'f' })
      sharing.isOut = true
      await world.advance(LEASE_MS)
      await release('f')
      sharing.isOut = false
      await world.advance(2_000)
      expect(world.calls.map(({ generationId }) => generationId)).toEqual([1, 3])
      const give = { old: () => old.give(returned('old')), new: () => next.give(returned('new')) }
      for (const each of first === 'old' ? (['old', 'new'] as const) : (['new', 'old'] as const)) {
        give[each]()
        await world.rest()
      }
      expect(await world.output('f')).toBe('new')
      expect(world.engine.status().calls).toBe(0)
    },
  )

  it('leaves a run that another has taken, and what its own call still brings is nobody’s', async () => {
    const sharing = await open()
    const call = held()
    await world.register({ f: [{}, () => call.promise] })
    await world.send({ name: 'f' })
    sharing.isOut = true
    await world.advance(LEASE_MS)
    const item = await itemOf('f')
    await elsewhere({ set: 'item', row: { ...item, owner: 99, epoch: item.epoch + 2 } })
    sharing.isOut = false
    await world.advance(2_000)
    expect(world.warnings.filter((text) => text.includes('was not heard'))[0]).toContain('"lost":1')
    call.give(ops([ran('a'), sleep('s', '1s')]))
    await world.advance(BEAT_MS)
    expect(await itemOf('f')).toMatchObject({ state: 'leased', owner: 99, epoch: item.epoch + 2 })
    expect((await world.run('f')).steps).toBe(0)
  })

  it('keeps what nobody has taken meanwhile', async () => {
    const sharing = await open()
    const call = held()
    await world.register({ f: [{}, () => call.promise] })
    await world.send({ name: 'f' })
    sharing.isOut = true
    await world.advance(LEASE_MS)
    sharing.isOut = false
    await world.advance(2_000)
    call.give(returned('ok'))
    await world.rest()
    expect(await world.output('f')).toBe('ok')
    expect(world.calls).toHaveLength(1)
  })
})
