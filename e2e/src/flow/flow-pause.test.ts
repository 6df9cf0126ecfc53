/**
 * Pause, drain and unpause through the API: what comes meanwhile is skipped or waits, what has begun rests, goes on or is
 * cancelled, and nothing that was held is lost. Calls are counted in the app.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Sdk } from '../harness/sdk.ts'
import { moment, until } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { Doors } from './doors.ts'
import { FlowApi, type Place } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'

const QUIET_MS = 400
/** Keeps first steps open, by the key of their event. */
const doors = new Doors()
// Without checkpoints each step is a call of its own; with them, an open call goes on to the end of the function.
const [sdk, other] = [oneSdk('v4-plain'), oneSdk('v3')]

/** Functions of the same kind: each test pauses one of its own. */
const STEPPERS = ['skips', 'holds', 'holds-open', 'drains', 'cancels', 'again', 'resyncs', 'rated', 'refuses']

const world = useWorld({ name: 'pause', sdks: [sdk, other] }, ({ define, event }, ledger) => {
  for (const id of STEPPERS) {
    define({
      id,
      triggers: [{ event: event(id) }],
      ...(id === 'rated' ? { rateLimit: { limit: 1, period: '1h' as const } } : {}),
      ...(id === 'cancels' ? { concurrency: 1 } : {}),
      run: async ({ step, event: { data } }) => {
        const key = String(data.key)
        await step.run('one', async () => {
          ledger.note(key, `one ${data.who}`)
          await doors.pass(key)
        })
        await step.run('two', () => ledger.note(key, `two ${data.who}`))
      },
    })
  }
  define({
    id: 'sleeps',
    triggers: [{ event: event('sleeps') }],
    run: async ({ step, event: { data } }) => {
      await step.sleep('sleep', '1h')
      ledger.note(String(data.key), 'woke')
    },
  })
  define({
    id: 'waits',
    triggers: [{ event: event('waits') }],
    run: async ({ step, event: { data } }) => {
      const answer = await step.waitForEvent('wait', { event: event('answer'), timeout: '1h', match: 'data.key' })
      ledger.note(String(data.key), `answered ${answer?.data.says}`)
    },
  })
  define({
    id: 'hurried',
    triggers: [{ event: event('hurried') }],
    timeouts: { finish: '30m' },
    run: async ({ step }) => step.waitForEvent('wait', { event: event('never'), timeout: '1h' }),
  })
  define({ id: 'hourly', triggers: [{ cron: '0 * * * *' }], run: () => ledger.note('hourly', 'tick') })
  define({
    id: 'gathers',
    triggers: [{ event: event('gathers') }],
    batchEvents: { maxSize: 2, timeout: '1s' },
    run: ({ events }) => ledger.note(String(events[0]?.data.key), events.map(({ data }) => data.who).join(' ')),
  })
})

describe.concurrent('a function that is paused', () => {
  it('skip, hold: what comes is skipped, the open call ends, later steps wait for the unpause', async () => {
    const place = placeOf('skips')
    const first = await beginOpen('skips')
    const shown = await api().pause(place)
    expect(shown).toMatchObject({ isPaused: true, pause: { new: 'skip', running: 'hold', target: 'function' } })
    const id = await send('skips', 'meanwhile', first.key)
    expect(await api().outcome(id, place)).toMatchObject({ outcome: 'paused' })
    const [skipped] = await api().runsOf(id)
    expect(skipped?.status).toBe('Skipped')
    doors.open(first.key)
    await moment(QUIET_MS)
    expect(first.ledger()).toEqual(['one first'])
    expect(await api().rests(first.run, 'paused')).toMatchObject({ by: 'api', target: 'function' })
    expect((await api().unpause(place)).isPaused).not.toBe(true)
    await api().reached(first.run, 'Completed')
    expect((await api().sendAndWait(event('skips', 'after', first.key))).status).toBe('Completed')
    expect(first.ledger()).toEqual(['one first', 'two first', 'one after', 'two after'])
  })

  it('hold: what comes waits, in order and without loss, for the unpause', async () => {
    const place = placeOf('holds')
    await api().pause(place, { new: 'hold', running: 'hold' })
    const key = randomUUID()
    const whos = Array.from({ length: 30 }, (_, n) => String(n))
    const ids = await api().send(whos.map((who) => event('holds', who, key)))
    const runs = await Promise.all(ids.map((id) => api().firstRun(id)))
    await moment(QUIET_MS)
    expect(notes(key)).toEqual([])
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['Scheduled']))
    expect(await api().queue(place)).toMatchObject({ count: 30, blocked: 30 })
    await api().unpause(place)
    for (const { id } of runs) await api().reached(id, 'Completed')
    expect(notes(key).toSorted()).toEqual(whos.flatMap((who) => [`one ${who}`, `two ${who}`]).toSorted())
    await api().emptied(place)
  })

  it('hold: the result of the call that was open is kept, and its step does not run again', async () => {
    const place = placeOf('holds-open')
    const first = await beginOpen('holds-open')
    await api().pause(place, { new: 'hold' })
    doors.open(first.key)
    await moment(QUIET_MS)
    expect(first.ledger()).toEqual(['one first'])
    await api().unpause(place)
    await api().reached(first.run, 'Completed')
    expect(first.ledger()).toEqual(['one first', 'two first'])
  })

  it('drain: what has begun goes on to its end, and nothing new starts', async () => {
    const place = placeOf('drains')
    const first = await beginOpen('drains')
    await api().pause(place, { running: 'finish' })
    const id = await send('drains', 'meanwhile', first.key)
    expect(await api().outcome(id, place)).toMatchObject({ outcome: 'drained' })
    doors.open(first.key)
    await api().reached(first.run, 'Completed')
    expect(first.ledger()).toEqual(['one first', 'two first'])
    await api().emptied(place)
  })

  it('cancel: runs that have begun and runs in line are cancelled', async () => {
    const place = placeOf('cancels')
    const key = randomUUID()
    doors.shut(key)
    const ids = await api().send(['1', '2', '3'].map((who) => event('cancels', who, key)))
    const runs = await Promise.all(ids.map((id) => api().firstRun(id)))
    await until('the first step', () => notes(key).length === 1)
    await api().pause(place, { running: 'cancel' })
    for (const { id } of runs) await api().reached(id, 'Cancelled')
    doors.open(key)
    await moment(QUIET_MS)
    expect(notes(key)).toEqual(['one 1'])
    await api().emptied(place)
    await api().unpause(place)
    expect((await api().sendAndWait(event('cancels', '4', key))).status).toBe('Completed')
  })

  it('cancelRunning is the same as running: "cancel", and what contradicts itself is refused', async () => {
    const place = placeOf('refuses')
    const path = `/v2/apps/${place.app}/functions/${place.fn}/pause`
    const refused = await api().exchange(path, { method: 'POST', body: { cancelRunning: true, running: 'hold' } })
    expect(refused.status).toBe(400)
    expect((await api().exchange(path, { method: 'POST', body: { running: 'no' } })).status).toBe(400)
    expect(await api().pause(place, { cancelRunning: true })).toMatchObject({ pause: { running: 'cancel' } })
    expect((await api().exchange(path.replace('refuses', 'none'), { method: 'POST', body: {} })).status).toBe(404)
  })

  it('a second pause replaces the first', async () => {
    const place = placeOf('again')
    await api().pause(place, { new: 'hold' })
    const held = await send('again', 'held', randomUUID())
    await api().pause(place, { new: 'skip', running: 'finish' })
    // What was held has begun as far as the drain is concerned.
    await api().reached((await api().firstRun(held)).id, 'Completed')
    const skipped = await api().firstRun(await send('again', 'skipped', randomUUID()))
    expect(skipped.status).toBe('Skipped')
  })

  it('waits go on matching', async () => {
    const place = placeOf('waits')
    const { run, key, ledger } = await begin('waits', 'first')
    await api().rests(run, 'waiting_for_event')
    await api().pause(place)
    await api().sendOne({ name: world.app(sdk).event('answer'), data: { key, says: 'yes' } })
    await moment(QUIET_MS)
    expect(ledger()).toEqual([])
    await api().unpause(place)
    await api().reached(run, 'Completed')
    expect(ledger()).toEqual(['answered yes'])
  })

  it('an event that is skipped uses up no rate limit', async () => {
    const place = placeOf('rated')
    const key = randomUUID()
    await api().pause(place)
    await send('rated', 'skipped', key)
    await api().unpause(place)
    expect((await api().sendAndWait(event('rated', 'taken', key))).status).toBe('Completed')
    const limited = await send('rated', 'limited', key)
    expect(await api().outcome(limited, place)).toMatchObject({ outcome: 'rate_limited' })
    expect(notes(key)).toEqual(['one taken', 'two taken'])
  })

  it('hold: a batch that fires meanwhile waits, whole', async () => {
    const place = placeOf('gathers')
    const key = randomUUID()
    await api().pause(place, { new: 'hold' })
    await api().send([event('gathers', '1', key), event('gathers', '2', key)])
    await moment(QUIET_MS)
    expect(notes(key)).toEqual([])
    await api().unpause(place)
    await until('the batch', () => notes(key).length === 1)
    expect(notes(key)).toEqual(['1 2'])
  })

  it('a sync leaves the pause alone', async () => {
    const place = placeOf('resyncs')
    await api().pause(place, { new: 'hold' })
    await world.app(sdk).sync()
    const { run, ledger } = await begin('resyncs', 'first')
    await moment(QUIET_MS)
    expect(ledger()).toEqual([])
    await api().unpause(place)
    await api().reached(run, 'Completed')
  })
})

describe.concurrent('an app that is paused', () => {
  it('rests with all its functions, and those that are paused themselves stay so at the unpause', async () => {
    const [one, two] = [placeOf('holds', other), placeOf('drains', other)]
    await api().pause(one, { new: 'hold' })
    expect(await api().pause({ app: one.app }, { new: 'hold' })).toMatchObject({ pause: { target: 'app' } })
    const first = await begin('holds', 'first', other)
    const second = await begin('drains', 'second', other)
    await moment(QUIET_MS)
    expect([first.ledger(), second.ledger()]).toEqual([[], []])
    expect(await api().why(second.run)).toMatchObject({ code: 'paused', target: 'app' })
    await api().unpause({ app: one.app })
    await api().reached(second.run, 'Completed')
    expect(first.ledger()).toEqual([])
    expect(await api().why(first.run)).toMatchObject({ code: 'paused', target: 'function' })
    await api().unpause(one)
    await api().reached(first.run, 'Completed')
    expect(await api().statuses(two)).toEqual(['COMPLETED'])
  })
})

describe('with the clock moved, of a function that is paused', () => {
  it('ticks of a schedule are skipped, and those after the unpause run', async () => {
    const place = placeOf('hourly')
    const ticks = () => world.app(sdk).ledger.of('hourly').length
    await api().pause(place)
    await api().advance('1h')
    await until('the tick', async () => (await api().statuses(place)).length > 0)
    expect(new Set(await api().statuses(place))).toEqual(new Set(['SKIPPED']))
    expect(ticks()).toBe(0)
    await api().unpause(place)
    await api().advance('1h')
    await until('the next tick', () => ticks() === 1)
  })

  it('a sleep that ends meanwhile goes on at the unpause', async () => {
    const place = placeOf('sleeps')
    const { run, ledger } = await begin('sleeps', 'first')
    await until('the sleep', () =>
      world
        .app(sdk)
        .callsOf(run)
        .some((call) => call.answer.includes('"Sleep"')),
    )
    await api().pause(place)
    await api().advance('2h')
    await moment(QUIET_MS)
    expect(ledger()).toEqual([])
    await api().unpause(place)
    await api().reached(run, 'Completed')
    expect(ledger()).toEqual(['woke'])
  })

  it('time-outs go on counting', async () => {
    const { run } = await begin('hurried', 'first')
    await api().rests(run, 'waiting_for_event')
    await api().pause(placeOf('hurried'))
    await api().advance('30m')
    await api().reached(run, 'Cancelled')
  })
})

interface Begun {
  readonly run: string
  readonly key: string
  ledger(): readonly string[]
}

async function begin(name: string, who: string, on: Sdk = sdk): Promise<Begun> {
  const key = randomUUID()
  const run = await api().firstRun(await send(name, who, key, on))
  return { run: run.id, key, ledger: () => world.app(on).ledger.of(key) }
}

/** A run whose first step is open until its door is opened. */
async function beginOpen(name: string): Promise<Begun> {
  const key = randomUUID()
  doors.shut(key)
  const run = await api().firstRun(await send(name, 'first', key))
  await until('its first step', () => notes(key).length === 1)
  return { run: run.id, key, ledger: () => notes(key) }
}

function send(name: string, who: string, key: string, on: Sdk = sdk): Promise<string> {
  return api().sendOne(event(name, who, key, on))
}

function event(name: string, who: string, key: string, on: Sdk = sdk) {
  return { name: world.app(on).event(name), data: { key, who } }
}

function notes(key: string): readonly string[] {
  return world.app(sdk).ledger.of(key)
}

function placeOf(fn: string, on: Sdk = sdk): Place {
  return { app: world.app(on).id, fn }
}

function api(): FlowApi {
  return new FlowApi(world.server.url)
}
