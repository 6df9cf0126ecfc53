/**
 * Events on their way in, and which functions they start: envelope, idempotency, seeds, future delivery, triggers,
 * filters, registration. Every case sends over HTTP, as any program could, and looks at runs and stored events.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SDKS } from './harness/sdk.ts'
import { at, list, text } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

/** Long enough for a second run to have begun, had there been one. */
const QUIET_MS = 700

const world = useWorld({ name: 'events' }, ({ define, event }, ledger) => {
  define({ id: 'echo', triggers: [{ event: event('echo') }], run: ({ event: seen }) => seen })
  define({
    id: 'first',
    triggers: [{ event: event('both') }],
    run: ({ event: { data } }) => ledger.note(String(data.key), 'first'),
  })
  define({
    id: 'second',
    triggers: [{ event: event('both') }],
    run: ({ event: { data } }) => ledger.note(String(data.key), 'second'),
  })
  define({
    id: 'keyed',
    triggers: [{ event: event('keyed') }],
    idempotency: 'event.data.cart',
    run: ({ event: { data } }) => ledger.note(String(data.key), 'keyed'),
  })
  define({
    id: 'late',
    triggers: [{ event: event('late') }],
    run: ({ event: { data } }) => ledger.note(String(data.key), 'started'),
  })
  define({
    id: 'expects-late',
    triggers: [{ event: event('expect') }],
    run: async ({ step, event: { data } }) => {
      const seen = await step.waitForEvent('late', { event: event('late'), timeout: '1h', match: 'data.key' })
      ledger.note(String(data.key), 'resumed')
      return seen
    },
  })
  define({
    id: 'ends-badly',
    triggers: [
      {
        event: 'inngest/function.finished',
        if: `event.data.function_id == '${event('echo').replace('/', '-')}' && event.data.event.data.loop == true`,
      },
    ],
    retries: 0,
    run: ({ event: { data } }) => {
      ledger.note(String(data.run_id), 'heard')
      throw new Error('a listener that fails')
    },
  })
  define({
    id: 'wildcard',
    triggers: [{ event: event('wild/*') }, { event: event('wild/b') }],
    run: ({ event: { name } }) => name,
  })
  define({ id: 'no-wildcard', triggers: [{ event: event('tame*') }], run: ({ event: { name } }) => name })
  define({
    id: 'either',
    triggers: [{ event: event('a'), if: 'event.data.n == 1' }, { event: event('b') }],
    run: ({ event: { name } }) => name,
  })
  define({
    id: 'bad-filter',
    triggers: [{ event: event('filtered'), if: 'event.data.s > 5' }],
    run: () => 'never',
  })
  define({ id: 'no-filter', triggers: [{ event: event('filtered') }], run: () => 'always' })
  define({
    id: 'picky',
    triggers: [{ event: event('picky'), if: "event.data.kind == 'a' && event.data.n >= 2" }],
    run: ({ event: { data } }) => data.n,
  })
})

describe.concurrent.each(SDKS)('events on $title', (sdk) => {
  it('EV-1: an event with a name only reaches the function whole: data, time, and the ID that was answered', async () => {
    const before = Date.now()
    const [id, ...others] = await world.api.send({ name: world.app(sdk).event('echo') })
    expect(others).toEqual([])
    const run = await world.api.firstRun(text(id))
    const { output } = await world.api.reached(run.id, 'Completed')
    expect(output).toMatchObject({ name: world.app(sdk).event('echo'), data: {}, id })
    expect(at(output, 'ts')).toBeGreaterThanOrEqual(before - 1_000)
    expect(at(output, 'ts')).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  it('an event keeps everything that its sender gave it', async () => {
    const sent = {
      name: world.app(sdk).event('echo'),
      data: { deep: [{ ü: null }] },
      id: randomUUID(),
      ts: 1_700_000_000_123,
      v: '2',
    }
    const run = await world.api.sendAndWait(sent)
    expect(run.output).toMatchObject(sent)
  })

  it('EV-2: two events with one ID are both kept, and each function runs once', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const event = { name: app.event('both'), id: key, data: { key } }
    const ids = [...(await world.api.send(event)), ...(await world.api.send(event))]
    expect(new Set(ids).size).toBe(2)
    await until('both functions', () => app.ledger.times(key, 'first') === 1 && app.ledger.times(key, 'second') === 1)
    await moment(QUIET_MS)
    expect(app.ledger.of(key).toSorted()).toEqual(['first', 'second'])
    for (const id of ids) expect(at(await world.api.ask(`/v1/events/${id}`), 'data', 'id')).toBe(key)
  })

  it('two events with one ID in one request start one run', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const event = { name: app.event('both'), id: key, data: { key } }
    await world.api.send([event, event])
    await until('both functions', () => app.ledger.times(key, 'first') === 1 && app.ledger.times(key, 'second') === 1)
    await moment(QUIET_MS)
    expect(app.ledger.of(key)).toHaveLength(2)
  })

  it('FC-8: an idempotency expression lets one run through for each of its values', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    await world.api.send([
      { name: app.event('keyed'), data: { key, cart: `${key}-1` } },
      { name: app.event('keyed'), data: { key, cart: `${key}-1` } },
      { name: app.event('keyed'), data: { key, cart: `${key}-2` } },
    ])
    await until('two runs', () => app.ledger.times(key, 'keyed') === 2)
    await moment(QUIET_MS)
    expect(app.ledger.times(key, 'keyed')).toBe(2)
  })

  it('EV-3: an event of the future resumes waits at once and starts its function at its time', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const waiting = await world.api.firstRun(await world.api.sendOne({ name: app.event('expect'), data: { key } }))
    await until('the wait', async () =>
      (await world.api.trace(waiting.id)).children.some((span) => span.status === 'WAITING'),
    )
    const ts = Date.now() + 3_000
    const id = await world.api.sendOne({ name: app.event('late'), data: { key }, ts })
    await until('the wait to be over', () => app.ledger.at(key, 'resumed'))
    expect(app.ledger.at(key, 'resumed')).toBeLessThan(ts)
    expect((await world.api.firstRun(id)).status).toBe('Scheduled')
    const started = await until('the start', () => app.ledger.at(key, 'started'))
    expect(started).toBeGreaterThanOrEqual(ts - 5)
  })

  it('EV-5: the same seed and body sent twice give the same IDs and one run', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const events = [{ name: app.event('both'), data: { key } }, { name: app.event('echo') }]
    const headers = { 'x-inngest-event-id-seed': `${Date.now()},${randomBytes(10).toString('base64')}` }
    const once = await world.api.send(events, headers)
    const again = await world.api.send(events, headers)
    expect(again).toEqual(once)
    expect(new Set(once).size).toBe(2)
    await until('both functions', () => app.ledger.of(key).length >= 2)
    await moment(QUIET_MS)
    expect(app.ledger.of(key).toSorted()).toEqual(['first', 'second'])
    expect(await world.api.runsOf(text(once[1]))).toHaveLength(1)
  })

  it('EV-6: a listener of finished events that fails itself gives no event, and nothing goes round', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('echo'), data: { loop: true } })
    await until('the listener', () => app.ledger.times(run.id, 'heard') === 1)
    const [finished] = await world.api.internalEvents('inngest/function.finished', run.id)
    const [listener] = await world.api.runsOf(text(at(finished, 'internal_id')))
    await world.api.reached(text(listener?.id), 'Failed')
    await moment(QUIET_MS)
    expect(app.ledger.times(run.id, 'heard')).toBe(1)
    expect(await world.api.internalEvents('inngest/function.finished', text(listener?.id))).toEqual([])
    expect(await world.api.internalEvents('inngest/function.failed', text(listener?.id))).toEqual([])
  })

  it('TR-1: a wildcard and an exact trigger of one function start it once', async () => {
    const id = await world.api.sendOne({ name: world.app(sdk).event('wild/b') })
    await world.api.reached((await world.api.firstRun(id)).id, 'Completed')
    expect(await world.api.runsOf(id)).toHaveLength(1)
    const deep = await world.api.sendAndWait({ name: world.app(sdk).event('wild/c.d/e') })
    expect(deep.output).toBe(world.app(sdk).event('wild/c.d/e'))
  })

  it('TR-2: a star that does not follow a separator is no wildcard', async () => {
    const id = await world.api.sendOne({ name: world.app(sdk).event('tamed') })
    await moment(QUIET_MS)
    expect(await world.api.runsOf(id)).toEqual([])
  })

  it('TR-3: the filter of one trigger does not hold for another', async () => {
    const app = world.app(sdk)
    const [filteredOut, passes, other] = await world.api.send([
      { name: app.event('a'), data: { n: 2 } },
      { name: app.event('a'), data: { n: 1 } },
      { name: app.event('b'), data: { n: 2 } },
    ])
    await world.api.reached((await world.api.firstRun(text(other))).id, 'Completed')
    await world.api.reached((await world.api.firstRun(text(passes))).id, 'Completed')
    expect(await world.api.runsOf(text(other))).toHaveLength(1)
    expect(await world.api.runsOf(text(filteredOut))).toEqual([])
  })

  it('TR-4: a filter that fails keeps its own function out, and no other, and the event is stored once', async () => {
    const app = world.app(sdk)
    const name = app.event('filtered')
    const id = await world.api.sendOne({ name, data: { s: 'abc', key: randomUUID() } })
    const run = await world.api.firstRun(id)
    expect((await world.api.reached(run.id, 'Completed')).output).toBe('always')
    await moment(QUIET_MS)
    expect(await world.api.runsOf(id)).toHaveLength(1)
    const stored = await world.api.events(`name=${encodeURIComponent(name)}&limit=50`)
    expect(stored.filter((event) => event.internal_id === id)).toHaveLength(1)
  })

  it('a filter on two fields lets through what fits', async () => {
    const app = world.app(sdk)
    const ids = await world.api.send(
      [{ kind: 'a', n: 1 }, { kind: 'b', n: 2 }, { kind: 'a', n: 2 }, {}].map((data) => ({
        name: app.event('picky'),
        data,
      })),
    )
    const run = await world.api.firstRun(text(ids[2]))
    expect((await world.api.reached(run.id, 'Completed')).output).toBe(2)
    await moment(QUIET_MS)
    const runs = await Promise.all(ids.map((id) => world.api.runsOf(id)))
    expect(runs.map((some) => some.length)).toEqual([0, 0, 1, 0])
  })

  it('TR-6: an app that registers again unchanged is told so, and its functions keep their version', async () => {
    const app = world.app(sdk)
    const before = await versions(app.id)
    const answer = await (await fetch(app.url, { method: 'PUT', body: '{}' })).json()
    expect(at(answer, 'modified')).toBe(false)
    expect(await versions(app.id)).toEqual(before)
  })
})

describe.concurrent('registration', () => {
  it('TR-5: one bad function of three refuses the whole sync, names it, and leaves what was there', async () => {
    const config = (id: string, trigger: object) => ({
      id: `sync-test-${id}`,
      name: id,
      triggers: [trigger],
      steps: {
        step: {
          id: 'step',
          name: 'step',
          runtime: { type: 'http', url: `http://127.0.0.1:9/api/inngest?fnId=sync-test-${id}&stepId=step` },
        },
      },
    })
    const register = (functions: object[]) =>
      world.api.exchange('/fn/register', {
        method: 'POST',
        body: {
          url: 'http://127.0.0.1:9/api/inngest',
          deployType: 'ping',
          framework: 'nodejs',
          appName: 'sync-test',
          sdk: 'js:v4.24.0',
          v: '0.1',
          functions,
        },
      })
    const good = ['one', 'two', 'three'].map((id) => config(id, { event: `sync-test/${id}` }))
    expect((await register(good)).status).toBe(200)
    const before = await versions('sync-test')
    const bad = await register([
      config('one', { event: 'sync-test/changed' }),
      config('two', { cron: 'every now and then' }),
      config('four', { event: 'x' }),
    ])
    expect(bad.status).toBe(400)
    expect(bad.text).toContain('sync-test-two')
    expect(await versions('sync-test')).toEqual(before)
  })
})

async function versions(app: string): Promise<unknown> {
  const functions = list(await world.api.ask(`/v1/apps/${app}/functions`))
  return functions.map((each) => [at(each, 'id'), at(each, 'config', 'fv'), at(each, 'config', 'triggers')])
}
