// What waits are found by may be longer than an index takes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aRun, aWait } from '../conformance/rows.ts'
import type { Change } from '../contract/changes.ts'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { openPostgres, type PostgresDatabase } from './index.ts'
import { spotOf } from './wait-table.ts'

let database: PostgresDatabase

beforeAll(async () => {
  const { url } = await sharedServer()
  database = await openPostgres({ url, schema: uniqueSchema() })
}, 60_000)

afterAll(() => database.close())

const LONG = 'é'.repeat(20_000)

test('names, paths and values of any length are kept, found and told apart', async () => {
  const path = `data.${LONG}`
  const value = JSON.stringify(LONG)
  const waits = [
    aWait({ key: 11, run: 1, path, value }),
    aWait({ key: 12, run: 1, step: 'b'.repeat(40), path, value: `${value} ` }),
    aWait({ key: 13, run: 1, step: 'c'.repeat(40), kind: 'signal', name: LONG }),
  ]
  const changes: Change[] = [
    { put: 'run', row: aRun({ key: 1 }) },
    ...waits.map((row): Change => ({ put: 'wait', row })),
    { put: 'waitPath', name: 'shop/paid', path },
    { put: 'waitPath', name: 'shop/paid', path: `${path}.a` },
    { put: 'waitPath', name: 'shop/paid', path },
  ]
  await database.finish({ number: 1, writes: [{ fence: null, rev: null, changes }] })
  const search = { name: 'shop/paid', keys: [{ path, value }], after: 0, max: 10 }
  const facts = await database.begin({ waits: [search], signals: [LONG] }, [], [])
  await database.rollback()
  expect(facts.waits.map(({ key }) => key).toSorted()).toEqual([11, 13])
  expect(await database.state.signal(LONG)).toEqual(waits[2])
  expect((await database.state.registry()).waitPaths).toHaveLength(2)
})

test('where a name ends and a path begins is part of what is looked for', () => {
  expect(spotOf('a', 'b', 'c')).not.toBe(spotOf('ab', '', 'c'))
  expect(spotOf('a', 'bc', '')).not.toBe(spotOf('a', 'b', 'c'))
})
