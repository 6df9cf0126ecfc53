/**
 * What each flow control promises beyond its main case, counted in the app. Tests that need hours move the server's clock;
 * they share it, and stand in order after the others.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { moment, until } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { Doors } from './doors.ts'
import { FlowApi } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'
import { mostOpen, order, shift } from './shifts.ts'

const STEP_MS = 200
const QUIET_MS = 500
const SHORT_MS = 150
/** Two clocks of one machine, read one after the other. */
const EARLY_MS = 15
const doors = new Doors()
const sdk = oneSdk('v4')

const world = useWorld({ name: 'controls', sdks: [sdk] }, ({ define, event, nonRetriable }, ledger) => {
  type Spec = Parameters<typeof define>[0]
  const working = (id: string): Spec => ({
    id,
    triggers: [{ event: event(id) }],
    run: ({ step, event: { data } }) =>
      step.run('work', async () => {
        const key = String(data.key)
        await shift(ledger, { key, who: String(data.who), ms: STEP_MS, held: doors.pass(key) })
      }),
  })
  const noting = (id: string): Spec => ({
    id,
    triggers: [{ event: event(id) }],
    run: ({ events: [first, ...others] }) => {
      const whos = [first, ...others].map((each) => String(each?.data.who))
      ledger.note(String(first?.data.key), whos.join(' '))
      return whos.length
    },
  })
  define({
    id: 'sleepers',
    triggers: [{ event: event('sleepers') }],
    concurrency: 1,
    run: async ({ step, event: { data } }) => {
      await step.run('before', () => ledger.note(String(data.key), `before ${data.who}`))
      await step.sleep('sleep', '1s')
      await step.run('after', () => ledger.note(String(data.key), `after ${data.who}`))
    },
  })
  define({
    id: 'beside',
    triggers: [{ event: event('beside') }],
    concurrency: 2,
    run: ({ step, event: { data } }) =>
      Promise.all(
        ['1', '2', '3', '4', '5'].map((who) =>
          step.run(who, () => shift(ledger, { key: String(data.key), who, ms: STEP_MS })),
        ),
      ),
  })
  const stop = { event: event('stop'), if: 'async.data.key == event.data.key && async.data.who == event.data.who' }
  define({ ...working('stoppable'), concurrency: 1, cancelOn: [stop] })
  define({ ...working('hot'), concurrency: { limit: 1, key: 'event.data.u' } })
  define({ ...working('f'), concurrency: { limit: 2, scope: 'env', key: '"the database"' } })
  define({ ...working('g'), concurrency: { limit: 3, scope: 'env', key: '"the database"' } })
  define({ ...noting('by-key'), throttle: { limit: 1, period: '1s', key: 'event.data.u' } })
  define({ ...noting('bursting'), throttle: { limit: 1, period: '1h', burst: 1 } })
  define({ ...noting('slowly'), throttle: { limit: 2, period: '100s' } })
  define({ ...noting('once'), idempotency: 'event.data.cart' })
  define({ ...noting('rated'), rateLimit: { limit: 3, period: '60s' } })
  define({ ...noting('rated-again'), rateLimit: { limit: 1, period: '1h' } })
  define({ ...noting('settled'), debounce: { period: '60s', key: 'event.data.key' } })
  define({ ...noting('capped'), debounce: { period: '10s', timeout: '30s' } })
  define({ ...noting('batch-key'), batchEvents: { maxSize: 2, timeout: '1s', key: 'event.data.u' } })
  define({ ...noting('batch-if'), batchEvents: { maxSize: 2, timeout: '1s', if: 'event.data.gather == true' } })
  define({ ...working('urgent'), concurrency: 1, priority: { run: 'event.data.urgency' } })
  define({
    id: 'fails',
    triggers: [{ event: event('fails') }],
    singleton: { mode: 'skip' },
    run: ({ event: { data } }) => {
      ledger.note(String(data.key), String(data.who))
      if (data.who === 'first') throw nonRetriable('no luck')
    },
  })
  define({ ...working('late'), concurrency: 1, timeouts: { start: '1s' } })
  define({
    id: 'long',
    triggers: [{ event: event('long') }],
    timeouts: { finish: '1s' },
    run: async ({ step, event: { data } }) => {
      ledger.note(String(data.key), 'called')
      if (data.who === 'sleeps') await step.sleep('sleep', '10s')
      else await moment(1_500)
    },
  })
})

describe.concurrent('flow control in real time', () => {
  it('FC-3: a sleep holds no slot, so that two runs sleep at the same time', async () => {
    const { key, runs } = await sendAll('sleepers', ['a', 'b'])
    for (const run of await runs()) await api().reached(run, 'Completed')
    const entries = ledger().of(key)
    expect(entries).toHaveLength(4)
    expect(entries.slice(0, 2).toSorted()).toEqual(['before a', 'before b'])
  })

  it('parallel steps count one each', async () => {
    const { key, runs } = await sendAll('beside', ['all'])
    for (const run of await runs()) await api().reached(run, 'Completed')
    expect(mostOpen(ledger(), key)).toBe(2)
    expect(order(ledger(), key)).toHaveLength(5)
  })

  it('a key at its limit does not delay other keys', async () => {
    const hot = Array.from({ length: 6 }, (_, n) => `hot ${n}`)
    const { key, runs } = await sendAll('hot', [...hot, 'cool'], (who) => ({ u: who.split(' ')[0] }))
    for (const run of await runs()) await api().reached(run, 'Completed')
    expect(mostOpen(ledger(), key, (who) => who !== 'cool')).toBe(1)
    expect(order(ledger(), key).indexOf('cool')).toBeLessThanOrEqual(1)
  })

  it('a limit of the environment is shared by functions, each of which compares with its own number', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    doors.shut(key)
    const send = (name: string, who: string) => api().sendOne({ name: app.event(name), data: { key, who } })
    const seen = async (...whos: readonly string[]) => {
      await until(whos.join(), () => order(ledger(), key).length === whos.length)
      await moment(QUIET_MS / 2)
      expect(order(ledger(), key).toSorted()).toEqual(whos)
    }
    const ids = [await send('g', 'g1'), await send('g', 'g2')]
    await seen('g1', 'g2')
    // Two are open: as many as f may have, and one less than g.
    ids.push(await send('f', 'f1'))
    await seen('g1', 'g2')
    ids.push(await send('g', 'g3'), await send('g', 'g4'))
    await seen('g1', 'g2', 'g3')
    doors.open(key)
    for (const id of ids) await api().reached((await api().firstRun(id)).id, 'Completed')
    expect(mostOpen(ledger(), key)).toBe(3)
    expect(order(ledger(), key)).toHaveLength(5)
  })

  it('FC-6: a throttle has a rate for each key', async () => {
    const { key, sentAt } = await sendAll('by-key', ['a1', 'a2', 'b1', 'b2'], (who) => ({ u: who[0] }))
    await until('all four', () => ledger().of(key).length === 4)
    const entries = ledger().entries(key)
    expect(
      entries
        .slice(0, 2)
        .map(({ what }) => what)
        .toSorted(),
    ).toEqual(['a1', 'b1'])
    for (const later of entries.slice(2)) expect(later.at - sentAt).toBeGreaterThanOrEqual(1_000 - EARLY_MS)
  })

  it('a throttle with a burst of one lets one more start at once', async () => {
    const { key } = await sendAll('bursting', ['1', '2', '3'])
    await until('two', () => ledger().of(key).length === 2)
    await moment(QUIET_MS)
    expect(ledger().of(key).toSorted()).toEqual(['1', '2'])
  })

  it('FC-8: idempotency by an expression makes one run of two events', async () => {
    const cart = randomUUID()
    const { key, ids } = await sendAll('once', ['1', '2'], () => ({ cart }))
    await until('the run', () => ledger().of(key).length > 0)
    await moment(QUIET_MS)
    expect(ledger().of(key)).toEqual(['1'])
    expect(await api().runsOf(ids[1] ?? '')).toEqual([])
  })

  it('FC-9: a rerun is not counted by the rate limit', async () => {
    const { key, ids, runs } = await sendAll('rated-again', ['1'])
    const [run = ''] = await runs()
    await api().reached(run, 'Completed')
    await api().reached(await world.api.rerun(run), 'Completed')
    expect(ledger().of(key)).toEqual(['1', '1'])
    expect(ids).toHaveLength(1)
  })

  it('FC-14: batches never mix keys', async () => {
    const { key } = await sendAll('batch-key', ['a1', 'b1', 'a2', 'b2', 'a3'], (who) => ({ u: who[0] }))
    await until('three batches', () => ledger().of(key).length === 3)
    expect(ledger().of(key).toSorted()).toEqual(['a1 a2', 'a3', 'b1 b2'])
  })

  it('a batch is run again with all its events', async () => {
    const { key, runs } = await sendAll('batch-key', ['1', '2'], () => ({ u: 'again' }))
    const [run = '', same] = await runs()
    expect(same).toBe(run)
    await api().reached(run, 'Completed')
    await api().reached(await world.api.rerun(run), 'Completed')
    expect(ledger().of(key)).toEqual(['1 2', '1 2'])
  })

  it('a run in line is cancelled by an event, and is never called', async () => {
    const held = randomUUID()
    doors.shut(held)
    const { runs } = await sendAll('stoppable', ['1', '2', '3'], () => ({ key: held }))
    const [first = '', second = '', third = ''] = await runs()
    await until('the first', () => order(ledger(), held).length === 1)
    await world.api.sendOne({ name: world.app(sdk).event('stop'), data: { key: held, who: '2' } })
    await api().reached(second, 'Cancelled')
    doors.open(held)
    for (const run of [first, third]) await api().reached(run, 'Completed')
    expect(order(ledger(), held)).toEqual(['1', '3'])
    expect(world.app(sdk).callsOf(second)).toEqual([])
  })

  it('an event for which the batch’s `if` is false runs by itself at once', async () => {
    const { key } = await sendAll('batch-if', ['1', 'alone', '2'], (who) => ({ gather: who !== 'alone' }))
    await until('both', () => ledger().of(key).length === 2)
    expect(ledger().of(key).toSorted()).toEqual(['1 2', 'alone'])
  })

  it('FC-17: what is no number counts as none, and a number with a fraction as a whole one', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const event = (who: string, urgency: unknown) => ({ name: app.event('urgent'), data: { key, who, urgency } })
    doors.shut(key)
    await world.api.send(event('busy', 0))
    await until('the first to work', () => order(ledger(), key).length === 1)
    await world.api.send([event('A', 'x'), event('B', null), event('C', [600]), event('D', 300.7), event('E', 0.9)])
    doors.open(key)
    await until('all', () => order(ledger(), key).length === 6, { onGivingUp: () => order(ledger(), key) })
    expect(order(ledger(), key)).toEqual(['busy', 'D', 'A', 'B', 'C', 'E'])
  })

  it('FC-20: a singleton is free again when its holder has failed', async () => {
    const { key, runs } = await sendAll('fails', ['first'])
    const [first = ''] = await runs()
    await api().reached(first, 'Failed')
    const second = await api().sendAndWait({ name: world.app(sdk).event('fails'), data: { key, who: 'second' } })
    expect(second.status).toBe('Completed')
    expect(ledger().of(key)).toEqual(['first', 'second'])
  })

  it('FC-21: a run that could not start in time is cancelled, and is never called', async () => {
    const held = randomUUID()
    doors.shut(held)
    const { sentAt, runs } = await sendAll('late', ['1', '2'], () => ({ key: held }))
    const [first = '', second = ''] = await runs()
    await api().reached(second, 'Cancelled')
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(1_000 - EARLY_MS)
    doors.open(held)
    await api().reached(first, 'Completed')
    expect(world.app(sdk).callsOf(second)).toEqual([])
    expect(order(ledger(), held)).toEqual(['1'])
  })

  it('FC-22: a run that takes too long is cancelled in its sleep, but a call under way may still end it', async () => {
    const { sentAt, runs } = await sendAll('long', ['sleeps', 'works'])
    const [sleeps = '', works = ''] = await runs()
    await api().reached(sleeps, 'Cancelled')
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(1_000 - EARLY_MS)
    await api().reached(works, 'Completed')
  })
})

describe('flow control with the clock moved', () => {
  it('FC-5: of five starts at two in 100 seconds, two go at once and one every 50 seconds', async () => {
    const { key } = await sendAll('slowly', ['1', '2', '3', '4', '5'])
    for (const started of [2, 3, 4, 5]) {
      await until(`${started} starts`, () => ledger().of(key).length === started)
      if (started === 5) break
      await world.api.advance('45s')
      await moment(SHORT_MS)
      expect(ledger().of(key)).toHaveLength(started)
      await world.api.advance('5s')
    }
    expect(ledger().of(key).slice(2)).toEqual(['3', '4', '5'])
  })

  it('FC-7: in any period a rate limit takes as many as it says, all at once if they come at once', async () => {
    const first = await sendAll('rated', ['1', '2', '3', '4'])
    const { key } = first
    await until('three', () => ledger().of(key).length === 3)
    await world.api.advance('50s')
    await sendAll('rated', ['early'], () => ({ key }))
    await moment(SHORT_MS)
    expect(ledger().of(key).toSorted()).toEqual(['1', '2', '3'])
    await world.api.advance('10s')
    await sendAll('rated', ['5', '6', '7', '8'], () => ({ key }))
    await until('three more', () => ledger().of(key).length === 6)
    await moment(SHORT_MS)
    expect(ledger().of(key).slice(3).toSorted()).toEqual(['5', '6', '7'])
  })

  it('FC-8: a day later the same idempotency key starts a run again', async () => {
    const cart = randomUUID()
    const { key } = await sendAll('once', ['1'], () => ({ cart }))
    await until('the first', () => ledger().of(key).length === 1)
    await world.api.advance('23h')
    await sendAll('once', ['2'], () => ({ cart, key }))
    await moment(SHORT_MS)
    expect(ledger().of(key)).toEqual(['1'])
    await world.api.advance('1h')
    await sendAll('once', ['3'], () => ({ cart, key }))
    await until('the second', () => ledger().of(key).length === 2)
    expect(ledger().of(key)).toEqual(['1', '3'])
  })

  it('FC-11: a debounce that never comes to rest fires when its time-out, counted from the first event, is over', async () => {
    const key = randomUUID()
    const sends: { readonly before: number; readonly after: number }[] = []
    for (let n = 0; n < 20; n++) {
      const before = await world.api.now()
      await sendAll('capped', [String(n)], () => ({ key }))
      sends.push({ before, after: await world.api.now() })
      await world.api.advance('5s')
    }
    await world.api.advance('30s')
    await until('the last', () => ledger().of(key).includes('19'))
    const fired = ledger().of(key).map(Number)
    expect(fired.length).toBeGreaterThanOrEqual(3)
    expect(fired).toEqual(fired.toSorted((a, b) => a - b))
    let first = 0
    for (const last of fired.slice(0, -1)) {
      const began = sends[first]
      // The event that stood came before the window's end, and the next one after it.
      expect(sends[last]?.before).toBeLessThanOrEqual((began?.after ?? 0) + 30_000)
      expect(sends[last + 1]?.after).toBeGreaterThanOrEqual((began?.before ?? 0) + 30_000)
      first = last + 1
    }
  })

  it('FC-12: of a debounce the event with the greatest ts stands, and an older one does not extend it', async () => {
    const now = await world.api.now()
    const { key } = await sendAll('settled', ['new'], () => ({}), now)
    await world.api.advance('30s')
    await sendAll('settled', ['old'], () => ({ key }), now - 60_000)
    await moment(SHORT_MS)
    expect(ledger().of(key)).toEqual([])
    await world.api.advance('30s')
    await until('the run', () => ledger().of(key).length > 0)
    await world.api.advance('30s')
    await moment(SHORT_MS)
    expect(ledger().of(key)).toEqual(['new'])
  })

  it('a start’s time-out counts from the time for which its event is meant', async () => {
    const ts = (await world.api.now()) + 3_600_000
    const { key, runs } = await sendAll('late', ['later'], () => ({}), ts)
    const [run = ''] = await runs()
    await world.api.advance('30m')
    await moment(SHORT_MS)
    expect((await api().run(run)).status).toBe('Scheduled')
    await world.api.advance('30m')
    await api().reached(run, 'Completed')
    expect(order(ledger(), key)).toEqual(['later'])
  })

  it('a debounce starts at its time, and not before', async () => {
    const { key } = await sendAll('capped', ['only'])
    await world.api.advance('7s')
    await moment(SHORT_MS)
    expect(ledger().of(key)).toEqual([])
    await world.api.advance('3s')
    await until('the run', () => ledger().of(key).length === 1)
  })
})

interface Sent {
  readonly key: string
  readonly ids: readonly string[]
  /** Epoch milliseconds before the request. */
  readonly sentAt: number
  /** IDs of the first run of each event. */
  runs(): Promise<readonly string[]>
}

/** Sends one event for each of `whos` in one request. */
async function sendAll(
  name: string,
  whos: readonly string[],
  more: (who: string) => object = () => ({}),
  ts?: number,
): Promise<Sent> {
  const key = randomUUID()
  const sentAt = Date.now()
  const events = whos.map((who) => ({
    name: world.app(sdk).event(name),
    data: { key, who, ...more(who) },
    ...(ts === undefined ? {} : { ts }),
  }))
  const ids = await world.api.send(events)
  return { key, ids, sentAt, runs: () => Promise.all(ids.map(async (id) => (await api().firstRun(id)).id)) }
}

function ledger() {
  return world.app(sdk).ledger
}

function api(): FlowApi {
  return new FlowApi(world.server.url)
}
