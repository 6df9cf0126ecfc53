// Lists of events: with their sizes and the runs that they started, and those that started nothing.
import { describe, expect, test } from 'vitest'
import type { EventQuery } from '../contract/lists.ts'
import type { EventRow, Key } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { anEvent, aRun, START } from './rows.ts'

const ALL: EventQuery = { includeInternal: false, limit: 100, withText: false }

export function describeEventLists(here: Here): void {
  const putEvent = async (over: Partial<EventRow> = {}, runs: readonly Key[] = []) => {
    const [key = 0] = await here().keys(1)
    const row = anEvent({ key, ...over })
    const body = row.ofRun === null ? '{"ä":1}' : null
    await here().put(
      { put: 'event', row, body },
      ...runs.map((run) => ({ put: 'run' as const, row: aRun({ key: run, event: key, fn: 3 }) })),
    )
    return key
  }
  const keysOf = async (query: Partial<EventQuery> = {}) =>
    (await here().store.lists.events({ ...ALL, ...query })).map(({ row }) => row.key)

  describe('lists of events', () => {
    test("an event tells its size, and the engine's own are left out unless asked for", async () => {
      const own = await putEvent({ name: 'inngest/function.finished', ofRun: 5, receivedAt: START + 2 })
      const other = await putEvent({ name: 'pawl/x', receivedAt: START + 1 })
      const [first, second] = [await putEvent({ name: 'zoo/a' }), await putEvent({ name: 'a/b' })]
      expect(await keysOf()).toEqual([second, first])
      expect(await keysOf({ includeInternal: true })).toEqual([own, other, second, first])
      expect(await here().store.lists.countEvents(ALL)).toBe(2)
      const views = await here().store.lists.events({ ...ALL, includeInternal: true })
      // Bytes, not characters.
      expect(views.map(({ size }) => size)).toEqual([null, 8, 8, 8])
      expect(await here().store.lists.event(anEvent({ key: first }).id)).toMatchObject({ size: 8, runs: [] })
    })

    test('the runs that an event started come in their order, also those of a batch, twenty at most', async () => {
      const keys = await here().keys(24)
      const [batch = 0, ...runs] = keys
      const [first, second, last] = [await putEvent({}, runs), await putEvent(), await putEvent()]
      await here().put(
        { put: 'run', row: aRun({ key: batch, event: second, batch: 'B', status: 'completed', endedAt: START }) },
        { put: 'runEvents', run: batch, events: [second, last, first] },
      )
      const views = await here().store.lists.events({ ...ALL, withRuns: true })
      const of = (event: Key) => views.find(({ row }) => row.key === event)?.runs
      expect(of(first)?.map(({ id }) => id)).toEqual(keys.slice(0, 20).map((key) => aRun({ key }).id))
      expect(of(first)?.[1]).toEqual({ id: aRun({ key: runs[0] ?? 0 }).id, fn: 3, status: 'scheduled' })
      expect(of(second)).toEqual([{ id: aRun({ key: batch }).id, fn: 1, status: 'completed' }])
      expect(of(last)).toEqual(of(second))
      expect((await here().store.lists.events(ALL)).flatMap((view) => view.runs)).toEqual([])
    })

    test('events that started nothing are found, until a run begins with them', async () => {
      const [now = 0, later = 0, batch = 0] = await here().keys(3)
      const idle = await putEvent({ name: 'a/idle' })
      await putEvent({ name: 'a/busy' }, [now])
      const waiting = await putEvent({ name: 'a/waiting' })
      const batched = await putEvent({ name: 'a/waiting' })
      const own = await putEvent({ name: 'inngest/function.finished', ofRun: now })
      const nothing = { startedNothing: true }
      expect(await keysOf(nothing)).toEqual([batched, waiting, idle])
      expect(await keysOf({ ...nothing, limit: 1, after: { value: START, key: batched } })).toEqual([waiting])
      expect(await keysOf({ ...nothing, names: ['a/idle', 'a/busy'] })).toEqual([idle])
      expect(await keysOf({ ...nothing, includeInternal: true })).toEqual([own, batched, waiting, idle])
      expect(await keysOf({ ...nothing, from: START + 1 })).toEqual([])
      await here().put({ put: 'run', row: aRun({ key: later, event: waiting }) })
      await here().put(
        { put: 'run', row: aRun({ key: batch, event: waiting, batch: 'B' }) },
        { put: 'runEvents', run: batch, events: [waiting, batched] },
      )
      expect(await keysOf(nothing)).toEqual([idle])
      expect(await here().store.lists.countEvents({ ...ALL, ...nothing })).toBe(1)
    })

    test('events are brought by their keys', async () => {
      const [first, second] = [await putEvent(), await putEvent()]
      const rows = await here().store.lists.eventsByKey([second, 999_999, first])
      expect(rows.toSorted((a, b) => a.key - b.key)).toEqual([anEvent({ key: first }), anEvent({ key: second })])
      expect(await here().store.lists.eventsByKey([])).toEqual([])
    })
  })
}
