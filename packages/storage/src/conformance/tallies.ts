// Counters: added in the commit of what is counted, summed for each minute, later for each hour.
import { describe, expect, test } from 'vitest'
import type { Tally, TallyQuery } from '../contract/lists.ts'
import type { Here } from './index.ts'
import { aBulk, anApp, aSync, START } from './rows.ts'
import { type World, writing } from './world.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const ALL: TallyQuery = { from: START, until: START + 2 * HOUR, bucketMs: MINUTE, byFunction: true }

export function describeTallies(here: Here, adopt: (world: World) => World): void {
  const add = (fn: number, name: string, by = 1) => ({ add: 'tally' as const, fn, name, by })
  const read = async (over: Partial<TallyQuery> = {}) =>
    (await here().store.lists.tallies({ ...ALL, ...over }))
      .toSorted(byPlace)
      .map((tally) => [(tally.at - START) / MINUTE, tally.fn, tally.name, tally.value])
  const fold = (over: { readonly before: number } & Partial<Record<'minutes' | 'hours' | 'records', number>>) =>
    here().put({
      fold: 'tallies',
      before: START + over.before,
      deleteMinutesBefore: START + (over.minutes ?? 0),
      deleteHoursBefore: START + (over.hours ?? 0),
      deleteRecordsBefore: START + (over.records ?? 0),
    })

  describe('counters', () => {
    test('what one group counts is summed, and what later groups count is added', async () => {
      const counting = writing({}, () => ({ changes: [add(1, 'queued'), add(1, 'queued', 2)], result: 0 }))
      await here().group(counting, counting)
      await here().put(add(1, 'queued'), add(2, 'queued', 10), add(0, 'event:a', 5))
      expect(await read()).toEqual([
        [0, 0, 'event:a', 5],
        [0, 1, 'queued', 7],
        [0, 2, 'queued', 10],
      ])
    })

    test('they stand in the minute of their commit and are read in buckets of minutes', async () => {
      for (const minute of [0, 1, 3]) {
        await here().put(add(1, 'queued'), add(2, 'queued'))
        here().clock.advance(minute === 0 ? MINUTE : 2 * MINUTE)
      }
      expect(await read({ fns: [1] })).toEqual([0, 1, 3].map((minute) => [minute, 1, 'queued', 1]))
      expect(await read({ bucketMs: 2 * MINUTE, byFunction: false })).toEqual([
        [0, 0, 'queued', 4],
        [2, 0, 'queued', 2],
      ])
      expect(await read({ from: START + MINUTE, until: START + 3 * MINUTE, fns: [2] })).toEqual([[1, 2, 'queued', 1]])
      expect(await read({ fns: [] })).toEqual([])
    })

    test('names are asked for whole, or by a beginning that ends in a colon', async () => {
      await here().put(add(1, 'ended:failed'), add(1, 'ended:completed', 2), add(1, 'ended'), add(1, 'steps', 3))
      expect(await read({ names: ['ended:'] })).toEqual([
        [0, 1, 'ended:completed', 2],
        [0, 1, 'ended:failed', 1],
      ])
      expect(await read({ names: ['steps', 'ended:failed'] })).toEqual([
        [0, 1, 'ended:failed', 1],
        [0, 1, 'steps', 3],
      ])
      expect(await read({ names: [] })).toEqual([])
    })

    test('an operation that is refused counts nothing', async () => {
      await here().store.commit({
        needs: {},
        fence: { run: null, item: 999_999, epoch: 1 },
        decide: () => ({ changes: [add(1, 'queued')], result: 0 }),
      })
      await expect(here().put(add(1, 'queued'), { set: 'bulk', row: aBulk({ key: 999_999 }) })).rejects.toThrow()
      await here().put(add(2, 'queued'))
      expect(await read()).toEqual([[0, 2, 'queued', 1]])
    })

    test('another server of the store adds to the same minute', async () => {
      if (!here().place.isKept) return
      await here().put(add(1, 'queued', 2))
      adopt(await here().reopen())
      await here().put(add(1, 'queued', 3))
      expect(await read()).toEqual([[0, 1, 'queued', 5]])
    })

    test('whole hours are folded, as often as one likes, and read after their minutes are gone', async () => {
      await here().put(add(1, 'queued', 2))
      here().clock.advance(10 * MINUTE)
      await here().put(add(1, 'queued', 3))
      here().clock.advance(HOUR)
      await here().put(add(1, 'queued', 4))
      const hours = { bucketMs: HOUR }
      const sums = [
        [0, 1, 'queued', 5],
        [60, 1, 'queued', 4],
      ]
      expect(await read(hours)).toEqual(sums)
      // The second hour is not whole yet: its minutes stay, also where they are to be deleted.
      for (let time = 0; time < 2; time++) await fold({ before: HOUR + 20 * MINUTE, minutes: HOUR + 20 * MINUTE })
      expect(await read(hours)).toEqual(sums)
      expect(await read()).toEqual([[70, 1, 'queued', 4]])
      expect(await read({ bucketMs: 2 * HOUR, byFunction: false })).toEqual([[0, 0, 'queued', 9]])
      await fold({ before: HOUR, hours: HOUR })
      expect(await read(hours)).toEqual([[60, 1, 'queued', 4]])
    })

    test('minutes of part of an hour are not deleted: its sum stays whole', async () => {
      await here().put(add(1, 'queued', 2))
      here().clock.advance(30 * MINUTE)
      await here().put(add(1, 'queued', 3))
      for (let time = 0; time < 2; time++) await fold({ before: 2 * HOUR, minutes: 15 * MINUTE })
      expect(await read({ bucketMs: HOUR })).toEqual([[0, 1, 'queued', 5]])
      expect(await read()).toEqual([
        [0, 1, 'queued', 2],
        [30, 1, 'queued', 3],
      ])
    })

    test('syncs and ended bulk operations of the past go with it', async () => {
      const [early = 0, late = 0, over = 0, open = 0] = await here().keys(4)
      await here().put(
        { put: 'app', row: anApp({ key: 1 }) },
        { put: 'sync', row: aSync({ key: early, app: 1 }) },
        { put: 'sync', row: aSync({ key: late, app: 1, at: START + HOUR }) },
        { put: 'bulk', row: aBulk({ key: over, endedAt: START + 1 }) },
        { put: 'bulk', row: aBulk({ key: open }) },
      )
      await fold({ before: HOUR, records: HOUR })
      expect((await here().store.lists.syncs(1, 9)).map(({ key }) => key)).toEqual([late])
      expect((await here().store.lists.bulks({ limit: 9 })).map(({ row }) => row.key)).toEqual([open])
    })
  })
}

function byPlace(a: Tally, b: Tally): number {
  return a.at - b.at || a.fn - b.fn || (a.name < b.name ? -1 : 1)
}
