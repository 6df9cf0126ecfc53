// Runs that are told of while a list is being read: the answer may be older than what was told, and would take it back. So
// what comes meanwhile is kept until the answer is there, and is then brought into it once more.

import type { Query, QueryClient } from '@tanstack/react-query'
import type { Run } from './types.ts'

export interface LateRuns {
  /** Takes note of runs that the stream told of. */
  note(runs: readonly Run[]): void
  stop(): void
}

/** Runs that are kept for one answer; the newest stay. */
const KEPT_MAX = 2000

/** `apply` gets each list of these kinds that has been read, with what was told meanwhile, by id. */
export function watchLateRuns(
  client: QueryClient,
  kinds: readonly unknown[],
  apply: (query: Query, runs: ReadonlyMap<string, Run>) => void,
): LateRuns {
  const told = new Map<string, Map<string, Run>>()
  const stop = client.getQueryCache().subscribe(({ query, ...event }) => {
    if (!kinds.includes(query.queryKey[0])) return
    if (event.type === 'removed') told.delete(query.queryHash)
    if (event.type !== 'updated') return
    const { action } = event
    if (action.type === 'fetch') told.set(query.queryHash, new Map())
    // What was put in by hand is no answer.
    if (action.type !== 'error' && !(action.type === 'success' && action.manual !== true)) return
    const runs = told.get(query.queryHash)
    told.delete(query.queryHash)
    if (action.type === 'success' && runs !== undefined && runs.size > 0) queueMicrotask(() => apply(query, runs))
  })
  return {
    note(runs) {
      for (const kept of told.values()) for (const run of runs) keep(kept, run)
    },
    stop,
  }
}

function keep(runs: Map<string, Run>, run: Run) {
  runs.delete(run.id)
  runs.set(run.id, run)
  const [oldest] = runs.keys()
  if (runs.size > KEPT_MAX && oldest !== undefined) runs.delete(oldest)
}
