// Queue items: one for each branch of a run, changed in place.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { ItemRow } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { anItem, aRun, aStep, aWait, hash, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

export function describeItems(here: Here): void {
  describe('items', () => {
    test('an item is read as it was written, and as it was set', async () => {
      const [run = 0, key = 0] = await here().keys(2)
      const row = anItem({ key, run, step: hash('a'), detail: '{"name":"x"}' })
      await here().put({ put: 'run', row: aRun({ key: run }) }, { put: 'item', row })
      expect(await here().store.state.items([key, 999_999])).toEqual([row])
      const next: ItemRow = {
        ...row,
        step: '',
        kind: 'gateway',
        state: 'sleeping',
        due: START + 5,
        rank: START - 60_000,
        limits: ['a', 'b', 'c'],
        holds: true,
        line: 'b',
        attempt: 2,
        claims: 3,
        epoch: 4,
        owner: 5,
        startedAt: START + 1,
        queuedAt: START + 2,
        again: true,
        race: true,
        detail: null,
      }
      await here().put({ set: 'item', row: next })
      expect(await here().store.state.items([key])).toEqual([next])
      const last: ItemRow = { ...next, limits: ['d'], holds: false, line: null, rank: START }
      await here().put({ set: 'item', row: last })
      expect(await here().store.state.items([key])).toEqual([last])
      await here().put({ set: 'item', row: { ...last, limits: [] } })
      expect(await here().store.state.items([key])).toEqual([{ ...last, limits: [] }])
    })

    test('setting an item that is not there is refused', async () => {
      await expect(here().put({ set: 'item', row: anItem({ key: 999_999 }) })).rejects.toThrow('no item 999999')
    })

    test('a run has one item for each step', async () => {
      const [run = 0, key = 0, second = 0] = await here().keys(3)
      await here().put({ put: 'run', row: aRun({ key: run }) }, { put: 'item', row: anItem({ key, run }) })
      await expect(here().put({ put: 'item', row: anItem({ key: second, run }) })).rejects.toThrow()
    })

    test('a wait that may cancel its run, and a time-out that is due, bring every open item of it', async () => {
      const [run = 0, sleep = 0, timeout = 0, wait = 0] = await here().keys(4)
      await here().put(
        { put: 'run', row: aRun({ key: run }) },
        {
          put: 'item',
          row: anItem({ key: sleep, run, step: hash('a'), kind: 'sleep', state: 'sleeping', due: START + 60_000 }),
        },
        {
          put: 'item',
          row: anItem({ key: timeout, run, step: '!finish', kind: 'timeout', state: 'sleeping', due: START }),
        },
        { put: 'wait', row: aWait({ key: wait, run, step: '!cancel0', item: null, kind: 'cancel', name: 'a/stop' }) },
      )
      const searched = { name: 'a/stop', keys: [{ path: '', value: '' }], after: 0, max: 10 }
      const byWait = await here().read({ waits: [searched] }, (facts) => facts.itemsOf(run).map((item) => item.key))
      expect(byWait).toEqual([sleep, timeout])
      const claim = { ready: { readyMax: 0, dueMax: 10, skip: [] } }
      const byTimeout = await here().read(claim, (facts) => facts.itemsOf(run).map((item) => item.key))
      expect(byTimeout).toEqual([sleep, timeout])
    })

    test('an item brings its run, and the wait and memo of its step', async () => {
      const [run = 0, key = 0, wait = 0] = await here().keys(3)
      const step = hash('a')
      await here().put(
        { put: 'run', row: aRun({ key: run }) },
        { put: 'item', row: anItem({ key, run, step, kind: 'wait', state: 'sleeping' }) },
        { put: 'wait', row: aWait({ key: wait, run, step, item: key }) },
        { put: 'step', row: aStep({ run, step }) },
      )
      const found = await here().read({ items: [key, 999_999] }, (facts) => [
        facts.item(key)?.key,
        facts.item(999_999),
        facts.run(run)?.key,
        facts.waitOf(run, step)?.key,
        facts.hasMemo(run, step),
        facts.itemOf(run, ''),
      ])
      expect(found).toEqual([key, undefined, run, wait, true, undefined])
    })

    test('items and memos are found by step, absence too', async () => {
      const [run = 0, key = 0] = await here().keys(2)
      const [a, b] = [hash('a'), hash('b')]
      await here().put({ put: 'run', row: aRun({ key: run }) }, { put: 'item', row: anItem({ key, run, step: a }) })
      const steps = [a, b, ''].map((step) => ({ run, step }))
      const found = await here().read({ steps }, (facts) => [
        ...steps.map(({ step }) => facts.itemOf(run, step)?.key),
        ...steps.map(({ step }) => facts.hasMemo(run, step)),
      ])
      expect(found).toEqual([key, undefined, undefined, false, false, false])
    })

    test('all items of a run are found, and end together', async () => {
      const [run = 0, other = 0, one = 0, two = 0, third = 0] = await here().keys(5)
      await here().put(
        { put: 'run', row: aRun({ key: run }) },
        { put: 'run', row: aRun({ key: other }) },
        { put: 'item', row: anItem({ key: one, run }) },
        { put: 'item', row: anItem({ key: two, run, step: '!finish', kind: 'timeout', state: 'sleeping' }) },
        { put: 'item', row: anItem({ key: third, run: other }) },
      )
      const keysOf = () =>
        here().read({ itemsOf: [run, other] }, (facts) =>
          [run, other].map((key) => facts.itemsOf(key).map((item) => item.key)),
        )
      expect(await keysOf()).toEqual([[one, two], [third]])
      await here().put({ end: 'items', run })
      expect(await keysOf()).toEqual([[], [third]])
      await here().put({ end: 'item', key: third })
      expect(await keysOf()).toEqual([[], []])
    })

    test('cron items are found by function', async () => {
      const [one = 0, two = 0, call = 0] = await here().keys(3)
      const cron = (key: number, step: string) =>
        anItem({ key, fn: 7, step, kind: 'cron', state: 'sleeping', due: START + 60_000 })
      await here().put(
        { put: 'item', row: cron(one, '* * * * *') },
        { put: 'item', row: cron(two, '0 * * * *') },
        { put: 'item', row: anItem({ key: call, fn: 7 }) },
      )
      const found = await here().read({ crons: [7, 8] }, (facts) => [facts.crons(7), facts.crons(8)])
      expect(found[0]?.map((item) => item.key).toSorted()).toEqual([one, two])
      expect(found[1]).toEqual([])
    })

    test('of one group, a later operation sees items as earlier ones left them', async () => {
      const [run = 0, first = 0, second = 0] = await here().keys(3)
      const [a, b] = [hash('a'), hash('b')]
      await here().put(
        { put: 'run', row: aRun({ key: run }) },
        { put: 'item', row: anItem({ key: first, run, step: a }) },
      )
      const needs = { itemsOf: [run], items: [first], crons: [3] }
      const look = reading(needs, (facts) => [
        ...facts.itemsOf(run).map((item) => `${item.key}${item.step.slice(0, 1)}`),
        facts.item(first) === undefined ? 'ended' : 'open',
        facts.itemOf(run, a)?.key,
        facts.crons(3).length,
      ])
      const change = (...changes: Change[]) => writing(needs, () => ({ changes, result: [] as unknown[] }))
      const outcomes = await here().group<unknown[]>(
        look,
        change({ put: 'item', row: anItem({ key: second, run, step: b }) }),
        look,
        change({ set: 'item', row: anItem({ key: first, run, step: '' }) }),
        look,
        change(
          { put: 'item', row: anItem({ key: 900_001, fn: 3, step: 'x', kind: 'cron', state: 'sleeping' }) },
          { end: 'item', key: first },
        ),
        look,
        change({ end: 'items', run }),
        look,
      )
      expect(outcomes.map(done).filter((result) => result.length > 0)).toEqual([
        [`${first}a`, 'open', first, 0],
        [`${first}a`, `${second}b`, 'open', first, 0],
        [`${first}`, `${second}b`, 'open', undefined, 0],
        [`${second}b`, 'ended', undefined, 1],
        ['ended', undefined, 1],
      ])
    })
  })
}
