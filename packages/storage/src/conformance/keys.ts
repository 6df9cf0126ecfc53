// Keys are never used twice.
import { describe, expect, test } from 'vitest'
import { StorageError } from '../errors.ts'
import type { Here } from './index.ts'
import { anEvent } from './rows.ts'
import { World } from './world.ts'

export function describeKeys(here: Here, adopt: (world: World) => World): void {
  describe('keys', () => {
    test('keys grow in the order in which they are drawn, over groups too', async () => {
      const drawn: number[] = []
      for (let group = 0; group < 5; group++) drawn.push(...(await here().keys(2_000)))
      expect(drawn).toEqual(drawn.toSorted((a, b) => a - b))
      expect(new Set(drawn).size).toBe(10_000)
    })

    test('one decision may draw more keys than are in stock', async () => {
      const drawn = await here().keys(30_000)
      expect(new Set(drawn).size).toBe(30_000)
      const [next = 0] = await here().keys(1)
      expect(next).toBeGreaterThan(drawn.at(-1) ?? 0)
      const overFacts = await here().read({ backlog: [1] }, (facts) =>
        Array.from({ length: 20_000 }, () => facts.key()),
      )
      expect(overFacts[0]).toBeGreaterThan(next)
    })

    test('keys reserved while a group is given up are not handed out again', async () => {
      const { database } = here()
      await database.begin({}, [], [])
      const first = await database.reserveKeys(10)
      await database.rollback()
      const second = await database.reserveKeys(10)
      expect(second).toBeGreaterThanOrEqual(first + 10)
    })

    test('nor are they after a new start, however the group went on', async (context) => {
      if (!here().place.isKept) context.skip('this database ends with its process')
      for (const ending of ['finish', 'rollback', 'close'] as const) {
        const { database, store } = here()
        await database.begin({}, [], [])
        const first = await database.reserveKeys(10)
        const write = { fence: null, rev: null, changes: [{ put: 'waitPath' as const, name: 'a', path: '' }] }
        if (ending === 'finish') await database.finish({ number: 1, writes: [write] })
        if (ending === 'rollback') await database.rollback()
        await store.close()
        const world = adopt(await World.open(here().place, here().clock))
        expect(await world.database.reserveKeys(1)).toBeGreaterThanOrEqual(first + 10)
      }
    })

    test('a reservation that fails is made again when it is needed', async () => {
      let failures = 2
      const world = here().over((database) => ({
        reserveKeys: async (count) => {
          if (failures-- > 0) throw new StorageError('storage_error', 'The store is away.')
          return database.reserveKeys(count)
        },
      }))
      await expect(world.keys(1)).rejects.toMatchObject({ code: 'storage_error' })
      await expect(world.keys(1)).rejects.toMatchObject({ code: 'storage_error' })
      expect(await world.keys(10_000)).toHaveLength(10_000)
    })

    test('a reset does not bring old keys back', async () => {
      const [before = 0] = await here().keys(1)
      await here().put({ end: 'everything' })
      const [after = 0] = await here().keys(1)
      expect(after).toBeGreaterThan(before)
    })

    test('nor does a new start', async (context) => {
      if (!here().place.isKept) context.skip('this database ends with its process')
      const drawn = await here().keys(5_000)
      const world = adopt(await here().reopen())
      const [after = 0] = await world.keys(1)
      expect(after).toBeGreaterThan(drawn.at(-1) ?? 0)
      await world.put({ put: 'event', row: anEvent({ key: after }), body: '{}' })
      await world.put({ end: 'everything' })
      const last = adopt(await world.reopen())
      expect((await last.keys(1))[0]).toBeGreaterThan(after)
      expect(last.database.process).toBeGreaterThan(after)
    })
  })
}
