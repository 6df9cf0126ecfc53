// Limits: slots that items hold, what rates remember, and how both look to operations that are decided together.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { Facts, Needs } from '../contract/store.ts'
import type { Here } from './index.ts'
import { anItem, aRun, hash, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

const LIMIT = 'fn:1:0'
const OTHER = 'env:a'
const NEEDS: Needs = { limits: [{ name: LIMIT, take: 10 }] }

/** Puts one item of a run of its own for each description. */
export async function queue(here: Here, items: readonly Partial<ItemRow>[]): Promise<ItemRow[]> {
  const keys = await here().keys(2 * items.length)
  const rows = items.map((item, index) => anItem({ key: keys[2 * index + 1] ?? 0, run: keys[2 * index] ?? 0, ...item }))
  await here().put(
    ...rows.flatMap((row): Change[] => [
      { put: 'run', row: aRun({ key: row.run ?? 0, fn: row.fn ?? 1 }) },
      { put: 'item', row },
    ]),
  )
  return rows
}

function holding(...limits: readonly string[]): Partial<ItemRow> {
  return { state: 'leased', limits, holds: true }
}

function held(here: Here, name = LIMIT): Promise<number | undefined> {
  return here().read({ limits: [{ name, take: 0 }] }, (facts) => facts.limit(name)?.held)
}

function change(needs: Needs, ...changes: readonly Change[]) {
  return writing(needs, () => ({ changes, result: undefined as unknown }))
}

export function describeLimits(here: Here): void {
  describe('limits', () => {
    test('a limit that nobody has used has no slot held, remembers nothing and has an empty line', async () => {
      const state = await here().read(NEEDS, (facts) => [facts.limit(LIMIT), facts.line(LIMIT)])
      expect(state).toEqual([
        { held: 0, tat: null, timer: null },
        { items: [], isWhole: true },
      ])
    })

    test('the slots of a limit are held by items that name it, whatever their state and wherever it is named', async () => {
      await queue(here, [
        holding(LIMIT),
        holding(OTHER, LIMIT),
        { ...holding('x', OTHER, LIMIT), state: 'ready' },
        { ...holding(LIMIT), kind: 'slot', step: '!slot', state: 'blocked' },
        { limits: [LIMIT], state: 'sleeping' },
        { limits: [LIMIT], state: 'blocked', line: LIMIT },
        holding(OTHER),
      ])
      expect([await held(here), await held(here, OTHER), await held(here, 'x')]).toEqual([4, 3, 1])
    })

    test('a slot is given back by the item that gives it up or ends, and by all items of a run together', async () => {
      const [one, two, three] = await queue(here, [holding(LIMIT), holding(LIMIT, OTHER), holding(OTHER, LIMIT)])
      if (one === undefined || two === undefined || three === undefined) throw new Error('no items')
      await here().put({ set: 'item', row: { ...one, holds: false, state: 'sleeping' } })
      expect([await held(here), await held(here, OTHER)]).toEqual([2, 2])
      await here().put({ end: 'item', key: two.key })
      expect([await held(here), await held(here, OTHER)]).toEqual([1, 1])
      await here().put({ end: 'items', run: three.run ?? 0 })
      expect([await held(here), await held(here, OTHER)]).toEqual([0, 0])
    })

    test('an item may change its limits, and keeps its slot while nothing of them changes', async () => {
      const [item] = await queue(here, [holding(LIMIT)])
      if (item === undefined) throw new Error('no item')
      await here().put({ set: 'item', row: { ...item, epoch: 5, step: hash('b') } })
      expect(await held(here)).toBe(1)
      const next: ItemRow = { ...item, limits: [OTHER, 'y', 'x'], rank: START - 7 }
      await here().put({ set: 'item', row: next })
      expect([await held(here), await held(here, OTHER), await held(here, 'x')]).toEqual([0, 1, 1])
      expect(await here().store.state.items([item.key])).toEqual([next])
    })

    test('an item brings the limits that it names, without their lines', async () => {
      const [item] = await queue(here, [
        { limits: [LIMIT, OTHER], state: 'ready' },
        holding(OTHER),
        { limits: [LIMIT], state: 'blocked', line: LIMIT },
      ])
      const see = (facts: Facts) => [facts.limit(LIMIT)?.held, facts.limit(OTHER)?.held, facts.line(LIMIT)]
      const expected = [0, 1, { items: [], isWhole: false }]
      expect(await here().read({ items: [item?.key ?? 0] }, see)).toEqual(expected)
      expect(await here().read({ ready: { readyMax: 5, dueMax: 0, skip: [] } }, see)).toEqual(expected)
      expect(await here().read({ itemsOf: [item?.run ?? 0] }, see)).toEqual(expected)
      expect(await here().read({ runs: [item?.run ?? 0] }, see)).toEqual(expected)
    })

    test('a limit that was not locked is not known, and asking for it is no error', async () => {
      expect(await here().read({ backlog: [1] }, (facts) => facts.limit(LIMIT) ?? 'unknown')).toBe('unknown')
      expect(await here().read({}, (facts) => facts.limit(LIMIT) ?? 'unknown')).toBe('unknown')
      await expect(here().read({ backlog: [1] }, (facts) => facts.line(LIMIT))).rejects.toThrow('not in the needs')
    })

    test('a rate is remembered, replaced, and brings its timer by name', async () => {
      const [key = 0] = await here().keys(1)
      const timer = anItem({ key, fn: null, kind: 'line', step: LIMIT, state: 'sleeping', due: START + 500 })
      await here().put({ put: 'rate', row: { name: LIMIT, tat: (START + 1) * 1_000 + 1 } })
      await here().put({ put: 'rate', row: { name: LIMIT, tat: (START + 2) * 1_000 + 3 } }, { put: 'item', row: timer })
      const [item] = await queue(here, [{ limits: [LIMIT] }])
      const expected = { held: 0, tat: (START + 2) * 1_000 + 3, timer }
      expect(await here().read(NEEDS, (facts) => facts.limit(LIMIT))).toEqual(expected)
      expect(await here().read({ items: [item?.key ?? 0] }, (facts) => facts.limit(LIMIT))).toEqual(expected)
    })
  })

  describe('limits within a group', () => {
    const look = reading(NEEDS, (facts): unknown => facts.limit(LIMIT)?.held)

    test('a later operation sees the slots that earlier ones took and freed', async () => {
      const [one, two] = await queue(here, [holding(LIMIT), { limits: [LIMIT] }])
      if (one === undefined || two === undefined) throw new Error('no items')
      const [fresh = 0] = await here().keys(1)
      const outcomes = await here().group(
        look,
        change({ ...NEEDS, items: [two.key] }, { set: 'item', row: { ...two, ...holding(LIMIT) } }),
        look,
        change({ ...NEEDS, items: [one.key] }, { set: 'item', row: { ...one, holds: false, state: 'sleeping' } }),
        look,
        change(NEEDS, { put: 'item', row: anItem({ key: fresh, run: one.run, step: hash('f'), ...holding(LIMIT) }) }),
        look,
        change({ items: [two.key] }, { end: 'item', key: two.key }),
        look,
        change({ itemsOf: [one.run ?? 0] }, { end: 'items', run: one.run ?? 0 }),
        look,
      )
      expect(outcomes.map(done).filter((result) => result !== undefined)).toEqual([1, 2, 1, 2, 1, 0])
      expect(await held(here)).toBe(0)
    })

    test('the item of a lease is known to hold its slot when the operation has the limit in its needs', async () => {
      const [one, two] = await queue(here, [
        { ...holding(LIMIT), epoch: 3 },
        { ...holding(LIMIT), epoch: 3 },
      ])
      if (one === undefined || two === undefined) throw new Error('no items')
      const free = (row: ItemRow, changes: readonly Change[]) => ({
        ...writing(NEEDS, (facts) => ({ changes, result: facts.limit(LIMIT)?.held as unknown })),
        fence: { run: row.run, item: row.key, epoch: 3 },
      })
      const outcomes = await here().group(
        free(one, [{ set: 'item', row: { ...one, holds: false, state: 'sleeping' } }]),
        free(two, [{ end: 'item', key: two.key }]),
        look,
      )
      expect(outcomes.map(done)).toEqual([2, 1, 0])
    })

    test('a later operation sees the rate and its timer as earlier ones left them', async () => {
      const [key = 0] = await here().keys(1)
      const timer = anItem({ key, fn: null, kind: 'line', step: LIMIT, state: 'sleeping', due: START + 500 })
      const rate = reading(NEEDS, (facts): unknown => [facts.limit(LIMIT)?.tat, facts.limit(LIMIT)?.timer?.due])
      const outcomes = await here().group(
        rate,
        change(NEEDS, { put: 'rate', row: { name: LIMIT, tat: 5 } }, { put: 'item', row: timer }),
        rate,
        change(NEEDS, { set: 'item', row: { ...timer, due: START + 900 } }),
        rate,
        change(NEEDS, { end: 'item', key }),
        rate,
      )
      expect(outcomes.map(done).filter((result) => result !== undefined)).toEqual([
        [null, undefined],
        [5, START + 500],
        [5, START + 900],
        [5, undefined],
      ])
    })

    test('of operations that each take a slot where there is room, as many get one as there is room', async () => {
      const [run = 0] = await here().keys(1)
      await here().put({ put: 'run', row: aRun({ key: run }) })
      const max = 3
      const start = (step: string) =>
        writing(NEEDS, (facts) => {
          const isFree = (facts.limit(LIMIT)?.held ?? max) < max
          const place: Partial<ItemRow> = isFree
            ? holding(LIMIT)
            : { limits: [LIMIT], state: 'blocked', line: LIMIT, rank: facts.now }
          const row = anItem({ key: facts.key(), run, step, ...place })
          return { changes: [{ put: 'item' as const, row }], result: isFree }
        })
      const digits = ['0', '1', '2', '3', '4', '5', '6', '7']
      const outcomes = await here().group(...digits.map((digit) => start(hash(digit))))
      expect(outcomes.map(done)).toEqual([true, true, true, false, false, false, false, false])
      const keys = await here().read(NEEDS, (facts): readonly Key[] => facts.line(LIMIT).items.map(({ key }) => key))
      expect([await held(here), keys.length]).toEqual([3, 5])
    })
  })
}
