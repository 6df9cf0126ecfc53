// Time is the store's.
import { describe, expect, test } from 'vitest'
import type { Here } from './index.ts'
import { START } from './rows.ts'
import type { World } from './world.ts'

const HOUR = 3_600_000

export function describeTime(here: Here, adopt: (world: World) => World): void {
  const clock = () => here().store.state.clock()

  describe('time', () => {
    test('a group that reads has one time, which its outcome tells', async () => {
      here().clock.advance(250)
      const outcome = await here().store.commit({
        needs: { backlog: [1] },
        decide: (facts) => ({ changes: [], result: facts.now }),
      })
      expect(outcome).toMatchObject({ done: START + 250, now: START + 250 })
    })

    test('an offset is added from the next group on', async () => {
      await here().put({ set: 'clockOffset', ms: 48 * HOUR })
      expect(await clock()).toMatchObject({ now: START + 48 * HOUR, offsetMs: 48 * HOUR })
      expect(await here().read({ backlog: [1] }, (facts) => facts.now)).toBe(START + 48 * HOUR)
    })

    test('time never goes back', async () => {
      here().clock.advance(HOUR)
      const { now } = await clock()
      here().clock.step(-2 * HOUR)
      expect((await clock()).now).toBe(now)
      await here().put({ set: 'clockOffset', ms: -HOUR })
      expect((await clock()).now).toBe(now)
    })

    test('a new start keeps offset and time', async (context) => {
      if (!here().place.isKept) context.skip('this database ends with its process')
      here().clock.advance(HOUR)
      await here().put({ set: 'clockOffset', ms: HOUR })
      const { now } = await clock()
      here().clock.step(-HOUR / 2)
      const world = adopt(await here().reopen())
      expect(await world.store.state.clock()).toMatchObject({ now, offsetMs: HOUR })
    })
  })
}
