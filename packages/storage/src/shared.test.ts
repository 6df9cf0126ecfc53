// What a store says to other processes on the same database goes to the database; where there are none it is nothing.
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { withChanges } from './conformance/index.ts'
import type { Database } from './contract/database.ts'
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
  })
  store.onHint(() => said.push('heard'))
  store.hint()
  listener()
  expect([store.isShared, await store.heartbeat(), said]).toEqual([true, { released: 3 }, ['hint', 'heard']])
  await store.close()
})
