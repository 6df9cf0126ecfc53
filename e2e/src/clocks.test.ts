/**
 * Senders whose clocks are wrong. A seeded event ID carries its sender's time; here that is ten minutes off, either way,
 * and such events must start, resume and cancel runs like any other: what came first is for the server's store to say.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SDKS, type Sdk } from './harness/sdk.ts'
import { at } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const QUIET_MS = 600
const TEN_MINUTES_MS = 600_000
const OFFSETS = [-TEN_MINUTES_MS, 0, TEN_MINUTES_MS]

/** Every pair of clocks: that of who starts the run, and that of who sends the later event. */
const PAIRS = OFFSETS.flatMap((starts) => OFFSETS.map((later) => ({ starts, later })))

const world = useWorld({ name: 'clocks' }, ({ define, event }, ledger) => {
  define({
    id: 'waits',
    triggers: [{ event: event('waits') }],
    run: async ({ step, event: seen }) => {
      const done = await step.waitForEvent('wait', { event: event('done'), timeout: '1h', match: 'data.key' })
      return { key: seen.data.key, said: at(done, 'data', 'said') ?? null }
    },
  })
  define({
    id: 'waits-briefly',
    triggers: [{ event: event('waits-briefly') }],
    run: ({ step }) => step.waitForEvent('wait', { event: event('done'), timeout: '1s', match: 'data.key' }),
  })
  define({
    id: 'cancelled',
    triggers: [{ event: event('cancelled') }],
    cancelOn: [{ event: event('stop'), match: 'data.key' }],
    run: async ({ step, runId }) => {
      await step.sleep('sleep', '1h')
      ledger.note(runId, 'woke')
    },
  })
  define({
    id: 'brief',
    triggers: [{ event: event('brief') }],
    cancelOn: [{ event: event('stop'), match: 'data.key' }],
    run: ({ step }) => step.run('only', () => 'done'),
  })
  define({
    id: 'own',
    triggers: [{ event: event('own') }],
    cancelOn: [{ event: event('own'), match: 'data.key' }],
    run: ({ step }) => step.waitForEvent('own', { event: event('own'), timeout: '1s', match: 'data.key' }),
  })
})

describe.concurrent.each(SDKS)('clocks that are off, on $title', (sdk) => {
  it.each(PAIRS)(
    'a run started by a clock off by $starts ms is resumed by one off by $later ms',
    async ({ starts, later }) => {
      const key = randomUUID()
      const run = await begin(sdk, 'waits', { key }, starts)
      await until('the wait', async () =>
        (await world.api.trace(run)).children.some((span) => span.status === 'WAITING'),
      )
      await seeded(sdk, 'done', { key, said: 'yes' }, later)
      expect((await world.api.reached(run, 'Completed')).output).toEqual({ key, said: 'yes' })
    },
  )

  it.each(PAIRS)(
    'a run started by a clock off by $starts ms is cancelled by one off by $later ms',
    async ({ starts, later }) => {
      const key = randomUUID()
      const run = await begin(sdk, 'cancelled', { key }, starts)
      await until('the sleep', () =>
        world
          .app(sdk)
          .callsOf(run)
          .some((call) => call.answer.includes('"Sleep"')),
      )
      await seeded(sdk, 'stop', { key }, later)
      await world.api.reached(run, 'Cancelled')
      expect(world.app(sdk).ledger.of(run)).toEqual([])
    },
  )

  it.each(OFFSETS)('an event from a clock off by %d ms that came first neither cancels nor resumes', async (offset) => {
    const key = randomUUID()
    await seeded(sdk, 'stop', { key }, offset)
    await seeded(sdk, 'done', { key }, offset)
    const brief = await begin(sdk, 'brief', { key }, -offset)
    const waits = await begin(sdk, 'waits-briefly', { key }, -offset)
    expect((await world.api.reached(brief, 'Completed')).output).toBe('done')
    expect((await world.api.reached(waits, 'Completed')).output).toBeNull()
  })

  it.each(OFFSETS)(
    'an event from a clock off by %d ms neither cancels nor resumes the run it starts',
    async (offset) => {
      const run = await begin(sdk, 'own', { key: randomUUID() }, offset)
      expect((await world.api.reached(run, 'Completed')).output).toBeNull()
    },
  )

  it.each(OFFSETS)('events from clocks off by %d ms are listed in the order in which they came', async (offset) => {
    const name = world.app(sdk).event(`listed-${offset}`)
    const ids: string[] = []
    for (const off of [0, offset, -offset, 0]) ids.push(await seeded(sdk, `listed-${offset}`, {}, off))
    await moment(QUIET_MS / 6)
    const listed = await world.api.events(`name=${encodeURIComponent(name)}`)
    expect(listed.map((each) => each.internal_id)).toEqual(ids.toReversed())
  })
})

/** Sends an event whose ID is seeded by a clock that is off. Gives its ID. */
async function seeded(sdk: Sdk, name: string, data: object, offsetMs: number): Promise<string> {
  const seed = `${Date.now() + offsetMs},${randomBytes(10).toString('base64')}`
  const [id] = await world.api.send({ name: world.app(sdk).event(name), data }, { 'x-inngest-event-id-seed': seed })
  return String(id)
}

async function begin(sdk: Sdk, name: string, data: object, offsetMs: number): Promise<string> {
  return (await world.api.firstRun(await seeded(sdk, name, data, offsetMs))).id
}
