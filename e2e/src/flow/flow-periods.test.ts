/**
 * Rates, periods and windows of minutes and hours, counted in the app. The server's clock is moved instead of waiting for
 * it; the tests share it, so they stand in order.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { moment, until } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { oneSdk } from './one-sdk.ts'

const SHORT_MS = 150
const sdk = oneSdk('v4')

const world = useWorld({ name: 'periods', sdks: [sdk] }, ({ define, event }, ledger) => {
  const noting = (id: string): Parameters<typeof define>[0] => ({
    id,
    triggers: [{ event: event(id) }],
    run: ({ event: { data } }) => ledger.note(String(data.key), String(data.who)),
  })
  define({ ...noting('slowly'), throttle: { limit: 2, period: '100s' } })
  define({ ...noting('once'), idempotency: 'event.data.cart' })
  define({ ...noting('rated'), rateLimit: { limit: 3, period: '60s' } })
  define({ ...noting('settled'), debounce: { period: '60s', key: 'event.data.key' } })
  define({ ...noting('capped'), debounce: { period: '10s', timeout: '30s' } })
  define({ ...noting('late'), timeouts: { start: '1s' } })
})

describe('flow control over time', () => {
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
    await sendAll('rated', ['early'], { key })
    await moment(SHORT_MS)
    expect(ledger().of(key).toSorted()).toEqual(['1', '2', '3'])
    await world.api.advance('10s')
    await sendAll('rated', ['5', '6', '7', '8'], { key })
    await until('three more', () => ledger().of(key).length === 6)
    await moment(SHORT_MS)
    expect(ledger().of(key).slice(3).toSorted()).toEqual(['5', '6', '7'])
  })

  it('FC-8: a day later the same idempotency key starts a run again', async () => {
    const cart = randomUUID()
    const { key } = await sendAll('once', ['1'], { cart })
    await until('the first', () => ledger().of(key).length === 1)
    await world.api.advance('23h')
    await sendAll('once', ['2'], { cart, key })
    await moment(SHORT_MS)
    expect(ledger().of(key)).toEqual(['1'])
    await world.api.advance('1h')
    await sendAll('once', ['3'], { cart, key })
    await until('the second', () => ledger().of(key).length === 2)
    expect(ledger().of(key)).toEqual(['1', '3'])
  })

  it('FC-11: a debounce that never comes to rest fires when its time-out, counted from the first event, is over', async () => {
    const key = randomUUID()
    const sends: { readonly before: number; readonly after: number }[] = []
    for (let n = 0; n < 20; n++) {
      const before = await world.api.now()
      await sendAll('capped', [String(n)], { key })
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
    const { key } = await sendAll('settled', ['new'], {}, now)
    await world.api.advance('30s')
    await sendAll('settled', ['old'], { key }, now - 60_000)
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
    const { key, runs } = await sendAll('late', ['later'], {}, ts)
    const [run = ''] = await runs()
    await world.api.advance('30m')
    await moment(SHORT_MS)
    expect((await world.api.run(run)).status).toBe('Scheduled')
    await world.api.advance('30m')
    await world.api.reached(run, 'Completed')
    expect(ledger().of(key)).toEqual(['later'])
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
  /** IDs of the first run of each event. */
  runs(): Promise<readonly string[]>
}

/** Sends one event for each of `whos` in one request. */
async function sendAll(name: string, whos: readonly string[], more: object = {}, ts?: number): Promise<Sent> {
  const key = randomUUID()
  const events = whos.map((who) => ({
    name: world.app(sdk).event(name),
    data: { key, who, ...more },
    ...(ts === undefined ? {} : { ts }),
  }))
  const ids = await world.api.send(events)
  return { key, runs: () => Promise.all(ids.map(async (id) => (await world.api.firstRun(id)).id)) }
}

function ledger() {
  return world.app(sdk).ledger
}
