// The search that takes work: what stands in the ready index, fairly, and what is due in the time index.
import { describe, expect, test } from 'vitest'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { ReadySearch } from '../contract/store.ts'
import type { Here } from './index.ts'
import { anItem, aRun, hash, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

/** Puts one item for each description, under a new key. */
async function queue(here: Here, items: readonly Partial<ItemRow>[]): Promise<Key[]> {
  const keys = await here().keys(items.length)
  await here().put(
    ...items.map((item, index) => ({ put: 'item' as const, row: anItem({ key: keys[index] ?? 0, ...item }) })),
  )
  return keys
}

function search(over: Partial<ReadySearch>): { readonly ready: ReadySearch } {
  return { ready: { readyMax: 100, dueMax: 100, skip: [], ...over } }
}

async function found(here: Here, over: Partial<ReadySearch> = {}): Promise<Key[]> {
  return here().read(search(over), (facts) => facts.ready().map((item) => item.key))
}

/** Claims what is found, as an engine does. */
function claim(over: Partial<ReadySearch>) {
  return writing(search(over), (facts) => {
    const items = facts.ready()
    const changes = items.map((item) => ({
      set: 'item' as const,
      row: { ...item, state: 'leased' as const, owner: 1, epoch: item.epoch + 1 },
    }))
    return { changes, result: items.map((item) => item.key) }
  })
}

export function describeReady(here: Here): void {
  describe('ready', () => {
    test('within a function the least rank comes first, whatever is due, ties by key', async () => {
      const [late, early, tie] = await queue(here, [
        { rank: START + 2, due: START },
        { rank: START + 1, due: START + 9 },
        { rank: START + 1, due: START },
      ])
      expect(await found(here)).toEqual([early, tie, late])
      expect(await found(here, { readyMax: 2 })).toEqual([early, tie])
      expect(await found(here, { readyMax: 0 })).toEqual([])
    })

    test('the claim goes round the functions, so that one with much work delays no other', async () => {
      const many = await queue(
        here,
        Array.from({ length: 50 }, () => ({ fn: 1 })),
      )
      const [two, second] = await queue(here, [{ fn: 2 }, { fn: 2 }])
      const [three] = await queue(here, [{ fn: 3 }])
      const keys = await found(here, { readyMax: 6 })
      expect(keys.slice(0, 3).toSorted()).toEqual([many[0], two, three].toSorted())
      expect(keys.toSorted()).toEqual([many[0], many[1], many[2], two, second, three].toSorted())
      expect(await found(here)).toHaveLength(53)
    })

    test('claims smaller than the number of functions reach all of them in turn', async () => {
      const fns = [1, 2, 3, 4, 5, 6, 7]
      const keys = await queue(
        here,
        fns.flatMap((fn) => [{ fn }, { fn }]),
      )
      const fnOf = new Map(keys.map((key, index) => [key, fns[index >> 1]]))
      const claimed: Key[] = []
      for (let round = 0; round < 4; round++) claimed.push(...done(await here().store.commit(claim({ readyMax: 2 }))))
      expect(
        claimed
          .slice(0, 7)
          .map((key) => fnOf.get(key))
          .toSorted(),
      ).toEqual(fns)
      expect((await found(here)).length).toBe(6)
    })

    test('items of no function are found too, first', async () => {
      const [call] = await queue(here, [{ fn: 1 }])
      const [match] = await queue(here, [{ fn: null, kind: 'match' }])
      expect(await found(here)).toEqual([match, call])
    })

    test('functions that are left alone are skipped in the ready index, not in the time index', async () => {
      const [, two, asleep] = await queue(here, [{ fn: 1 }, { fn: 2 }, { fn: 1, state: 'sleeping', step: hash('a') }])
      expect(await found(here, { skip: [1] })).toEqual([two, asleep])
      expect(await found(here, { skip: [1, 2], dueMax: 0 })).toEqual([])
      const [more] = await queue(here, [{ fn: 2 }])
      expect(await found(here, { skip: [1], readyMax: 2, dueMax: 0 })).toEqual([two, more])
    })

    test('a sleeping item is found when its time has come, the earliest first', async () => {
      const sleeping = (due: number): Partial<ItemRow> => ({ state: 'sleeping', kind: 'sleep', due })
      const [second, first] = await queue(here, [sleeping(START + 20), sleeping(START + 10), sleeping(START + 30)])
      expect(await found(here)).toEqual([])
      expect(await here().store.state.nextDue()).toEqual({ due: START + 10, ready: false })
      here().clock.advance(20)
      expect(await found(here)).toEqual([first, second])
      expect(await found(here, { dueMax: 1 })).toEqual([first])
    })

    test('what is leased or blocked is not found', async () => {
      await queue(here, [{ state: 'leased' }, { state: 'blocked', line: 'l' }, { state: 'blocked', kind: 'slot' }])
      expect(await found(here)).toEqual([])
      expect(await here().store.state.nextDue()).toEqual({ due: null, ready: false })
      await queue(here, [{}])
      expect(await here().store.state.nextDue()).toEqual({ due: null, ready: true })
    })

    test('items to claim bring their runs', async () => {
      const [run = 0] = await here().keys(1)
      await here().put({ put: 'run', row: aRun({ key: run }) })
      await queue(here, [{ run }])
      const rev = await here().read(search({}), (facts) => {
        const [item] = facts.ready()
        return item?.run == null ? undefined : [facts.run(item.run)?.rev, facts.itemOf(item.run, '')?.key === item.key]
      })
      expect(rev).toEqual([1, true])
    })

    test('of one group, two claims never take the same item', async () => {
      const keys = await queue(
        here,
        Array.from({ length: 5 }, () => ({})),
      )
      const sleeping = await queue(here, [{ state: 'sleeping', step: hash('a') }])
      const claims = (
        await here().group(claim({ readyMax: 2, dueMax: 1 }), claim({ readyMax: 2 }), claim({ readyMax: 2 }))
      ).map(done)
      expect(claims).toEqual([[keys[0], keys[1], sleeping[0]], [keys[2], keys[3]], [keys[4]]])
    })

    test('a function has a backlog while an item of it is ready', async () => {
      const [run = 0] = await here().keys(1)
      const [ready] = await queue(here, [{ fn: 4 }, { fn: 5, state: 'sleeping' }])
      const backlog = reading({ backlog: [4, 5, 6] }, (facts) => [4, 5, 6].map((fn) => facts.backlog(fn)))
      expect(done(await here().store.commit(backlog))).toEqual([true, false, false])
      const add = writing({ backlog: [6] }, (facts) => ({
        changes: [{ put: 'item' as const, row: anItem({ key: facts.key(), fn: 6, run, step: hash('c') }) }],
        result: [] as boolean[],
      }))
      expect((await here().group(add, backlog)).map(done)[1]).toEqual([true, false, true])
      await here().put({ end: 'item', key: ready ?? 0 })
      expect(done(await here().store.commit(backlog))).toEqual([false, false, true])
    })
  })
}
