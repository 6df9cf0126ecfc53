// Databases that behave like one that is far away, for the tests: every value is cloned on its way in and out and the
// answer comes a turn later, as from a worker thread. What holds through it does not lean on shared objects.
import type { Database } from '../contract/database.ts'
import type { ListReads } from '../contract/lists.ts'
import type { StateReads } from '../contract/store.ts'
import { withChanges } from './world.ts'

/** The same database as seen from another thread. */
export function farAway(database: Database): Database {
  return withChanges(database, {
    now: undefined,
    state: farReads(database.state),
    lists: farReads(database.lists),
    reserveKeys: (count) => far(() => database.reserveKeys(count)),
    begin: (needs, fences, revs) => far(() => database.begin(clone(needs), clone(fences), clone(revs))),
    finish: (group) => far(() => database.finish(clone(group))),
    rollback: () => far(() => database.rollback()),
    written: (groupNumber) => far(() => database.written(groupNumber)),
  })
}

async function far<T>(ask: () => Promise<T>): Promise<T> {
  await aTurn()
  try {
    return clone(await ask())
  } finally {
    await aTurn()
  }
}

function farReads<Reads extends StateReads | ListReads>(reads: Reads): Reads {
  const entries = Object.entries(reads).map(([name, read]) => [
    name,
    (...args: readonly unknown[]) => far(() => read(...clone(args))),
  ])
  return Object.fromEntries(entries)
}

function clone<T>(value: T): T {
  return structuredClone(value)
}

function aTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
