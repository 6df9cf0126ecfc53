// The line of a limit: who stands at its head, round the functions that stand in it, and how it looks to operations that
// are decided together.
import { describe, expect, test } from 'vitest'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { Needs } from '../contract/store.ts'
import type { Here } from './index.ts'
import { queue } from './limits.ts'
import { aRun, hash, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

const LINE = 'fn:1:0'

function standing(rank: number, over: Partial<ItemRow> = {}): Partial<ItemRow> {
  return { state: 'blocked', limits: [LINE], line: LINE, rank: START + rank, ...over }
}

function head(take: number, name = LINE): Needs {
  return { limits: [{ name, take }] }
}

/** Keys at the head of the line, and whether they are all. */
function heads(here: Here, take: number, name = LINE): Promise<readonly [readonly Key[], boolean]> {
  return here().read(head(take, name), (facts) => {
    const { items, isWhole } = facts.line(name)
    return [items.map(({ key }) => key), isWhole] as const
  })
}

function keysOf(rows: readonly ItemRow[]): Key[] {
  return rows.map(({ key }) => key)
}

/** Lets the head of the line in: it holds its slot and is ready. */
function admit(take: number) {
  return writing(head(take), (facts) => {
    const { items, isWhole } = facts.line(LINE)
    const changes = items.map((row) => ({
      set: 'item' as const,
      row: { ...row, state: 'ready' as const, line: null, holds: true },
    }))
    return { changes, result: [items.map(({ key }) => key), isWhole] as unknown }
  })
}

export function describeLines(here: Here): void {
  describe('lines', () => {
    test('the least rank stands first, ties by key, and whether these are all is said exactly', async () => {
      const [late = 0, tie = 0, tied = 0, first = 0] = keysOf(
        await queue(here, [standing(9), standing(5), standing(5), standing(-3)]),
      )
      await queue(here, [standing(1, { line: 'other' }), { limits: [LINE] }])
      expect(await heads(here, 10)).toEqual([[first, tie, tied, late], true])
      expect(await heads(here, 4)).toEqual([[first, tie, tied, late], true])
      expect(await heads(here, 3)).toEqual([[first, tie, tied], false])
      expect(await heads(here, 1)).toEqual([[first], false])
      expect(await heads(here, 0)).toEqual([[], false])
      expect(await heads(here, 0, 'empty')).toEqual([[], true])
    })

    test('what stands in line is not found as ready or due, and a head brings its run and its limits', async () => {
      const [row] = await queue(here, [standing(1, { limits: [LINE, 'x'], due: START - 5 })])
      expect(await here().read({ ready: { readyMax: 9, dueMax: 9, skip: [] } }, (facts) => facts.ready())).toEqual([])
      const found = await here().read(head(1), (facts) => [
        facts.line(LINE).items[0],
        facts.run(row?.run ?? 0)?.rev,
        facts.itemOf(row?.run ?? 0, '')?.key,
        facts.limit('x')?.held,
      ])
      expect(found).toEqual([row, 1, row?.key, 0])
    })

    test('the head goes round the functions, so that each has its turn', async () => {
      const many = keysOf(
        await queue(
          here,
          Array.from({ length: 30 }, (_, rank) => standing(rank, { fn: 1 })),
        ),
      )
      const [two = 0, second = 0] = keysOf(await queue(here, [standing(100, { fn: 2 }), standing(101, { fn: 2 })]))
      const [three = 0] = keysOf(await queue(here, [standing(200, { fn: 3 })]))
      const [keys, isWhole] = await heads(here, 6)
      expect(keys.slice(0, 3).toSorted()).toEqual([many[0], two, three].toSorted())
      expect(keys.toSorted()).toEqual([many[0], many[1], many[2], two, second, three].toSorted())
      expect(isWhole).toBe(false)
      const [all, isAll] = await heads(here, 33)
      expect([all.length, isAll]).toEqual([33, true])
    })

    test('heads shorter than the number of functions reach all of them', async () => {
      const fns = [1, 2, 3, 4, 5]
      const rows = await queue(
        here,
        fns.flatMap((fn) => [standing(fn, { fn }), standing(fn, { fn }), standing(fn, { fn })]),
      )
      const fnOf = new Map(rows.map(({ key, fn }) => [key, fn]))
      const served: (number | null | undefined)[] = []
      for (let turn = 0; turn < 5; turn++) {
        const [keys] = done(await here().store.commit(admit(1))) as [Key[], boolean]
        served.push(...keys.map((key) => fnOf.get(key)))
      }
      expect(served.toSorted()).toEqual(fns)
    })

    test('an item that leaves the line is in it no more, and may stand in another', async () => {
      const [one, two, three] = await queue(here, [standing(1), standing(2), standing(3)])
      if (one === undefined || two === undefined || three === undefined) throw new Error('no items')
      await here().put(
        { set: 'item', row: { ...one, line: 'other' } },
        { set: 'item', row: { ...two, line: null, state: 'leased', holds: true } },
      )
      expect(await heads(here, 9)).toEqual([[three.key], true])
      expect(await heads(here, 9, 'other')).toEqual([[one.key], true])
      await here().put({ end: 'items', run: three.run ?? 0 })
      expect(await heads(here, 9)).toEqual([[], true])
    })

    test('the lines in which a function stands are listed in pages, in the order of names', async () => {
      await queue(here, [
        ...['b', 'a', 'c', 'd', 'a'].map((line) => standing(1, { line, fn: 4 })),
        standing(1, { line: 'x', fn: 5 }),
        { fn: 4, limits: ['y'] },
      ])
      const { state } = here().store
      expect(await state.linesOf(4, '', 10)).toEqual(['a', 'b', 'c', 'd'])
      expect(await state.linesOf(4, '', 2)).toEqual(['a', 'b'])
      expect(await state.linesOf(4, 'b', 2)).toEqual(['c', 'd'])
      expect(await state.linesOf(4, 'd', 2)).toEqual([])
      expect(await state.linesOf(6, '', 2)).toEqual([])
    })
  })

  describe('lines within a group', () => {
    const look = reading(head(10), (facts): unknown => keysOf(facts.line(LINE).items))

    test('operations never let the same item in twice, and each is told whether more stand behind', async () => {
      const keys = keysOf(await queue(here, [standing(1), standing(2), standing(3), standing(4), standing(5)]))
      const outcomes = await here().group(admit(2), admit(2), admit(2))
      expect(outcomes.map(done)).toEqual([
        [[keys[0], keys[1]], false],
        [[keys[2], keys[3]], false],
        [[keys[4]], true],
      ])
      expect(await here().read(head(0), (facts) => [facts.limit(LINE)?.held, facts.line(LINE).isWhole])).toEqual([
        5,
        true,
      ])
    })

    test('of a page that was not the whole line, the rest is given and said not to be all', async () => {
      const keys = keysOf(await queue(here, [standing(1), standing(2), standing(3), standing(4), standing(5)]))
      const take = reading(head(1), (facts): unknown => [keysOf(facts.line(LINE).items), facts.line(LINE).isWhole])
      const clear = writing({ items: keys }, (facts) => {
        const changes = keys.slice(0, 2).flatMap((key) => {
          const row = facts.item(key)
          return row === undefined
            ? []
            : [{ set: 'item' as const, row: { ...row, state: 'ready' as const, line: null } }]
        })
        return { changes, result: undefined as unknown }
      })
      expect((await here().group(take, clear, take)).map(done)).toEqual([[[keys[0]], false], undefined, [[], false]])
    })

    test('who joins a line that was read whole stands in it, in its place; of another nothing is made up', async () => {
      const [first] = await queue(here, [standing(5)])
      const [run = 0, key = 0] = await here().keys(2)
      const join = writing(head(10), () => ({
        changes: [
          { put: 'run' as const, row: aRun({ key: run }) },
          { put: 'item' as const, row: { ...(first as ItemRow), key, run, rank: START + 1, step: hash('a') } },
        ],
        result: undefined as unknown,
      }))
      expect((await here().group(look, join, look)).map(done)).toEqual([[first?.key], undefined, [key, first?.key]])
      await here().put({ end: 'items', run })
      const short = reading(head(0), (facts): unknown => [facts.line(LINE).items, facts.line(LINE).isWhole])
      const joinUnseen = { ...join, needs: head(0) }
      await here().put({ end: 'run', key: run })
      expect((await here().group(joinUnseen, short)).map(done)).toEqual([undefined, [[], false]])
      expect((await heads(here, 9))[0]).toEqual([key, first?.key])
    })
  })
}
