// What a store says to other processes on the same database goes to the database; where there are none it is nothing.
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { withChanges } from './conformance/index.ts'
import { anApp } from './conformance/rows.ts'
import type { Database } from './contract/database.ts'
import type { StoreChange } from './contract/store.ts'
import { openSqlite } from './sqlite/index.ts'
import { createStore } from './writer.ts'

async function storeWith(shared: Database['shared']) {
  const database = await openSqlite({ connection: new DatabaseSync(':memory:') })
  return createStore({ database: withChanges(database, { shared }), turn: queueMicrotask })
}

test('a store that one process has to itself releases nothing, and its hints reach nobody', async () => {
  const store = await storeWith(undefined)
  store.onHint(() => expect.unreachable('there is nobody to give a hint'))
  store.hint()
  expect([store.isShared, await store.heartbeat()]).toEqual([false, { released: 0 }])
  await store.close()
})

test('a store that several processes share asks its database', async () => {
  const said: string[] = []
  let listener = (): void => {}
  const store = await storeWith({
    heartbeat: async () => ({ released: 3 }),
    hint: () => said.push('hint'),
    onHint: (heard) => {
      listener = heard
    },
    isWatched: () => false,
    publish: () => expect.unreachable('nobody watches'),
    subscribe: () => () => {},
  })
  store.onHint(() => said.push('heard'))
  store.hint()
  listener()
  expect([store.isShared, await store.heartbeat(), said]).toEqual([true, { released: 3 }, ['hint', 'heard']])
  await store.close()
})

test('what is committed is published only while another process watches, and what others publish is told here', async () => {
  const published: StoreChange[] = []
  const told: StoreChange[] = []
  let isWatched = false
  const listeners = new Set<(change: StoreChange) => void>()
  const store = await storeWith({
    heartbeat: async () => ({ released: 0 }),
    hint: () => {},
    onHint: () => {},
    isWatched: () => isWatched,
    publish: (change) => published.push(change),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  const put = (key: number) =>
    store.commit({ needs: {}, decide: () => ({ changes: [{ put: 'app', row: anApp({ key }) }], result: key }) })
  await put(1)
  isWatched = true
  await put(2)
  expect([published.length, listeners.size]).toEqual([1, 0])
  const stop = store.watch((change) => told.push(change))
  const foreign = {
    runs: [5],
    events: [],
    bulks: [],
    jobs: [],
    sessions: [],
    requests: [],
    registry: false,
    isCut: false,
  }
  for (const listener of listeners) listener(foreign)
  await put(3)
  expect(told).toEqual([foreign, published[1]])
  stop()
  stop()
  expect(listeners.size).toBe(0)
  await store.close()
})

test('a watcher that fails spoils neither the commit nor the others', async () => {
  const store = await storeWith(undefined)
  const told: StoreChange[] = []
  store.watch(() => {
    throw new Error('a watcher failed')
  })
  store.watch((change) => told.push(change))
  const put = { needs: {}, decide: () => ({ changes: [{ put: 'app' as const, row: anApp({ key: 1 }) }], result: 7 }) }
  expect(await store.commit(put)).toMatchObject({ done: 7 })
  expect(told).toHaveLength(1)
  await store.close()
})
