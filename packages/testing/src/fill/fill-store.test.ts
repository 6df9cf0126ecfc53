// A filled store is one that a server could have filled: its lists, counters and special runs are there.
import { DatabaseSync } from 'node:sqlite'
import { createStore, type RunQuery, type Store } from '@pawl/storage'
import { openSqlite } from '@pawl/storage/sqlite'
import { expect, test } from 'vitest'
import { fillStore } from './fill-store.ts'

const UNTIL = Date.UTC(2026, 0, 31)
const DAY_MS = 86_400_000
const RUNS: RunQuery = { field: 'queuedAt', order: 'desc', limit: 10_000, withOutput: false, withEvents: false }

test('a store is filled with runs of a month, which its lists and counters tell alike', async () => {
  const connection = new DatabaseSync(':memory:')
  const open = async (now: () => number): Promise<Store> => {
    const database = await openSqlite({ connection, now, monotonic: now })
    return createStore({ database, turn: setImmediate })
  }
  const filled = await fillStore({ open, runs: 500, until: UNTIL })
  const store = await open(() => UNTIL)
  const { lists } = store
  expect(await lists.countRuns(RUNS)).toBe(502)
  expect(await lists.countRuns({ ...RUNS, from: UNTIL - DAY_MS })).toBeGreaterThan(40)
  const month = { from: UNTIL - 30 * DAY_MS, until: UNTIL + DAY_MS, bucketMs: DAY_MS, byFunction: false }
  const queued = await lists.tallies({ ...month, names: ['queued'] })
  expect(queued.reduce((sum, { value }) => sum + value, 0)).toBe(502)
  expect((await lists.record(filled.longRun))?.steps).toHaveLength(1_000)
  const large = await lists.run(filled.largeRun, { withOutput: true, withEvents: true })
  expect(large?.output?.length).toBeGreaterThan(5_000_000)
  expect((await lists.apps()).map(({ name }) => name)).toEqual(['shop', 'mail', 'billing'])
  // Nothing of it is due: a server over it has nothing to do.
  expect(await store.state.nextDue()).toMatchObject({ ready: false })
  await store.close()
})
