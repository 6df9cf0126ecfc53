// Starting many runs again, through the door.
import { afterEach, describe, expect, it } from 'vitest'
import type { ReplayRequest, ReplayStarted } from '../engine.ts'
import { functionUuid } from '../identity.ts'
import { returned, threw } from '../scenarios/answers.ts'
import { type FunctionOptions, World } from '../scenarios/world.ts'

let world: World
afterEach(() => world.close())

const FUNCTION = functionUuid('app', 'app-f')

/** Whether the app is mended: before, every run fails. */
let isMended = false

async function open(options: FunctionOptions = {}): Promise<void> {
  isMended = false
  world = await World.open()
  await world.register({
    f: [
      { retries: 0, ...options },
      (call) => (isMended ? returned('good') : threw(`bad ${JSON.stringify(call.event.data)}`)),
    ],
  })
}

async function fail(count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n)
  for (let from = 0; from < count; from += 50) {
    await world.send(...numbers.slice(from, from + 50).map((n) => ({ name: 'f', data: { n } })))
  }
  await world.advance(1_000)
  isMended = true
}

async function replay(request: Partial<ReplayRequest> = {}): Promise<ReplayStarted> {
  const started = await world.engine.replay({
    functionId: FUNCTION,
    from: 0,
    until: world.clock.now,
    statuses: ['failed'],
    conditions: [],
    name: null,
    perSecond: 50,
    dryRun: false,
    ...request,
  })
  await world.rest()
  return started
}

const view = async ({ id }: ReplayStarted) => {
  const found = await world.store.lists.bulk(id ?? '')
  if (found === undefined) throw new Error('there is no such replay')
  return found
}

const again = async () => (await world.runs('f')).filter((run) => run.original !== null)

describe('a replay', () => {
  it('only counts when it is dry', async () => {
    await open()
    await fail(3)
    const { id, totalCount } = await replay({ dryRun: true })
    expect([id, totalCount]).toEqual([null, 3])
    await world.advance(60_000)
    expect(await again()).toEqual([])
  })

  it('starts each failed run again, with its event, and says what came of them', async () => {
    await open()
    await fail(3)
    const started = await replay({ name: 'after the fix' })
    await world.advance(1_000)
    const [first, ...rest] = await again()
    const originals = (await world.runs('f')).filter((run) => run.original === null)
    expect([first, ...rest].map((run) => [run?.original, run?.event, run?.status])).toEqual(
      originals.map((run) => [run.key, run.event, 'completed']),
    )
    const { row, ...counts } = await view(started)
    expect(counts).toMatchObject({ started: 3, failed: 0, live: 0 })
    expect(row).toMatchObject({ kind: 'replay', createdAt: started.createdAt })
    expect(row.endedAt).not.toBe(null)
    expect(JSON.parse(row.request)).toMatchObject({ name: 'after the fix', totalCount: 3 })
    expect(JSON.parse(row.progress)).toMatchObject({ done: 3, seen: 3, stopped: false })
  })

  it('keeps to its rate', async () => {
    await open()
    await fail(120)
    await replay({ perSecond: 50 })
    const counts: number[] = []
    for (let second = 0; second < 3; second++) {
      await world.advance(999)
      counts.push((await again()).length)
      await world.advance(1)
    }
    expect(counts).toEqual([50, 100, 120])
  })

  it('takes the runs of its window that ended as asked and fulfil the conditions', async () => {
    await open()
    await fail(4)
    const from = world.clock.now
    await world.send({ name: 'f', data: { n: 9 } })
    await world.advance(1_000)
    const conditions = ['event.data.n >= 2', 'error.message != \'bad {"n":3}\'']
    expect((await replay({ conditions, dryRun: true })).totalCount).toBe(1)
    expect((await replay({ statuses: ['completed'], dryRun: true })).totalCount).toBe(1)
    expect((await replay({ statuses: ['completed', 'failed'], from, dryRun: true })).totalCount).toBe(1)
    expect((await replay({ statuses: [], dryRun: true })).totalCount).toBe(0)
    await replay({ conditions })
    await world.advance(1_000)
    const calls = world.calls.slice(-1).map((call) => call.event.data)
    expect([(await again()).length, calls]).toEqual([1, [{ n: 2 }]])
  })

  it('never starts again what it has started, nor what came after its begin', async () => {
    await open()
    await fail(3)
    isMended = false
    await replay({ until: world.clock.now + 3_600_000, perSecond: 1 })
    await world.advance(1)
    await world.send({ name: 'f', data: { n: 9 } })
    await world.advance(60_000)
    expect((await again()).map(({ status }) => status)).toEqual(['failed', 'failed', 'failed'])
  })

  it('brings skipped runs back', async () => {
    await open()
    await world.engine.pause({ functionId: FUNCTION }, { new: 'skip', running: 'hold', by: 'api', until: null })
    await fail(2)
    await world.engine.unpause({ functionId: FUNCTION })
    await replay({ statuses: ['skipped'] })
    await world.advance(1_000)
    expect((await again()).map(({ status }) => status)).toEqual(['completed', 'completed'])
  })

  it('waits while its function is paused', async () => {
    await open()
    await fail(2)
    await world.engine.pause({ functionId: FUNCTION }, { new: 'skip', running: 'hold', by: 'api', until: null })
    await replay()
    await world.advance(60_000)
    expect(await again()).toEqual([])
    await world.engine.unpause({ functionId: FUNCTION })
    await world.advance(5_000)
    expect((await again()).map(({ status }) => status)).toEqual(['completed', 'completed'])
  })

  it('stands behind new work, and keeps to the limits of the function', async () => {
    await open({ concurrency: { limit: 1 }, rateLimit: { limit: 1_000, period: '1h' } })
    await fail(2)
    await replay()
    const [run] = await again()
    expect((run?.rank ?? 0) - (run?.queuedAt ?? 0) * 1_000).toBe(86_400_000_000)
    expect(run?.flow).not.toBe(null)
  })

  it('starts each run once, also where each cancels the one before it', async () => {
    await open({ singleton: { mode: 'cancel' } })
    await fail(1)
    isMended = false
    await world.send({ name: 'f', data: { n: 1 } })
    await world.send({ name: 'f', data: { n: 2 } })
    isMended = true
    await replay({ statuses: ['failed', 'cancelled'], perSecond: 1_000 })
    await world.advance(10_000)
    expect(new Set((await again()).map(({ original }) => original)).size).toBe(3)
    expect(await again()).toHaveLength(3)
  })

  it('goes on after a stop of the server where it was', async () => {
    await open()
    await fail(20)
    const started = await replay({ perSecond: 10 })
    await world.advance(500)
    const stopped = world.engine.stop(0)
    await world.advance(1)
    await stopped
    await world.engine.start()
    await world.advance(10_000)
    expect(new Set((await again()).map(({ original }) => original)).size).toBe(20)
    expect(await again()).toHaveLength(20)
    expect((await view(started)).row.endedAt).not.toBe(null)
  })

  it('ends when it is stopped', async () => {
    await open()
    await fail(20)
    const started = await replay({ perSecond: 10 })
    await world.advance(550)
    expect(await world.engine.stopBulk(started.id ?? '')).toBe(true)
    await world.advance(10_000)
    expect(await again()).toHaveLength(6)
    const { row } = await view(started)
    expect(JSON.parse(row.progress)).toMatchObject({ done: 6, seen: 6, stopped: true })
  })

  it('is refused for a condition that is none, and for a function that is not known', async () => {
    await open()
    await expect(replay({ conditions: ['event.('] })).rejects.toMatchObject({ code: 'invalid_expression' })
    await expect(replay({ functionId: 'none' })).rejects.toMatchObject({ code: 'function_not_found' })
  })
})
