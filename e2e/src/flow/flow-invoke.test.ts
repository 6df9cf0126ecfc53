/**
 * Invokes meet the flow control of the function that they invoke: `step.invoke` ends with an error that says why there is
 * no run, or waits for the one that comes later; the API answers with 422 and the code.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { at, text } from '../harness/shapes.ts'
import { moment, until } from '../harness/until.ts'
import { useWorld } from '../harness/world.ts'
import { FlowApi, type Place } from './flow-api.ts'
import { oneSdk } from './one-sdk.ts'

const QUIET_MS = 300
const sdk = oneSdk('v3')

/** Functions that may be invoked, by how they are controlled. */
const CONTROLS = {
  rated: { rateLimit: { limit: 1, period: '1h', key: 'event.data.key' } },
  settled: { debounce: { period: '1h', key: 'event.data.key' } },
  alone: { singleton: { mode: 'skip' } },
  newest: { singleton: { mode: 'cancel' } },
  once: { idempotency: 'event.data.key' },
  paused: {},
  drained: {},
  held: {},
  slow: { throttle: { limit: 1, period: '1s' } },
  gathered: { batchEvents: { maxSize: 5, timeout: '60s' } },
} as const

const world = useWorld({ name: 'invoke', sdks: [sdk] }, ({ define, event, app, reference }, ledger) => {
  for (const [id, controls] of Object.entries(CONTROLS)) {
    define({
      id,
      triggers: [{ event: event(id) }],
      ...controls,
      run: async ({ step, event: { data } }) => {
        ledger.note(String(data.key), `${id} ${data.who}`)
        if (String(data.who).startsWith('long')) await step.sleep('long', '1h')
        return `${data.who} done`
      },
    })
  }
  define({
    id: 'caller',
    triggers: [{ event: event('caller') }],
    retries: 0,
    run: async ({ step, event: { data } }) => {
      try {
        const { fn, key, who } = data
        return await step.invoke('call', { function: reference(app, String(fn)), data: { key, who }, timeout: '24h' })
      } catch (error) {
        return error instanceof Error ? { name: error.name, message: error.message } : String(error)
      }
    },
  })
})

describe.concurrent('an invoke of a function', () => {
  it('that is rate limited fails the step at once, and is 422 in the API', async () => {
    const key = randomUUID()
    expect(await call('rated', key, '1')).toBe('1 done')
    expect(at(await call('rated', key, '2'), 'message')).toContain('rate limited')
    await refused('rated', { key, who: '3' }, { status: 422, code: 'rate_limited' })
    expect(notes(key)).toEqual(['rated 1'])
  })

  it.each([
    ['paused', { new: 'skip' }, 'paused'],
    ['drained', { new: 'skip', running: 'finish' }, 'drained'],
  ])('that is %s fails the step at once, and is 422 in the API', async (fn, how, says) => {
    const key = randomUUID()
    await api().pause(place(fn), how)
    expect(at(await call(fn, key, '1'), 'message')).toContain(says)
    await refused(fn, { key, who: '2' }, { status: 422, code: 'function_skipped' })
    await api().unpause(place(fn))
    expect(await call(fn, key, '3')).toBe('3 done')
    expect(notes(key)).toEqual([`${fn} 3`])
  })

  it('that is paused with hold waits for the unpause, in both ways', async () => {
    const key = randomUUID()
    await api().pause(place('held'), { new: 'hold' })
    const called = call('held', key, '1')
    const run = await api().invoke(place('held').app, 'held', { data: { key, who: '2' } })
    await moment(QUIET_MS)
    expect(notes(key)).toEqual([])
    await api().unpause(place('held'))
    expect(await called).toBe('1 done')
    await api().reached(run, 'Completed')
    expect(notes(key).toSorted()).toEqual(['held 1', 'held 2'])
  })

  it('that is a singleton and runs already fails the step at once, and is 422 in the API', async () => {
    const key = randomUUID()
    const holder = await api().invoke(place('alone').app, 'alone', { data: { key, who: 'long' } })
    await api().rests(holder, 'sleeping')
    expect(at(await call('alone', key, '2'), 'message')).toContain('running already')
    await refused('alone', { key, who: '3' }, { status: 422, code: 'function_skipped' })
    await api().cancel(holder)
    expect(await call('alone', key, '4')).toBe('4 done')
    expect(new Set(notes(key))).toEqual(new Set(['alone long', 'alone 4']))
  })

  it('that is a singleton in cancel mode takes the place of the run before, whose caller is told', async () => {
    const key = randomUUID()
    const first = call('newest', key, 'long')
    await until('the first', () => notes(key).length === 1)
    expect(await call('newest', key, '2')).toBe('2 done')
    expect(at(await first, 'message')).toContain('cancelled')
    expect((await api().statuses(place('newest'))).toSorted()).toEqual(['CANCELLED', 'COMPLETED'])
  })

  it('whose idempotency key was used fails the step at once, and is 409 in the API with the first run', async () => {
    const key = randomUUID()
    const first = await api().invoke(place('once').app, 'once', { data: { key, who: '1' } })
    expect(at(await call('once', key, '2'), 'message')).toContain('idempotency')
    const again = await api().tryInvoke(place('once'), { data: { key, who: '3' } })
    expect([again.status, at(again.json, 'data', 'runId')]).toEqual([409, first])
    await api().reached(first, 'Completed')
    expect(notes(key)).toEqual(['once 1'])
  })

  it('that is throttled waits for its start', async () => {
    const key = randomUUID()
    const began = Date.now()
    const answers = await Promise.all([call('slow', key, '1'), call('slow', key, '2')])
    expect(answers).toEqual(['1 done', '2 done'])
    expect(Date.now() - began).toBeGreaterThanOrEqual(980)
  })

  it('that gathers batches runs by itself at once', async () => {
    const key = randomUUID()
    expect(await call('gathered', key, '1')).toBe('1 done')
    expect(notes(key)).toEqual(['gathered 1'])
  })
})

describe('with the clock moved, an invoke of a function', () => {
  it('that is debounced gets the answer of the run that comes, and is 422 in the API', async () => {
    const key = randomUUID()
    const begin = async (who: string) => {
      const data = { fn: 'settled', key, who }
      const run = await api().firstRun(await api().sendOne({ name: world.app(sdk).event('caller'), data }))
      await api().rests(run.id, 'invoking')
      return run.id
    }
    const [first, second] = [await begin('1'), await begin('2')]
    await api().advance('1h')
    expect((await api().reached(second, 'Completed')).output).toBe('2 done')
    // It was replaced: it must not wait for a run that never comes.
    expect(at((await api().reached(first, 'Completed')).output, 'message')).toContain('debounce')
    await refused('settled', { key, who: '3' }, { status: 422, code: 'function_debounced' })
    await api().advance('1h')
    await until('the run of the third', () => notes(key).length === 2)
    expect(notes(key)).toEqual(['settled 2', 'settled 3'])
  })
})

/** What `step.invoke` gave, or the error that it threw. */
async function call(fn: string, key: string, who: string): Promise<unknown> {
  const { output } = await api().sendAndWait({ name: world.app(sdk).event('caller'), data: { fn, key, who } })
  return output
}

async function refused(
  fn: string,
  data: object,
  how: { readonly status: number; readonly code: string },
): Promise<void> {
  const answer = await api().tryInvoke(place(fn), { data })
  expect([answer.status, at(answer.json, 'errors', 0, 'code')]).toEqual([how.status, how.code])
  expect(text(at(answer.json, 'errors', 0, 'message'))).not.toBe('')
}

function place(fn: string): Place {
  return { app: world.app(sdk).id, fn }
}

function notes(key: string): readonly string[] {
  return world.app(sdk).ledger.of(key)
}

function api(): FlowApi {
  return new FlowApi(world.server.url)
}
