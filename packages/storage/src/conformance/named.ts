// Items of no run that are found by name, runs that are found by their singleton, events that a rate limit admitted, and
// operations on many runs: what flow control keeps besides limits.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { ItemKind, Key } from '../contract/rows.ts'
import type { Facts } from '../contract/store.ts'
import type { Here } from './index.ts'
import { aBulk, anItem, aRun, hash, nextState, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

const NAME = 'debounce:1:a'

function change(needs: Parameters<typeof writing>[0], ...changes: readonly Change[]) {
  return writing(needs, () => ({ changes, result: undefined as unknown }))
}

function window(key: Key, kind: ItemKind = 'debounce', name = NAME) {
  return anItem({ key, kind, step: name, state: 'sleeping', due: START + 1_000, detail: '{"event":1}' })
}

function describeNames(here: Here): void {
  describe('items by name', () => {
    test('an item of no run is found by its name, absence too', async () => {
      const [one = 0, two = 0, call = 0, run = 0] = await here().keys(4)
      await here().put(
        { put: 'item', row: window(one) },
        { put: 'item', row: window(two, 'batch', 'batch:1') },
        { put: 'run', row: aRun({ key: run }) },
        { put: 'item', row: anItem({ key: call, run, step: 'debounce:1:b' }) },
      )
      const named = [NAME, 'batch:1', 'debounce:1:b', 'none']
      const found = await here().read({ named }, (facts) => named.map((name) => facts.named(name)))
      expect(found).toEqual([window(one), window(two, 'batch', 'batch:1'), undefined, undefined])
      await expect(here().read({ named }, (facts) => facts.named('unasked'))).rejects.toThrow('not in the needs')
    })

    test('a name stands for one item only; those that hand work over have none', async () => {
      const [one = 0, two = 0, ...more] = await here().keys(7)
      await here().put({ put: 'item', row: window(one) })
      await expect(here().put({ put: 'item', row: window(two, 'batch') })).rejects.toThrow()
      await here().put(
        ...more.map((key, index) => ({
          put: 'item' as const,
          row: anItem({ key, fn: null, kind: index % 2 === 0 ? ('line' as const) : ('match' as const) }),
        })),
      )
      expect(await here().read({ named: [''] }, (facts) => facts.named(''))).toBeUndefined()
    })

    test('the time index finds them, and cron items are not among them', async () => {
      const [one = 0, cron = 0] = await here().keys(2)
      await here().put(
        { put: 'item', row: window(one) },
        { put: 'item', row: anItem({ key: cron, kind: 'cron', step: '* * * * *', state: 'sleeping' }) },
      )
      here().clock.advance(1_000)
      const ready = { readyMax: 0, dueMax: 9, skip: [] }
      expect((await here().read({ ready }, (facts) => facts.ready())).map(({ key }) => key)).toEqual([cron, one])
      expect(await here().read({ named: ['* * * * *'] }, (facts) => facts.named('* * * * *'))).toBeUndefined()
    })

    test('of one group, a later operation sees them as earlier ones left them', async () => {
      const [one = 0, two = 0] = await here().keys(2)
      const needs = { named: [NAME, 'other'] }
      const look = reading(needs, (facts): unknown => [facts.named(NAME)?.due, facts.named('other')?.key])
      const outcomes = await here().group(
        look,
        change(needs, { put: 'item', row: window(one) }),
        look,
        change(needs, { set: 'item', row: { ...window(one), due: START + 5 } }),
        look,
        change(needs, { set: 'item', row: window(one, 'debounce', 'other') }),
        look,
        change(needs, { end: 'item', key: one }, { put: 'item', row: window(two) }),
        look,
      )
      expect(outcomes.map(done).filter((result) => result !== undefined)).toEqual([
        [undefined, undefined],
        [START + 1_000, undefined],
        [START + 5, undefined],
        [undefined, one],
        [START + 1_000, undefined],
      ])
    })
  })
}

function describeSingletons(here: Here): void {
  describe('singletons', () => {
    const needs = { singletons: ['s', 'free'] }

    test('the live run that holds a singleton is found, with every item of it', async () => {
      const [run = 0, first = 0, second = 0, before = 0] = await here().keys(4)
      const row = aRun({ key: run, singleton: 's' })
      await here().put(
        { put: 'run', row: aRun({ key: before, singleton: 's', status: 'completed', endedAt: START }) },
        { put: 'run', row },
        { put: 'item', row: anItem({ key: first, run }) },
        { put: 'item', row: anItem({ key: second, run, step: hash('a'), state: 'sleeping' }) },
      )
      const found = await here().read(needs, (facts) => [
        facts.singleton('s'),
        facts.singleton('free'),
        facts.itemsOf(run).map(({ key }) => key),
      ])
      expect(found).toEqual([row, undefined, [first, second]])
      await expect(here().read(needs, (facts) => facts.singleton('unasked'))).rejects.toThrow('not in the needs')
    })

    test('a second live run of a singleton is refused, until the first has ended', async () => {
      const [one = 0, two = 0] = await here().keys(2)
      const row = aRun({ key: one, singleton: 's' })
      await here().put({ put: 'run', row })
      await expect(here().put({ put: 'run', row: aRun({ key: two, singleton: 's' }) })).rejects.toThrow()
      await here().put({ set: 'run', key: one, state: nextState(row, { status: 'cancelled', endedAt: START }) })
      await here().put({ put: 'run', row: aRun({ key: two, singleton: 's' }) })
      expect(await here().read(needs, (facts) => facts.singleton('s')?.key)).toBe(two)
    })

    test('one operation may end the holder and start the next', async () => {
      const [one = 0, two = 0] = await here().keys(2)
      const row = aRun({ key: one, singleton: 's' })
      await here().put({ put: 'run', row })
      await here().put(
        { set: 'run', key: one, state: nextState(row, { status: 'cancelled', endedAt: START }) },
        { put: 'run', row: aRun({ key: two, singleton: 's' }) },
      )
      expect(await here().read(needs, (facts) => facts.singleton('s')?.key)).toBe(two)
    })

    test('of one group, one operation starts the run and the others see it; its end frees the singleton', async () => {
      const [one = 0, two = 0] = await here().keys(2)
      const start = (key: Key) =>
        writing(needs, (facts) => {
          const holder = facts.singleton('s')
          const changes = holder === undefined ? [{ put: 'run' as const, row: aRun({ key, singleton: 's' }) }] : []
          return { changes, result: holder?.key as unknown }
        })
      const end = writing({ runs: [one] }, (facts) => {
        const row = facts.run(one)
        if (row === undefined) throw new Error('no run')
        const state = nextState(row, { status: 'completed', endedAt: facts.now })
        return { changes: [{ set: 'run' as const, key: one, state }], result: 'ended' as unknown }
      })
      expect((await here().group(start(one), start(two), end, start(two))).map(done)).toEqual([
        undefined,
        one,
        'ended',
        undefined,
      ])
      expect(await here().read(needs, (facts) => facts.singleton('s')?.key)).toBe(two)
    })
  })
}

function describeWindows(here: Here): void {
  describe('windows', () => {
    const admitted = (key: Key, at: number, name = 'w'): Change => {
      return { put: 'admission', row: { key, name, at, expiresAt: at + 1_000 } }
    }
    const counts = (periodMs: number) => ({ windows: [{ name: 'w', periodMs }] })
    const see = (facts: Facts) => facts.window('w')

    test('a window counts what was admitted within one period up to now', async () => {
      const keys = await here().keys(4)
      const times = [START - 1_000, START - 999, START, START]
      await here().put(...keys.map((key, index) => admitted(key, times[index] ?? 0, index === 3 ? 'other' : 'w')))
      expect(await here().read(counts(1_000), see)).toBe(2)
      expect(await here().read(counts(1_001), see)).toBe(3)
      here().clock.advance(1)
      expect(await here().read(counts(1_000), see)).toBe(1)
      await expect(here().read({ backlog: [1] }, see)).rejects.toThrow('not in the needs')
    })

    test('of one group, a later operation counts what earlier ones admitted, in the window of its own period', async () => {
      const [old = 0, first = 0, second = 0] = await here().keys(3)
      await here().put(admitted(old, START - 500))
      const outcomes = await here().group(
        reading(counts(400), see),
        writing(counts(1_000), (facts) => ({ changes: [admitted(first, facts.now)], result: see(facts) })),
        writing(counts(400), (facts) => ({ changes: [admitted(second, facts.now)], result: see(facts) })),
        reading(counts(1_000), see),
        reading(counts(400), see),
      )
      expect(outcomes.map(done)).toEqual([0, 1, 1, 3, 2])
    })

    test('what has expired is deleted, the oldest first, as many of each as asked for', async () => {
      const keys = await here().keys(3)
      await here().put(
        ...keys.map((key, index) => admitted(key, START + index)),
        ...['a', 'b', 'c'].map((name, index) => {
          return { put: 'rate' as const, row: { name, tat: (START + index) * 1_000 } }
        }),
      )
      const rates = async () => {
        const names = ['a', 'b', 'c']
        const limits = names.map((name) => ({ name, take: 0 }))
        return here().read({ limits }, (facts) => names.filter((name) => facts.limit(name)?.tat !== null))
      }
      await here().put({ end: 'expired', before: START + 1_002, max: 1 })
      expect([await here().read(counts(9_000), see), await rates()]).toEqual([2, ['b', 'c']])
      await here().put({ end: 'expired', before: START + 2, max: 10 })
      expect([await here().read(counts(9_000), see), await rates()]).toEqual([2, ['c']])
      await here().put({ end: 'expired', before: START + 1_002, max: 10 })
      expect([await here().read(counts(9_000), see), await rates()]).toEqual([1, []])
    })
  })
}

function describeBulks(here: Here): void {
  describe('operations on many runs', () => {
    test('one is read as it was written, and as it was set', async () => {
      const [key = 0] = await here().keys(1)
      const row = aBulk({ key, kind: 'replay', fn: 7, request: '{"a":1}' })
      await here().put({ put: 'bulk', row })
      expect(await here().store.state.bulk(key)).toEqual(row)
      const next = { ...row, progress: '{"done":5}', endedAt: START + 9 }
      await here().put({ set: 'bulk', row: next })
      expect(await here().store.state.bulk(key)).toEqual(next)
      expect(await here().store.state.bulk(999_999)).toBeUndefined()
      await expect(here().put({ set: 'bulk', row: aBulk({ key: 999_999 }) })).rejects.toThrow('999999')
    })
  })
}

export function describeNamed(here: Here): void {
  describeNames(here)
  describeSingletons(here)
  describeWindows(here)
  describeBulks(here)
}
