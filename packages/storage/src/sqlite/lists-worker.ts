// The thread in which lists of a database file are read: a connection of its own, read-only, one query after another.
// It knows nothing but the queries; `lists-thread.ts` is the other end.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { type ListQueries, openListQueries } from './lists-queries.ts'

/** What is asked: a list read by its name, with its arguments. */
export interface ListQuestion {
  readonly id: number
  readonly name: keyof ListQueries
  readonly args: readonly unknown[]
}

/** What is answered: the value, or why there is none. */
export type ListAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }

/** How long a read waits for a lock, in milliseconds; readers of a WAL hardly ever do. */
const BUSY_MS = 5_000

const { path } = workerData as { readonly path: string }
const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
const queries = openListQueries(db)

parentPort?.on('message', (question: ListQuestion) => parentPort?.postMessage(answer(question)))

function answer({ id, name, args }: ListQuestion): ListAnswer {
  try {
    const query = queries[name] as (...args: readonly unknown[]) => unknown
    return { id, value: query(...args) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}
