/**
 * Runs that are ended from outside and runs that are made again, on every SDK: cancelOn, the cancel API, rerun,
 * rerun from a step. A run that was cancelled is called no more, whatever was under way.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SDKS, type Sdk } from './harness/sdk.ts'
import { at } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const QUIET_MS = 600

const world = useWorld({ name: 'cancel' }, ({ define, event, nonRetriable }, ledger) => {
  define({
    id: 'sleeping',
    triggers: [{ event: event('sleeping') }],
    cancelOn: [{ event: event('stop'), match: 'data.id' }],
    onFailure: ({ runId }) => void ledger.note(runId, 'handler'),
    run: async ({ step, runId }) => {
      await step.run('before', () => ledger.note(runId, 'before'))
      await step.sleep('sleep', '1h')
      await step.run('after', () => ledger.note(runId, 'after'))
    },
  })
  define({
    id: 'by-expression',
    triggers: [{ event: event('by-expression') }],
    cancelOn: [{ event: event('stop'), if: 'async.data.id == event.data.id && async.data.sure == true' }],
    run: ({ step }) => step.sleep('sleep', '1h'),
  })
  define({
    id: 'working',
    triggers: [{ event: event('working') }],
    cancelOn: [{ event: event('stop'), match: 'data.id' }],
    run: async ({ step, runId }) => {
      await step.run('long', async () => {
        ledger.note(runId, 'long starts')
        await moment(1_500)
        ledger.note(runId, 'long ends')
        return 'too late'
      })
      await step.run('next', () => ledger.note(runId, 'next'))
    },
  })
  define({
    id: 'brief',
    triggers: [{ event: event('brief') }],
    cancelOn: [{ event: event('stop'), match: 'data.id' }],
    run: ({ step, runId }) => step.run('only', () => ledger.note(runId, 'only')),
  })
  define({
    id: 'three',
    triggers: [{ event: event('three') }],
    run: async ({ step, runId, event: { data } }) => {
      const one = await step.run('one', () => `one ${ledger.note(runId, 'one')}`)
      const two = await step.run('two', (by: number) => Number(data.n) * by + ledger.note(runId, 'two'), 10)
      const three = await step.run('three', () => `three ${ledger.note(runId, 'three')}`)
      return { one, two, three }
    },
  })
  define({
    id: 'fails-once',
    triggers: [{ event: event('fails-once') }],
    run: ({ event: { data } }) => {
      if (ledger.note(String(data.key), 'body') === 1) throw nonRetriable('the first time')
      return 'the second time'
    },
  })
  define({
    id: 'parent',
    triggers: [{ event: event('parent') }],
    retries: 0,
    run: async ({ step, event: { data } }) => {
      try {
        return await step.invoke('call', { function: sleeper, data: { ...data } })
      } catch (error) {
        return { caught: error instanceof Error ? error.name : String(error) }
      }
    },
  })
  const sleeper = define({
    id: 'child',
    triggers: [{ event: event('child') }],
    cancelOn: [{ event: event('stop'), match: 'data.id' }],
    run: ({ step }) => step.sleep('sleep', '1h'),
  })
})

describe.concurrent.each(SDKS)('cancelling on $title', (sdk) => {
  const stop = (id: string, rest: object = {}) =>
    world.api.sendOne({ name: world.app(sdk).event('stop'), data: { id, ...rest } })

  it('CA-1: an event cancels the sleeping run that it matches, and only that one', async () => {
    const app = world.app(sdk)
    const [mine, other] = [randomUUID(), randomUUID()]
    const [run, bystander] = await Promise.all([
      asleep(sdk, 'sleeping', { id: mine }),
      asleep(sdk, 'sleeping', { id: other }),
    ])
    await stop(mine)
    await world.api.reached(run, 'Cancelled')
    expect((await world.api.run(bystander)).status).toBe('Running')
    await until(
      'the cancelled event',
      async () => (await world.api.internalEvents('inngest/function.cancelled', run)).length === 1,
    )
    expect(await world.api.internalEvents('inngest/function.failed', run)).toEqual([])
    const finished = await world.api.internalEvents('inngest/function.finished', run)
    expect(finished.map((event) => at(event, 'data', '_inngest', 'status'))).toEqual(['Cancelled'])
    expect(app.ledger.of(run)).toEqual(['before'])
    await world.api.cancel(bystander)
  })

  it('an expression cancels only when all of it holds', async () => {
    const id = randomUUID()
    const run = await asleep(sdk, 'by-expression', { id })
    await stop(id, { sure: false })
    await moment(QUIET_MS)
    expect((await world.api.run(run)).status).toBe('Running')
    await stop(id, { sure: true })
    await world.api.reached(run, 'Cancelled')
  })

  it('CA-2: an event that came before the run does not cancel it', async () => {
    const id = randomUUID()
    await stop(id)
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('brief'), data: { id } })
    expect(run.status).toBe('Completed')
  })

  it.each([
    ['CA-3: cancelOn', (id: string, _: string) => stop(id)],
    ['LC-3: the cancel API', (_: string, run: string) => world.api.cancel(run)],
  ])('%s during a step cancels at once; the result is dropped and nothing is called any more', async (_, cancel) => {
    const app = world.app(sdk)
    const id = randomUUID()
    const run = await world.api.firstRun(await world.api.sendOne({ name: app.event('working'), data: { id } }))
    await until('the step to be under way', () => app.ledger.times(run.id, 'long starts') === 1)
    await cancel(id, run.id)
    await world.api.reached(run.id, 'Cancelled', { withinMs: 1_000 })
    expect(app.ledger.of(run.id)).toEqual(['long starts'])
    await until('the step to end in vain', () => app.ledger.times(run.id, 'long ends') === 1)
    await moment(QUIET_MS)
    expect(app.callsOf(run.id)).toHaveLength(1)
    expect(app.ledger.of(run.id)).toEqual(['long starts', 'long ends'])
    expect((await world.api.run(run.id)).status).toBe('Cancelled')
  })

  it('cancelling over HTTP is told apart from cancelling again and from a run that had ended', async () => {
    const run = await asleep(sdk, 'sleeping', { id: randomUUID() })
    const cancel = (id: string) => world.api.exchange(`/v2/runs/${id}/cancel`, { method: 'POST', body: {} })
    const first = await cancel(run)
    expect([first.status, at(first.json, 'data', 'runId')]).toEqual([200, run])
    const again = await cancel(run)
    expect([again.status, at(again.json, 'errors', 0, 'code')]).toEqual([409, 'run_already_cancelled'])
    const brief = await world.api.sendAndWait({ name: world.app(sdk).event('brief'), data: {} })
    const ended = await cancel(brief.id)
    expect([ended.status, at(ended.json, 'errors', 0, 'code')]).toEqual([409, 'run_already_ended'])
    expect((await cancel('01J00000000000000000000000')).status).toBe(404)
    const deleted = await world.api.exchange(`/v1/runs/${brief.id}`, { method: 'DELETE' })
    expect([deleted.status, deleted.text]).toEqual([200, ''])
    expect((await world.api.run(brief.id)).status).toBe('Completed')
  })

  it('a run that is cancelled before it began never calls its code', async () => {
    const app = world.app(sdk)
    const id = randomUUID()
    const run = await world.api.firstRun(
      await world.api.sendOne({ name: app.event('brief'), data: { id }, ts: Date.now() + 3_600_000 }),
    )
    await stop(id)
    await world.api.reached(run.id, 'Cancelled')
    expect(app.callsOf(run.id)).toEqual([])
  })

  it('an invoked run that is cancelled is an error for the run that waits for it', async () => {
    const app = world.app(sdk)
    const id = randomUUID()
    const parent = await world.api.firstRun(await world.api.sendOne({ name: app.event('parent'), data: { id } }))
    await until('the invoked run to sleep', () =>
      app.calls.some(
        (call) =>
          call.functionId.endsWith('-child') &&
          JSON.stringify(call.request).includes(id) &&
          call.answer.includes('"Sleep"'),
      ),
    )
    await stop(id)
    expect(at((await world.api.reached(parent.id, 'Completed')).output, 'caught')).toBeTypeOf('string')
  })

  it('a run that failed can be run again as a whole, and is linked to the first', async () => {
    const key = randomUUID()
    const run = await world.api.sendAndWait(
      { name: world.app(sdk).event('fails-once'), data: { key } },
      { status: 'Failed' },
    )
    const again = await world.api.reached(await world.api.rerun(run.id), 'Completed')
    expect(again.output).toBe('the second time')
    expect(again.originalRunId).toBe(run.id)
    expect((await world.api.run(run.id)).status).toBe('Failed')
  })

  it('CA-5: a rerun from the second of three steps keeps the first and runs the others', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('three'), data: { n: 2 } })
    expect(run.output).toEqual({ one: 'one 1', two: 21, three: 'three 1' })
    const again = await world.api.reached(await world.api.rerun(run.id, { fromStep: { stepId: 'two' } }), 'Completed')
    expect(again.output).toEqual(run.output)
    expect(app.ledger.of(again.id)).toEqual(['two', 'three'])
  })

  it('a rerun from a step can give that step other arguments', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('three'), data: { n: 2 } })
    const fromStep = { stepId: 'two', input: [100] }
    const again = await world.api.reached(await world.api.rerun(run.id, { fromStep }), 'Completed')
    expect(again.output).toEqual({ one: 'one 1', two: 201, three: 'three 1' })
    expect(app.ledger.of(again.id)).toEqual(['two', 'three'])
  })

  it('a rerun of a run or from a step that does not exist is refused', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('three'), data: { n: 1 } })
    const rerun = (id: string, body: object) => world.api.exchange(`/v2/runs/${id}/rerun`, { method: 'POST', body })
    const noStep = await rerun(run.id, { fromStep: { stepId: 'four' } })
    expect([noStep.status, at(noStep.json, 'errors', 0, 'code')]).toEqual([400, 'invalid_request'])
    expect(at(noStep.json, 'errors', 0, 'message')).toContain('Step not found in original run')
    expect((await rerun('01J00000000000000000000000', {})).status).toBe(404)
  })
})

/** Starts a run and waits until it sleeps. Gives its ID. */
async function asleep(sdk: Sdk, name: string, data: object): Promise<string> {
  const app = world.app(sdk)
  const run = await world.api.firstRun(await world.api.sendOne({ name: app.event(name), data }))
  await until(`${name} to sleep`, () => app.callsOf(run.id).some((call) => call.answer.includes('"Sleep"')))
  return run.id
}
