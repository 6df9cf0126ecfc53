/**
 * Runs that grow too big, on the SDKs and by hand: each ends with the named error, told once, and its neighbours go on.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HandMadeApp, op, serveByHand } from './harness/hand-made-app.ts'
import { SDKS } from './harness/sdk.ts'
import { at } from './harness/shapes.ts'
import { hashedId } from './harness/step-id.ts'
import { until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const MIB = 1024 * 1024
const STEPS_MAX = 1_000

const world = useWorld({ name: 'limits' }, ({ define, event }, ledger) => {
  define({
    id: 'big-step',
    triggers: [{ event: event('big-step') }],
    retries: 0,
    run: ({ step, runId, event: { data } }) =>
      step.run('big', () => {
        ledger.note(runId, 'big')
        return 'x'.repeat(Number(data.bytes) - 2)
      }),
  })
  define({
    id: 'state',
    triggers: [{ event: event('state') }],
    retries: 0,
    run: async ({ step }) => {
      for (let n = 0; n < 10; n++) await step.run(`part ${n}`, () => 'x'.repeat(3.9 * MIB))
      return 'fits'
    },
  })
  define({
    id: 'large-state',
    triggers: [{ event: event('large-state') }],
    run: async ({ step }) => {
      let bytes = 0
      for (let n = 0; n < 3; n++) bytes += (await step.run(`part ${n}`, () => 'x'.repeat(2 * MIB))).length
      await step.sleep('a new call with all of it', '1s')
      return bytes
    },
  })
})

describe.each(SDKS)('limits on $title', (sdk) => {
  it('LI-3: a step that returns one byte more than 4 MiB is an error that the step shows', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait(
      { name: app.event('big-step'), data: { bytes: 4 * MIB + 1 } },
      { status: 'Failed' },
    )
    expect(JSON.stringify(await world.api.trace(run.id))).toContain('output_too_large')
    expect(at(run.output, 'error', 'message')).toBe('step output size is greater than the limit')
  })

  it('LI-3: a step that returns just 4 MiB is kept', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('big-step'), data: { bytes: 4 * MIB } })
    expect(String(run.output)).toHaveLength(4 * MIB - 2)
    expect(app.ledger.times(run.id, 'big')).toBe(1)
  })

  it('a run whose state grows past 32 MiB fails with the name for it', async () => {
    const run = await world.api.sendAndWait(
      { name: world.app(sdk).event('state') },
      { status: 'Failed', withinMs: 50_000 },
    )
    expect(at(run.output, 'error', 'name')).toBe('InngestErrStateOverflowed')
  })

  it('state that is too large for a request is fetched by the SDK', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('large-state') })
    expect(run.output).toBe(6 * MIB)
    expect(at(app.callsOf(run.id).at(-1)?.request, 'use_api')).toBe(true)
  })
})

describe('limits by hand', () => {
  let app: HandMadeApp

  beforeAll(async () => {
    app = await serveByHand(world.server.url, 'limits-by-hand', [
      {
        id: 'endless',
        answer: ({ body }) => {
          const done = Object.keys(Object(at(body, 'steps'))).length
          return { status: 206, body: [op('StepRun', hashedId(`endless-${done}`), { data: done })] }
        },
      },
    ])
  })
  afterAll(() => app.close())

  it(`LI-2: step number ${STEPS_MAX + 1} fails the run with the name for it, told once`, async () => {
    const run = await world.api.sendAndWait({ name: app.event('endless') }, { status: 'Failed', withinMs: 40_000 })
    expect(at(run.output, 'error', 'name')).toBe('InngestErrFunctionOverflowed')
    expect(at(run.output, 'error', 'message')).toBe(`The function run exceeded the step limit of ${STEPS_MAX} steps.`)
    const failed = await until('the failed event', async () => {
      const events = await world.api.internalEvents('inngest/function.failed', run.id)
      return events.length > 0 && events
    })
    expect(failed).toHaveLength(1)
    expect(app.callsOf(run.id).length).toBeLessThanOrEqual(STEPS_MAX + 1)
  })
})
