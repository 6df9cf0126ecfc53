// What people are told who ask why nothing moves: where a run stands, what is queued of a function, how far an operation on
// many runs is.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { queue } from './limits.ts'
import { aBulk, aFunction, aHistoryRow, anApp, anItem, aRun, aWait, hash, START } from './rows.ts'

const LIMIT = 'fn:1:0'

function idOf(run: Key | null | undefined): string {
  return aRun({ key: run ?? 0 }).id
}

function standing(rank: number, over: Partial<ItemRow> = {}): Partial<ItemRow> {
  return { state: 'blocked', limits: [LIMIT], line: LIMIT, rank: START + rank, ...over }
}

function describeRunStanding(here: Here): void {
  const of = (run: Key | null | undefined) => here().store.lists.standing(idOf(run))

  describe('where a run stands', () => {
    test('a run is told with its items and waits, and a run that is not known is not', async () => {
      const [run = 0, item = 0, sleep = 0, wait = 0] = await here().keys(4)
      const rows = [
        anItem({ key: item, run, state: 'leased' }),
        anItem({ key: sleep, run, step: hash('a'), kind: 'wait', state: 'sleeping' }),
      ]
      const waitRow = aWait({ key: wait, run, item: sleep })
      await here().put({ put: 'run', row: aRun({ key: run }) }, ...rows.map((row) => ({ put: 'item' as const, row })), {
        put: 'wait',
        row: waitRow,
      })
      expect(await of(run)).toEqual({
        run: aRun({ key: run }),
        items: rows,
        waits: [waitRow],
        lines: [],
        ahead: null,
        children: [],
        failures: [],
      })
      expect(await here().store.lists.standing('none')).toBeUndefined()
    })

    test('in a line it has a place among its function, behind what comes first, and the holders are named', async () => {
      const holders = await queue(
        here,
        Array.from({ length: 12 }, (_, index) => ({
          state: 'leased' as const,
          holds: true,
          limits: index % 2 === 0 ? [LIMIT] : ['other', LIMIT],
          fn: 3,
          detail: `{"at":${index}}`,
        })),
      )
      const [, mine] = await queue(here, [standing(1), standing(5), standing(3), standing(1, { fn: 2 }), standing(9)])
      await here().put({ put: 'rate', row: { name: LIMIT, tat: 77 } })
      const [line, ...rest] = (await of(mine?.run))?.lines ?? []
      expect(rest).toEqual([])
      expect(line).toMatchObject({ name: LIMIT, place: 3, length: 5, tat: 77, held: 12 })
      expect(line?.holders).toEqual(
        holders.slice(0, 10).map(({ run, fn, step, detail }) => ({ runId: idOf(run), fn, step, detail })),
      )
    })

    test('of several items in one line the first is told, and each line of the run', async () => {
      const [mine, other] = await queue(here, [standing(5), standing(2)])
      const [branch = 0, third = 0] = await here().keys(2)
      const run = mine?.run ?? 0
      const more = (key: Key, step: string, over: Partial<ItemRow>): Change => {
        return { put: 'item', row: anItem({ key, run, step, ...over }) }
      }
      await here().put(
        more(branch, hash('a'), standing(1)),
        more(third, hash('b'), standing(9, { line: 'pause:1', limits: [] })),
      )
      const lines = (await of(run))?.lines.map(({ name, place, length, held }) => [name, place, length, held])
      expect(lines?.toSorted()).toEqual([
        [LIMIT, 1, 3, 0],
        ['pause:1', 1, 1, 0],
      ])
      expect((await of(other?.run))?.lines[0]?.place).toBe(2)
    })

    test('of a ready run it is told how many of its function come before it', async () => {
      const at = (rank: number, over: Partial<ItemRow> = {}): Partial<ItemRow> => ({ rank: START + rank, ...over })
      const [, mine] = await queue(here, [at(1), at(5), at(5, { fn: 2 }), at(2), at(9), at(1, { state: 'leased' })])
      expect((await of(mine?.run))?.ahead).toBe(2)
    })

    test('it is told which child runs it waits for', async () => {
      const [parent = 0, child = 0, done = 0, wait = 0] = await here().keys(4)
      await here().put(
        { put: 'run', row: aRun({ key: parent }) },
        { put: 'wait', row: aWait({ key: wait, run: parent, step: hash('a'), kind: 'invoke', name: 'p.a' }) },
        { put: 'run', row: aRun({ key: child, parentRun: parent, parentStep: hash('a') }) },
        { put: 'run', row: aRun({ key: done, parentRun: parent, parentStep: hash('b'), endedAt: START }) },
      )
      expect((await of(parent))?.children).toEqual([{ step: hash('a'), runId: idOf(child) }])
    })

    test('its last failed attempts are told, newest first, ten at most', async () => {
      const [run = 0] = await here().keys(1)
      const rows = Array.from({ length: 13 }, (_, index): Change => {
        const isFailure = index !== 3
        const row = aHistoryRow({
          run,
          seq: index + 1,
          kind: isFailure ? 'attempt' : 'step',
          status: isFailure ? 'errored' : 'completed',
          attempt: index,
        })
        return { put: 'history', row, error: index % 2 === 0 && isFailure ? `{"at":${index}}` : null }
      })
      await here().put({ put: 'run', row: aRun({ key: run }) }, ...rows)
      const failures = (await of(run))?.failures ?? []
      expect(failures.map(({ attempt }) => attempt)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 2])
      expect(failures.slice(0, 2)).toEqual([
        { step: hash('a'), name: 'a step', attempt: 12, error: '{"at":12}' },
        { step: hash('a'), name: 'a step', attempt: 11, error: null },
      ])
    })
  })
}

function describeQueue(here: Here): void {
  describe('what is queued of a function', () => {
    test('items of its runs, debounces and batches are counted by state; crons and held slots are not queued', async () => {
      const [cron = 0, debounce = 0, batch = 0] = await here().keys(3)
      await queue(here, [
        {},
        {},
        { state: 'leased' },
        { state: 'sleeping', kind: 'sleep' },
        standing(1),
        { state: 'blocked', kind: 'slot', step: '!slot', holds: true, limits: [LIMIT] },
        { fn: 2 },
        { fn: 2, state: 'blocked', line: LIMIT },
      ])
      const alone = (key: Key, kind: 'cron' | 'debounce' | 'batch'): Change => {
        return { put: 'item', row: anItem({ key, kind, step: `${kind}:1`, state: 'sleeping' }) }
      }
      await here().put(alone(cron, 'cron'), alone(debounce, 'debounce'), alone(batch, 'batch'))
      expect(await here().store.lists.queue(1)).toEqual({ ready: 2, leased: 1, sleeping: 3, blocked: 1 })
      expect(await here().store.lists.queue(9)).toEqual({ ready: 0, leased: 0, sleeping: 0, blocked: 0 })
    })
  })
}

function describeBulkViews(here: Here): void {
  describe('how far operations on many runs are', () => {
    test('one is told with the runs that it has started, those that failed and those that live', async () => {
      const [key = 0, ...runs] = await here().keys(5)
      const row = aBulk({ key, kind: 'replay', fn: 2 })
      const ends = [
        {},
        { status: 'failed', endedAt: START } as const,
        { status: 'completed', endedAt: START } as const,
        { status: 'running' } as const,
      ]
      await here().put(
        { put: 'app', row: anApp({ key: 1 }) },
        { put: 'function', row: aFunction({ key: 2, app: 1, slug: 'shop-order' }) },
        { put: 'bulk', row },
        ...runs.map((run, index): Change => ({ put: 'run', row: aRun({ key: run, bulk: key, ...ends[index] }) })),
      )
      const view = { row, functionSlug: 'shop-order', started: 4, failed: 1, live: 2 }
      expect(await here().store.lists.bulk(row.id)).toEqual(view)
      expect(await here().store.lists.bulk('none')).toBeUndefined()
    })

    test('they are listed newest first, by kind and function, in pages', async () => {
      const [a = 0, b = 0, c = 0, d = 0, e = 0] = await here().keys(5)
      const rows = [
        aBulk({ key: a, createdAt: START + 1 }),
        aBulk({ key: b, createdAt: START + 5 }),
        aBulk({ key: c, createdAt: START + 5, fn: 2 }),
        aBulk({ key: d, createdAt: START + 3 }),
        aBulk({ key: e, kind: 'replay' }),
      ]
      await here().put(...rows.map((row) => ({ put: 'bulk' as const, row })))
      const keys = async (query: Partial<Parameters<ReturnType<typeof here>['store']['lists']['bulks']>[0]>) =>
        (await here().store.lists.bulks({ kind: 'cancel', limit: 10, ...query })).map(({ row }) => row.key)
      expect(await keys({})).toEqual([c, b, d, a])
      expect(await keys({ fn: 1 })).toEqual([b, d, a])
      expect(await keys({ limit: 2 })).toEqual([c, b])
      expect(await keys({ limit: 2, after: { value: START + 5, key: b } })).toEqual([d, a])
      expect(await keys({ kind: 'replay' })).toEqual([e])
    })
  })
}

export function describeStanding(here: Here): void {
  describeRunStanding(here)
  describeQueue(here)
  describeBulkViews(here)
}
