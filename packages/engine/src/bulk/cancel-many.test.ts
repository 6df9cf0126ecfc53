// Cancelling many runs at once, through the door.
import { afterEach, describe, expect, it } from 'vitest'
import type { CancelManyRequest } from '../engine.ts'
import { functionUuid } from '../identity.ts'
import { ops, returned, sleep } from '../scenarios/answers.ts'
import { BEGIN, held, type Script, World } from '../scenarios/world.ts'

let world: World
afterEach(() => world.close())

const FUNCTION = functionUuid('app', 'app-f')
const naps: Script = (call) => (call.has('nap') ? returned('awake') : ops([sleep('nap', '1h')]))

async function cancelMany(request: Partial<CancelManyRequest> = {}): Promise<string> {
  const { id } = await world.engine.cancelMany({
    functionId: FUNCTION,
    after: null,
    before: world.clock.now,
    condition: null,
    ...request,
  })
  await world.rest()
  return id
}

async function progress(id: string): Promise<{ done: number; seen: number; stopped: boolean; endedAt: number | null }> {
  const view = await world.store.lists.bulk(id)
  return { ...JSON.parse(view?.row.progress ?? '{}'), endedAt: view?.row.endedAt ?? null }
}

const statuses = async (fn = 'f') => (await world.runs(fn)).map(({ status }) => status)

describe('a bulk cancellation', () => {
  it('ends every live run of its function that was queued in its window, and no other', async () => {
    world = await World.open()
    await world.register({ f: [{}, naps], g: [{}, naps] })
    for (let n = 0; n < 4; n++) {
      await world.send({ name: 'f' }, { name: 'g' })
      await world.advance(1_000)
    }
    const id = await cancelMany({ after: BEGIN, before: BEGIN + 2_000 })
    expect(await statuses()).toEqual(['running', 'cancelled', 'cancelled', 'running'])
    expect(await statuses('g')).toEqual(['running', 'running', 'running', 'running'])
    expect(await progress(id)).toMatchObject({ done: 2, stopped: false, endedAt: world.clock.now })
    expect(await world.eventsNamed('inngest/function.cancelled')).toHaveLength(2)
  })

  it('takes those whose event fulfils the condition', async () => {
    world = await World.open()
    await world.register({ f: [{}, naps] })
    await world.send(...[1, 2, 'x', null].map((n) => ({ name: 'f', data: { n } })))
    await world.advance(1)
    const id = await cancelMany({ condition: 'event.data.n > 1' })
    expect(await statuses()).toEqual(['running', 'cancelled', 'running', 'running'])
    expect(await progress(id)).toMatchObject({ done: 1 })
  })

  it('leaves what has ended as it is', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await world.send({ name: 'f' })
    await world.advance(1)
    const id = await cancelMany()
    expect([await statuses(), await progress(id)]).toMatchObject([['completed'], { done: 0, seen: 0 }])
  })

  it('ends runs wherever they stand: executing, queued, blocked, in the future', async () => {
    world = await World.open({ callsMax: 2 })
    const never: Script = () => held().promise
    await world.register({ f: [{ concurrency: { limit: 3 } }, never] })
    await world.send(...Array.from({ length: 6 }, () => ({ name: 'f' })))
    await world.send({ name: 'f', ts: world.clock.now + 60_000 })
    await world.advance(1)
    await cancelMany()
    await world.advance(1)
    expect(new Set(await statuses())).toEqual(new Set(['cancelled']))
    const { items } = await world.store.lists.totals()
    expect(Object.values(items).reduce((sum, count) => sum + count, 0)).toBe(0)
  })

  it('frees the slots of those that it ends', async () => {
    world = await World.open()
    await world.register({
      f: [{ concurrency: { limit: 1 } }, (call) => (call.event.data === 1 ? held().promise : returned(2))],
    })
    await world.send({ name: 'f', data: { n: 1 } })
    await world.advance(1)
    await world.register({ f: [{ concurrency: { limit: 1 } }, () => returned(2)] })
    await world.send({ name: 'f', data: { n: 2 } })
    await cancelMany({ condition: 'event.data.n == 1' })
    expect((await statuses()).at(-1)).toBe('completed')
  })

  it('works off more than a page', async () => {
    world = await World.open()
    await world.register({ f: [{}, naps] })
    for (let n = 0; n < 5; n++) await world.send(...Array.from({ length: 51 }, () => ({ name: 'f' })))
    await world.advance(1)
    const id = await cancelMany()
    expect(new Set(await statuses())).toEqual(new Set(['cancelled']))
    // Only now that its window has closed it is sure that nothing more comes.
    expect(await progress(id)).toMatchObject({ done: 255, endedAt: null })
    await world.advance(1)
    expect(await progress(id)).toMatchObject({ done: 255, endedAt: world.clock.now })
  })

  it('waits for the end of a window that has not closed yet', async () => {
    world = await World.open()
    await world.register({ f: [{}, naps] })
    await world.send({ name: 'f' })
    const id = await cancelMany({ before: world.clock.now + 5_000 })
    expect(await statuses()).toEqual(['cancelled'])
    expect(await progress(id)).toMatchObject({ done: 1, endedAt: null })
    await world.advance(4_000)
    await world.send({ name: 'f' })
    await world.advance(1_500)
    await world.send({ name: 'f' })
    expect(await statuses()).toEqual(['cancelled', 'cancelled', 'running'])
    expect((await progress(id)).endedAt).not.toBe(null)
  })

  it('goes on after a stop of the server where it was', async () => {
    world = await World.open()
    await world.register({ f: [{}, naps] })
    for (let n = 0; n < 5; n++) await world.send(...Array.from({ length: 60 }, () => ({ name: 'f' })))
    await world.advance(1)
    const started = world.engine.cancelMany({
      functionId: FUNCTION,
      after: null,
      before: world.clock.now,
      condition: null,
    })
    const stopped = world.engine.stop(0)
    const { id } = await started
    await world.rest()
    await world.advance(1)
    await stopped
    expect(await progress(id)).toMatchObject({ endedAt: null })
    await world.engine.start()
    await world.advance(1_000)
    expect(new Set(await statuses())).toEqual(new Set(['cancelled']))
    expect(await progress(id)).toMatchObject({ done: 300, stopped: false })
    expect(await world.eventsNamed('inngest/function.cancelled')).toHaveLength(300)
  })

  it('is stopped where it stands', async () => {
    world = await World.open()
    await world.register({ f: [{}, naps] })
    await world.send({ name: 'f' })
    const id = await cancelMany({ before: world.clock.now + 5_000 })
    await world.send({ name: 'f' })
    expect(await world.engine.stopBulk(id)).toBe(true)
    await world.advance(10_000)
    expect(await statuses()).toEqual(['cancelled', 'running'])
    expect(await progress(id)).toMatchObject({ done: 1, stopped: true })
    expect(await world.engine.stopBulk(id)).toBe(true)
    expect(await world.engine.stopBulk('none')).toBe(false)
  })

  it.each<[string, Partial<CancelManyRequest>, string]>([
    ['of a function that is not known', { functionId: 'none' }, 'function_not_found'],
    ['with a condition that is none', { condition: 'event.data. >' }, 'invalid_expression'],
    ['with a condition over what a live run has not', { condition: 'output.x == 1' }, 'invalid_expression'],
  ])('%s is refused', async (_what, request, code) => {
    world = await World.open()
    await world.register({ f: [{}, naps] })
    await expect(cancelMany(request)).rejects.toMatchObject({ code })
  })
})
