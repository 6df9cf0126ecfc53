/**
 * Crons on every SDK, with the server's clock moved from one due time past the next: one run for each due time, with an
 * event that the SDKs accept, and nothing after the function is gone. The tests share the clock, so they stand in order.
 */
import { describe, expect, it } from 'vitest'
import { serveByHand } from './harness/hand-made-app.ts'
import { SDKS } from './harness/sdk.ts'
import { at, text } from './harness/shapes.ts'
import { moment, until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const QUIET_MS = 600
const HOUR_MS = 3_600_000

/** A moment a day and a half ahead, as the cron that falls due then and only then in a year. */
const due = new Date(Math.ceil((Date.now() + 36 * HOUR_MS) / 60_000) * 60_000)
const dueOnce = `${due.getUTCMinutes()} ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`

const world = useWorld({ name: 'cron' }, ({ define }, ledger) => {
  define({
    id: 'hourly',
    triggers: [{ cron: 'TZ=Europe/Paris 15 */1 * * *' }],
    run: ({ event: seen, runId }) => {
      ledger.note('hourly', runId)
      return seen
    },
  })
  define({
    id: 'once',
    triggers: [{ cron: dueOnce }, { cron: `TZ=UTC ${dueOnce}` }],
    run: async ({ step, event: { data } }) => {
      await step.run('note', () => ledger.note('once', 'step'))
      return data
    },
  })
})

describe('crons', () => {
  it('CR-1: each due time starts one run of each function, with its nominal time', async () => {
    const apps = SDKS.map((sdk) => world.app(sdk))
    for (let hour = 1; hour <= 3; hour++) {
      await world.api.advance('1h')
      for (const app of apps) await until('a tick', () => app.ledger.of('hourly').length === hour)
    }
    await moment(QUIET_MS)
    for (const app of apps) {
      const runs = await Promise.all(app.ledger.of('hourly').map((runId) => world.api.reached(runId, 'Completed')))
      expect(runs).toHaveLength(3)
      const ticks = runs.map((run) => new Date(text(at(run.output, 'data', 'scheduledAt'))))
      expect(ticks.map((tick) => tick.getUTCMinutes())).toEqual([15, 15, 15])
      expect(new Set(ticks.map((tick) => tick.getTime())).size).toBe(3)
      for (const run of runs)
        expect(run.output).toMatchObject({
          name: 'inngest/scheduled.timer',
          data: { cron: 'TZ=Europe/Paris 15 */1 * * *' },
        })
    }
  })

  it('two crons of one function that fall due together start one run', async () => {
    await world.api.advance('40h')
    for (const sdk of SDKS) {
      const app = world.app(sdk)
      await until('the tick', () => app.ledger.of('once').length > 0)
      const [event, ...others] = (
        await world.api.events('include_internal=true&limit=50&name=inngest%2Fscheduled.timer')
      ).filter(
        (seen) => String(at(seen, 'data', 'cron')).includes(dueOnce) && at(seen, 'data', 'scheduledAt') !== undefined,
      )
      expect(event ?? others).toBeDefined()
      expect(new Date(text(at(event, 'data', 'scheduledAt'))).getTime()).toBe(due.getTime())
    }
    await moment(QUIET_MS)
    for (const sdk of SDKS) expect(world.app(sdk).ledger.times('once', 'step')).toBe(1)
  })

  it('a cron that its app no longer has does not start anything', async () => {
    const server = world.server.url
    const spec = { id: 'gone', triggers: [{ cron: '30 * * * *' }], answer: () => ({ status: 200, body: '1' }) }
    const app = await serveByHand(server, 'cron-by-hand', [spec])
    try {
      await world.api.advance('1h')
      await until('a tick', () => app.calls.length > 0)
      const seen = app.calls.length
      const replaced = await serveByHand(server, 'cron-by-hand', [])
      await world.api.advance('2h')
      await moment(QUIET_MS)
      expect(app.calls).toHaveLength(seen)
      await replaced.close()
    } finally {
      await app.close()
    }
  })
})
