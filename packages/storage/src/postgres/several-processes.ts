// Several processes on the database of one test, for tests of what happens between them.
import { TestClock } from '../conformance/index.ts'
import { anItem, aRun } from '../conformance/rows.ts'
import type { Change } from '../contract/changes.ts'
import type { Group, Write } from '../contract/database.ts'
import type { ItemRow, RunRow } from '../contract/rows.ts'
import type { Store } from '../contract/store.ts'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { createStore } from '../writer.ts'
import { openPostgres, type PostgresDatabase, type PostgresOptions } from './index.ts'

export class Processes {
  clock = new TestClock()
  schema = ''
  #opened: PostgresDatabase[] = []

  /** A new store for the next test. */
  begin(): void {
    this.clock = new TestClock()
    this.schema = uniqueSchema()
  }

  /** Another process on the store. */
  async open(options: Partial<PostgresOptions> = {}): Promise<PostgresDatabase> {
    const { url } = await sharedServer()
    const { wall: now, ticks: monotonic } = this.clock
    const database = await openPostgres({ url, schema: this.schema, now, monotonic, ...options })
    this.#opened.push(database)
    return database
  }

  async end(): Promise<void> {
    for (const database of this.#opened.splice(0)) await database.close()
  }
}

let numbers = 0

export function group(...changes: readonly Change[]): Group {
  return groupOf({ fence: null, rev: null, changes })
}

export function groupOf(...writes: readonly Write[]): Group {
  return { number: ++numbers, writes }
}

export function storeOn(database: PostgresDatabase): Store {
  return createStore({ database, turn: queueMicrotask })
}

/** Whether the promise is still open after all that can go on has gone on. */
export async function waits(promise: Promise<unknown>): Promise<boolean> {
  let isOpen = true
  promise.then(
    () => (isOpen = false),
    () => (isOpen = false),
  )
  await new Promise((resolve) => setTimeout(resolve, 50))
  return isOpen
}

export async function putRun(database: PostgresDatabase, over: Partial<RunRow> = {}): Promise<RunRow> {
  const row = aRun({ key: await database.reserveKeys(1), ...over })
  await database.finish(group({ put: 'run', row }))
  return row
}

export async function putItem(database: PostgresDatabase, over: Partial<ItemRow> = {}): Promise<ItemRow> {
  const row = anItem({ key: await database.reserveKeys(1), ...over })
  await database.finish(group({ put: 'item', row }))
  return row
}
