/**
 * The apps of these suites, driven by hand: each SDK answers a Call Request made here, so that what the other tests
 * assume about the SDKs is known to be true even where no server runs.
 */
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, closeServer, listen, serveApp } from './app.ts'
import { type Answer, exchange } from './http.ts'
import { SDKS } from './sdk.ts'
import { at, list } from './shapes.ts'

const SAY = 'dc01c6b7487aab92695f7ba918540cf5051f72f4'
const RUN_ID = '01J00000000000000000000000'

describe.each(SDKS)('an app on $title', (sdk) => {
  let acceptsAll: Server
  let app: App

  beforeAll(async () => {
    acceptsAll = createServer((_, response) => response.end('{}'))
    const server = new URL(await listen(acceptsAll, 0)).origin
    app = await serveApp(sdk, { id: 'driven', server, middleware: true }, ({ define, event, nonRetriable }, ledger) => {
      define({
        id: 'greet',
        triggers: [{ event: event('greet') }],
        run: async ({ event: { data }, step, runId, stamp }) => {
          ledger.note(runId, 'body')
          const text = await step.run('say', () => `Hello ${data.to}`)
          await step.sleep('pause', '1s')
          return { text, stamp }
        },
      })
      define({
        id: 'refuse',
        triggers: [{ event: event('refuse') }],
        run: () => {
          throw nonRetriable('no')
        },
      })
    })
  })
  afterAll(() => Promise.all([app.close(), closeServer(acceptsAll)]))

  it('answers a first call with its step, and goes on to the sleep if it checkpoints', async () => {
    const answer = await call(app, 'greet', {})
    expect(answer.status).toBe(206)
    expect(at(answer.json, 0, 'op')).toBe(sdk.checkpoints ? 'Sleep' : 'StepRun')
    if (!sdk.checkpoints) expect(at(answer.json, 0, 'data')).toBe('Hello you, stamped')
  })

  it('ends with what the memoized steps say', async () => {
    const pause = String(at((await call(app, 'greet', { [SAY]: { data: 'Hi' } })).json, 0, 'id'))
    const answer = await call(app, 'greet', { [SAY]: { data: 'Hi' }, [pause]: null })
    const result = sdk.checkpoints ? at(list(answer.json).at(-1), 'data') : answer.json
    expect(answer.status).toBe(sdk.checkpoints ? 206 : 200)
    expect(result).toEqual({ text: 'Hi', stamp: 'stamped' })
  })

  it('refuses retries for an error that says so', async () => {
    const answer = await call(app, 'refuse', {})
    expect(answer.status).toBe(400)
    expect(answer.headers['x-inngest-no-retry']).toBe('true')
  })

  it('writes down what it was asked and what it answered', async () => {
    const answer = await call(app, 'refuse', {})
    expect(app.callsOf(RUN_ID).at(-1)).toMatchObject({ stepId: 'step', attempt: 0, status: 400, answer: answer.text })
  })
})

function call(app: App, functionId: string, steps: Record<string, unknown>): Promise<Answer> {
  const event = { name: app.event(functionId), data: { to: 'you' }, id: 'e1', ts: 1, user: {} }
  const ctx = {
    fn_id: '00000000-0000-4000-8000-000000000001',
    run_id: RUN_ID,
    env: '',
    step_id: 'step',
    attempt: 0,
    max_attempts: 5,
    stack: { stack: Object.keys(steps), current: Object.keys(steps).length },
    qi_id: 'item.1',
    disable_immediate_execution: false,
    use_api: false,
  }
  return exchange(`${app.url}?fnId=${app.id}-${functionId}&stepId=step`, {
    body: { event, events: [event], steps, defers: {}, ctx, version: -1, use_api: false },
  })
}
