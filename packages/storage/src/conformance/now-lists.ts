// What is now: what is queued, what limits hold, what runs by the clock, what failed last; and one step of a run.
import { describe, expect, test } from 'vitest'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { anItem, aRun, aStep, hash, START } from './rows.ts'

export function describeNow(here: Here): void {
  const putItems = async (rows: readonly Partial<ItemRow>[]) => {
    const keys = await here().keys(rows.length)
    const items = rows.map((row, index) => anItem({ key: keys[index] ?? 0, step: `${index}`, ...row }))
    await here().put(...items.map((row) => ({ put: 'item' as const, row })))
    return items
  }
  const putRun = async (over: Partial<Parameters<typeof aRun>[0]>, error?: string) => {
    const [key = 0] = await here().keys(1)
    await here().put({ put: 'run', row: aRun({ key, ...over }) })
    if (error !== undefined) await here().put({ put: 'output', run: key, text: error, isError: true })
    return key
  }
  const idOf = (key: Key) => aRun({ key }).id

  describe('what is now', () => {
    test('what is queued is told of every function that has anything queued', async () => {
      await putItems([
        { run: 1, fn: 7 },
        { run: 2, fn: 7, state: 'leased' },
        { run: 3, fn: 7, state: 'sleeping', kind: 'sleep' },
        { run: 4, fn: 8, state: 'blocked', limits: ['l'], line: 'l' },
        { run: 5, fn: 8, state: 'blocked', kind: 'slot' },
        { fn: 9, kind: 'cron', state: 'sleeping' },
        { fn: null, kind: 'match' },
      ])
      const queues = await here().store.lists.queues()
      expect(queues.toSorted((a, b) => a.fn - b.fn)).toEqual([
        { fn: 7, counts: { ready: 1, leased: 1, sleeping: 1, blocked: 0 } },
        { fn: 8, counts: { ready: 0, leased: 0, sleeping: 0, blocked: 1 } },
      ])
    })

    test('a limit tells its slots and its line', async () => {
      await putItems([
        { run: 1, state: 'leased', limits: ['l'], holds: true },
        { run: 2, state: 'leased', limits: ['other', 'l'], holds: true },
        { run: 3, state: 'blocked', limits: ['l'], line: 'l' },
      ])
      expect(await here().store.lists.limits(['l', 'none', 'other'])).toEqual([
        { name: 'l', held: 2, waiting: 1 },
        { name: 'none', held: 0, waiting: 0 },
        { name: 'other', held: 1, waiting: 0 },
      ])
    })

    test('crons of all functions are brought', async () => {
      const items = await putItems([
        { fn: 1, kind: 'cron', state: 'sleeping', step: '* * * * *', due: START + 9 },
        { fn: 2, kind: 'cron', state: 'ready', step: '0 1 * * *' },
        { run: 3, fn: 2, state: 'sleeping', kind: 'sleep' },
      ])
      expect((await here().store.lists.crons()).toSorted((a, b) => a.key - b.key)).toEqual(items.slice(0, 2))
    })

    test('the newest runs of each cron come newest first, as many of each as asked for', async () => {
      const cron = (expression: string, at: number, fn = 1) => putRun({ cron: expression, queuedAt: START + at, fn })
      const early = await cron('a', 0)
      const [middle, late] = [await cron('a', 2), await cron('a', 2)]
      const other = await cron('b', 1)
      await cron('a', 5, 2)
      await putRun({ queuedAt: START + 9 })
      const strips = await here().store.lists.strips([1, 3], 2)
      const of = (expression: string) => strips.filter((run) => run.cron === expression).map(({ id }) => id)
      expect([of('a'), of('b'), strips.length]).toEqual([[idOf(late), idOf(middle)], [idOf(other)], 3])
      expect(of('a')).not.toContain(idOf(early))
      expect(strips.find(({ id }) => id === idOf(other))).toEqual({
        fn: 1,
        cron: 'b',
        id: idOf(other),
        status: 'scheduled',
        queuedAt: START + 1,
        startedAt: null,
        endedAt: null,
      })
    })

    test('failed runs come newest first with what they failed of, of a function or of all', async () => {
      const failed = (fn: number, at: number, error?: string) =>
        putRun({ fn, status: 'failed', endedAt: START + at }, error)
      const first = await failed(1, 1, '{"message":"a"}')
      const second = await failed(2, 2)
      const [third, fourth] = [await failed(1, 3), await failed(1, 3, '{"message":"d"}')]
      await putRun({ fn: 1, status: 'cancelled', endedAt: START + 2 })
      const { lists } = here().store
      const all = { from: START, until: START + 3, limit: 9 }
      const ids = async (query: Parameters<typeof lists.failures>[0]) =>
        (await lists.failures(query)).map(({ runId }) => runId)
      expect(await ids(all)).toEqual([fourth, third, second, first].map(idOf))
      expect(await ids({ ...all, fn: 1, limit: 2 })).toEqual([fourth, third].map(idOf))
      expect(await ids({ ...all, from: START + 2, until: START + 2 })).toEqual([idOf(second)])
      expect(await lists.failures({ ...all, until: START + 2 })).toEqual([
        { fn: 2, runId: idOf(second), endedAt: START + 2, error: null },
        { fn: 1, runId: idOf(first), endedAt: START + 1, error: '{"message":"a"}' },
      ])
      const last = await lists.lastFailures([1, 2, 3])
      expect(last.toSorted((a, b) => a.fn - b.fn).map(({ runId }) => runId)).toEqual([idOf(fourth), idOf(second)])
      expect(await lists.lastFailures([])).toEqual([])
    })

    test('one step is brought with its input', async () => {
      const key = await putRun({})
      const row = aStep({ run: key, step: hash('b'), memo: '{"data":2}', input: '[1]' })
      await here().put({ put: 'step', row: aStep({ run: key, position: 1 }) }, { put: 'step', row })
      expect(await here().store.lists.step(key, hash('b'))).toEqual(row)
      expect(await here().store.lists.step(key, hash('c'))).toBeUndefined()
    })
  })
}
