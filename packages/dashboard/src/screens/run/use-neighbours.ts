// The runs before and after this one in the list one came from: the newest list in the cache that has it. Nothing is read
// for it; where the list was not loaded further, there is no next one.

import { useQueryClient } from '@tanstack/react-query'
import { type Pages, queryKeys, type Run } from '../../api/index.ts'

export interface Neighbours {
  /** False: no list has it. */
  readonly hasList: boolean
  readonly previous: string | undefined
  readonly next: string | undefined
}

/** Neighbours of a run. */
export function useNeighbours(runId: string): Neighbours {
  const client = useQueryClient()
  const lists = client
    .getQueryCache()
    .findAll({ queryKey: queryKeys.allRuns })
    .sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt)
  for (const query of lists) {
    const pages = client.getQueryData<Pages<Run>>(query.queryKey)?.pages
    if (!Array.isArray(pages)) continue
    const ids = pages.flatMap((page) => page.rows.map((run) => run.id))
    const at = ids.indexOf(runId)
    if (at >= 0) return { hasList: true, previous: ids[at - 1], next: ids[at + 1] }
  }
  return { hasList: false, previous: undefined, next: undefined }
}
