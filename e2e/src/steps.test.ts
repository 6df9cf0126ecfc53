/**
 * The steps that an app runs or has run for it, on every SDK: run, sendEvent, fetch, ai.infer, ai.wrap, and middleware.
 * What a step gave is given again and never made again; what users see in the API is what the body returned.
 */
import { describe, expect, it } from 'vitest'
import { STAMP } from './harness/middleware.ts'
import { freePort } from './harness/port.ts'
import { SDKS } from './harness/sdk.ts'
import { at, list, text } from './harness/shapes.ts'
import { useStandIn } from './harness/stand-in.ts'
import { until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const outside = useStandIn(({ path }, times) => {
  if (path.startsWith('/teapot')) return { status: 418, headers: { 'x-kind': 'teapot' }, body: 'short and stout' }
  if (path.startsWith('/flaky') && times === 1) return { status: 500, body: '{"error":"busy"}' }
  if (path.startsWith('/broken')) return { status: 400, body: '{"error":"no such model"}' }
  return {
    body: JSON.stringify({ id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'Bonjour' } }] }),
  }
})

const world = useWorld({ name: 'steps', middleware: true }, ({ define, event }, ledger) => {
  define({
    id: 'hello',
    triggers: [{ event: event('hello') }],
    run: ({ event: { data } }) => ({ message: `Hello ${data.to}!` }),
  })
  define({
    id: 'sequence',
    triggers: [{ event: event('sequence') }],
    run: async ({ step, runId }) => {
      const one = await step.run('one', () => ledger.note(runId, 'one'))
      const two = await step.run('two', () => one + ledger.note(runId, 'two'))
      const three = await step.run('three', () => two + ledger.note(runId, 'three'))
      return { one, two, three }
    },
  })
  define({
    id: 'shapes',
    triggers: [{ event: event('shapes') }],
    run: async ({ step }) => ({
      nothing: await step.run('nothing', () => undefined),
      empty: await step.run('empty', () => null),
      no: await step.run('no', () => false),
      zero: await step.run('zero', () => 0),
      list: await step.run('list', () => [1, [2], { three: 3 }]),
      wide: await step.run('wide', () => 'Grüße 東京 🚀 \u0000 "\\ </script>'),
      data: await step.run('data', () => ({ data: { error: 'not one' } })),
      proto: await step.run('proto', () => JSON.parse('{"__proto__":{"x":1},"constructor":2}')),
    }),
  })
  define({
    id: 'loop',
    triggers: [{ event: event('loop') }],
    run: async ({ step, runId }) => {
      const seen: number[] = []
      for (let round = 0; round < 4; round++) seen.push(await step.run('same', () => ledger.note(runId, 'same')))
      return seen
    },
  })
  define({
    id: 'nothing',
    triggers: [{ event: event('nothing') }],
    run: () => undefined,
  })
  define({
    id: 'announce',
    triggers: [{ event: event('announce') }],
    run: ({ step, event: { data } }) => step.sendEvent('tell', { name: event('told'), data: { key: data.key } }),
  })
  define({
    id: 'hear',
    triggers: [{ event: event('told') }],
    run: ({ event: { data } }) => data,
  })
  define({
    id: 'fetch',
    triggers: [{ event: event('fetch') }],
    run: async ({ step, runId }) => {
      const answer = await step.fetch(`${outside.origin}/teapot?run=${runId}`, {
        method: 'POST',
        body: 'tea?',
        headers: { 'x-who': 'me' },
      })
      return { status: answer.status, kind: answer.headers.get('x-kind'), body: await answer.text() }
    },
  })
  define({
    id: 'unreachable',
    triggers: [{ event: event('unreachable') }],
    retries: 0,
    run: async ({ step, event: { data } }) => {
      try {
        await step.fetch(`http://127.0.0.1:${data.port}/nobody`)
      } catch (error) {
        return { caught: error instanceof Error ? error.name : String(error) }
      }
      return 'reached'
    },
  })
  define({
    id: 'infer',
    triggers: [{ event: event('infer') }],
    retries: 1,
    run: async ({ step, event: { data } }) => {
      const model = step.ai.models.openai({
        model: 'gpt-4o',
        apiKey: 'sk-secret-1',
        baseUrl: `${outside.origin}${data.base}`,
      })
      try {
        return await step.ai.infer('ask', {
          model,
          body: { messages: [{ role: 'user', content: 'Say hello in French' }] },
        })
      } catch (error) {
        return { caught: String(error) }
      }
    },
  })
  define({
    id: 'wrap',
    triggers: [{ event: event('wrap') }],
    run: ({ step }) => step.ai.wrap('think', async (words: string) => `thought about ${words}`, 'cats'),
  })
  define({
    id: 'stamped',
    triggers: [{ event: event('stamped') }],
    run: async ({ step, stamp }) => ({ stamp, output: await step.run('speak', () => 'words') }),
  })
})

describe.concurrent.each(SDKS)('steps on $title', (sdk) => {
  it('a function without steps runs and shows what it returned', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('hello'), data: { to: 'Ann' } })
    expect(run.output).toEqual({ message: 'Hello Ann!' })
    expect(world.app(sdk).callsOf(run.id)).toHaveLength(1)
  })

  it('steps in sequence run once each, in order, and each sees what the one before gave', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('sequence') })
    expect(run.output).toEqual({ one: 1, two: 2, three: 3 })
    expect(app.ledger.of(run.id)).toEqual(['one', 'two', 'three'])
    expect(app.callsOf(run.id)).toHaveLength(sdk.checkpoints ? 1 : 4)
  })

  it('the trace of a sequence shows each step once, by name, with its output', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('sequence') })
    const root = await world.api.trace(run.id)
    expect(root.status).toBe('COMPLETED')
    const steps = root.children.filter((span) => span.stepOp === 'RUN')
    expect(steps.map(({ name, status, output }) => [name, status, at(output, 'data')])).toEqual([
      ['one', 'COMPLETED', 1],
      ['two', 'COMPLETED', 2],
      ['three', 'COMPLETED', 3],
    ])
  })

  it('every JSON value survives the way through a step', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('shapes') })
    expect(run.output).toEqual({
      nothing: null,
      empty: null,
      no: false,
      zero: 0,
      list: [1, [2], { three: 3 }],
      wide: `Grüße 東京 🚀 \u0000 "\\ </script>, ${STAMP}`,
      data: { data: { error: 'not one' } },
      proto: JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
    })
  })

  it('a step ID used again in a loop is a step of its own each time', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('loop') })
    expect(run.output).toEqual([1, 2, 3, 4])
  })

  it('a function that returns nothing completes with null', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('nothing') })
    expect(run.output).toBeNull()
  })

  it('LC-1: a run that completes emits one finished event that says so, and no other', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('sequence') })
    expect(run.startedAt).toBeDefined()
    expect(run.endedAt).toBeDefined()
    const finished = await until('the finished event', async () => {
      const events = await world.api.internalEvents('inngest/function.finished', run.id)
      return events.length > 0 && events
    })
    expect(finished).toHaveLength(1)
    expect(at(finished[0], 'data', '_inngest', 'status')).toBe('Completed')
    expect(at(finished[0], 'data', 'result')).toEqual({ one: 1, two: 2, three: 3 })
    expect(at(finished[0], 'data', 'function_id')).toBe(`${world.app(sdk).id}-sequence`)
    expect(await world.api.internalEvents('inngest/function.failed', run.id)).toEqual([])
  })

  it('an event sent from a step starts the function that listens, once', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('announce'), data: { key: 'k1' } })
    const [id, ...others] = list(at(run.output, 'ids'))
    expect(others).toEqual([])
    const heard = await world.api.firstRun(text(id))
    expect((await world.api.reached(heard.id, 'Completed')).output).toEqual({ key: 'k1', stamp: STAMP })
    expect(await world.api.runsOf(text(id))).toHaveLength(1)
  })

  it('step.fetch is made by the server, and any status is an answer', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('fetch') })
    expect(run.output).toEqual({ status: 418, kind: 'teapot', body: 'short and stout' })
    const requests = outside.to('/teapot').filter(({ path }) => path.endsWith(run.id))
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ method: 'POST', body: 'tea?', headers: { 'x-who': 'me' } })
  })

  it('step.fetch of an address where nobody listens is an error that the body can catch', async () => {
    const port = await freePort()
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('unreachable'), data: { port } })
    expect(at(run.output, 'caught')).toBeTypeOf('string')
  })

  it('step.ai.infer asks the model with its key and gives the answer as JSON', async () => {
    const base = `/model-${sdk.slug}`
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('infer'), data: { base } })
    expect(at(run.output, 'choices', 0, 'message', 'content')).toBe('Bonjour')
    const [request, ...others] = outside.received.filter(({ path }) => path.startsWith(`${base}/`))
    expect(others).toEqual([])
    expect(request?.headers.authorization).toBe('Bearer sk-secret-1')
    expect(at(JSON.parse(request?.body ?? ''), 'messages', 0, 'content')).toBe('Say hello in French')
    expect(at(JSON.parse(request?.body ?? ''), 'model')).toBe('gpt-4o')
  })

  it('step.ai.infer is tried again when the model fails', async () => {
    const base = `/flaky-${sdk.slug}`
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('infer'), data: { base } })
    expect(at(run.output, 'choices', 0, 'message', 'content')).toBe('Bonjour')
    expect(outside.received.filter(({ path }) => path.startsWith(`${base}/`))).toHaveLength(2)
  })

  it('step.ai.infer ends in an error that the body can catch when the model goes on failing', async () => {
    const base = `/broken-${sdk.slug}`
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('infer'), data: { base } })
    expect(at(run.output, 'caught')).toBeTypeOf('string')
    expect(outside.received.filter(({ path }) => path.startsWith(`${base}/`))).toHaveLength(2)
  })

  it('the key of a model is nowhere in what the API shows of the run', async () => {
    const run = await world.api.sendAndWait({
      name: world.app(sdk).event('infer'),
      data: { base: `/quiet-${sdk.slug}` },
    })
    const trace = await world.api.exchange(`/v2/runs/${run.id}/trace?includeOutput=true`)
    const jobs = await world.api.exchange(`/v1/runs/${run.id}/jobs`)
    expect(trace.text + jobs.text + world.server.log()).not.toContain('sk-secret-1')
  })

  it('step.ai.wrap is a step like any other', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('wrap') })
    expect(run.output).toBe(`thought about cats, ${STAMP}`)
  })

  it('middleware reaches the body, the steps and the events that are sent', async () => {
    const { id } = await world
      .app(sdk)
      .send({ name: world.app(sdk).event('stamped'), data: {} })
      .then(({ ids }) => ({ id: text(ids[0]) }))
    const run = await world.api.firstRun(id)
    expect((await world.api.reached(run.id, 'Completed')).output).toEqual({ stamp: STAMP, output: `words, ${STAMP}` })
    expect(at(await world.api.ask(`/v1/events/${id}`), 'data', 'data', 'stamp')).toBe(STAMP)
  })
})
