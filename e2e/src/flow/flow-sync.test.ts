/**
 * Flow control and registration: numbers that a sync changes apply to what waits already, and combinations that cannot work
 * are refused with the names of both.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it, type TestContext } from 'vitest'
import { serveApp } from '../harness/app.ts'
import type { FlowControls, FunctionSpec } from '../harness/function-spec.ts'
import { op, serveByHand } from '../harness/hand-made-app.ts'
import { exchange } from '../harness/http.ts'
import { SDKS } from '../harness/sdk.ts'
import { at, list } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useServer } from '../harness/world.ts'
import { Doors } from './doors.ts'
import { FlowApi } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'
import { mostOpen, opened, order, shift } from './shifts.ts'
import { type SwappedApp, serveSwappedApp } from './swapped-app.ts'

const STEP_MS = 200
const QUIET_MS = 300

/** Keeps calls open, by the key of their events. */
const doors = new Doors()
const server = useServer()
const sdk = oneSdk('v4')

describe.concurrent('limits that a sync changes', () => {
  it('a concurrency that is raised lets those that wait go on at once, and one that is taken off all of them', async (test) => {
    const app = await served(test, { concurrency: 1 })
    const key = await sendHeld(app, 8)
    await until('the first', () => order(app.ledger, key).length === 1)
    await app.become(limited({ concurrency: 3 }))
    await until('three', () => order(app.ledger, key).length === 3)
    await moment(QUIET_MS)
    expect(order(app.ledger, key).toSorted()).toEqual(['0', '1', '2'])
    await app.become(limited({}))
    await until('all', () => order(app.ledger, key).length === 8)
    expect(mostOpen(app.ledger, key)).toBe(8)
    doors.open(key)
    await api().emptied({ app: app.id, fn: 'work' })
  })

  it('a concurrency that is lowered lets none go on before so many have ended', async (test) => {
    const app = await served(test, { concurrency: 3 })
    const key = await sendHeld(app, 6)
    await until('three', () => order(app.ledger, key).length === 3)
    await app.become(limited({ concurrency: 1 }))
    doors.open(key)
    await until('all', () => order(app.ledger, key).length === 6)
    expect(opened(app.ledger, key).map(({ open }) => open)).toEqual([1, 2, 3, 1, 1, 1])
  })

  it('a second rule holds what comes from then on, and the changed first one what waits already', async (test) => {
    const app = await served(test, { concurrency: 2 })
    const key = await sendHeld(app, 6)
    await until('two', () => order(app.ledger, key).length === 2)
    await app.become(limited({ concurrency: [{ limit: 4 }, { limit: 1, key: 'event.data.key' }] }))
    await until('four', () => order(app.ledger, key).length === 4)
    doors.open(key)
    const later = await sendAll(app, 3)
    await until('the later ones', () => order(app.ledger, later).length === 3)
    expect(mostOpen(app.ledger, later)).toBe(1)
    expect(mostOpen(app.ledger, key)).toBe(4)
    expect(order(app.ledger, key)).toHaveLength(6)
  })

  it('a throttle that is taken off lets all start', async (test) => {
    const app = await served(test, { throttle: { limit: 1, period: '1h' } })
    const key = await sendAll(app, 4)
    await until('the first', () => order(app.ledger, key).length === 1)
    await app.become(limited({}))
    await until('all', () => order(app.ledger, key).length === 4)
  })
})

const PAIRS: readonly (readonly [string, Partial<FunctionSpec>])[] = [
  ['rateLimit', { rateLimit: { limit: 1, period: '1m' } }],
  ['debounce', { debounce: { period: '1s' } }],
  ['priority', { priority: { run: '1' } }],
  ['singleton', { singleton: { mode: 'skip' } }],
  ['cancelOn', { cancelOn: [{ event: 'stop' }] }],
  ['idempotency', { idempotency: 'event.data.id' }],
]

describe.concurrent.each(SDKS)('combinations of flow controls on $title', (each) => {
  it.each(PAIRS)('batchEvents with %s is refused at the sync, with a reason', async (name, other) => {
    const id = `refused-${randomUUID().slice(0, 8)}`
    const app = await serveApp(each, { id, server: server().url }, ({ define, event }) => {
      define({
        id: 'both',
        triggers: [{ event: event('both') }],
        batchEvents: { maxSize: 2, timeout: '1s' },
        run: () => null,
        ...other,
      })
    })
    const answer = await exchange(app.url, {
      method: 'PUT',
      headers: { 'x-inngest-server-kind': 'dev' },
      body: { url: app.url },
    })
    await app.close()
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).toContain('batchEvents')
    expect(answer.text).toContain(name === 'cancelOn' ? 'cancel' : name)
    expect((await api().exchange(`/v2/apps/${id}/functions`)).status).toBe(404)
  })

  it('all that go together are taken', async () => {
    const id = `together-${randomUUID().slice(0, 8)}`
    const app = await serveApp(each, { id, server: server().url }, ({ define, event }) => {
      define({
        id: 'all',
        triggers: [{ event: event('all') }],
        concurrency: [{ limit: 2 }, { limit: 1, key: 'event.data.u' }],
        throttle: { limit: 1, period: '1s' },
        rateLimit: { limit: 1, period: '1m' },
        debounce: { period: '1s' },
        priority: { run: '1' },
        singleton: { mode: 'skip' },
        cancelOn: [{ event: event('stop') }],
        timeouts: { start: '1m', finish: '1m' },
        run: () => null,
      })
      define({
        id: 'batched',
        triggers: [{ event: event('batched') }],
        concurrency: 1,
        throttle: { limit: 1, period: '1s' },
        batchEvents: { maxSize: 2, timeout: '1s' },
        run: () => null,
      })
    })
    await app.sync()
    expect((await api().sendAndWait({ name: app.event('all') })).status).toBe('Completed')
    expect((await api().sendAndWait({ name: app.event('batched') })).status).toBe('Completed')
    await app.close()
  })
})

describe('limits that a sync changes, with the clock moved', () => {
  it('a throttle of a shorter period lets those that wait start by it, after the start that was due', async (test) => {
    const app = await served(test, { throttle: { limit: 1, period: '1h' } })
    const key = await sendAll(app, 3)
    await until('the first', () => order(app.ledger, key).length === 1)
    await app.become(limited({ throttle: { limit: 1, period: '1m' } }))
    await api().advance('59m')
    await moment(QUIET_MS)
    expect(order(app.ledger, key)).toHaveLength(1)
    await api().advance('1m')
    await until('the second', () => order(app.ledger, key).length === 2)
    await api().advance('1m')
    await until('the third', () => order(app.ledger, key).length === 3)
  })

  it('a debounce that is taken off still runs what it holds', async (test) => {
    const app = await served(test, { debounce: { period: '1h' } })
    const key = await sendAll(app, 1)
    await app.become(limited({}))
    await api().advance('1h')
    await until('the run', () => order(app.ledger, key).length === 1)
  })

  it('a debounce whose function is gone runs nothing', async (test) => {
    const app = await served(test, { debounce: { period: '1h' } })
    const key = await sendAll(app, 1)
    await app.become(({ define, event }) => {
      define({ id: 'other', triggers: [{ event: event('other') }], run: () => null })
    })
    await api().advance('2h')
    await moment(QUIET_MS)
    expect(order(app.ledger, key)).toEqual([])
  })

  it('a batch that is taken off still runs what it holds, as one', async (test) => {
    const app = await served(test, { batchEvents: { maxSize: 5, timeout: '60s' } })
    const key = await sendAll(app, 3)
    await app.become(limited({}))
    await api().advance('1m')
    await until('the run', () => order(app.ledger, key).length === 1)
    await moment(QUIET_MS)
    expect(order(app.ledger, key)).toEqual(['0 1 2'])
  })

  it('a limit of whole runs counts a run from its first call to its end', async (test) => {
    const id = 'a'.repeat(40)
    const app = await serveByHand(server().url, `whole-${randomUUID().slice(0, 8)}`, [
      {
        id: 'whole',
        config: { concurrency: { fn: [{ limit: 2 }] } },
        answer: ({ body }) => {
          const slept = at(body, 'steps', id) !== undefined
          return slept ? { status: 200, body: 'done' } : { status: 206, body: [op('Sleep', id, { name: '1h' })] }
        },
      },
    ])
    test.onTestFinished(() => app.close())
    await api().send([1, 2, 3].map(() => ({ name: app.event('whole') })))
    for (const calls of [2, 5, 6]) {
      await until(`${calls} calls`, () => app.calls.length === calls)
      await moment(QUIET_MS)
      expect(app.calls).toHaveLength(calls)
      await api().advance('1h')
    }
  })
})

describe('a sync by hand', () => {
  it('names the code, the function and both controls', async () => {
    const step = {
      id: 'step',
      name: 'step',
      runtime: { type: 'http', url: 'http://127.0.0.1:9/?fnId=a-b&stepId=step' },
    }
    const controls = { batchEvents: { maxSize: 2, timeout: '1s' }, singleton: { mode: 'skip' } }
    const fn = { id: 'a-b', name: 'b', triggers: [{ event: 'a/b' }], steps: { step }, ...controls }
    const answer = await api().exchange('/fn/register', {
      body: {
        url: 'http://127.0.0.1:9/',
        deployType: 'ping',
        appName: 'a',
        sdk: 'js:v4.24.0',
        v: '0.1',
        functions: [fn],
      },
    })
    expect(answer.status).toBe(400)
    for (const word of ['combo_unsupported', 'a-b', 'batchEvents', 'singleton']) expect(answer.text).toContain(word)
    expect(list(at(await api().ask('/v2/apps'), 'data') ?? []).map((app) => at(app, 'id'))).not.toContain('a')
  })
})

function limited(controls: FlowControls): Parameters<typeof serveSwappedApp>[2] {
  return ({ define, event }, ledger) => {
    define({
      id: 'work',
      triggers: [{ event: event('work') }],
      run: ({ step, events }) =>
        step.run('work', () => {
          const key = String(events[0]?.data.key)
          const who = events.map(({ data }) => data.who).join(' ')
          return shift(ledger, { key, who, ms: STEP_MS, held: doors.pass(key) })
        }),
      ...controls,
    })
  }
}

async function served(test: TestContext, controls: FlowControls): Promise<SwappedApp> {
  const id = `sync-${randomUUID().slice(0, 8)}`
  const app = await serveSwappedApp(sdk, { id, server: server().url }, limited(controls))
  test.onTestFinished(() => app.close())
  return app
}

/** Sends so many events in one request, whose calls stay open until their door is opened. Gives their key. */
function sendHeld(app: SwappedApp, count: number): Promise<string> {
  const key = randomUUID()
  doors.shut(key)
  return sendAll(app, count, key)
}

/** Sends so many events in one request. Gives their key. */
async function sendAll(app: SwappedApp, count: number, key: string = randomUUID()): Promise<string> {
  const events = Array.from({ length: count }, (_, n) => ({ name: app.event('work'), data: { key, who: String(n) } }))
  await api().send(events)
  return key
}

function api(): FlowApi {
  return new FlowApi(server().url)
}
