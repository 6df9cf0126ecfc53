// Lists that are read page by page. Every list of the API has the same shape, so that one hook serves them all; it
// restarts by itself when the server no longer knows its cursor.

import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryKey,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { ApiError, getRows, type Params, type Rows } from './client.ts'

export type Pages<T> = InfiniteData<Rows<T>, string | undefined>

/** What a list hook gives to a view. */
export interface List<T> {
  readonly rows: readonly T[]
  /** Nothing has come yet. */
  readonly isPending: boolean
  /** Rows are there and are being read again, or belong to the filter before. */
  readonly isRefreshing: boolean
  readonly error: Error | null
  readonly hasMore: boolean
  readonly isLoadingMore: boolean
  readonly loadMore: () => void
  readonly refetch: () => void
  /** When the rows were read, epoch milliseconds. */
  readonly updatedAt: number
  /** The same by the server's clock, of the first page; NaN while there is none. */
  readonly fetchedAt: number
  readonly totalCount: number | undefined
}

export interface ListAsk {
  readonly key: QueryKey
  readonly path: string
  readonly params?: Params
  readonly limit?: number
  readonly isOff?: boolean | undefined
}

/** Options of a list, for the hook and for reading ahead. */
export function listOptions<T>({ key, path, params = {}, limit = 50 }: ListAsk) {
  return infiniteQueryOptions<Rows<T>, Error, Pages<T>, QueryKey, string | undefined>({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => getRows<T>(path, { ...params, limit, cursor: pageParam }, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.cursor,
    placeholderData: keepPreviousData,
  })
}

/** Reads a list. */
export function useList<T>(ask: ListAsk): List<T> {
  const client = useQueryClient()
  const query = useInfiniteQuery({ ...listOptions<T>(ask), enabled: !ask.isOff })
  const { error, data, fetchNextPage, refetch, hasNextPage, isFetchingNextPage } = query
  const isCursorGone = error instanceof ApiError && error.path === 'cursor'
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is a new array at each render; its hash would be the same.
  useEffect(() => {
    if (isCursorGone) void client.resetQueries({ queryKey: ask.key, exact: true })
  }, [isCursorGone, client])
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  return {
    rows,
    isPending: query.isPending && !ask.isOff,
    isRefreshing: (query.isFetching && !query.isPending && !isFetchingNextPage) || query.isPlaceholderData,
    error: isCursorGone ? null : error,
    hasMore: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    loadMore: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
    },
    refetch: () => void refetch(),
    updatedAt: query.dataUpdatedAt,
    fetchedAt: Date.parse(data?.pages[0]?.fetchedAt ?? ''),
    totalCount: data?.pages[0]?.totalCount,
  }
}
