// The rows of the list: read page by page by their filters, or found by a search while it goes on. The screen sees one
// list either way.

import { queryKeys, type Run, type RunFilter, type RunList, searchRuns, useRuns } from '../../api/index.ts'
import { type SearchHandle, useSearch } from './use-search.ts'

export interface ShownRuns extends RunList {
  /** While an expression is in force. */
  readonly search: SearchHandle | undefined
}

/** Rows that one search brings before it asks whether to go on. */
const SEARCH_LIMIT = 200

export function useRunList(
  filter: RunFilter,
  how: { readonly isFollowing: boolean; readonly isOff: boolean },
): ShownRuns {
  const isSearch = filter.query !== undefined
  const search = useSearch<Run>(isSearch && !how.isOff ? queryKeys.runs(filter) : undefined, (cursor, watch, signal) =>
    searchRuns({ ...filter, cursor, limit: SEARCH_LIMIT }, watch, signal),
  )
  const list = useRuns(filter, { isFollowing: how.isFollowing && !isSearch, isOff: isSearch || how.isOff })
  if (search === undefined) return { ...list, search }
  return {
    ...list,
    isPending: false,
    isRefreshing: search.phase === 'searching',
    error: search.error,
    hasMore: search.phase !== 'searching' && search.cursor !== undefined,
    isLoadingMore: false,
    loadMore: search.goOn,
    refetch: search.restart,
    search,
  }
}
