// Lists of runs: every filter alone and with others, in every order, in pages that neither repeat nor lose a row.
import { describe, expect, test } from 'vitest'
import type { RunQuery } from '../contract/lists.ts'
import type { Key, RunRow, RunStatus } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { aBulk, aFunction, anApp, anEvent, anItem, aRun, hash, START } from './rows.ts'

const ALL: RunQuery = { field: 'queuedAt', order: 'desc', limit: 1_000, withOutput: false, withEvents: false }
const STATUSES: readonly RunStatus[] = ['scheduled', 'running', 'completed', 'failed', 'cancelled', 'skipped']
const NAMES = ['shop/order', 'shop/paid', 'inngest/scheduled.timer'] as const
const CRONS = [null, null, '* * * * *', 'TZ=UTC 0 1 * * *'] as const

interface Stored {
  readonly row: RunRow
  readonly eventName: string
}

/** Runs of many kinds: each property has a period of its own, so that all combinations come. */
async function fill(here: Here): Promise<readonly Stored[]> {
  const events = await here().keys(NAMES.length)
  const keys = await here().keys(240)
  const bulk = (await here().keys(1))[0] ?? 0
  await here().put(
    { put: 'app', row: anApp({ key: 1 }) },
    { put: 'app', row: anApp({ key: 2 }) },
    ...[11, 12, 13].map((key) => ({ put: 'function' as const, row: aFunction({ key, app: key === 13 ? 2 : 1 }) })),
    ...events.map((key, index) => ({
      put: 'event' as const,
      row: anEvent({ key, name: NAMES[index] ?? '' }),
      body: '{}',
    })),
    { put: 'bulk', row: aBulk({ key: bulk }) },
  )
  const stored = keys.map((key, index) => ({
    row: theRun({ keys, events, bulk }, index, key),
    eventName: NAMES[index % NAMES.length] ?? '',
  }))
  await here().put(...stored.map(({ row }) => ({ put: 'run' as const, row })))
  return stored
}

interface Around {
  readonly keys: readonly Key[]
  readonly events: readonly Key[]
  readonly bulk: Key
}

function theRun({ keys, events, bulk }: Around, index: number, key: Key): RunRow {
  const status = STATUSES[(index * 7) % STATUSES.length] ?? 'running'
  const isLive = status === 'scheduled' || status === 'running'
  // Several at one instant, so that ties are broken by the key.
  const queuedAt = START + Math.floor(index / 3) * 10
  const startedAt = status === 'scheduled' || status === 'skipped' ? null : queuedAt + ((index * 13) % 50)
  const fn = 11 + (index % 3)
  return aRun({
    key,
    app: fn === 13 ? 2 : 1,
    fn,
    event: events[index % events.length] ?? 0,
    queuedAt,
    status,
    startedAt,
    endedAt: isLive ? null : (startedAt ?? queuedAt) + ((index * 17) % 300),
    cron: CRONS[index % CRONS.length] ?? null,
    batch: index % 5 === 0 ? `01BATCH${index}` : null,
    retries: index % 4 === 1 ? 2 : 0,
    original: index % 11 === 3 ? (keys[0] ?? null) : null,
    parentRun: index % 13 === 5 ? (keys[1] ?? null) : null,
    parentStep: index % 13 === 5 ? hash('a') : null,
    bulk: index % 6 === 2 ? bulk : null,
  })
}

/** What the list must hold, told row by row. */
function expected(stored: readonly Stored[], query: RunQuery): Key[] {
  const { field, from, until, after } = query
  const sign = query.order === 'asc' ? 1 : -1
  return stored
    .filter(({ row, eventName }) => {
      const at = row[field]
      if (at === null || at < (from ?? at) || at > (until ?? at)) return false
      if (after !== undefined && sign * (at - after.value || row.key - after.key) <= 0) return false
      return passes(row, eventName, query)
    })
    .map(({ row }) => row)
    .sort((a, b) => sign * ((a[field] ?? 0) - (b[field] ?? 0) || a.key - b.key))
    .slice(0, query.limit)
    .map(({ key }) => key)
}

function passes(row: RunRow, eventName: string, query: RunQuery): boolean {
  const { statuses, fns, app, eventNames, cron, isBatch, hasRetries, longerThanMs, original, parent, bulk } = query
  const took = row.endedAt === null ? Number.NEGATIVE_INFINITY : row.endedAt - (row.startedAt ?? row.queuedAt)
  return (
    (statuses === undefined || statuses.length === 0 || statuses.includes(row.status)) &&
    (fns === undefined || fns.includes(row.fn)) &&
    (app === undefined || app === row.app) &&
    (eventNames === undefined || eventNames.includes(eventName)) &&
    (cron === undefined || cron === row.cron) &&
    (isBatch === undefined || isBatch === (row.batch !== null)) &&
    (hasRetries === undefined || hasRetries === row.retries > 0) &&
    (longerThanMs === undefined || took > longerThanMs) &&
    (original === undefined || original === row.original) &&
    (parent === undefined || parent === row.parentRun) &&
    (bulk === undefined || bulk === row.bulk)
  )
}

function filters(stored: readonly Stored[]): readonly Partial<RunQuery>[] {
  const key = (index: number) => stored[index]?.row.key ?? 0
  const bulk = stored[2]?.row.bulk ?? 0
  return [
    {},
    ...STATUSES.map((status) => ({ statuses: [status] })),
    { statuses: ['failed', 'running'] },
    { statuses: ['failed', 'completed', 'skipped'] },
    { statuses: [] },
    { fns: [12] },
    { fns: [11, 13, 99] },
    { fns: [] },
    { app: 1 },
    { app: 2, fns: [11, 13] },
    { eventNames: ['shop/paid'] },
    { eventNames: ['shop/paid', 'shop/order', 'none'] },
    { eventNames: Array.from({ length: 100 }, (_, index) => (index === 50 ? 'shop/paid' : `none/${index}`)) },
    { cron: '* * * * *' },
    { cron: 'TZ=UTC 0 1 * * *', fns: [13] },
    { isBatch: true },
    { isBatch: false },
    { hasRetries: true },
    { hasRetries: false },
    { longerThanMs: 150 },
    { original: key(0) },
    { parent: key(1) },
    { bulk },
    { statuses: ['failed'], fns: [12], eventNames: ['shop/paid'] },
    { statuses: ['scheduled', 'running'], app: 1, hasRetries: true },
    { statuses: ['completed'], bulk, isBatch: true },
    { cron: '* * * * *', statuses: ['cancelled', 'skipped'], longerThanMs: 10 },
  ]
}

const WINDOWS: readonly Partial<RunQuery>[] = [{}, { from: START + 200, until: START + 610 }]
const FIELDS = ['queuedAt', 'startedAt', 'endedAt'] as const
const ORDERS = ['asc', 'desc'] as const

export function describeRunLists(here: Here): void {
  const keysOf = async (query: RunQuery) => (await here().store.lists.runs(query)).map(({ row }) => row.key)

  describe('lists of runs', () => {
    test('every filter finds what it says, in every order and window, and counts it', async () => {
      const stored = await fill(here)
      for (const filter of filters(stored)) {
        for (const window of WINDOWS) {
          const queries = FIELDS.flatMap((field) =>
            ORDERS.map((order) => ({ ...ALL, ...filter, ...window, field, order })),
          )
          for (const query of queries) {
            const keys = expected(stored, query)
            expect([query, await keysOf(query)]).toEqual([query, keys])
            if (query.order === 'asc') continue
            expect([query, await here().store.lists.countRuns(query)]).toEqual([query, keys.length])
            expect(await here().store.lists.countRuns(query, 7)).toBe(Math.min(7, keys.length))
          }
        }
      }
    }, 60_000)

    test('pages go on where the one before ended, also among equal times', async () => {
      const stored = await fill(here)
      const lists: readonly Partial<RunQuery>[] = [
        {},
        { statuses: ['failed', 'scheduled'] },
        { eventNames: ['shop/paid', 'shop/order'] },
        { fns: [11, 12], field: 'endedAt', order: 'asc' },
      ]
      for (const list of lists) {
        const whole = { ...ALL, ...list }
        const found: Key[] = []
        let page: RunQuery = { ...whole, limit: 7 }
        for (;;) {
          const views = await here().store.lists.runs(page)
          found.push(...views.map(({ row }) => row.key))
          const last = views.at(-1)?.row
          if (last === undefined) break
          page = { ...page, after: { value: last[page.field] ?? 0, key: last.key } }
        }
        expect(found).toEqual(expected(stored, whole))
      }
    })

    test('the name of the event is kept when the event is gone', async () => {
      const stored = await fill(here)
      const paid = stored.find(({ eventName }) => eventName === 'shop/paid')?.row.event ?? 0
      await here().put({ end: 'event', key: paid })
      const query = { ...ALL, eventNames: ['shop/paid'] }
      expect(await keysOf(query)).toEqual(expected(stored, query))
    })

    test('a run is found by what it has become', async () => {
      await here().put({ put: 'app', row: anApp({ key: 1 }) }, { put: 'function', row: aFunction({ key: 1, app: 1 }) })
      const [key = 0] = await here().keys(1)
      const born = aRun({ key })
      await here().put({ put: 'run', row: born })
      const found = async () => {
        const by = await Promise.all(STATUSES.map((status) => keysOf({ ...ALL, statuses: [status] })))
        const retried = await keysOf({ ...ALL, hasRetries: true })
        return [STATUSES.filter((_, index) => by[index]?.length === 1), retried.length]
      }
      expect(await found()).toEqual([['scheduled'], 0])
      const set = (over: Partial<RunRow>, rev: number) => {
        const { status, startedAt, endedAt, retries, stack, history, steps, bytes, open, racing, waits } = {
          ...born,
          ...over,
        }
        const { version, forcePlan, finishEvent } = born
        const counts = { stack, history, steps, bytes, open, racing, waits, retries }
        return here().put({
          set: 'run',
          key,
          state: { status, rev, startedAt, endedAt, version, forcePlan, finishEvent, ...counts },
        })
      }
      const started = { status: 'running', startedAt: START + 1 } as const
      await set(started, 2)
      expect(await found()).toEqual([['running'], 0])
      await set({ ...started, steps: 1 }, 3)
      await set({ ...started, steps: 1, retries: 1 }, 4)
      expect(await found()).toEqual([['running'], 1])
      await set({ ...started, steps: 1, retries: 1, status: 'failed', endedAt: START + 9 }, 5)
      expect(await found()).toEqual([['failed'], 1])
      expect(await here().store.state.runByUlid(born.id)).toMatchObject({ steps: 1, retries: 1, rev: 5 })
      expect(await keysOf({ ...ALL, field: 'endedAt', longerThanMs: 7 })).toEqual([key])
      expect(await keysOf({ ...ALL, field: 'endedAt', longerThanMs: 8 })).toEqual([])
    })

    test('runs are brought by their keys, the live ones with what they wait for', async () => {
      const [parent = 0, child = 0, ended = 0, ...items] = await here().keys(10)
      await here().put(
        { put: 'app', row: anApp({ key: 1 }) },
        { put: 'function', row: aFunction({ key: 1, app: 1 }) },
        { put: 'run', row: aRun({ key: parent }) },
        { put: 'run', row: aRun({ key: child, parentRun: parent, parentStep: hash('a') }) },
        { put: 'run', row: aRun({ key: ended, status: 'completed', endedAt: START }) },
        ...items.map((key, index) => ({
          put: 'item' as const,
          row: anItem({
            key,
            run: parent,
            step: hash(String(index)),
            kind: 'sleep',
            state: 'sleeping',
            due: START - index,
          }),
        })),
      )
      const views = await here().store.lists.runsByKey([child, ended, parent, 999_999])
      const byKey = new Map(views.map((view) => [view.row.key, view]))
      expect(byKey.size).toBe(3)
      expect(byKey.get(parent)?.open.map(({ key }) => key)).toEqual(items.toReversed().slice(0, 5))
      expect(byKey.get(child)).toMatchObject({
        parentId: aRun({ key: parent }).id,
        open: [],
        functionName: 'A function',
      })
      expect(byKey.get(ended)?.open).toEqual([])
      expect(await here().store.lists.runsByKey([])).toEqual([])
      const listed = async (withOpen: boolean) =>
        (await here().store.lists.runs({ ...ALL, withOpen })).find(({ row }) => row.key === parent)?.open.length
      expect([await listed(true), await listed(false)]).toEqual([5, 0])
    })
  })
}
