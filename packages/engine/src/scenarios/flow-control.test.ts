// Flow control from end to end of the engine: what apps see of limits, rates and windows, counted at the app.
import type { Json } from '@pawl/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { invoke, ops, planned, ran, returned, sleep, threw, waitFor } from './answers.ts'
import { BEGIN, type SeenCall, World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await World.open()
})

afterEach(() => world.close())

/** An app whose calls take `ms`, and how many of them were open at once, by key. */
function busy(ms: number, keyOf: (call: SeenCall) => string = () => '') {
  const open = new Map<string, number>()
  const most = new Map<string, number>()
  const starts: { readonly key: string; readonly at: number; readonly n: Json }[] = []
  const script = async (call: SeenCall) => {
    const key = keyOf(call)
    const now = (open.get(key) ?? 0) + 1
    open.set(key, now)
    most.set(key, Math.max(most.get(key) ?? 0, now))
    starts.push({ key, at: world.clock.now - BEGIN, n: dataOf(call)['n'] ?? null })
    await new Promise<void>((resolve) => void world.clock.setTimer(ms, resolve))
    open.set(key, (open.get(key) ?? 1) - 1)
    return returned(null)
  }
  return { script, most, starts }
}

function dataOf(call: SeenCall): { readonly [name: string]: Json } {
  return call.event['data'] as { readonly [name: string]: Json }
}

const event = (name: string, data: Json = {}, more: { [name: string]: Json } = {}): Json => ({ name, data, ...more })
const numbered = (name: string, count: number, data: { [name: string]: Json } = {}): Json[] =>
  Array.from({ length: count }, (_, n) => event(name, { n, ...data }))

async function statuses(fn: string): Promise<readonly string[]> {
  return (await world.runs(fn)).map((run) => run.status)
}

/** What must hold when everything is done: nothing queued, nothing held. */
async function expectQuiet(): Promise<void> {
  const totals = await world.store.lists.totals()
  expect(totals.items).toEqual({})
}

describe('concurrency', () => {
  it('FC-1 of one lets one call through at a time, in the order of the events', async () => {
    const app = busy(200)
    await world.register({ f: [{ concurrency: 1 }, app.script] })
    await world.send(...numbered('f', 5))
    await world.advance(1_000)
    expect(app.most.get('')).toBe(1)
    expect(app.starts).toEqual([0, 1, 2, 3, 4].map((n) => ({ key: '', at: n * 200, n })))
    expect(await statuses('f')).toEqual(Array(5).fill('completed'))
    await expectQuiet()
  })

  it('FC-2 with two rules holds both', async () => {
    const app = busy(100, (call) => String(dataOf(call)['u']))
    const concurrency = [{ limit: 2 }, { limit: 1, key: 'event.data.u' }]
    await world.register({ f: [{ concurrency }, app.script] })
    await world.send(...['a', 'a', 'b', 'b', 'c', 'c'].map((u, n) => event('f', { u, n })))
    await world.advance(1_000)
    expect([...app.most.values()]).toEqual([1, 1, 1])
    // Two at a time all along: six calls of 100 ms in 300 ms.
    expect(app.starts.map(({ at }) => at)).toEqual([0, 0, 100, 100, 200, 200])
    await expectQuiet()
  })

  it('FC-3 counts no sleep: two runs overlap in theirs', async () => {
    const script = (call: SeenCall) => (call.has('s') ? returned(null) : ops([sleep('s', '2s')]))
    await world.register({ f: [{ concurrency: 1 }, script] })
    await world.send(...numbered('f', 2))
    await world.advance(2_000)
    expect(await statuses('f')).toEqual(['completed', 'completed'])
  })

  it('FC-4 keeps the slot of an item whose lease was lost, and gives it to nobody else', async () => {
    const app = busy(100)
    await world.register({ f: [{ concurrency: 1 }, app.script] })
    await world.send(...numbered('f', 2))
    const [first] = (await world.store.state.leasedBy(world.store.process)).filter((item) => item.kind === 'call')
    expect(first).toMatchObject({ holds: true })
    await world.advance(1_000)
    await expectQuiet()
  })

  it('does not let a key at its limit stand before other keys', async () => {
    const app = busy(100, (call) => String(dataOf(call)['u']))
    await world.register({ f: [{ concurrency: { limit: 1, key: 'event.data.u' } }, app.script] })
    await world.send(...numbered('f', 50, { u: 'hot' }), event('f', { u: 'cool', n: 99 }))
    expect(app.starts).toEqual([
      { key: 'hot', at: 0, n: 0 },
      { key: 'cool', at: 0, n: 99 },
    ])
    await world.advance(5_000)
    expect(app.starts).toHaveLength(51)
    await expectQuiet()
  })

  it('of the environment is shared by functions with the same key, each with its own number', async () => {
    const app = busy(100)
    const rule = (limit: number) => ({ limit, scope: 'env', key: '"db"' })
    await world.register({ f: [{ concurrency: rule(2) }, app.script], g: [{ concurrency: rule(3) }, app.script] })
    await world.send(...numbered('f', 6), ...numbered('g', 6))
    await world.advance(5_000)
    expect(app.most.get('')).toBeLessThanOrEqual(3)
    expect(app.starts).toHaveLength(12)
    await expectQuiet()
  })

  it('counts each parallel step', async () => {
    let open = 0
    let most = 0
    const names = ['a', 'b', 'c', 'd', 'e']
    await world.register({
      f: [
        { concurrency: 2 },
        async (call) => {
          const aim = names.find((name) => call.aimsAt(name))
          if (aim === undefined) {
            return names.every((name) => call.has(name)) ? returned(null) : ops(names.map((name) => planned(name)))
          }
          most = Math.max(most, ++open)
          await new Promise<void>((resolve) => void world.clock.setTimer(100, resolve))
          open -= 1
          return ops([ran(aim)])
        },
      ],
    })
    await world.send(event('f'))
    await world.advance(1_000)
    expect(most).toBe(2)
    expect(await statuses('f')).toEqual(['completed'])
    await expectQuiet()
  })

  it('lets what has begun go on before another run begins', async () => {
    const seen: string[] = []
    const script = async (call: SeenCall) => {
      const aim = ['a', 'b'].find((name) => call.aimsAt(name))
      seen.push(`${dataOf(call)['n']}${aim ?? ''}`)
      await new Promise<void>((resolve) => void world.clock.setTimer(10, resolve))
      if (aim !== undefined) return ops([ran(aim)])
      return call.has('a') && call.has('b') ? returned(null) : ops([planned('a'), planned('b')])
    }
    await world.register({ f: [{ concurrency: 1 }, script] })
    await world.send(...numbered('f', 3))
    await world.advance(1_000)
    expect(seen).toEqual(['0', '0a', '0b', '0', '1', '1a', '1b', '1', '2', '2a', '2b', '2'])
  })

  it('of whole runs counts them from their start to their end, with their sleeps', async () => {
    const script = (call: SeenCall) => (call.has('s') ? returned(null) : ops([sleep('s', '1s')]))
    await world.register({ f: [{ concurrency: { fn: [{ limit: 2 }] } }, script] })
    await world.send(...numbered('f', 5))
    expect(await statuses('f')).toEqual(['running', 'running', 'scheduled', 'scheduled', 'scheduled'])
    await world.advance(1_000)
    expect((await statuses('f')).filter((status) => status === 'completed')).toHaveLength(2)
    await world.advance(2_000)
    expect(await statuses('f')).toEqual(Array(5).fill('completed'))
    await expectQuiet()
  })

  it('is kept over retries, failures and cancels', async () => {
    let open = 0
    let most = 0
    const script = async (call: SeenCall) => {
      most = Math.max(most, ++open)
      await new Promise<void>((resolve) => void world.clock.setTimer(50, resolve))
      open -= 1
      return call.attempt === 0 ? threw('once') : returned(null)
    }
    await world.register({ f: [{ concurrency: 2, retries: 1 }, script] })
    await world.send(...numbered('f', 10))
    const waiting = (await world.runs('f')).at(-1)
    await world.engine.cancel(waiting?.id ?? '')
    await world.engine.cancel((await world.runs('f'))[0]?.id ?? '')
    await world.advance(60_000)
    expect(most).toBeLessThanOrEqual(3) // One call of a cancelled run is still out while the next begins.
    expect((await statuses('f')).filter((status) => status === 'completed')).toHaveLength(8)
    await expectQuiet()
  })

  it('lets what waits go on when a sync raises it, or takes it off', async () => {
    const app = busy(1_000)
    await world.register({ f: [{ concurrency: 1 }, app.script] })
    await world.send(...numbered('f', 6))
    await world.register({ f: [{ concurrency: 3 }, app.script] })
    expect(app.starts).toHaveLength(3)
    await world.register({ f: [{}, app.script] })
    expect(app.starts).toHaveLength(6)
    await world.advance(5_000)
    await expectQuiet()
  })

  it('lets a run that a wait resumes stand in line', async () => {
    const seen: string[] = []
    const script = async (call: SeenCall) => {
      if (!call.has('w')) return ops([waitFor('w', 'go')])
      seen.push(call.runId)
      await new Promise<void>((resolve) => void world.clock.setTimer(100, resolve))
      return returned(null)
    }
    await world.register({ f: [{ concurrency: 1 }, script] })
    await world.send(...numbered('f', 3))
    await world.send(event('go'))
    expect(seen).toHaveLength(1)
    await world.advance(300)
    expect(seen).toHaveLength(3)
    await expectQuiet()
  })
})

describe('throttle', () => {
  it('FC-5 starts at once what its limit allows, then one in each period of one', async () => {
    const app = busy(10)
    await world.register({ f: [{ throttle: { limit: 2, period: '10s' } }, app.script] })
    await world.send(...numbered('f', 5))
    await world.advance(20_000)
    expect(app.starts.map(({ at }) => at)).toEqual([0, 0, 5_000, 10_000, 15_000])
    await expectQuiet()
  })

  it('FC-6 has a rate for each key', async () => {
    const app = busy(10, (call) => String(dataOf(call)['u']))
    await world.register({ f: [{ throttle: { limit: 1, period: '10s', key: 'event.data.u' } }, app.script] })
    await world.send(...['a', 'a', 'b', 'b'].map((u, n) => event('f', { u, n })))
    await world.advance(20_000)
    expect(app.starts.map(({ key, at }) => `${key} ${at}`)).toEqual(['a 0', 'b 0', 'a 10000', 'b 10000'])
  })

  it('allows a burst beside its limit', async () => {
    const app = busy(10)
    await world.register({ f: [{ throttle: { limit: 2, period: '10s', burst: 1 } }, app.script] })
    await world.send(...numbered('f', 4))
    await world.advance(20_000)
    expect(app.starts.map(({ at }) => at)).toEqual([0, 0, 0, 5_000])
  })

  it('delays starts only, and is spent by none that waits for a slot', async () => {
    const app = busy(4_000)
    await world.register({ f: [{ throttle: { limit: 1, period: '1s' }, concurrency: 1 }, app.script] })
    await world.send(...numbered('f', 3))
    await world.advance(20_000)
    expect(app.starts.map(({ at }) => at)).toEqual([0, 4_000, 8_000])
    await expectQuiet()
  })

  it('of a shorter period applies to what waits already', async () => {
    const app = busy(10)
    await world.register({ f: [{ throttle: { limit: 1, period: '1h' } }, app.script] })
    await world.send(...numbered('f', 3))
    await world.register({ f: [{ throttle: { limit: 1, period: '1s' } }, app.script] })
    // What was counted before stays counted: the next start is an hour after the first.
    await world.advance(3_602_000)
    expect(app.starts.map(({ at }) => at)).toEqual([0, 3_600_000, 3_601_000])
    await expectQuiet()
  })
})

describe('rate limit', () => {
  it('FC-7 starts no more than its limit in a period, by key', async () => {
    const app = busy(1)
    await world.register({ f: [{ rateLimit: { limit: 1, period: '60s', key: 'event.data.u' } }, app.script] })
    const [, second] = await world.send(...['a', 'a', 'b'].map((u, n) => event('f', { u, n })))
    await world.advance(1_000)
    expect(app.starts.map(({ n }) => n)).toEqual([0, 2])
    expect(await world.engine.whyEvent(second ?? '')).toMatchObject([{ outcome: 'rate_limited' }])
    await world.advance(59_000)
    await world.send(event('f', { u: 'a', n: 3 }))
    await world.advance(1_000)
    expect(app.starts).toHaveLength(3)
  })

  it('admits the whole limit at once, in each window that slides', async () => {
    const app = busy(1)
    await world.register({ f: [{ rateLimit: { limit: 3, period: '10s' } }, app.script] })
    await world.send(...numbered('f', 5))
    await world.advance(9_999)
    await world.send(event('f', { n: 'early' }))
    await world.advance(1)
    await world.send(event('f', { n: 'in time' }))
    await world.advance(100)
    expect(app.starts.map(({ n }) => n)).toEqual([0, 1, 2, 'in time'])
  })

  it('FC-8 idempotency by an expression makes one run of two events', async () => {
    const app = busy(1)
    await world.register({ f: [{ idempotency: 'event.data.cart' }, app.script] })
    await world.send(event('f', { cart: 'x' }, { id: '1' }), event('f', { cart: 'x' }, { id: '2' }))
    await world.advance(10)
    expect(app.starts).toHaveLength(1)
  })

  it('FC-9 does not count reruns', async () => {
    const app = busy(1)
    await world.register({ f: [{ rateLimit: { limit: 1, period: '1h' } }, app.script] })
    await world.send(event('f'))
    await world.advance(10)
    await world.engine.rerun((await world.run('f')).id)
    await world.advance(10)
    expect(app.starts).toHaveLength(2)
  })

  it('fails the step that invokes a function over its limit', async () => {
    const app = busy(1)
    const caller = (call: SeenCall) => (call.has('i') ? returned(call.memo('i') ?? null) : ops([invoke('i', 'app-f')]))
    await world.register({ f: [{ rateLimit: { limit: 1, period: '1h' } }, app.script], g: [{}, caller] })
    await world.send(event('f'))
    await world.send(event('g'))
    await world.advance(10)
    expect(await world.output('g')).toMatchObject({ error: { message: 'invoked function is rate limited' } })
  })
})

describe('debounce', () => {
  it('FC-10 starts one run, a period after the last event, with that event', async () => {
    const app = busy(1)
    await world.register({ f: [{ debounce: { period: '1s' } }, app.script] })
    for (const n of [0, 1, 2, 3, 4]) {
      await world.send(event('f', { n }))
      if (n < 4) await world.advance(200)
    }
    await world.advance(5_000)
    expect(app.starts).toEqual([{ key: '', at: 1_800, n: 4 }])
    await expectQuiet()
  })

  it('FC-11 is capped by its time-out, from the first event', async () => {
    const app = busy(1)
    await world.register({ f: [{ debounce: { period: '1s', timeout: '3s' } }, app.script] })
    for (let n = 0; n < 20; n++) {
      await world.send(event('f', { n }))
      await world.advance(500)
    }
    await world.advance(5_000)
    expect(app.starts.map(({ at }) => at)).toEqual([3_000, 6_000, 9_000, 10_500])
    await expectQuiet()
  })

  it('FC-12 takes the event with the greatest ts; an older one neither replaces nor extends', async () => {
    const app = busy(1)
    await world.register({ f: [{ debounce: { period: '1s' } }, app.script] })
    await world.send(event('f', { n: 'new' }, { ts: BEGIN + 10 }))
    await world.advance(500)
    await world.send(event('f', { n: 'old' }, { ts: BEGIN - 10 }))
    await world.advance(2_000)
    expect(app.starts).toEqual([{ key: '', at: 1_000, n: 'new' }])
  })

  it('has a window for each key, and runs what waits when the option is taken off', async () => {
    const app = busy(1)
    await world.register({ f: [{ debounce: { period: '1s', key: 'event.data.u' } }, app.script] })
    await world.send(...['a', 'b'].map((u, n) => event('f', { u, n })))
    await world.register({ f: [{}, app.script] })
    await world.advance(2_000)
    expect(app.starts).toHaveLength(2)
  })

  it('answers who invoked the function, when its run has ended', async () => {
    const app = busy(1)
    const caller = (call: SeenCall) => (call.has('i') ? returned('answered') : ops([invoke('i', 'app-f')]))
    await world.register({ f: [{ debounce: { period: '1s' } }, app.script], g: [{}, caller] })
    await world.send(event('g'))
    await world.advance(2_000)
    expect(await world.output('g')).toBe('answered')
  })
})

describe('batches', () => {
  function gathering() {
    const batches: { readonly at: number; readonly ns: readonly Json[] }[] = []
    const script = (call: SeenCall) => {
      const { events } = JSON.parse(call.request.body) as { events: { data: { n: Json } }[] }
      batches.push({ at: world.clock.now - BEGIN, ns: events.map(({ data }) => data.n) })
      return returned(null)
    }
    return { batches, script }
  }

  it('FC-13 start when they are full, or when their time is over', async () => {
    const app = gathering()
    await world.register({ f: [{ batchEvents: { maxSize: 3, timeout: '2s' } }, app.script] })
    await world.send(...numbered('f', 7))
    await world.advance(5_000)
    expect(app.batches).toEqual([
      { at: 0, ns: [0, 1, 2] },
      { at: 0, ns: [3, 4, 5] },
      { at: 2_000, ns: [6] },
    ])
    await expectQuiet()
  })

  it('FC-14 never mix keys', async () => {
    const app = gathering()
    await world.register({ f: [{ batchEvents: { maxSize: 2, timeout: '2s', key: 'event.data.u' } }, app.script] })
    await world.send(...['a', 'b', 'a', 'b'].map((u, n) => event('f', { u, n })))
    expect(app.batches.map(({ ns }) => ns)).toEqual([
      [0, 2],
      [1, 3],
    ])
  })

  it('run an event for which `if` is false by itself, at once', async () => {
    const app = gathering()
    await world.register({ f: [{ batchEvents: { maxSize: 9, timeout: '2s', if: 'event.data.n > 0' } }, app.script] })
    await world.send(...numbered('f', 3))
    await world.advance(3_000)
    expect(app.batches).toEqual([
      { at: 0, ns: [0] },
      { at: 2_000, ns: [1, 2] },
    ])
  })

  it('are run again with all their events', async () => {
    const app = gathering()
    await world.register({ f: [{ batchEvents: { maxSize: 2, timeout: '2s' } }, app.script] })
    await world.send(...numbered('f', 2))
    await world.engine.rerun((await world.run('f')).id)
    await world.rest()
    expect(app.batches.map(({ ns }) => ns)).toEqual([
      [0, 1],
      [0, 1],
    ])
  })
})

describe('priority', () => {
  it('FC-16 lets the greater go first, of those that wait', async () => {
    const app = busy(100)
    await world.register({ f: [{ concurrency: 1, priority: { run: 'event.data.p' } }, app.script] })
    await world.send(event('f', { n: 'busy', p: 0 }))
    await world.send(event('f', { n: 'A', p: 0 }), event('f', { n: 'B', p: 0 }), event('f', { n: 'C', p: 600 }))
    await world.advance(1_000)
    expect(app.starts.map(({ n }) => n)).toEqual(['busy', 'C', 'A', 'B'])
  })

  it('FC-17 of what is no number counts as none', async () => {
    const app = busy(100)
    await world.register({ f: [{ concurrency: 1, priority: { run: 'event.data.p' } }, app.script] })
    await world.send(event('f', { n: 0, p: 'x' }), event('f', { n: 1, p: 'y' }), event('f', { n: 2 }))
    await world.advance(1_000)
    expect(app.starts.map(({ n }) => n)).toEqual([0, 1, 2])
  })
})

describe('singleton', () => {
  it('FC-18 skip: one runs, the others are recorded as skipped', async () => {
    const app = busy(100)
    await world.register({ f: [{ singleton: { mode: 'skip' } }, app.script] })
    await world.send(...numbered('f', 3))
    await world.advance(1_000)
    expect(await statuses('f')).toEqual(['completed', 'skipped', 'skipped'])
    expect((await world.runs('f'))[1]?.skipped).toBe('singleton')
  })

  it('FC-19 cancel: the newest wins', async () => {
    const app = busy(100)
    await world.register({ f: [{ singleton: { mode: 'cancel' } }, app.script] })
    await world.send(...numbered('f', 3))
    await world.advance(1_000)
    expect(await statuses('f')).toEqual(['cancelled', 'cancelled', 'completed'])
    expect(app.starts.at(-1)?.n).toBe(2)
    await expectQuiet()
  })

  it('FC-20 is free again when its holder has failed', async () => {
    await world.register({ f: [{ singleton: { mode: 'skip' }, retries: 0 }, () => threw('no')] })
    await world.send(event('f'))
    await world.send(event('f'))
    expect(await statuses('f')).toEqual(['failed', 'failed'])
  })

  it('has one for each key, and none where the key is false', async () => {
    const app = busy(100)
    await world.register({ f: [{ singleton: { mode: 'skip', key: 'event.data.u' } }, app.script] })
    await world.send(...['a', 'b', 'a', false, false].map((u, n) => event('f', { u, n })))
    await world.advance(1_000)
    expect(app.starts.map(({ n }) => n)).toEqual([0, 1, 3, 4])
  })
})

describe('time-outs of runs in line', () => {
  it('FC-21 end a run that could not start in time', async () => {
    const app = busy(5_000)
    await world.register({ f: [{ concurrency: 1, timeouts: { start: '1s' } }, app.script] })
    await world.send(...numbered('f', 2))
    await world.advance(1_000)
    expect(await statuses('f')).toEqual(['running', 'cancelled'])
    await world.advance(10_000)
    await expectQuiet()
  })

  it('FC-22 end a run that takes too long, in its sleep', async () => {
    await world.register({ f: [{ timeouts: { finish: '2s' } }, () => ops([sleep('s', '10s')])] })
    await world.send(event('f'))
    await world.advance(2_000)
    expect(await statuses('f')).toEqual(['cancelled'])
  })
})
