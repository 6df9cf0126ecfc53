// The writer's turn: what is committed together, what fails alone, and what is said when nobody knows.
import { describe, expect, test } from 'vitest'
import type { Operation } from '../contract/store.ts'
import { StorageError } from '../errors.ts'
import { createStore } from '../writer.ts'
import type { Here } from './index.ts'
import { anEvent } from './rows.ts'
import { counted, done, reading, type World, writing } from './world.ts'

const ID = '01EVENTONCE00000000000000'

/** Stores an event under a fresh key. */
function send(name = 'a') {
  return writing({}, (facts) => {
    const key = facts.key()
    return { changes: [{ put: 'event' as const, row: anEvent({ key, name }), body: '{}' }], result: key }
  })
}

/** Stores the event of the one ULID without asking whether it is there: the second time it does not fit. */
function sendOnce() {
  return writing({}, (facts) => {
    const key = facts.key()
    return { changes: [{ put: 'event' as const, row: { ...anEvent({ key }), id: ID }, body: '{}' }], result: key }
  })
}

async function events(here: Here): Promise<number> {
  return (await here().store.lists.totals()).events
}

/** Fails the first `finish`: before or after the inner one has committed. */
function losing(world: World, when: 'before' | 'after', times = 1): World {
  let left = times
  return world.over((database) => ({
    finish: async (group) => {
      if (left === 0) return database.finish(group)
      left--
      if (when === 'after') await database.finish(group)
      else await database.rollback()
      throw new StorageError('outcome_unknown', 'The connection was lost.')
    },
  }))
}

export function describeGroups(here: Here): void {
  describe('groups', () => {
    test('what is handed over in one turn is one group, at most 256 operations', async () => {
      const { world, groups } = counted(here())
      await world.group(...Array.from({ length: 600 }, () => send()))
      expect(groups.map((group) => group.writes.length)).toEqual([256, 256, 88])
      expect(groups.map((group) => group.number)).toEqual([1, 2, 3])
    })

    test('operations answer in their order, with the results of their own', async () => {
      const outcomes = await here().group(
        send(),
        reading({ backlog: [1] }, () => -1),
        send(),
      )
      const [first = 0, second, third = 0] = outcomes.map(done)
      expect([second, third > first]).toEqual([-1, true])
    })

    test('an operation whose decision throws is rejected alone', async () => {
      for (const needs of [{}, { backlog: [1] }]) {
        const bad: Operation<number> = {
          needs,
          decide: () => {
            throw new RangeError('bad')
          },
        }
        const settled = await Promise.allSettled([send(), bad, send()].map((one) => here().store.commit(one)))
        expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect(settled[1]).toMatchObject({ reason: new RangeError('bad') })
      }
      expect(await events(here)).toBe(4)
    })

    test('asking for what was not in the needs is an error', async () => {
      const asks: Operation<unknown>[] = [
        reading({ backlog: [1] }, (facts) => facts.run(5)),
        reading({ backlog: [1] }, (facts) => facts.event('x')),
        reading({ backlog: [1] }, (facts) => facts.waits('x')),
        reading({ backlog: [1] }, (facts) => facts.ready()),
        reading({ backlog: [1] }, (facts) => facts.itemOf(5, '')),
        reading({ backlog: [1] }, (facts) => facts.hasMemo(5, 'x')),
        reading({ backlog: [1] }, (facts) => facts.backlog(2)),
        reading({ backlog: [1] }, (facts) => facts.apps()),
        reading({}, (facts) => facts.run(5)),
      ]
      for (const ask of asks) await expect(here().store.commit(ask)).rejects.toThrow(/not in the needs|without needs/)
    })

    test('a group that errs is halved until the operation that does not fit is alone', async () => {
      await here().store.commit(sendOnce())
      for (const needs of [{}, { backlog: [1] }]) {
        const operations = Array.from({ length: 9 }, (_, index) => (index === 4 ? sendOnce() : { ...send(), needs }))
        const settled = await Promise.allSettled(operations.map((one) => here().store.commit(one)))
        const rejected = settled
          .map(({ status }, index) => (status === 'rejected' ? index : -1))
          .filter((at) => at >= 0)
        expect(rejected).toEqual([4])
      }
      expect(await events(here)).toBe(17)
    })

    test('a group whose answer was lost after the commit is answered as it was committed', async () => {
      const world = losing(here(), 'after')
      const outcomes = await world.group(send(), send())
      expect(outcomes.map(done)).toHaveLength(2)
      expect(await events(here)).toBe(2)
    })

    test('refusals survive a lost answer', async () => {
      let isLosing = false
      const world = here().over((database) => ({
        finish: async (group) => {
          const written = await database.finish(group)
          if (isLosing) throw new StorageError('outcome_unknown', 'The connection was lost.')
          return written
        },
      }))
      // A writer's first group reads; those after it have their guards checked by `finish`.
      await world.read({}, () => 0)
      isLosing = true
      const refused: Operation<number> = { ...send(), fence: { run: null, item: 999_999, epoch: 1 } }
      expect(await world.group(send(), refused, send())).toMatchObject([{}, 'stale', {}])
      expect(await events(here)).toBe(2)
    })

    test('a group whose answer was lost before the commit is run again', async () => {
      const world = losing(here(), 'before')
      expect((await world.group(send(), send())).map(done)).toHaveLength(2)
      expect(await events(here)).toBe(2)
    })

    test('a group that is lost twice is rejected, with nothing written', async () => {
      const world = losing(here(), 'before', 2)
      await expect(world.group(send(), send())).rejects.toMatchObject({ code: 'storage_error' })
      expect(await events(here)).toBe(0)
      expect((await world.group(send())).map(done)).toHaveLength(1)
    })

    test('when the store cannot be asked what became of a group, nothing is claimed', async () => {
      const world = losing(here(), 'after').over(() => ({
        written: async () => {
          throw new StorageError('storage_error', 'The store is away.')
        },
      }))
      await expect(world.group(send())).rejects.toMatchObject({ code: 'outcome_unknown' })
    })

    test('an error of the disk rejects the whole group, and the next operation tries again', async () => {
      let isFull = true
      const world = here().over((database) => ({
        finish: async (group) => {
          if (!isFull) return database.finish(group)
          await database.rollback()
          throw new StorageError('storage_full', 'The disk is full.')
        },
      }))
      const settled = await Promise.allSettled([send(), send()].map((one) => world.store.commit(one)))
      expect(settled).toMatchObject([{ reason: { code: 'storage_full' } }, { reason: { code: 'storage_full' } }])
      isFull = false
      await world.group(send())
      expect(await events(here)).toBe(1)
    })

    test('operations of a large group go over to the next one', async () => {
      const { world, groups } = counted(here())
      const many = (count: number) =>
        writing({}, (facts) => ({
          changes: Array.from({ length: count }, () => ({
            put: 'skip' as const,
            row: { event: facts.key(), fn: 1, reason: 'r', detail: null },
          })),
          result: count,
        }))
      expect((await world.group(many(6_000), many(10), many(10))).map(done)).toEqual([6_000, 10, 10])
      expect(groups.map((group) => group.writes.length)).toEqual([1, 2])
    })

    test('while a group commits the next one gathers', async () => {
      const order: string[] = []
      const world = here().over((database) => ({
        finish: async (group) => {
          order.push(`begin ${group.writes.length}`)
          const written = await database.finish(group)
          await new Promise((resolve) => setImmediate(resolve))
          order.push('end')
          return written
        },
      }))
      const first = world.store.commit(send())
      await new Promise((resolve) => setImmediate(resolve))
      await Promise.all([first, world.store.commit(send()), world.store.commit(send())])
      expect(order).toEqual(['begin 1', 'end', 'begin 2', 'end'])
    })

    test('closing commits what is queued and refuses what comes after', async () => {
      let isClosed = false
      const database = here().over((inner) => ({
        close: async () => {
          isClosed = (await inner.lists.totals()).events === 1
        },
      })).database
      const store = createStore({ database, turn: queueMicrotask })
      const queued = store.commit(send())
      const closing = store.close()
      await expect(store.commit(send())).rejects.toMatchObject({ code: 'storage_closed' })
      await closing
      expect([typeof (await queued), isClosed]).toEqual(['object', true])
    })
  })
}
