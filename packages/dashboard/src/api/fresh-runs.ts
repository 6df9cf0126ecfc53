// New runs that a list on the screen does not show yet. They wait here until the reader asks for them, or until the list
// says that nobody is reading further down; so nothing moves under the reader's eyes.

import { hashKey, type QueryKey } from '@tanstack/react-query'
import type { Run } from './types.ts'

export interface Fresh {
  readonly runs: ReadonlyMap<string, Run>
  /** More has come than is named; only reading the list again shows it. */
  readonly isMore: boolean
}

/** More than this many are not kept one by one. */
const RUNS_MAX = 300
const none: Fresh = { runs: new Map(), isMore: false }
const byList = new Map<string, Fresh>()
const following = new Set<string>()
const listeners = new Set<() => void>()

export const freshRuns = {
  get: (list: QueryKey): Fresh => byList.get(hashKey(list)) ?? none,
  /** Puts runs by; known ones are replaced. */
  add(list: QueryKey, runs: readonly Run[]) {
    if (runs.length === 0) return
    const known = byList.get(hashKey(list)) ?? none
    const all = new Map(known.runs)
    for (const run of runs) {
      if (all.has(run.id) || all.size < RUNS_MAX) all.set(run.id, run)
    }
    const isMore = known.isMore || runs.some((run) => !all.has(run.id))
    byList.set(hashKey(list), { runs: all, isMore })
    notify()
  },
  /** Something has changed that was not named. */
  addUnnamed(list: QueryKey) {
    const known = byList.get(hashKey(list)) ?? none
    if (known.isMore) return
    byList.set(hashKey(list), { ...known, isMore: true })
    notify()
  },
  clear(list: QueryKey) {
    if (byList.delete(hashKey(list))) notify()
  },
  /** While a list follows, new runs are put in at once. */
  isFollowing: (list: QueryKey) => following.has(hashKey(list)),
  follow(list: QueryKey): () => void {
    const hash = hashKey(list)
    following.add(hash)
    return () => following.delete(hash)
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
} as const

function notify() {
  for (const listener of listeners) listener()
}
