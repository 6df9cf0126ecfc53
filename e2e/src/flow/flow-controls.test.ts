/**
 * What each flow control promises beyond its main case, counted in the app, in real time: who is called, with what, and
 * how many at once. What takes minutes and hours is tested in `flow-periods`.
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
  const brief = (data: Readonly<Record<string, unknown>>) =>
    shift(ledger, { key: String(data.key), who: String(data.who), ms: 100 })
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
  for (const flood of ['f', 'g']) {
    const shared = { limit: 1, scope: 'env', key: `"turns ${flood}"` } as const
    for (const one of ['f', 'g']) {
      const id = `turns-${one}-${flood}`
      define({ ...noting(id), concurrency: shared, run: ({ event: { data } }) => brief(data) })
    }
  }
  define({ ...noting('by-key'), throttle: { limit: 1, period: '1s', key: 'event.data.u' } })
  define({ ...noting('bursting'), throttle: { limit: 1, period: '1h', burst: 1 } })
  define({ ...noting('once'), idempotency: 'event.data.cart' })
  define({ ...noting('rated-again'), rateLimit: { limit: 1, period: '1h' } })
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

describe.concurrent('flow control', () => {
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

  it.each([
    ['f', 'g'],
    ['g', 'f'],
  ])(
    'of functions that share a limit, older runs of %s are not passed over for later ones of %s',
    async (one, other) => {
      const key = randomUUID()
      const send = (fn: string, count: number) => {
        const name = world.app(sdk).event(`turns-${fn}-${other}`)
        return api().send(Array.from({ length: count }, (_, n) => ({ name, data: { key, who: `${fn} ${n}` } })))
      }
      await send(one, 8)
      await until('two calls', () => order(ledger(), key).length >= 2)
      const before = order(ledger(), key).length
      await send(other, 8)
      await until('all', () => order(ledger(), key).length === 16)
      const turns = order(ledger(), key).map(([fn]) => fn)
      // In turn or in the order of their queueing: half of the calls until the last older one are theirs at least.
      expect(turns.lastIndexOf(one)).toBeLessThanOrEqual(14)
      expect(turns.slice(before, before + 6).filter((fn) => fn === one).length).toBeGreaterThanOrEqual(2)
    },
  )

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
): Promise<Sent> {
  const key = randomUUID()
  const sentAt = Date.now()
  const events = whos.map((who) => ({
    name: world.app(sdk).event(name),
    data: { key, who, ...more(who) },
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
