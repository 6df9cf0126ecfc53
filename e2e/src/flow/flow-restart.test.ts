/**
 * The server is killed twice with every kind of thing in line: calls under way, full limits, open batches and debounces, a
 * singleton's holder, a pause, a replay in the middle. Everything goes on after the restart, once, and the limits hold all
 * along, as the app counts them.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, serveApp } from '../harness/app.ts'
import type { Kit } from '../harness/sdk.ts'
import { number, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { FlowApi, type Place } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'
import { opened, order, shift } from './shifts.ts'

const KILLS = 2
const STEP_MS = 250
const QUIET_MS = 400
const EARLY_MS = 15
const FAILED = 30
/** More than a page of a bulk operation. */
const CANCELLED = 1_000
const sdk = oneSdk('v4')

const server = useServer()
let app: App

/** What was begun before the first kill. */
interface Begun {
  readonly line: string
  readonly keyed: string
  readonly throttled: { readonly key: string; readonly sentAt: number }
  readonly gathered: string
  readonly filled: string
  readonly settled: { readonly key: string; readonly lastAt: number }
  readonly extended: string
  readonly holder: string
  readonly rated: string
  readonly once: string
  readonly held: string
  readonly replay: { readonly key: string; readonly id: string }
  readonly cancelled: readonly string[]
}
let begun: Begun

beforeAll(async () => {
  app = await serveApp(sdk, { id: 'kills', server: server().url }, defineAll)
  await app.sync()
  begun = await begin()
  for (let n = 0; n < KILLS; n++) {
    await until('a call to be under way', () => app.calls.some((call) => call.status === 0))
    await server().kill()
    await server().start()
    if (n + 1 < KILLS) await moment(STEP_MS)
  }
})
afterAll(() => app.close())

async function begin(): Promise<Begun> {
  const replay = await failMany()
  const ts = (await api().now()) + 3_600_000
  const { ids: cancelled } = await send('future', Array.from({ length: CANCELLED }, String), randomUUID(), { ts })
  await api().pause(place('held'), { new: 'hold' })
  const holder = await api().firstRun((await send('alone', ['holder'])).ids[0] ?? '')
  await api().rests(holder.id, 'sleeping')
  const [rated, once, held] = await Promise.all([
    send('rated', ['1']),
    send('once', ['1']),
    send('held', ['1', '2', '3']),
  ])
  await until('what ends at once', () => notes(rated.key).length + notes(once.key).length === 2)
  const filled = await send('filled', ['1', '2'])
  const extended = await send('extended', ['before'])
  const gathered = await send('gathered', ['1', '2'])
  const lastAt = Date.now()
  const settled = await send('settled', ['1', '2'])
  const sentAt = Date.now()
  const throttled = await send('throttled', ['1', '2', '3', '4', '5'])
  const line = await send('line', ['1', '2', '3', '4', '5', '6'])
  const keyed = await send('keyed', ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3'])
  await api().ask('/v1/cancellations', {
    body: { app_id: app.id, function_id: 'future', started_before: new Date(await api().now()).toISOString() },
  })
  await until('the line to move', () => order(app.ledger, line.key).length >= 2)
  await until('the replay to begin', () => notes(replay.key).length > FAILED)
  return {
    line: line.key,
    keyed: keyed.key,
    throttled: { key: throttled.key, sentAt },
    gathered: gathered.key,
    filled: filled.key,
    settled: { key: settled.key, lastAt },
    extended: extended.key,
    holder: holder.id,
    rated: rated.key,
    once: once.key,
    held: held.key,
    replay,
    cancelled,
  }
}

describe.concurrent('after the server was killed', () => {
  it('FC-4: a full line goes on, one at a time and in order; the slot of the call that was lost is free again', async () => {
    await until('all', () => new Set(order(app.ledger, begun.line)).size === 6)
    await api().emptied(place('line'))
    // The same run may be open twice: the call that a dead server made, and the one that was made again.
    for (const { open } of opened(app.ledger, begun.line)) expect(open).toBe(1)
    expect([...new Set(order(app.ledger, begun.line))]).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(order(app.ledger, begun.line).length).toBeLessThanOrEqual(6 + KILLS)
    expect(await api().statuses(place('line'))).toEqual(Array(6).fill('COMPLETED'))
  })

  it('two rules hold together', async () => {
    await until('all', () => new Set(order(app.ledger, begun.keyed)).size === 9)
    await api().emptied(place('keyed'))
    for (const { open } of opened(app.ledger, begun.keyed)) expect(open).toBeLessThanOrEqual(2)
    for (const u of ['a', 'b', 'c']) {
      for (const { open } of opened(app.ledger, begun.keyed, (who) => who.startsWith(u))) expect(open).toBe(1)
    }
    expect(await api().statuses(place('keyed'))).toEqual(Array(9).fill('COMPLETED'))
  })

  it('a throttle goes on at its rate', async () => {
    const { key, sentAt } = begun.throttled
    await until('all', () => new Set(notes(key)).size === 5)
    const firsts = ['1', '2', '3', '4', '5'].map((who) => app.ledger.at(key, who) ?? 0)
    for (const [n, at] of firsts.entries()) expect(at - sentAt).toBeGreaterThanOrEqual(n * 1_000 - EARLY_MS)
    await api().emptied(place('throttled'))
    expect(await api().statuses(place('throttled'))).toEqual(Array(5).fill('COMPLETED'))
  })

  it('FC-15: an open batch fires with what it had', async () => {
    await until('the batch', () => notes(begun.gathered).length > 0)
    await api().emptied(place('gathered'))
    expect(new Set(notes(begun.gathered))).toEqual(new Set(['1 2']))
    expect(await api().statuses(place('gathered'))).toEqual(['COMPLETED'])
  })

  it('an open batch goes on to be filled', async () => {
    expect(notes(begun.filled)).toEqual([])
    await send('filled', ['3', '4'], begun.filled)
    await until('the batch', () => notes(begun.filled).length > 0)
    await moment(QUIET_MS)
    expect(notes(begun.filled)).toEqual(['1 2 3'])
  })

  it('an open debounce fires at its time, with the last event', async () => {
    const { key, lastAt } = begun.settled
    await until('the run', () => notes(key).length > 0)
    await api().emptied(place('settled'))
    expect(new Set(notes(key))).toEqual(new Set(['2']))
    expect((app.ledger.at(key, '2') ?? 0) - lastAt).toBeGreaterThanOrEqual(2_000 - EARLY_MS)
    expect(await api().statuses(place('settled'))).toEqual(['COMPLETED'])
  })

  it('a singleton still has its holder', async () => {
    const { ids } = await send('alone', ['second'])
    expect(await api().outcome(ids[0] ?? '', place('alone'))).toMatchObject({ outcome: 'singleton' })
    await api().cancel(begun.holder)
    const run = await api().firstRun((await send('alone', ['third'])).ids[0] ?? '')
    await api().rests(run.id, 'sleeping')
    expect(await api().statuses(place('alone'))).toEqual(['CANCELLED', 'SKIPPED', 'RUNNING'])
  })

  it('a rate limit and idempotency remember what they took', async () => {
    const rated = await send('rated', ['2'], begun.rated)
    const once = await send('once', ['2'], begun.once)
    expect(await api().outcome(rated.ids[0] ?? '', place('rated'))).toMatchObject({ outcome: 'rate_limited' })
    expect(await api().outcome(once.ids[0] ?? '', place('once'))).toMatchObject({ outcome: 'duplicate' })
    await moment(QUIET_MS)
    expect([notes(begun.rated), notes(begun.once)]).toEqual([['1'], ['1']])
  })

  it('a pause is still in force, and what it holds goes on at the unpause', async () => {
    expect(notes(begun.held)).toEqual([])
    expect(await api().queue(place('held'))).toMatchObject({ count: 3, blocked: 3 })
    await api().unpause(place('held'))
    await until('all', () => notes(begun.held).length === 3)
    expect(notes(begun.held).toSorted()).toEqual(['1', '2', '3'])
  })

  it('a bulk cancellation goes on to its end', async () => {
    await api().emptied(place('future'))
    const [record] = await api().cancellations()
    expect(record).toMatchObject({ cancelled_count: CANCELLED, is_stopped: false })
    const sample = begun.cancelled.filter((_, n) => n % 100 === 0)
    const runs = await Promise.all(sample.map((id) => api().runsOf(id)))
    expect(runs.map((of) => of.map(({ status }) => status))).toEqual(sample.map(() => ['Cancelled']))
  })

  it('a replay goes on and starts each run once', async () => {
    const { key, id } = begun.replay
    const seen = await until('its end', async () => {
      const now = await api().replayOf(place('flaky'), id)
      return typeof now.endedAt === 'string' && now.liveCount === 0 && now
    })
    expect(seen).toMatchObject({ totalCount: FAILED, startedCount: FAILED, failedCount: 0 })
    const statuses = await api().statuses(place('flaky'))
    expect(statuses.filter((status) => status === 'COMPLETED')).toHaveLength(FAILED)
    expect(statuses).toHaveLength(2 * FAILED)
    for (let n = 0; n < FAILED; n++) {
      // The calls of a dead server are made again.
      expect(app.ledger.times(key, String(n))).toBeGreaterThanOrEqual(2)
      expect(app.ledger.times(key, String(n))).toBeLessThanOrEqual(2 + KILLS)
    }
  })
})

describe('after the server was killed, with the clock moved', () => {
  it('an open debounce goes on to be extended', async () => {
    expect(notes(begun.extended)).toEqual([])
    await send('extended', ['after'], begun.extended)
    await api().advance('1m')
    await until('the run', () => notes(begun.extended).length > 0)
    expect(notes(begun.extended)).toEqual(['after'])
  })
})

interface Sent {
  readonly key: string
  readonly ids: readonly string[]
}

async function send(
  name: string,
  whos: readonly string[],
  key: string = randomUUID(),
  more: object = {},
): Promise<Sent> {
  const ids = await api().send(whos.map((who) => ({ name: app.event(name), data: { key, who, u: who[0] }, ...more })))
  return { key, ids }
}

/** Runs that have failed, and a replay of them that takes some seconds. */
async function failMany(): Promise<Begun['replay']> {
  const from = new Date((await api().now()) - 1_000).toISOString()
  const whos = Array.from({ length: FAILED }, (_, n) => String(n))
  const { key, ids } = await send('flaky', whos)
  for (const id of ids) await api().reached((await api().firstRun(id)).id, 'Failed')
  const window = { from, until: new Date((await api().now()) + 1_000).toISOString() }
  const replay = await api().replay(place('flaky'), { ...window, perSecond: 12 })
  expect(number(replay.totalCount)).toBe(FAILED)
  return { key, id: text(replay.id) }
}

function defineAll({ define, event, nonRetriable }: Kit, ledger: App['ledger']): void {
  type Spec = Parameters<Kit['define']>[0]
  const working = (id: string): Spec => ({
    id,
    triggers: [{ event: event(id) }],
    run: ({ step, event: { data } }) =>
      step.run('work', () => shift(ledger, { key: String(data.key), who: String(data.who), ms: STEP_MS })),
  })
  const noting = (id: string): Spec => ({
    id,
    triggers: [{ event: event(id) }],
    run: ({ events }) => ledger.note(String(events[0]?.data.key), events.map(({ data }) => data.who).join(' ')),
  })
  define({ ...working('line'), concurrency: 1 })
  define({ ...working('keyed'), concurrency: [{ limit: 2 }, { limit: 1, key: 'event.data.u' }] })
  define({ ...noting('throttled'), throttle: { limit: 1, period: '1s' } })
  define({ ...noting('gathered'), batchEvents: { maxSize: 3, timeout: '3s' } })
  define({ ...noting('filled'), batchEvents: { maxSize: 3, timeout: '60s', key: 'event.data.key' } })
  define({ ...noting('settled'), debounce: { period: '2s' } })
  define({ ...noting('extended'), debounce: { period: '30s' } })
  define({ ...noting('rated'), rateLimit: { limit: 1, period: '1h' } })
  define({ ...noting('once'), idempotency: 'event.data.key' })
  define(noting('held'))
  define(noting('future'))
  define({
    id: 'alone',
    triggers: [{ event: event('alone') }],
    singleton: { mode: 'skip' },
    run: ({ step }) => step.sleep('long', '24h'),
  })
  define({
    id: 'flaky',
    triggers: [{ event: event('flaky') }],
    retries: 0,
    run: ({ event: { data } }) => {
      if (ledger.note(String(data.key), String(data.who)) === 1) throw nonRetriable('no luck')
    },
  })
}

function notes(key: string): readonly string[] {
  return app.ledger.of(key)
}

function place(fn: string): Place {
  return { app: app.id, fn }
}

function api(): FlowApi {
  return new FlowApi(server().url)
}
