/**
 * Each flow control on every SDK, as an app sees it: who is called when, and how many at once. Everything is counted in
 * the app; the API is asked only for the runs that the app never hears of.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { App } from '../harness/app.ts'
import { SDKS, type Sdk } from '../harness/sdk.ts'
import { moment, until } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { Doors } from './doors.ts'
import { FlowApi } from './flow-api.ts'
import { mostOpen, offsets, opened, order, shift } from './shifts.ts'

const STEP_MS = 200
/** Of the debounce: much longer than events are apart, however busy the machine is. */
const PERIOD_MS = 2_000
/** What a start may be late on a machine that is busy with other things. */
const LATE_MS = 3_000
const QUIET_MS = 600
/** Keeps a call open, by the `who` of its event and its key. */
const doors = new Doors()
/** Two clocks of one machine, read one after the other. */
const EARLY_MS = 15

const world = useWorld({ name: 'flow' }, ({ define, event }, ledger) => {
  const working = (id: string) => ({
    id,
    triggers: [{ event: event(id) }],
    run: ({ step, event: { data } }: Parameters<Parameters<typeof define>[0]['run']>[0]) =>
      step.run('work', async () => {
        const [key, who] = [String(data.key), String(data.who)]
        await shift(ledger, { key, who, ms: STEP_MS, held: doors.pass(who + key) })
      }),
  })
  define({ ...working('one'), concurrency: 1 })
  define({ ...working('two-rules'), concurrency: [{ limit: 2 }, { limit: 1, key: 'event.data.u' }] })
  define({ ...working('urgent'), concurrency: 1, priority: { run: 'event.data.urgency' } })
  define({ ...working('alone'), singleton: { mode: 'skip' } })
  define({ ...working('throttled'), throttle: { limit: 2, period: '2s' } })
  define({ ...working('rated'), rateLimit: { limit: 1, period: '60s', key: 'event.data.u' } })
  define({ ...working('settled'), debounce: { period: `${PERIOD_MS / 1_000}s` } })
  define({
    id: 'gathered',
    triggers: [{ event: event('gathered') }],
    batchEvents: { maxSize: 3, timeout: '3s' },
    run: ({ events }) => {
      const [first] = events
      ledger.note(String(first?.data.key), events.map(({ data }) => data.who).join(' '))
      return events.length
    },
  })
  define({
    id: 'newest',
    triggers: [{ event: event('newest') }],
    singleton: { mode: 'cancel' },
    run: async ({ step, event: { data } }) => {
      ledger.note(String(data.key), `${data.who}`)
      if (data.who === 'first') await step.sleep('long', '1h')
    },
  })
})

describe.concurrent.each(SDKS)('flow control on $title', (sdk) => {
  it('FC-1: a concurrency of one opens one call at a time, in the order of the events', async () => {
    const { ledger, key, runs } = await sendAll(sdk, 'one', ['a', 'b', 'c', 'd', 'e'])
    for (const run of await runs()) await api().reached(run, 'Completed')
    expect(mostOpen(ledger, key)).toBe(1)
    expect(order(ledger, key)).toEqual(['a', 'b', 'c', 'd', 'e'])
    const [last = 0] = offsets(ledger, key).slice(-1)
    expect(last).toBeLessThan(4 * STEP_MS + LATE_MS)
  })

  it('FC-2: with two rules both hold, and both are used', async () => {
    const { ledger, key, runs } = await sendAll(sdk, 'two-rules', ['a1', 'a2', 'b1', 'b2'], (who) => ({ u: who[0] }))
    for (const run of await runs()) await api().reached(run, 'Completed')
    expect(mostOpen(ledger, key)).toBe(2)
    for (const u of ['a', 'b']) expect(mostOpen(ledger, key, (who) => who.startsWith(u))).toBe(1)
    expect(order(ledger, key).toSorted()).toEqual(['a1', 'a2', 'b1', 'b2'])
  })

  it('FC-5: a throttle lets its limit start at once, then one in each period divided by it', async () => {
    const { ledger, key, sentAt, runs } = await sendAll(sdk, 'throttled', ['1', '2', '3', '4', '5'])
    for (const run of await runs()) await api().reached(run, 'Completed')
    const [first, second, ...later] = order(ledger, key)
    expect([[first, second].toSorted(), later]).toEqual([
      ['1', '2'],
      ['3', '4', '5'],
    ])
    const due = [0, 0, 1_000, 2_000, 3_000]
    for (const [n, { at }] of opened(ledger, key).entries()) {
      expect(at - sentAt).toBeGreaterThanOrEqual((due[n] ?? 0) - EARLY_MS)
      expect(at - sentAt).toBeLessThan((due[n] ?? 0) + LATE_MS)
    }
  })

  it('FC-7: a rate limit drops what is over it, by key', async () => {
    const { ledger, key, ids } = await sendAll(sdk, 'rated', ['a1', 'a2', 'b1'], (who) => ({ u: who[0] }))
    await until('both runs', () => order(ledger, key).length === 2)
    await moment(QUIET_MS)
    expect(order(ledger, key).toSorted()).toEqual(['a1', 'b1'])
    expect(await api().runsOf(ids[1] ?? '')).toEqual([])
  })

  it('FC-10: a debounce starts one run, a period after the last event and with that', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    let sentAt = 0
    for (const who of ['1', '2', '3', '4', '5']) {
      sentAt = Date.now()
      await world.api.sendOne({ name: app.event('settled'), data: { key, who } })
      if (who !== '5') await moment(STEP_MS)
    }
    await until('the run', () => order(app.ledger, key).length === 1)
    await moment(QUIET_MS)
    expect(order(app.ledger, key)).toEqual(['5'])
    const startedAt = app.ledger.at(key, '> 5') ?? 0
    expect(startedAt - sentAt).toBeGreaterThanOrEqual(PERIOD_MS - EARLY_MS)
    expect(startedAt - sentAt).toBeLessThan(PERIOD_MS + LATE_MS)
  })

  it('FC-13: a batch starts when it is full, or when its time is over', async () => {
    const { ledger, key, sentAt } = await sendAll(sdk, 'gathered', ['1', '2', '3', '4', '5', '6', '7'])
    await until('three batches', () => ledger.of(key).length === 3)
    expect(ledger.of(key).toSorted()).toEqual(['1 2 3', '4 5 6', '7'])
    const [, second = 0, third = 0] = ledger.entries(key).map(({ at }) => at - sentAt)
    expect(second).toBeLessThan(3_000 - EARLY_MS)
    expect(third).toBeGreaterThanOrEqual(3_000 - EARLY_MS)
    expect(third).toBeLessThan(3_000 + LATE_MS)
    expect(ledger.of(key).at(-1)).toBe('7')
  })

  it('FC-16: of those that wait, the one of higher priority goes first', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const event = (who: string, urgency: number) => ({ name: app.event('urgent'), data: { key, who, urgency } })
    doors.shut(`busy${key}`)
    await world.api.send(event('busy', 0))
    await until('the first to work', () => order(app.ledger, key).length === 1)
    await world.api.send([event('A', 0), event('B', 0), event('C', 600)])
    doors.open(`busy${key}`)
    await until('all four', () => order(app.ledger, key).length === 4)
    expect(order(app.ledger, key)).toEqual(['busy', 'C', 'A', 'B'])
  })

  it('FC-18: a singleton that skips runs one, and records the others as skipped', async () => {
    const { ledger, key, runs } = await sendAll(sdk, 'alone', ['1', '2', '3'])
    const ended = []
    for (const run of await runs()) ended.push((await api().ended(run)).status)
    expect(ended).toEqual(['Completed', 'Skipped', 'Skipped'])
    expect(order(ledger, key)).toEqual(['1'])
  })

  it('FC-19: a singleton that cancels ends the run that is under way, and the newest completes', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const send = async (who: string) =>
      api().firstRun(await world.api.sendOne({ name: app.event('newest'), data: { key, who } }))
    const first = await send('first')
    await until('the first to sleep', () => app.callsOf(first.id).some((call) => call.answer.includes('"Sleep"')))
    const second = await send('second')
    expect((await api().reached(first.id, 'Cancelled')).status).toBe('Cancelled')
    await api().reached(second.id, 'Completed')
    await until('the event', async () => (await cancelledEvents(first.id)).length > 0)
    expect(await cancelledEvents(first.id)).toHaveLength(1)
    expect(app.ledger.of(key).at(-1)).toBe('second')
    expect(app.callsOf(first.id)).toHaveLength(1)
  })
})

interface Sent {
  readonly ledger: App['ledger']
  readonly key: string
  readonly ids: readonly string[]
  /** Epoch milliseconds before the request. */
  readonly sentAt: number
  /** IDs of the first run of each event. */
  runs(): Promise<readonly string[]>
}

/** Sends one event for each of `whos` in one request. */
async function sendAll(
  sdk: Sdk,
  name: string,
  whos: readonly string[],
  more: (who: string) => object = () => ({}),
): Promise<Sent> {
  const app = world.app(sdk)
  const key = randomUUID()
  const sentAt = Date.now()
  const ids = await world.api.send(whos.map((who) => ({ name: app.event(name), data: { key, who, ...more(who) } })))
  return {
    ledger: app.ledger,
    key,
    ids,
    sentAt,
    runs: () => Promise.all(ids.map(async (id) => (await api().firstRun(id)).id)),
  }
}

function cancelledEvents(runId: string): Promise<readonly unknown[]> {
  return world.api.internalEvents('inngest/function.cancelled', runId)
}

function api(): FlowApi {
  return new FlowApi(world.server.url)
}
