/**
 * Apps that come late, go away and come back, and the real retry table: the server finds them, keeps their functions
 * and goes on with their runs, without a restart. These servers poll, discover, and do not shorten the retries.
 */
import { describe, expect, it, type TestContext } from 'vitest'
import { Api } from './harness/api.ts'
import { type App, serveApp } from './harness/app.ts'
import { firstFreePort, freePort } from './harness/port.ts'
import { SDKS, type Sdk } from './harness/sdk.ts'
import { type ServerOptions, startServer } from './harness/server.ts'
import { at, type Fields, fields, list } from './harness/shapes.ts'
import { until } from './harness/until.ts'

/** Ports that a server looks at by itself and that few programs use. */
const DISCOVERED_PORTS = [8910, 8911, 8912, 8913, 8914, 8915, 3007, 3008, 3009, 3010]

describe.concurrent('apps that come and go', () => {
  it('DV-1: an app that starts after the server is found and registered by itself', async (test) => {
    const { url, api } = await server(test, { discovery: true, pollInterval: 1 })
    const port = await firstFreePort(DISCOVERED_PORTS)
    expect(port).toBeDefined()
    const app = await echoApp(test, sdkNamed('v4'), { id: 'found', server: url, port })
    await until('the app to be registered', () => functionsOf(api, app.id), { withinMs: 10_000 })
    expect((await api.sendAndWait({ name: app.event('echo') })).output).toBe('echo')
  })

  it('DV-2: a function that is added shows within one poll, and the version goes up by one', async (test) => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/api/inngest`
    const { url: origin, api } = await server(test, { sdkUrls: [url], pollInterval: 1 })
    const before = await echoApp(test, sdkNamed('v3'), { id: 'grows', server: origin, port })
    const first = await until('the first function', () => functionsOf(api, 'grows'))
    await before.close()
    await echoApp(test, sdkNamed('v3'), { id: 'grows', server: origin, port, more: true })
    const both = await until('the second function', async () => {
      const functions = await functionsOf(api, 'grows')
      return functions && functions.length === 2 && functions
    })
    const version = (functions: readonly unknown[]) => functions.map((each) => Number(at(each, 'config', 'fv')))
    expect(Math.max(...version(both))).toBe(Math.max(...version(first)) + 1)
    expect(
      at(
        both.find((each) => at(each, 'id') === 'grows-echo'),
        'internal_id',
      ),
    ).toBe(at(first[0], 'internal_id'))
  })

  it.for(SDKS)(
    'DV-3: an app on $title that goes away is shown as unreachable, keeps its functions, and is well again when it is back',
    async (sdk, test) => {
      const port = await freePort()
      const { url, api } = await server(test, { sdkUrls: [`http://127.0.0.1:${port}/api/inngest`], pollInterval: 1 })
      const app = await echoApp(test, sdk, { id: 'comes-back', server: url, port })
      await until('the app to be registered', () => functionsOf(api, app.id))
      await app.close()
      await until('the app to be unreachable', async () =>
        /unreachable|cannot be reached/.test(String((await latestSync(api)).error)),
      )
      expect(await functionsOf(api, app.id)).toHaveLength(1)
      const again = await echoApp(test, sdk, { id: 'comes-back', server: url, port })
      await until('the app to be well', async () => (await latestSync(api)).status !== 'error')
      expect((await api.sendAndWait({ name: again.event('echo') })).output).toBe('echo')
    },
  )

  it.for(SDKS)(
    'RE-5: a run of $title whose app is down for a while completes with its second attempt',
    async (sdk, test) => {
      const { url, api } = await server(test, { retryInterval: null })
      const port = await freePort()
      const first = await echoApp(test, sdk, { id: 'down', server: url, port })
      await first.sync()
      await first.close()
      const run = await api.firstRun(await api.sendOne({ name: first.event('echo') }))
      const [job] = await until('the retry to be in line', async () => {
        const jobs = list(at(await api.ask(`/v1/runs/${run.id}/jobs`), 'data'))
        return jobs.some((each) => at(each, 'attempt') === 1) && jobs
      })
      const wait = Date.parse(String(at(job, 'at'))) - (await api.now())
      expect(wait).toBeGreaterThan(5_000)
      expect(wait).toBeLessThanOrEqual(45_000)
      const back = await echoApp(test, sdk, { id: 'down', server: url, port })
      await api.advance('46s')
      expect((await api.reached(run.id, 'Completed')).output).toBe('echo')
      expect(back.callsOf(run.id).map((call) => call.attempt)).toEqual([1, 0])
    },
  )

  it('the second retry of a step waits between 30 and 60 seconds, as the table says', async (test) => {
    const { url, api } = await server(test, { retryInterval: null })
    const app = await echoApp(test, sdkNamed('v4-plain'), { id: 'table', server: url })
    await app.sync()
    const run = await api.firstRun(await api.sendOne({ name: app.event('echo'), data: { fail: true } }))
    for (const [attempt, [least, most]] of [
      [15, 45],
      [30, 60],
      [60, 90],
      [120, 150],
    ].entries()) {
      const job = await until(`attempt ${attempt + 1} to be in line`, async () =>
        list(at(await api.ask(`/v1/runs/${run.id}/jobs`), 'data')).find((each) => at(each, 'attempt') === attempt + 1),
      )
      const wait = Date.parse(String(at(job, 'at'))) - (await api.now())
      expect(wait).toBeGreaterThan(((least ?? 0) - 3) * 1_000)
      expect(wait).toBeLessThanOrEqual((most ?? 0) * 1_000)
      await api.advance(`${most}s`)
    }
    await api.reached(run.id, 'Failed')
    expect(
      app.callsOf(run.id).filter((call) => call.answer.includes('"StepError"') || call.answer.includes('"StepFailed"')),
    ).toHaveLength(5)
  })
})

function sdkNamed(slug: string): Sdk {
  const sdk = SDKS.find((each) => each.slug === slug)
  if (!sdk) throw new Error(`No SDK ${slug}`)
  return sdk
}

async function server(test: TestContext, options: ServerOptions): Promise<{ url: string; api: Api }> {
  const started = await startServer(options)
  test.onTestFinished(() => started.close())
  test.onTestFailed(() => void process.stderr.write(`\nThe server wrote:\n${started.log().slice(-4_000)}\n`))
  return { url: started.url, api: new Api(started.url) }
}

async function echoApp(
  test: TestContext,
  sdk: Sdk,
  options: { id: string; server: string; port?: number | undefined; more?: boolean },
): Promise<App> {
  const { id, server: origin, port = 0, more = false } = options
  const app = await serveApp(sdk, { id, server: origin, port }, ({ define, event }) => {
    define({
      id: 'echo',
      triggers: [{ event: event('echo') }],
      run: ({ step, event: { data } }) =>
        step.run('echo', () => {
          if (data.fail) throw new Error('always')
          return 'echo'
        }),
    })
    if (more) define({ id: 'more', triggers: [{ event: event('more') }], run: () => 'more' })
  })
  let closed = false
  const close = async (): Promise<void> => {
    if (!closed) await app.close()
    closed = true
  }
  test.onTestFinished(close)
  return { ...app, close }
}

async function latestSync(api: Api): Promise<Fields> {
  return fields(at(await api.ask('/v2/apps/comes-back'), 'data', 'latestSync'))
}

async function functionsOf(api: Api, app: string): Promise<readonly unknown[] | undefined> {
  const answer = await api.exchange(`/v1/apps/${app}/functions`)
  const functions = answer.status === 200 ? list(answer.json) : []
  return functions.length > 0 ? functions : undefined
}
