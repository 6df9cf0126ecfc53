// The storage tests on SQLite: in memory, on disk, and on disk as if it stood in another thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStore, farAway, type Place } from './conformance/index.ts'
import type { Database } from './contract/database.ts'
import { openSqlite } from './sqlite/index.ts'

function inMemory(): Place {
  return {
    isKept: false,
    open: (clock) => openSqlite({ path: ':memory:', now: () => clock.wall, monotonic: () => clock.ticks }),
    remove: async () => {},
  }
}

function onDisk(wrap: (database: Database) => Database = (database) => database): Place {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-store-'))
  return {
    isKept: true,
    open: async (clock) =>
      wrap(await openSqlite({ path: join(folder, 'pawl.db'), now: () => clock.wall, monotonic: () => clock.ticks })),
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

describeStore('sqlite, in memory', inMemory)
describeStore('sqlite, on disk', () => onDisk())
describeStore('sqlite, far away', () => onDisk(farAway))
