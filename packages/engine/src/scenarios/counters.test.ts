// What is counted beside what happens, in the same commit: counters, samples of the queue, and their folding.
import type { Key } from '@pawl/storage'
import { afterEach, describe, expect, it } from 'vitest'
import { lost, ops, ran, returned, sleep, stepThrew, threw } from './answers.ts'
import { BEGIN, held, World } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function counts(names?: readonly string[], bucketMs = MINUTE): Promise<Readonly<Record<string, number>>> {
  const from = BEGIN - 24 * HOUR
  const tallies = await world.store.lists.tallies({
    from: from - (from % bucketMs),
    until: BEGIN + 200 * 24 * HOUR,
    bucketMs,
    names,
    byFunction: true,
  })
  const sums: Record<string, number> = {}
  for (const { name, value } of tallies) sums[name] = (sums[name] ?? 0) + value
  return sums
}

const fnOf = (id: string): Promise<Key> => world.run(id).then(({ fn }) => fn)

describe('counters', () => {
  it('tell of a run from its queueing to its end, with its calls and steps', async () => {
    world = await World.open()
    const open = held()
    await world.register({ f: [{}, (call) => (call.has('a') ? open.promise : ops([ran('a')]))] })
    await world.send({ name: 'f' })
    await world.advance(100)
    open.give(returned(1))
    await world.rest()
    expect(await counts()).toEqual({
      'event:f': 1,
      'event:inngest/function.finished': 1,
      queued: 1,
      started: 1,
      'delay:0': 1,
      steps: 1,
      'request:ok': 2,
      'latency:0': 1,
      // 100 ms lie between 2^(26/4) and 2^(27/4).
      'latency:27': 1,
      'duration:27': 1,
      'ended:completed': 1,
    })
    const [tally] = await world.store.lists.tallies({
      from: BEGIN,
      until: BEGIN + MINUTE,
      bucketMs: MINUTE,
      names: ['queued'],
      byFunction: true,
    })
    expect(tally).toEqual({ at: BEGIN, fn: await fnOf('f'), name: 'queued', value: 1 })
  })

  it('tell of failures by what the app said, and of attempts that were made again', async () => {
    world = await World.open()
    const answers = [ops([stepThrew('a')]), lost('reset')]
    await world.register({ f: [{ retries: 3 }, () => answers.shift() ?? threw('bad')] })
    await world.send({ name: 'f' })
    await world.advance(20_000)
    expect(await counts(['request:', 'retries', 'ended:'])).toEqual({
      'request:error': 3,
      'request:transport': 1,
      retries: 3,
      'ended:failed': 1,
    })
    expect((await world.run('f')).retries).toBe(3)
  })

  it('tell of events that started nothing, by the reason', async () => {
    world = await World.open()
    await world.register({
      f: [{ triggers: [{ event: 'f', expression: 'event.data.n > 1' }] }, () => returned(1)],
      g: [{ singleton: { mode: 'skip' } }, () => held().promise],
      h: [{ rateLimit: { limit: 1, period: '1h' } }, () => returned(1)],
    })
    await world.send({ name: 'f', data: { n: 1 } }, { name: 'g' }, { name: 'h' })
    await world.send({ name: 'g' }, { name: 'h' })
    expect(await counts(['refused:', 'ended:skipped'])).toEqual({
      'refused:filter_false': 1,
      'refused:singleton': 1,
      'refused:rate_limited': 1,
      'ended:skipped': 1,
    })
  })

  it('tell of starts that a throttle made wait, and how long', async () => {
    world = await World.open()
    await world.register({ f: [{ throttle: { limit: 1, period: '10s' } }, () => returned(1)] })
    await world.send({ name: 'f' }, { name: 'f' })
    await world.advance(10_000)
    expect(await counts(['throttled', 'delay:'])).toEqual({ throttled: 1, 'delay:0': 1, 'delay:54': 1 })
  })

  it('count the steps that a rerun takes over once', async () => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (call.has('b') ? returned(1) : call.has('a') ? ops([ran('b')]) : ops([ran('a')]))],
    })
    await world.send({ name: 'f' })
    await world.engine.rerun((await world.run('f')).id, { from: { step: 'b', inputText: null } })
    await world.rest()
    expect(await counts(['steps', 'queued'])).toEqual({ steps: 3, queued: 2 })
  })

  it('count names of events beyond a hundred in a minute as one', async () => {
    world = await World.open()
    for (let from = 0; from < 110; from += 10)
      await world.send(...Array.from({ length: 10 }, (_, n) => ({ name: `e${from + n}` })))
    const sums = await counts(['event:'])
    expect([Object.keys(sums).length, sums['event:*']]).toEqual([101, 10])
  })
})

describe('samples', () => {
  it('are taken once a minute while something is queued, and not after', async () => {
    world = await World.open()
    await world.register({ f: [{}, (call) => (call.has('s') ? returned(1) : ops([sleep('s', '3m')]))] })
    await world.send({ name: 'f' })
    await world.advance(150_000)
    const sums = await counts(['now:'])
    expect(sums).toEqual({ 'now:sleeping': 2 })
    await world.advance(600_000)
    expect(await counts(['now:'])).toEqual({ 'now:sleeping': 3 })
  })

  it('of an idle store read and write nothing', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await world.send({ name: 'f' })
    await world.advance(2 * MINUTE)
    let reads = 0
    const { queues } = world.store.lists
    Object.assign(world.store.lists, {
      queues: () => {
        reads++
        return queues()
      },
    })
    await world.advance(HOUR)
    expect(reads).toBe(0)
  })
})

describe('the fold', () => {
  it('sums minutes into hours, and keeps what is asked for', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await world.send({ name: 'f' })
    await world.advance(MINUTE)
    await world.send({ name: 'f' })
    await world.advance(3 * HOUR)
    expect(await counts(['queued'])).toEqual({ queued: 2 })
    world.clock.now += 3 * 24 * HOUR
    await world.advance(2 * HOUR)
    expect(await counts(['queued'])).toEqual({})
    expect(await counts(['queued'], HOUR)).toEqual({ queued: 2 })
    world.clock.now += 91 * 24 * HOUR
    await world.advance(2 * HOUR)
    expect(await counts(['queued'], HOUR)).toEqual({})
  })
})
