// The storage tests on PostgreSQL: one server, a schema for each test.
import { beforeAll } from 'vitest'
import { describeStore, farAway, type Place } from './conformance/index.ts'
import type { Database } from './contract/database.ts'
import { openPostgres } from './postgres/index.ts'
import { sharedServer, uniqueSchema } from './postgres-server/shared-server.ts'

let url = ''

beforeAll(async () => {
  url = (await sharedServer()).url
}, 60_000)

function inSchema(wrap: (database: Database) => Database = (database) => database): Place {
  const schema = uniqueSchema()
  return {
    isKept: true,
    open: async ({ wall, ticks }) =>
      wrap(await openPostgres({ url, schema, heartbeatMs: null, now: wall, monotonic: ticks })),
    // The server goes with all its schemas.
    remove: async () => {},
  }
}

describeStore('postgres', () => inSchema())
describeStore('postgres, far away', () => inSchema(farAway))
