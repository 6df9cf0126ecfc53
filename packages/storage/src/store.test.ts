// The storage tests on SQLite: in memory, on disk, and as if it stood in another thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describeStore, farAway, type Place } from './conformance/index.ts'
import type { Database } from './contract/database.ts'
import { openSqlite } from './sqlite/index.ts'

type Wrap = (database: Database) => Database

const plain: Wrap = (database) => database

/** The connection is the disk here: it stays when the store is closed. */
function inMemory(wrap: Wrap = plain): Place {
  const connection = new DatabaseSync(':memory:')
  return {
    isKept: true,
    open: async ({ wall, ticks }) => wrap(await openSqlite({ connection, now: wall, monotonic: ticks })),
    remove: async () => connection.close(),
  }
}

function onDisk(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-store-'))
  return {
    isKept: true,
    open: ({ wall, ticks }) => openSqlite({ path: join(folder, 'pawl.db'), now: wall, monotonic: ticks }),
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

describeStore('sqlite, in memory', () => inMemory())
describeStore('sqlite, on disk', () => onDisk())
describeStore('sqlite, far away', () => inMemory(farAway))
