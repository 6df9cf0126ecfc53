/**
 * What goes wrong in a body, on every SDK: retries of steps and of functions, errors that forbid or time the next
 * attempt, errors that a body catches, and the failure handler. The server retries after one second in this file.
 */
import { describe, expect, it } from 'vitest'
import type { RunView } from './harness/api.ts'
import { SDKS } from './harness/sdk.ts'
import { at } from './harness/shapes.ts'
import { until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const world = useWorld({ name: 'errors' }, ({ define, event, nonRetriable, retryAfter }, ledger) => {
  define({
    id: 'always',
    triggers: [{ event: event('always') }],
    retries: 2,
    onFailure: async ({ event: { data }, error, step, runId }) => {
      ledger.note(runId, 'handler')
      return step.run('tell', () => ({
        told: at(data, 'event', 'data', 'event', 'data', 'no') ?? null,
        error: error.message,
      }))
    },
    run: ({ attempt, runId }) => {
      ledger.note(runId, `attempt ${attempt}`)
      throw new TypeError('always')
    },
  })
  define({
    id: 'memo',
    triggers: [{ event: event('memo') }],
    retries: 2,
    run: async ({ step, runId, attempt }) => {
      const first = await step.run('first', () => ledger.note(runId, 'first'))
      if (ledger.note(runId, 'between') < 2) throw new Error('between steps')
      const second = await step.run('second', () => ledger.note(runId, 'second'))
      return { first, second, attempt }
    },
  })
  define({
    id: 'own-budget',
    triggers: [{ event: event('own-budget') }],
    retries: 2,
    run: async ({ step, runId }) => {
      await step.run('twice', () => {
        if (ledger.note(runId, 'twice') <= 2) throw new Error('twice')
      })
      await step.run('once', () => {
        if (ledger.note(runId, 'once') <= 1) throw new Error('once')
      })
      return 'done'
    },
  })
  define({
    id: 'caught',
    triggers: [{ event: event('caught') }],
    retries: 1,
    run: async ({ step, runId }) => {
      try {
        await step.run('bad', () => {
          ledger.note(runId, 'bad')
          throw new RangeError('out of range')
        })
      } catch (error) {
        const seen = error instanceof Error ? { name: error.name, message: error.message } : { name: '', message: '' }
        return step.run('after', () => ({ ...seen, after: ledger.note(runId, 'after') }))
      }
      return 'not caught'
    },
  })
  define({
    id: 'uncaught',
    triggers: [{ event: event('uncaught') }],
    retries: 1,
    run: ({ step, runId }) =>
      step.run('bad', () => {
        ledger.note(runId, 'bad')
        throw new RangeError('out of range')
      }),
  })
  define({
    id: 'final-step',
    triggers: [{ event: event('final-step') }],
    onFailure: ({ event: { data }, error, runId }) => {
      ledger.note(runId, 'handler')
      return { data: at(data, 'event', 'data'), error: error.message, failed: at(data, 'run_id') }
    },
    run: ({ step, runId }) =>
      step.run('bad', () => {
        ledger.note(runId, 'bad')
        throw nonRetriable('never again')
      }),
  })
  define({
    id: 'final-body',
    triggers: [{ event: event('final-body') }],
    run: ({ runId }) => {
      ledger.note(runId, 'body')
      throw nonRetriable('never again')
    },
  })
  define({
    id: 'later',
    triggers: [{ event: event('later') }],
    retries: 1,
    run: ({ step, runId }) =>
      step.run('wait for it', () => {
        if (ledger.note(runId, 'tried') === 1) throw retryAfter('not yet', '3s')
        return 'now'
      }),
  })
  define({
    id: 'later-body',
    triggers: [{ event: event('later-body') }],
    retries: 1,
    run: ({ runId }) => {
      if (ledger.note(runId, 'tried') === 1) throw retryAfter('not yet', '3s')
      return 'now'
    },
  })
  define({
    id: 'handler-fails',
    triggers: [{ event: event('handler-fails') }],
    retries: 0,
    onFailure: ({ runId }) => {
      ledger.note(runId, 'handler')
      throw nonRetriable('the handler fails too')
    },
    run: () => {
      throw new Error('first')
    },
  })
})

describe.concurrent.each(SDKS)('errors on $title', (sdk) => {
  it('RE-1: a body that always throws is tried as often as its retries say, then fails and is handled once', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('always'), data: { no: 7 } }, { status: 'Failed' })
    expect(app.callsOf(run.id).map((call) => call.attempt)).toEqual([0, 1, 2])
    expect(app.ledger.of(run.id)).toEqual(['attempt 0', 'attempt 1', 'attempt 2'])
    expect(at(run.output, 'error', 'message')).toBe('always')
    expect(at(run.output, 'error', 'name')).toBe('TypeError')
    const handlers = await handlerRuns(run.id)
    expect(handlers).toHaveLength(1)
  })

  it('steps that are memoized do not run again when the body between them is tried again', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('memo') })
    expect(app.ledger.times(run.id, 'first')).toBe(1)
    expect(app.ledger.times(run.id, 'second')).toBe(1)
    expect(at(run.output, 'first')).toBe(1)
  })

  it('RE-2: each step has retries of its own', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('own-budget') })
    expect(app.ledger.of(run.id)).toEqual(['twice', 'twice', 'twice', 'once', 'once'])
    const failing = app
      .callsOf(run.id)
      .filter((call) => call.answer.includes('"StepError"') || call.answer.includes('"StepRun"'))
    expect(failing.map((call) => call.attempt).slice(0, 3)).toEqual([0, 1, 2])
    const trace = await world.api.trace(run.id)
    const groups = trace.children.filter((span) => span.children.length > 0)
    expect(groups.map(({ name, attempts }) => [name, attempts])).toEqual([
      ['twice', 2],
      ['once', 1],
    ])
  })

  it('RE-4: a step that used up its retries is an error that the body can catch, and the run goes on', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('caught') })
    expect(run.output).toMatchObject({ message: 'out of range', after: 1 })
    expect(app.ledger.of(run.id)).toEqual(['bad', 'bad', 'after'])
  })

  it('a step that used up its retries and is not caught fails the run with its error', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('uncaught') }, { status: 'Failed' })
    expect(at(run.output, 'error', 'message')).toBe('out of range')
    expect(app.ledger.of(run.id)).toEqual(['bad', 'bad'])
  })

  it('NonRetriableError in a step is final, and onFailure sees the event, the error and the run', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait(
      { name: app.event('final-step'), data: { order: 12 } },
      { status: 'Failed' },
    )
    expect(app.ledger.times(run.id, 'bad')).toBe(1)
    const [handler, ...others] = await handlerRuns(run.id)
    expect(others).toEqual([])
    expect(handler?.output).toEqual({ data: { order: 12 }, error: 'never again', failed: run.id })
  })

  it('NonRetriableError in the body is final', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('final-body') }, { status: 'Failed' })
    expect(app.ledger.times(run.id, 'body')).toBe(1)
    expect(app.callsOf(run.id)).toHaveLength(1)
  })

  it.each(['later', 'later-body'])('RE-3: RetryAfterError sets the time of the next attempt (%s)', async (name) => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event(name) })
    expect(run.output).toBe('now')
    const [first, second] = app.ledger.entries(run.id)
    const gap = (second?.at ?? 0) - (first?.at ?? 0)
    expect(gap).toBeGreaterThanOrEqual(2_900)
    expect(gap).toBeLessThan(4_500)
  })

  it('I13: a failure handler that fails is not handled again', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('handler-fails') }, { status: 'Failed' })
    const [handler] = await handlerRuns(run.id, 'Failed')
    expect(handler?.status).toBe('Failed')
    expect(await world.api.internalEvents('inngest/function.failed', handler?.id ?? '')).toEqual([])
    expect(await world.api.internalEvents('inngest/function.finished', handler?.id ?? '')).toEqual([])
  })
})

/** The runs that the failed event of a run started, once they have ended. */
async function handlerRuns(failedRunId: string, status = 'Completed'): Promise<readonly RunView[]> {
  const failed = await until(`the failed event of ${failedRunId}`, async () => {
    const events = await world.api.internalEvents('inngest/function.failed', failedRunId)
    return events.length > 0 && events
  })
  expect(failed).toHaveLength(1)
  expect(at(failed[0], 'id')).toBe(failedRunId)
  const first = await world.api.firstRun(String(at(failed[0], 'internal_id')))
  await world.api.reached(first.id, status)
  return world.api.runsOf(String(at(failed[0], 'internal_id')))
}
