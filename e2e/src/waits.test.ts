/**
 * Runs that wait, on every SDK: for an event (by key, by expression, for a time), for a signal, for another function.
 * A wait ends once; who did not match does not wake it; what comes too late changes nothing.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Target } from './harness/function-spec.ts'
import { SDKS, type Sdk } from './harness/sdk.ts'
import { at } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const QUIET_MS = 500

const world = useWorld({ name: 'waits' }, ({ define, event, nonRetriable, reference, app }, ledger) => {
  const waiting = (id: string, options: { timeout: string; if?: string; match?: string }): void => {
    define({
      id,
      triggers: [{ event: event(id) }],
      run: async ({ step, runId }) => {
        const seen = await step.waitForEvent('wait', { event: event(`${id}.done`), ...options })
        ledger.note(runId, 'woke')
        return seen
      },
    })
  }
  waiting('match', { timeout: '1h', match: 'data.key' })
  waiting('any', { timeout: '1h' })
  waiting('if', { timeout: '1h', if: 'async.data.key == event.data.key && async.data.n > 5' })
  waiting('in', { timeout: '1h', if: 'async.data.key == event.data.key && async.data.t in event.data.tags' })
  waiting('short', { timeout: '1s', match: 'data.key' })
  waiting('does-not-compile', { timeout: '1h', if: 'event.data.key ===' })
  define({
    id: 'own-trigger',
    triggers: [{ event: event('own-trigger') }],
    run: ({ step }) => step.waitForEvent('own', { event: event('own-trigger'), timeout: '1s' }),
  })
  define({
    id: 'sibling',
    triggers: [{ event: event('sibling') }],
    run: async ({ step, event: { data } }) => {
      const [seen] = await Promise.all([
        step.waitForEvent('wait', { event: event('sibling.said'), timeout: '10s', match: 'data.key' }),
        step.sendEvent('say', { name: event('sibling.said'), data: { key: data.key } }),
      ])
      return at(seen, 'data', 'key') ?? null
    },
  })
  define({
    id: 'two',
    triggers: [{ event: event('two') }],
    run: async ({ step }) => {
      const options = { event: event('two.done'), timeout: '1h', match: 'data.key' }
      const [a, b] = await Promise.all([step.waitForEvent('a', options), step.waitForEvent('b', options)])
      return [at(a, 'id'), at(b, 'id')]
    },
  })
  define({
    id: 'signal',
    triggers: [{ event: event('signal') }],
    retries: 0,
    run: ({ step, event: { data } }) =>
      step.waitForSignal('wait', {
        signal: String(data.signal),
        timeout: String(data.timeout ?? '1h'),
        onConflict: data.replace ? 'replace' : 'fail',
      }),
  })
  define({
    id: 'send-signal',
    triggers: [{ event: event('send-signal') }],
    run: ({ step, event: { data } }) =>
      step.sendSignal('send', { signal: String(data.signal), data: { from: 'a step' } }),
  })

  const child = define({
    id: 'child',
    triggers: [{ event: event('child') }],
    run: async ({ step, event: { data } }) => ({ doubled: await step.run('double', () => Number(data.n) * 2) }),
  })
  const failing = define({
    id: 'failing-child',
    triggers: [{ event: event('failing-child') }],
    run: () => {
      throw nonRetriable('the child refuses')
    },
  })
  const slow = define({
    id: 'slow-child',
    triggers: [{ event: event('slow-child') }],
    run: async ({ step, runId }) => {
      await step.sleep('long', '3s')
      ledger.note(runId, 'child ended')
      return 'late'
    },
  })
  const invoking = (id: string, target: Target, timeout?: string): void => {
    define({
      id,
      triggers: [{ event: event(id) }],
      retries: 0,
      run: async ({ step, event: { data } }) => {
        try {
          return await step.invoke('call', {
            function: target,
            data: { ...data },
            ...(timeout === undefined ? {} : { timeout }),
          })
        } catch (error) {
          return { caught: error instanceof Error ? { name: error.name, message: error.message } : String(error) }
        }
      },
    })
  }
  invoking('invoke', child)
  invoking('invoke-by-name', reference(app, 'child'))
  invoking('invoke-failing', failing)
  invoking('invoke-slow', slow, '1s')
  invoking('invoke-unknown', reference(app, 'nobody'))
})

describe.concurrent.each(SDKS)('waits on $title', (sdk) => {
  it('an event with the same key resumes the run with the whole event, and no other run', async () => {
    const [mine, other] = [randomUUID(), randomUUID()]
    const [run, bystander] = await Promise.all([
      start(sdk, 'match', { key: mine }),
      start(sdk, 'match', { key: other }),
    ])
    const sent = { name: world.app(sdk).event('match.done'), data: { key: mine, say: ['hi'] }, id: randomUUID() }
    await world.api.sendOne(sent)
    expect((await world.api.reached(run, 'Completed')).output).toMatchObject(sent)
    expect((await world.api.run(bystander)).status).toBe('Running')
    await world.api.cancel(bystander)
  })

  it('one event resumes every run that waits for it', async () => {
    const key = randomUUID()
    const runs = await Promise.all([1, 2, 3].map(() => start(sdk, 'match', { key })))
    await world.api.sendOne({ name: world.app(sdk).event('match.done'), data: { key } })
    for (const run of runs) await world.api.reached(run, 'Completed')
  })

  it('a second matching event changes nothing', async () => {
    const key = randomUUID()
    const run = await start(sdk, 'match', { key })
    await world.api.send([1, 2].map((n) => ({ name: world.app(sdk).event('match.done'), data: { key, n } })))
    expect(at((await world.api.reached(run, 'Completed')).output, 'data', 'n')).toBe(1)
    await moment(QUIET_MS)
    expect(world.app(sdk).ledger.times(run, 'woke')).toBe(1)
  })

  it('an event that came before the wait does not resume it', async () => {
    const key = randomUUID()
    await world.api.sendOne({ name: world.app(sdk).event('short.done'), data: { key } })
    const run = await start(sdk, 'short', { key })
    expect((await world.api.reached(run, 'Completed')).output).toBeNull()
  })

  it('EX-3: an expression wakes the run on the first event for which it holds', async () => {
    const key = randomUUID()
    const run = await start(sdk, 'if', { key })
    const done = (n: number) => world.api.sendOne({ name: world.app(sdk).event('if.done'), data: { key, n } })
    await done(3)
    await moment(QUIET_MS)
    expect((await world.api.run(run)).status).toBe('Running')
    await done(9)
    expect(at((await world.api.reached(run, 'Completed')).output, 'data', 'n')).toBe(9)
  })

  it('EX-4: an expression with a list of the first event wakes only for what is listed', async () => {
    const key = randomUUID()
    const run = await start(sdk, 'in', { key, tags: ['red', 'blue'] })
    const done = (t: string) => world.api.sendOne({ name: world.app(sdk).event('in.done'), data: { key, t } })
    await done('green')
    await moment(QUIET_MS)
    expect((await world.api.run(run)).status).toBe('Running')
    await done('blue')
    expect(at((await world.api.reached(run, 'Completed')).output, 'data', 't')).toBe('blue')
  })

  it('EX-2: a match on a field that both events lack does not wake the run', async () => {
    const run = await start(sdk, 'match', { other: 1 })
    await world.api.sendOne({ name: world.app(sdk).event('match.done'), data: { something: 'else' } })
    await moment(QUIET_MS)
    expect((await world.api.run(run)).status).toBe('Running')
    await world.api.cancel(run)
  })

  it('an expression that does not compile fails the run at once', async () => {
    const run = await world.api.sendAndWait(
      { name: world.app(sdk).event('does-not-compile'), data: {} },
      { status: 'Failed' },
    )
    expect(at(run.output, 'error', 'name')).toBe('InvalidExpression')
    expect(world.app(sdk).callsOf(run.id)).toHaveLength(1)
  })

  it('ST-2: a wait that nothing matches gives null when its time is up', async () => {
    const before = Date.now()
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('short'), data: { key: randomUUID() } })
    expect(run.output).toBeNull()
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_000)
    const wait = (await world.api.trace(run.id)).children.find((span) => span.stepOp === 'WAIT_FOR_EVENT')
    expect(wait?.stepInfo?.timedOut).toBe(true)
  })

  it('ST-3: an event at the moment of the timeout gives one outcome and one next call', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const runs = await Promise.all(Array.from({ length: 8 }, () => start(sdk, 'short', { key })))
    const began = Math.min(...runs.map((run) => app.callsOf(run)[0]?.at ?? 0))
    await moment(Math.max(0, began + 1_000 - Date.now()))
    await world.api.send([1, 2, 3].map((n) => ({ name: app.event('short.done'), data: { key, n } })))
    for (const run of runs) {
      const { output } = await world.api.reached(run, 'Completed')
      expect(output === null || at(output, 'data', 'key') === key).toBe(true)
      expect(app.ledger.times(run, 'woke')).toBe(1)
      expect(app.callsOf(run)).toHaveLength(2)
    }
  })

  it('a run is not resumed by the event that started it', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('own-trigger') })
    expect(run.output).toBeNull()
  })

  it('ST-4: an event sent by a step beside the wait resumes it', async () => {
    const key = randomUUID()
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('sibling'), data: { key } })
    expect(run.output).toBe(key)
  })

  it('one event resumes both waits of one run', async () => {
    const key = randomUUID()
    const run = await start(sdk, 'two', { key }, 2)
    await world.api.sendOne({ name: world.app(sdk).event('two.done'), data: { key }, id: `both-${key}` })
    expect((await world.api.reached(run, 'Completed')).output).toEqual([`both-${key}`, `both-${key}`])
  })
})

describe.concurrent.each(SDKS)('signals on $title', (sdk) => {
  it('a signal resumes the run that waits for it, with its data, and names the run', async () => {
    const signal = randomUUID()
    const run = await start(sdk, 'signal', { signal })
    const answer = await world.api.ask('/v1/signals', { method: 'POST', body: { signal, data: { yes: true } } })
    expect(at(answer, 'data', 'run_id')).toBe(run)
    expect((await world.api.reached(run, 'Completed')).output).toEqual({ signal, data: { yes: true } })
    expect((await signalAnswer(signal)).status).toBe(404)
  })

  it('a signal sent by a step of another run arrives', async () => {
    const signal = randomUUID()
    const run = await start(sdk, 'signal', { signal })
    await world.api.sendAndWait({ name: world.app(sdk).event('send-signal'), data: { signal } })
    expect((await world.api.reached(run, 'Completed')).output).toEqual({ signal, data: { from: 'a step' } })
  })

  it('a signal that nobody waits for is 404, and is not kept for later', async () => {
    const signal = randomUUID()
    const answer = await signalAnswer(signal)
    expect(answer.status).toBe(404)
    expect(at(answer.json, 'error')).toBe('No signal found')
    const run = await start(sdk, 'signal', { signal, timeout: '1s' })
    expect((await world.api.reached(run, 'Completed')).output).toBeNull()
  })

  it('ST-7: a second run that waits for the same signal fails, and the first can still be resumed', async () => {
    const signal = randomUUID()
    const first = await start(sdk, 'signal', { signal })
    const second = await world.api.sendAndWait(
      { name: world.app(sdk).event('signal'), data: { signal } },
      { status: 'Failed' },
    )
    expect(JSON.stringify(second.output)).toContain('Signal conflict; signal wait already exists for another run')
    expect((await signalAnswer(signal)).status).toBe(200)
    await world.api.reached(first, 'Completed')
  })

  it('a second run that replaces the wait gets the signal, and the first runs into its timeout', async () => {
    const signal = randomUUID()
    const first = await start(sdk, 'signal', { signal, timeout: '2s' })
    const second = await start(sdk, 'signal', { signal, replace: true })
    expect(at((await signalAnswer(signal)).json, 'data', 'run_id')).toBe(second)
    await world.api.reached(second, 'Completed')
    expect((await world.api.reached(first, 'Completed')).output).toBeNull()
  })
})

describe.concurrent.each(SDKS)('invokes on $title', (sdk) => {
  it.each(['invoke', 'invoke-by-name'])('step.invoke gives what the other function returned (%s)', async (name) => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event(name), data: { n: 21 } })
    expect(run.output).toEqual({ doubled: 42 })
    const invoke = (await world.api.trace(run.id)).children.find((span) => span.stepOp === 'INVOKE')
    const child = await world.api.run(String(invoke?.stepInfo?.runID))
    expect(child).toMatchObject({ status: 'Completed', output: { doubled: 42 } })
    expect(invoke?.stepInfo?.timedOut).toBe(false)
  })

  it('ST-5: an invoked function that fails gives its error to the caller, which may catch it', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('invoke-failing'), data: {} })
    expect(JSON.stringify(at(run.output, 'caught'))).toContain('the child refuses')
  })

  it('an invoke that takes too long is an error, and the invoked run goes on', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('invoke-slow'), data: {} })
    expect(JSON.stringify(at(run.output, 'caught'))).toContain('Timed out waiting for invoked function to complete')
    const child = await until('the invoked run', async () => {
      const events = await world.api.events('include_internal=true&limit=50&name=inngest%2Ffunction.invoked')
      const mine = events.find((event) => String(at(event, 'data', '_inngest', 'correlation_id')).startsWith(run.id))
      return mine && (await world.api.runsOf(String(mine.internal_id)))[0]
    })
    expect((await world.api.reached(child.id, 'Completed')).output).toBe('late')
  })

  it('ST-6: an invoke of a function that does not exist is an error within a second, told once', async () => {
    const run = await world.api.sendAndWait(
      { name: world.app(sdk).event('invoke-unknown'), data: {} },
      { withinMs: 5_000 },
    )
    expect(JSON.stringify(at(run.output, 'caught'))).toContain('could not find function with ID')
    const [call, next] = world.app(sdk).callsOf(run.id)
    expect((next?.at ?? Number.POSITIVE_INFINITY) - (call?.at ?? 0)).toBeLessThan(1_000)
    await moment(QUIET_MS)
    expect(await world.api.internalEvents('inngest/function.finished', run.id)).toHaveLength(1)
  })

  it('a function can be invoked over HTTP, and one key invokes it once', async () => {
    const app = world.app(sdk)
    const idempotencyKey = randomUUID()
    const run = await world.api.invoke(app.id, 'child', { data: { n: 4 }, idempotencyKey })
    expect((await world.api.reached(run, 'Completed')).output).toEqual({ doubled: 8 })
    const again = await world.api.exchange(`/v2/apps/${app.id}/functions/child/invoke`, {
      method: 'POST',
      body: { data: { n: 4 }, idempotencyKey },
    })
    expect(again.status).toBe(409)
    expect(at(again.json, 'data', 'runId')).toBe(run)
  })
})

/** Starts a run and waits until it stands in its waits. Gives the run's ID. */
async function start(sdk: Sdk, name: string, data: object, waits = 1): Promise<string> {
  const app = world.app(sdk)
  const run = await world.api.firstRun(await world.api.sendOne({ name: app.event(name), data }))
  await until(`${name} to wait`, async () => {
    const { children } = await world.api.trace(run.id)
    return children.filter((span) => /^WAIT_FOR/.test(span.stepOp ?? '')).length >= waits
  })
  return run.id
}

function signalAnswer(signal: string) {
  return world.api.exchange('/v1/signals', { method: 'POST', body: { signal, data: {} } })
}
