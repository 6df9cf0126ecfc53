import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import type { Rows } from './client.ts'
import { freshRuns } from './fresh-runs.ts'
import { watchLateRuns } from './late-runs.ts'
import { listOptions, type Pages } from './lists.ts'
import { applyChange, applyLate, type Refresher } from './live.ts'
import { queryKeys } from './query-keys.ts'
import type { EventRow, Run } from './types.ts'

const NOW = Date.UTC(2026, 10, 24, 14)
const ended: (() => void)[] = []
afterEach(() => {
  for (const end of ended.splice(0)) end()
  vi.useRealTimers()
})

function run(id: string, second: number, extra: Partial<Run> = {}): Run {
  return {
    id,
    function: { id: 'import', name: 'Import', slug: 'app-import' },
    app: { id: 'app' },
    status: 'RUNNING',
    queuedAt: new Date(NOW + second * 1000).toISOString(),
    trigger: { eventName: 'file/uploaded', eventIds: [`event-${id}`] },
    ...extra,
  }
}

const done = (id: string, second: number) =>
  run(id, second, { status: 'COMPLETED', endedAt: new Date(NOW).toISOString() })
const page = <T>(rows: readonly T[]): Rows<T> => ({ rows, cursor: undefined, totalCount: undefined, fetchedAt: '' })

/** A list that is shown, whose answers the test gives, and what it asked to be read again. */
function world(key: readonly unknown[]) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5000 } } })
  const again: (readonly unknown[])[] = []
  const refresh: Refresher = Object.assign(() => {}, {
    now: (asked: readonly unknown[]) => void again.push(asked),
    stop() {},
  })
  const late = watchLateRuns(client, ['runs', 'events'], (query, runs) => applyLate(client, query, runs, refresh))
  let answer: (rows: readonly unknown[]) => void = () => {}
  const observer = new InfiniteQueryObserver(client, {
    ...listOptions<Run>({ key, path: '/v2/runs' }),
    queryFn: () => new Promise<Rows<Run>>((resolve) => (answer = (rows) => resolve(page(rows as readonly Run[])))),
  })
  const leave = observer.subscribe(() => {})
  ended.push(
    leave,
    late.stop,
    () => client.clear(),
    () => freshRuns.clear(key),
  )
  return {
    client,
    again,
    leave,
    tell(runs: readonly Run[], more: { readonly isCut?: true } = {}) {
      late.note(runs)
      applyChange(client, { seq: 1, runs, ...more }, refresh)
    },
    async answer(rows: readonly unknown[]) {
      await vi.waitFor(() => expect(client.isFetching()).toBe(1))
      answer(rows)
      await vi.waitFor(() => expect(client.isFetching()).toBe(0))
      await Promise.resolve()
    },
    refetch: () => void observer.refetch(),
    shown: () =>
      client
        .getQueryData<Pages<Run>>(key)
        ?.pages.flatMap(({ rows }) => rows.map(({ id, status }) => `${id} ${status}`)),
    state: () => client.getQueryState(key),
  }
}

const key = queryKeys.runs({})

test('what is told while a list is read is not taken back by an older answer', async () => {
  const at = world(key)
  at.tell([done('a', 1), run('new', 2)])
  await at.answer([run('a', 1)])
  expect(at.shown()).toEqual(['a COMPLETED'])
  expect([...freshRuns.get(key).runs.keys()]).toEqual(['new'])
  at.refetch()
  at.tell([run('a', 1)])
  await at.answer([done('a', 1)])
  expect(at.shown()).toEqual(['a COMPLETED'])
})

test('a list that follows keeps a run that began while it was read', async () => {
  const at = world(key)
  ended.push(freshRuns.follow(key))
  await at.answer([run('a', 1)])
  at.refetch()
  at.tell([run('b', 2)])
  await at.answer([run('a', 1)])
  expect(at.shown()).toEqual(['b RUNNING', 'a RUNNING'])
})

test('a list that follows is read anew when it has grown long, or when not all is named', async () => {
  const at = world(key)
  ended.push(freshRuns.follow(key))
  await at.answer([run('a', 0)])
  at.tell(Array.from({ length: 549 }, (_, n) => run(`b${n}`, n + 1)))
  expect(at.again).toEqual([])
  at.tell([run('c', 900)])
  expect(at.again).toEqual([key])
  at.tell([], { isCut: true })
  expect(at.again.filter((asked) => asked === key)).toHaveLength(2)
  expect(freshRuns.get(key).isMore).toBe(false)
})

test('a list that nobody shows is read again by whoever comes back to it', async () => {
  const at = world(key)
  await at.answer([run('a', 1)])
  at.leave()
  at.tell([run('b', 2)])
  expect(at.state()?.isInvalidated).toBe(true)
})

test('a run that changes makes the list of events no newer: what came since is still counted', async () => {
  const at = world(queryKeys.events({}))
  const row: EventRow = { id: 'e', eventId: 'event-a', name: 'x', ts: '', receivedAt: new Date(NOW).toISOString() }
  await at.answer([row])
  const readAt = at.state()?.dataUpdatedAt
  vi.useFakeTimers({ now: NOW + 60_000, toFake: ['Date'] })
  at.tell([run('a', 1), run('z', 2)])
  expect(at.state()?.dataUpdatedAt).toBe(readAt)
})
