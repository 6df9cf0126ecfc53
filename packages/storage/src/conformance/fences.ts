// The lease is the guard: who lost it writes nothing, and what was built on an older run is refused.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { ItemRow, RunRow } from '../contract/rows.ts'
import type { Fence, Operation } from '../contract/store.ts'
import type { Here } from './index.ts'
import { anItem, aRun, aStep, hash, nextState } from './rows.ts'
import { counted } from './world.ts'

export function describeFences(here: Here): void {
  describe('fences and revisions', () => {
    let run: RunRow
    let item: ItemRow
    let fence: Fence

    beforeEach(async () => {
      const [runKey = 0, itemKey = 0] = await here().keys(2)
      run = aRun({ key: runKey })
      item = anItem({ key: itemKey, run: runKey, state: 'leased', epoch: 3, owner: 1 })
      fence = { run: runKey, item: itemKey, epoch: 3 }
      await here().put({ put: 'run', row: run }, { put: 'item', row: item })
    })

    /** A step's operation: the run's row first, then its memo. */
    function step(over: Partial<Operation<string>> = {}, digit = 'a'): Operation<string> {
      const changes: Change[] = [
        { set: 'run', key: run.key, state: nextState(run, { stack: 1 }) },
        { put: 'step', row: aStep({ run: run.key, step: hash(digit) }) },
      ]
      return { needs: {}, fence, given: { rev: 1 }, decide: () => ({ changes, result: 'ok' }), ...over }
    }

    async function memos(): Promise<number | undefined> {
      return (await here().store.state.load([run.key]))[0]?.steps.length
    }

    // With needs the guards are checked by `begin`, without by `finish`.
    const ways = [
      ['without needs', {}],
      ['with needs', { backlog: [1] }],
    ] as const

    for (const [way, needs] of ways) {
      test(`${way}, who holds the lease commits`, async () => {
        expect(await here().store.commit(step({ needs }))).toMatchObject({ done: 'ok' })
        expect(await memos()).toBe(1)
      })

      test(`${way}, a late worker cannot commit`, async () => {
        expect(await here().store.commit(step({ needs, fence: { ...fence, epoch: 2 } }))).toBe('stale')
        expect(await here().store.commit(step({ needs, fence: { ...fence, item: 999_999 } }))).toBe('stale')
        expect(await memos()).toBe(0)
        expect(await here().store.state.runByUlid(run.id)).toEqual(run)
      })

      test(`${way}, what was built on an older run has moved`, async () => {
        await here().put({ set: 'run', key: run.key, state: nextState(run) })
        expect(await here().store.commit(step({ needs }))).toBe('moved')
        expect(await memos()).toBe(0)
      })

      test(`${way}, a lease that is gone comes before a run that has moved`, async () => {
        await here().put({ set: 'run', key: run.key, state: nextState(run) }, { end: 'item', key: item.key })
        expect(await here().store.commit(step({ needs }))).toBe('stale')
      })

      test(`${way}, an operation that only checks is refused like any other`, async () => {
        const check = (over: Partial<Operation<string>>) =>
          here().store.commit<string>({ needs, fence, decide: () => ({ changes: [], result: 'ok' }), ...over })
        expect(await check({ given: { rev: 1 } })).toMatchObject({ done: 'ok' })
        expect(await check({ given: { rev: 2 } })).toBe('moved')
        expect(await check({ fence: { ...fence, epoch: 9 } })).toBe('stale')
      })
    }

    test('a run is refused wherever it stands in the operation, and nothing of it is written', async () => {
      const changes: Change[] = [
        { put: 'step', row: aStep({ run: run.key }) },
        { set: 'run', key: run.key, state: nextState(run, { rev: 5 }) },
      ]
      const outcome = await here().store.commit({ needs: {}, decide: () => ({ changes, result: 'ok' }) })
      expect(outcome).toBe('moved')
      expect(await memos()).toBe(0)
    })

    test('a plain operation that says nothing of its revision has moved all the same, beside one with needs', async () => {
      await here().put({ set: 'run', key: run.key, state: nextState(run) })
      const beside: Operation<string> = { needs: { backlog: [1] }, decide: () => ({ changes: [], result: 'read' }) }
      expect(await here().group(beside, step({ given: undefined }))).toMatchObject([{ done: 'read' }, 'moved'])
    })

    test('of two plain operations on one run the second waits for the next turn, and has moved', async () => {
      const { world, groups } = counted(here())
      await world.read({ backlog: [1] }, () => 0)
      const outcomes = await world.group(step(), step({}, 'b'))
      expect(groups.map((group) => group.writes.length)).toEqual([1, 1, 1])
      expect(outcomes).toMatchObject([{ done: 'ok' }, 'moved'])
      expect(await memos()).toBe(1)
    })

    test('of one group, an earlier operation takes the lease of a later one', async () => {
      const raise: Operation<string> = {
        needs: { items: [item.key] },
        decide: () => ({ changes: [{ set: 'item', row: { ...item, epoch: 4 } }], result: 'raised' }),
      }
      expect(await here().group(raise, step())).toMatchObject([{ done: 'raised' }, 'stale'])
      expect(await here().group(step({ fence: { ...fence, epoch: 4 } }), raise)).toMatchObject([
        { done: 'ok' },
        { done: 'raised' },
      ])
    })

    test('of one group, an earlier operation that cancels the run takes the lease of a later one', async () => {
      const cancel: Operation<string> = {
        needs: { runs: [run.key] },
        decide: () => ({ changes: [{ end: 'items', run: run.key }], result: 'cancelled' }),
      }
      expect(await here().group(cancel, step())).toMatchObject([{ done: 'cancelled' }, 'stale'])
    })

    test('of one group, a lease is taken with all items of its run, also when nobody asked for them', async () => {
      const [branch = 0] = await here().keys(1)
      await here().put({ put: 'item', row: { ...item, key: branch, step: hash('b') } })
      const cancel: Operation<string> = {
        needs: { backlog: [1] },
        decide: () => ({ changes: [{ end: 'items', run: run.key }], result: 'cancelled' }),
      }
      const outcomes = await here().group(cancel, step({ fence: { ...fence, item: branch } }))
      expect(outcomes).toMatchObject([{ done: 'cancelled' }, 'stale'])
    })

    test('of one group, a run that an earlier operation has written moves a later one', async () => {
      const touch: Operation<string> = {
        needs: { runs: [run.key] },
        decide: () => ({ changes: [{ set: 'run', key: run.key, state: nextState(run) }], result: 'touched' }),
      }
      const decide = () => ({ changes: [], result: 'on it' })
      const onIt = step({ needs: { backlog: [1] }, given: { rev: 2 }, decide })
      const { world, groups } = counted(here())
      const outcomes = await world.group(touch, step(), onIt)
      expect(outcomes).toMatchObject([{ done: 'touched' }, 'moved', { done: 'on it' }])
      expect(groups).toHaveLength(1)
    })
  })
}
