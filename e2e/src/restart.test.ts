/**
 * The server dies or stops and comes back on the same data: nothing that it accepted is lost, nothing that it stored
 * runs again. Each test has a server of its own, killed with SIGKILL unless it says otherwise.
 */
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { Api } from './harness/api.ts'
import { type App, serveApp } from './harness/app.ts'
import { SDKS, type Sdk } from './harness/sdk.ts'
import { type PawlServer, startServer } from './harness/server.ts'
import { text } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'

/** How quickly a killed server must serve again (reliability promise P9: 2 s of its own, here with the start of Node). */
const BACK_WITHIN_MS = 5_000

// Each test has a server process of its own; more at once would be slower on a small machine.
vi.setConfig({ maxConcurrency: 4 })

interface Scene {
  readonly server: PawlServer
  readonly api: Api
  readonly app: App
}

describe.concurrent.each(SDKS)('a server that is killed, with $title', (sdk) => {
  it('EV-7: an event that was answered with 200 starts its run after the restart', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const id = await api.sendOne({ name: app.event('steps') })
    await server.kill()
    await server.start()
    const run = await api.firstRun(id)
    expect((await api.reached(run.id, 'Completed', { withinMs: 40_000 })).output).toBe('123')
    expect(await api.runsOf(id)).toHaveLength(1)
  })

  it('PA-3: of two steps side by side the stored one does not run again, the other may', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const run = await api.firstRun(await api.sendOne({ name: app.event('beside') }))
    await until('the quick step to be stored', async () => {
      const { children } = await api.trace(run.id)
      return children.some((span) => span.name === 'quick' && span.status === 'COMPLETED')
    })
    await until('the slow step to be under way', () => app.ledger.times(run.id, 'slow') === 1)
    await server.kill()
    await server.start()
    expect((await api.reached(run.id, 'Completed', { withinMs: 40_000 })).output).toEqual(['quick', 'slow'])
    expect(app.ledger.times(run.id, 'quick')).toBe(1)
    expect(app.ledger.times(run.id, 'slow')).toBeLessThanOrEqual(2)
  })

  it('DV-5: a run that sleeps through the restart wakes at its time', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const run = await api.firstRun(await api.sendOne({ name: app.event('sleeps') }))
    await until('the sleep', () => app.callsOf(run.id).some((call) => call.answer.includes('"Sleep"')))
    const began = app.ledger.at(run.id, 'before') ?? 0
    await server.kill()
    await server.start()
    await api.reached(run.id, 'Completed', { withinMs: 40_000 })
    expect(app.ledger.of(run.id)).toEqual(['before', 'after'])
    const slept = (app.ledger.at(run.id, 'after') ?? 0) - began
    expect(slept).toBeGreaterThanOrEqual(3_990)
    expect(slept).toBeLessThan(7_000)
  })

  it('CA-6: a sleeping run that was cancelled stays cancelled after the restart, and does not wake', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const run = await api.firstRun(await api.sendOne({ name: app.event('sleeps') }))
    await until('the sleep', () => app.callsOf(run.id).some((call) => call.answer.includes('"Sleep"')))
    await api.cancel(run.id)
    await server.kill()
    await server.start()
    expect((await api.run(run.id)).status).toBe('Cancelled')
    await api.advance('10m')
    await moment(800)
    expect(app.ledger.of(run.id)).toEqual(['before'])
    expect((await api.run(run.id)).status).toBe('Cancelled')
  })

  it('waits, signals and invoked runs are still open after the restart', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const run = await api.firstRun(await api.sendOne({ name: app.event('waits'), data: { key: 'k' } }))
    await until('all three', async () => (await api.trace(run.id)).children.length >= 3)
    await until(
      'the invoked run to sleep',
      () => app.calls.filter((call) => call.answer.includes('"Sleep"')).length >= 1,
    )
    await server.kill()
    await server.start()
    await api.sendOne({ name: app.event('waits.done'), data: { key: 'k' } })
    await api.ask('/v1/signals', { method: 'POST', body: { signal: `restart-${sdk.slug}`, data: 1 } })
    const { output } = await api.reached(run.id, 'Completed', { withinMs: 40_000 })
    expect(output).toEqual(['k', 1, 'slept'])
  })

  it('a server that is stopped lets open calls end and comes back with everything done or in line', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const run = await api.firstRun(await api.sendOne({ name: app.event('beside') }))
    await until('the slow step to be under way', () => app.ledger.times(run.id, 'slow') === 1)
    await server.stop()
    await server.start()
    await api.reached(run.id, 'Completed', { withinMs: 40_000 })
    expect(app.ledger.of(run.id).toSorted()).toEqual(['quick', 'slow'])
  })
})

describe.concurrent.each(SDKS)('apps that change, with $title', (sdk) => {
  it('TR-7: a function that is gone while its run sleeps and comes back before it wakes completes the run', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const run = await api.firstRun(await api.sendOne({ name: app.event('sleeps') }))
    await until('the sleep', () => app.callsOf(run.id).some((call) => call.answer.includes('"Sleep"')))
    const less = await serveApp(sdk, { id: app.id, server: server.url }, ({ define, event }) => {
      define({ id: 'other', triggers: [{ event: event('other') }], run: () => 'other' })
    })
    test.onTestFinished(() => less.close())
    await less.sync()
    const lost = await api.sendOne({ name: app.event('sleeps') })
    await moment(300)
    expect(await api.runsOf(lost)).toEqual([])
    await app.sync()
    const { functionId } = await api.reached(run.id, 'Completed')
    expect(functionId).toBe(run.functionId)
    expect(app.ledger.of(run.id)).toEqual(['before', 'after'])
  })

  it('an app that moves to another address keeps its runs', async (test) => {
    const { server, api, app } = await scene(test, sdk)
    const run = await api.firstRun(await api.sendOne({ name: app.event('sleeps') }))
    await until('the sleep', () => app.callsOf(run.id).some((call) => call.answer.includes('"Sleep"')))
    await app.close()
    const moved = await serveApp(sdk, { id: app.id, server: server.url }, defineAll)
    test.onTestFinished(() => moved.close())
    await moved.sync()
    await api.reached(run.id, 'Completed')
    expect(moved.ledger.of(run.id)).toEqual(['after'])
  })
})

describe('a server that is killed, alone', () => {
  it('P9: serves again on the same data in little time', async (test) => {
    const [sdk] = SDKS
    if (!sdk) throw new Error('No SDK')
    const { server, api, app } = await scene(test, sdk)
    await api.send(Array.from({ length: 500 }, () => ({ name: app.event('sleeps') })))
    await server.kill()
    expect(await server.start()).toBeLessThan(BACK_WITHIN_MS)
  })
})

describe('a server that is emptied', () => {
  it('has no runs and events any more, wakes nobody, and still knows its functions', async (test) => {
    const [sdk] = SDKS
    if (!sdk) throw new Error('No SDK')
    const { api, app } = await scene(test, sdk)
    const sleeping = await api.firstRun(await api.sendOne({ name: app.event('sleeps') }))
    await until('the sleep', () => app.callsOf(sleeping.id).some((call) => call.answer.includes('"Sleep"')))
    await api.advance('1s')
    await api.ask('/dev/reset', { method: 'POST', body: {} })
    expect((await api.exchange(`/v1/runs/${sleeping.id}`)).status).toBe(404)
    expect(await api.events('include_internal=true')).toEqual([])
    expect(Math.abs((await api.now()) - Date.now())).toBeLessThan(900)
    expect((await api.sendAndWait({ name: app.event('steps') })).output).toBe('123')
    await api.advance('1m')
    await moment(500)
    expect(app.ledger.of(sleeping.id)).toEqual(['before'])
  })
})

/** A server and an app, ended with the test. The server's log is shown if the test fails. */
async function scene(test: TestContext, sdk: Sdk): Promise<Scene> {
  const server = await startServer()
  test.onTestFinished(() => server.close())
  test.onTestFailed(() => void process.stderr.write(`\nThe server wrote:\n${server.log().slice(-4_000)}\n`))
  const app = await serveApp(sdk, { id: `restart-${sdk.slug}`, server: server.url }, defineAll)
  test.onTestFinished(() => app.close())
  await app.sync()
  return { server, api: new Api(server.url), app }
}

function defineAll({ define, event, sdk }: Parameters<Parameters<typeof serveApp>[2]>[0], ledger: App['ledger']): void {
  define({
    id: 'steps',
    triggers: [{ event: event('steps') }],
    run: async ({ step }) => {
      let seen = ''
      for (const id of ['1', '2', '3']) seen += await step.run(id, () => id)
      return seen
    },
  })
  define({
    id: 'beside',
    triggers: [{ event: event('beside') }],
    run: ({ step, runId }) =>
      Promise.all([
        step.run('quick', () => {
          ledger.note(runId, 'quick')
          return 'quick'
        }),
        step.run('slow', async () => {
          ledger.note(runId, 'slow')
          await moment(1_000)
          return 'slow'
        }),
      ]),
  })
  define({
    id: 'sleeps',
    triggers: [{ event: event('sleeps') }],
    run: async ({ step, runId }) => {
      await step.run('before', () => ledger.note(runId, 'before'))
      await step.sleep('sleep', '4s')
      return step.run('after', () => ledger.note(runId, 'after'))
    },
  })
  const child = define({
    id: 'child',
    triggers: [{ event: event('child') }],
    run: async ({ step }) => {
      await step.sleep('sleep', '3s')
      return 'slept'
    },
  })
  define({
    id: 'waits',
    triggers: [{ event: event('waits') }],
    run: async ({ step }) => {
      const [seen, signal, invoked] = await Promise.all([
        step.waitForEvent('event', { event: event('waits.done'), timeout: '1h', match: 'data.key' }),
        step.waitForSignal('signal', { signal: `restart-${sdk.slug}`, timeout: '1h', onConflict: 'fail' }),
        step.invoke('invoke', { function: child }),
      ])
      return [text(seen?.data.key), signal?.data, invoked]
    },
  })
}
