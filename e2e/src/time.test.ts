/**
 * What happens later: sleeps, long waits, events of the future, timeouts. The server's clock is moved instead of
 * waiting for it. All tests of this file share that clock, so those that move it stand one after the other, and each
 * starts its runs anew on every SDK.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Api, RunView } from './harness/api.ts'
import type { App } from './harness/app.ts'
import { SDKS } from './harness/sdk.ts'
import { at } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const QUIET_MS = 500
const MINUTE_MS = 60_000

const world = useWorld({ name: 'time' }, ({ define, event }, ledger) => {
  define({
    id: 'sleeper',
    triggers: [{ event: event('sleep') }],
    run: async ({ step, runId, event: { data } }) => {
      await step.run('before', () => ledger.note(runId, 'before'))
      await step.sleep('sleep', String(data.time))
      return step.run('after', () => ledger.note(runId, 'after'))
    },
  })
  define({
    id: 'sleeps-until',
    triggers: [{ event: event('sleep-until') }],
    run: async ({ step, runId, event: { data } }) => {
      await step.sleepUntil('sleep', new Date(Number(data.until)))
      return ledger.note(runId, 'after')
    },
  })
  define({
    id: 'one-at-a-time',
    triggers: [{ event: event('one-at-a-time') }],
    concurrency: 1,
    run: async ({ step, runId, event: { data } }) => {
      ledger.note(String(data.key), `${runId} body`)
      await step.sleep('sleep', '2s')
      return 'slept'
    },
  })
  define({
    id: 'waiter',
    triggers: [{ event: event('wait') }],
    run: ({ step }) => step.waitForEvent('wait', { event: event('never'), timeout: '7d' }),
  })
  define({
    id: 'future',
    triggers: [{ event: event('future') }],
    run: ({ runId, event: { ts } }) => ({ ts, times: ledger.note(runId, 'body') }),
  })
  define({
    id: 'finish',
    triggers: [{ event: event('finish') }],
    timeouts: { finish: '2s' },
    run: async ({ step, runId }) => {
      await step.sleep('too long', '10s')
      ledger.note(runId, 'after')
    },
  })
})

describe.concurrent.each(SDKS)('in real time on $title', (sdk) => {
  it('ST-1: a sleep of two seconds takes two seconds, and the run is called three times in all', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('sleep'), data: { time: '2s' } })
    const gap = (app.ledger.at(run.id, 'after') ?? 0) - (app.ledger.at(run.id, 'before') ?? 0)
    expect(gap).toBeGreaterThanOrEqual(1_990)
    expect(gap).toBeLessThan(4_500)
    expect(app.ledger.of(run.id)).toEqual(['before', 'after'])
    if (sdk.line === 4 && sdk.checkpoints) expect(app.callsOf(run.id)).toHaveLength(2)
  })

  it('ST-1: a sleeping run holds no slot, so that another goes on with a concurrency of one', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const name = app.event('one-at-a-time')
    const ids = await world.api.send([1, 2].map(() => ({ name, data: { key } })))
    await until('both bodies', () => app.ledger.of(key).length >= 2, { withinMs: 1_900 })
    for (const id of ids) await world.api.reached((await world.api.firstRun(id)).id, 'Completed')
  })

  it('ST-8: a sleep of more than 366 days fails the run', async () => {
    const run = await world.api.sendAndWait(
      { name: world.app(sdk).event('sleep'), data: { time: '400d' } },
      { status: 'Failed' },
    )
    expect(at(run.output, 'error', 'name')).toBe('InngestErrTimeoutTooLong')
  })

  it('a sleep until a moment that is past wakes at once', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait(
      { name: app.event('sleep-until'), data: { until: Date.now() - MINUTE_MS } },
      { withinMs: 2_000 },
    )
    expect(run.output).toBe(1)
  })

  it('FC-22: a run that takes too long is cancelled while it sleeps', async () => {
    const app = world.app(sdk)
    const before = Date.now()
    const run = await world.api.firstRun(await world.api.sendOne({ name: app.event('finish') }))
    await world.api.reached(run.id, 'Cancelled', { withinMs: 5_000 })
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_900)
    expect(app.ledger.of(run.id)).toEqual([])
    expect(await cancelledEvents(world.api, run.id)).toHaveLength(1)
  })
})

describe('with one place for calls', () => {
  const narrow = useWorld({ name: 'narrow', flags: ['--queue-workers', '1'] }, ({ define, event }, ledger) => {
    define({
      id: 'busy',
      triggers: [{ event: event('busy') }],
      timeouts: { start: '1s' },
      run: ({ step, runId }) =>
        step.run('hold', async () => {
          ledger.note(runId, 'held')
          await moment(2_500)
        }),
    })
  })

  it.each(SDKS)(
    'FC-21: a run of $title that could not start in time is cancelled before any of its code runs',
    async (sdk) => {
      const { api } = narrow
      const app = narrow.app(sdk)
      const first = await api.firstRun(await api.sendOne({ name: app.event('busy') }))
      await until('the first to take the place', () => app.ledger.times(first.id, 'held') === 1)
      const second = await api.firstRun(await api.sendOne({ name: app.event('busy') }))
      await api.reached(second.id, 'Cancelled', { withinMs: 2_300 })
      await api.reached(first.id, 'Completed')
      expect(app.callsOf(second.id)).toEqual([])
      expect(await cancelledEvents(api, second.id)).toHaveLength(1)
    },
  )
})

describe('with the clock moved', () => {
  it('sleeps, waits and future events end when their time has come, and not before', async () => {
    const now = await world.api.now()
    const started = await Promise.all(
      SDKS.map(async (sdk) => {
        const app = world.app(sdk)
        const begin = async (name: string, rest: object = {}) =>
          world.api.firstRun(await world.api.sendOne({ name: app.event(name), ...rest }))
        return {
          app,
          sleep: await begin('sleep', { data: { time: '2h' } }),
          until: await begin('sleep-until', { data: { until: now + 120 * MINUTE_MS } }),
          wait: await begin('wait', { data: {} }),
          future: await begin('future', { ts: now + 120 * MINUTE_MS }),
        }
      }),
    )
    for (const { app, sleep, until: sleepUntil, wait } of started)
      await Promise.all([sleep, sleepUntil, wait].map((run) => called(app, run)))
    await world.api.advance('90m')
    await moment(QUIET_MS)
    for (const { app, sleep, until: sleepUntil, future } of started) {
      expect(app.ledger.times(sleep.id, 'after')).toBe(0)
      expect(app.ledger.of(sleepUntil.id)).toEqual([])
      expect((await world.api.run(future.id)).status).toBe('Scheduled')
    }
    await world.api.advance('40m')
    for (const { sleep, until: sleepUntil, wait, future } of started) {
      for (const run of [sleep, sleepUntil, future]) await world.api.reached(run.id, 'Completed')
      expect((await world.api.run(wait.id)).status).toBe('Running')
    }
    await world.api.advance('7d')
    for (const { wait } of started) expect((await world.api.reached(wait.id, 'Completed')).output).toBeNull()
  })

  it('the trace says how long a sleep was, whatever the clock did', async () => {
    const runs = await Promise.all(
      SDKS.map(async (sdk) => {
        const run = await world.api.firstRun(
          await world.api.sendOne({ name: world.app(sdk).event('sleep'), data: { time: '1d' } }),
        )
        await called(world.app(sdk), run)
        return run
      }),
    )
    await world.api.advance('25h')
    for (const run of runs) {
      await world.api.reached(run.id, 'Completed')
      const sleep = (await world.api.trace(run.id)).children.find((span) => span.stepOp === 'SLEEP')
      expect(sleep?.status).toBe('COMPLETED')
      expect(sleep?.stepInfo?.sleepUntil).toBeTypeOf('string')
    }
  })
})

/** Waits until the run's code has been called and has answered. */
async function called(app: App, run: RunView): Promise<void> {
  await until(`the first call of ${run.id}`, () =>
    app.callsOf(run.id).some((call) => /"Sleep"|"WaitForEvent"/.test(call.answer)),
  )
}

async function cancelledEvents(api: Api, runId: string): Promise<readonly unknown[]> {
  return until('the cancelled event', async () => {
    const events = await api.internalEvents('inngest/function.cancelled', runId)
    return events.length > 0 && events
  })
}
