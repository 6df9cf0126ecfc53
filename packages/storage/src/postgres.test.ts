// The storage tests on PostgreSQL: one server, a schema for each test.
import { beforeAll } from 'vitest'
import { describeStore, type Place } from './conformance/index.ts'
import { openPostgres } from './postgres/index.ts'
import { sharedServer, uniqueSchema } from './postgres-server/shared-server.ts'

let url = ''

beforeAll(async () => {
  url = (await sharedServer()).url
}, 60_000)

describeStore('postgres', (): Place => {
  const schema = uniqueSchema()
  return {
    isKept: true,
    open: ({ wall, ticks }) => openPostgres({ url, schema, now: wall, monotonic: ticks }),
    // The server goes with all its schemas.
    remove: async () => {},
  }
})
