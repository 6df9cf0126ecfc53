// Operations on many runs of several functions, through the door.
import { afterEach, describe, expect, it } from 'vitest'
import type { BulkAsk, BulkCounted, BulkProgress } from '../engine.ts'
import { functionUuid } from '../identity.ts'
import { ops, returned, sleep, threw } from '../scenarios/answers.ts'
import { type Script, World } from '../scenarios/world.ts'
import { storedBulk } from './bulk-request.ts'

let world: World
afterEach(() => world.close())

const uuid = (id: string) => functionUuid('app', `app-${id}`)
const sleeps: Script = (call) => (call.has('s') ? returned(1) : ops([sleep('s', '10h')]))

async function open(): Promise<void> {
  world = await World.open()
  await world.register({ f: [{}, sleeps], g: [{}, sleeps], h: [{}, sleeps] })
}

async function start(ask: Partial<BulkAsk>): Promise<BulkCounted> {
  const kind = ask.kind ?? 'cancel'
  const started = await world.engine.startBulk({
    kind,
    functionIds: null,
    runIds: null,
    from: 0,
    until: world.clock.now,
    statuses: kind === 'cancel' ? ['scheduled', 'running'] : ['failed'],
    conditions: [],
    name: null,
    perMinute: null,
    dryRun: false,
    ...ask,
  })
  await world.rest()
  return started
}

async function progress({ id }: BulkCounted): Promise<BulkProgress & { readonly isEnded: boolean }> {
  const view = await world.store.lists.bulk(id ?? '')
  if (view === undefined) throw new Error('there is no such operation')
  return { ...(JSON.parse(view.row.progress) as BulkProgress), isEnded: view.row.endedAt !== null }
}

const statuses = async (fn: string) => (await world.runs(fn)).map(({ status }) => status)

describe('an operation on many runs', () => {
  it('cancels those of some functions, or of all', async () => {
    await open()
    await world.send({ name: 'f' }, { name: 'g' }, { name: 'h' }, { name: 'h' })
    const some = await start({ functionIds: [uuid('f'), uuid('g')] })
    await world.advance(1)
    expect([await statuses('f'), await statuses('g'), await statuses('h')]).toEqual([
      ['cancelled'],
      ['cancelled'],
      ['running', 'running'],
    ])
    expect(await progress(some)).toMatchObject({ done: 2, skipped: 0, failed: 0, isEnded: true })
    const all = await start({})
    await world.advance(1)
    expect(await statuses('h')).toEqual(['cancelled', 'cancelled'])
    expect([some.totalCount, all.totalCount]).toEqual([2, 2])
  })

  it('only counts when it is dry, and shows the newest ten', async () => {
    await open()
    for (let n = 0; n < 12; n++) {
      await world.send({ name: 'f', data: { n } })
      await world.advance(10)
    }
    const newest = (await world.runs()).map(({ id }) => id).reverse()
    expect(await start({ dryRun: true })).toEqual({
      id: null,
      createdAt: world.clock.now,
      totalCount: 12,
      isCut: false,
      sample: newest.slice(0, 10),
    })
    const some = await start({ dryRun: true, conditions: ['event.data.n < 3'] })
    expect(some).toMatchObject({ totalCount: 3, isCut: false, sample: newest.slice(9) })
    expect(new Set(await statuses('f'))).toEqual(new Set(['running']))
  })

  it('looks at the event, the result and the error', async () => {
    world = await World.open()
    await world.register({ f: [{ retries: 0 }, (call) => threw(`bad ${JSON.stringify(call.event.data)}`)] })
    await world.send({ name: 'f', data: { n: 1 } }, { name: 'f', data: { n: 2 } })
    const started = await start({ kind: 'replay', conditions: ['event.data.n > 0', 'error.message.contains("2")'] })
    await world.advance(1_000)
    const again = (await world.runs('f')).filter(({ original }) => original !== null)
    expect([started.totalCount, again.length]).toEqual([1, 1])
    expect(await progress(started)).toMatchObject({ done: 1, seen: 2, isEnded: true })
  })

  it('takes runs by their IDs, and counts those that are over by then as skipped', async () => {
    await open()
    await world.send(...Array.from({ length: 4 }, () => ({ name: 'f' })))
    const [one, two, three] = await world.runs('f')
    const ids = [one, two, two, three].map((run) => run?.id ?? '')
    await world.engine.cancel(one?.id ?? '')
    const started = await start({ runIds: ids })
    expect(started).toMatchObject({ totalCount: 2, sample: [three?.id, two?.id] })
    await world.advance(1)
    expect(await statuses('f')).toEqual(['cancelled', 'cancelled', 'cancelled', 'running'])
    expect(await progress(started)).toMatchObject({ done: 2, skipped: 1, isEnded: true })
  })

  it('goes no faster than it may', async () => {
    await open()
    await world.send(...Array.from({ length: 10 }, () => ({ name: 'f' })))
    const started = await start({ perMinute: 60 })
    await world.advance(4_500)
    expect(await progress(started)).toMatchObject({ done: 5, isEnded: false })
    await world.advance(10_000)
    expect(await progress(started)).toMatchObject({ done: 10, isEnded: true })
  })

  it('rests while it is paused, and goes on', async () => {
    await open()
    await world.send(...Array.from({ length: 5 }, () => ({ name: 'f' })))
    const started = await start({ perMinute: 60 })
    await world.advance(1_500)
    expect(await world.engine.pauseBulk(started.id ?? '', true)).toBe(true)
    await world.advance(60_000)
    expect(await progress(started)).toMatchObject({ done: 2, paused: true, isEnded: false })
    expect(await world.engine.pauseBulk(started.id ?? '', false)).toBe(true)
    await world.advance(10_000)
    expect(await progress(started)).toMatchObject({ done: 5, paused: false, isEnded: true })
    expect(await world.engine.pauseBulk(started.id ?? '', true)).toBe(false)
    expect(await world.engine.pauseBulk('none', true)).toBe(false)
  })

  it('stays where it is when it is stopped, also while it rests', async () => {
    await open()
    await world.send(...Array.from({ length: 5 }, () => ({ name: 'f' })))
    const started = await start({ perMinute: 60 })
    await world.engine.pauseBulk(started.id ?? '', true)
    expect(await world.engine.stopBulk(started.id ?? '')).toBe(true)
    await world.advance(60_000)
    expect(await progress(started)).toMatchObject({ done: 1, stopped: true, isEnded: true })
  })

  it('starts runs of several functions again, but for those that are paused', async () => {
    world = await World.open()
    const fails: Script = () => threw('bad')
    await world.register({ f: [{ retries: 0 }, fails], g: [{ retries: 0 }, fails] })
    await world.send({ name: 'f' }, { name: 'g' })
    await world.engine.pause({ functionId: uuid('g') }, { new: 'skip', running: 'hold', by: 'api', until: null })
    const started = await start({ kind: 'replay' })
    await world.advance(1_000)
    expect([await statuses('f'), await statuses('g')]).toEqual([['failed', 'failed'], ['failed']])
    expect(await progress(started)).toMatchObject({ done: 1, skipped: 1, isEnded: true })
  })

  it('of a function that nobody knows, or by what is no expression, is refused', async () => {
    await open()
    await expect(start({ functionIds: [uuid('none')] })).rejects.toMatchObject({ code: 'function_not_found' })
    await expect(start({ conditions: ['event.data.'] })).rejects.toMatchObject({ code: 'invalid_expression' })
    await expect(start({ statuses: ['failed'] })).rejects.toThrow('cannot take')
  })
})

describe('the request of a stored operation', () => {
  it('is read in one shape, also of those that were begun in another way', async () => {
    await open()
    await start({ functionIds: [uuid('f')], name: 'one' })
    await world.engine.cancelMany({ functionId: uuid('f'), after: 5, before: 9, condition: 'event.data.n == 1' })
    const rows = (await world.store.lists.bulks({ limit: 10 })).map(({ row }) => row)
    const wanted = rows.map(storedBulk).sort((a, b) => b.until - a.until)
    expect(wanted[0]).toMatchObject({ kind: 'cancel', functionIds: [uuid('f')], name: 'one', cause: 'api' })
    expect(wanted[1]).toMatchObject({ from: 6, until: 9, conditions: ['event.data.n == 1'], isFirstEvent: true })
  })
})
