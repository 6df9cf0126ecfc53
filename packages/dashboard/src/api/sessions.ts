// Sessions, their items and the requests they put to people: reads and actions. The items of a session only grow, so that
// its log is read in pages from its end, and read on when the session tells of more.

import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { type ActionOptions, useAction } from './actions.ts'
import { ApiError, apiPath, getData, getRows, patch, post, type Rows } from './client.ts'
import { useList } from './lists.ts'
import { queryKeys } from './query-keys.ts'
import type { Request, RequestAnswer, RequestStatus, Session, SessionItem, SessionStatus } from './sessions-types.ts'

export interface SessionFilter {
  readonly agent?: string | undefined
  readonly status?: readonly SessionStatus[] | undefined
  readonly jobId?: string | undefined
  readonly runId?: string | undefined
}

/** Sessions, those that changed last first. */
export function useSessions(filter: SessionFilter, how: { isOff?: boolean; limit?: number } = {}) {
  return useList<Session>({
    key: queryKeys.sessions(filter),
    path: '/v2/sessions',
    params: { ...filter },
    isOff: how.isOff,
    ...(how.limit === undefined ? {} : { limit: how.limit }),
  })
}

/** One session. */
export function useSession(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.session(id ?? ''),
    queryFn: ({ signal }) => getData<Session>(apiPath`/v2/sessions/${id ?? ''}`, {}, signal),
    enabled: id !== undefined,
  })
}

/** Items of a log that are read at once. */
const ITEMS_PAGE = 100

interface ItemsAsk {
  readonly after: number
  readonly limit: number
}

/** The window of a log that ends with item `count`, in one page. */
export function lastItems(count: number): ItemsAsk {
  return { after: Math.max(0, count - ITEMS_PAGE), limit: ITEMS_PAGE }
}

/** The page before the one that begins after item `after`; undefined at the beginning. */
export function itemsBefore(after: number): ItemsAsk | undefined {
  if (after === 0) return undefined
  const start = Math.max(0, after - ITEMS_PAGE)
  return { after: start, limit: after - start }
}

function readItems(id: string, ask: ItemsAsk, signal: AbortSignal) {
  return getRows<SessionItem>(apiPath`/v2/sessions/${id}/items`, { ...ask }, signal)
}

/** The log of a session, from its end; it grows as the session tells of more items. */
export function useSessionItems({ id, itemCount }: Pick<Session, 'id' | 'itemCount'>) {
  const query = useInfiniteQuery({
    queryKey: queryKeys.sessionItems(id),
    queryFn: ({ pageParam, signal }) => readItems(id, pageParam, signal),
    initialPageParam: lastItems(itemCount),
    getPreviousPageParam: (_first, _pages, { after }) => itemsBefore(after),
    getNextPageParam: (_last, pages, { after }) => ({ after: lastSeq(pages) ?? after, limit: ITEMS_PAGE }),
    // What was appended stays as it is.
    staleTime: Number.POSITIVE_INFINITY,
  })
  const { data, isFetching, fetchNextPage, isError } = query
  const items = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  const last = items.at(-1)?.seq ?? 0
  const isBehind = data !== undefined && last < itemCount && !isFetching && !isError
  useEffect(() => {
    if (isBehind) void fetchNextPage()
  }, [isBehind, fetchNextPage])
  return {
    items,
    query,
    /** Items before those that are read. */
    earlier: items[0] === undefined ? 0 : items[0].seq - 1,
  }
}

function lastSeq(pages: readonly Rows<SessionItem>[]): number | undefined {
  return pages.flatMap((page) => page.rows).at(-1)?.seq
}

/** The end of a log as it stands now, for the context of a question. */
export function useLastItems(session: Session | undefined) {
  const { id = '', itemCount = 0 } = session ?? {}
  return useQuery({
    queryKey: [...queryKeys.sessionItems(id), 'last', itemCount],
    queryFn: async ({ signal }) => (await readItems(id, lastItems(itemCount), signal)).rows,
    enabled: session !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export interface RequestListFilter {
  readonly status?: readonly RequestStatus[] | undefined
  readonly sessionId?: string | undefined
}

/** Requests: only pending ones the oldest first, else the newest. */
export function useRequests(filter: RequestListFilter, how: { isOff?: boolean } = {}) {
  return useList<Request>({
    key: queryKeys.requests(filter),
    path: '/v2/requests',
    params: { ...filter },
    isOff: how.isOff,
  })
}

/** How many requests are pending. */
export function usePendingCount() {
  return useQuery({
    queryKey: queryKeys.requestCount,
    queryFn: ({ signal }) =>
      getData<{ readonly count: number; readonly isCut?: true }>('/v2/requests/count', { status: 'pending' }, signal),
    staleTime: 60_000,
  })
}

/** Whoever has only a link gets no stream: an open question is read again so often. Milliseconds. */
const LINK_EVERY_MS = 3000

/** What an answer needs to know; the rest is absent for who came by a link. */
export type ShownRequest = Omit<Request, 'sessionId' | 'key'> & Partial<Pick<Request, 'sessionId' | 'key'>>

/** One request; with the token of its link without being signed in. */
export function useRequest(id: string, token?: string) {
  return useQuery({
    queryKey: token === undefined ? queryKeys.request(id) : [...queryKeys.request(id), 'link'],
    queryFn: ({ signal }) => getData<ShownRequest>(apiPath`/v2/requests/${id}`, { token }, signal),
    refetchInterval: (query) => token !== undefined && query.state.data?.status === 'pending' && LINK_EVERY_MS,
  })
}

export interface RespondAsk {
  readonly requestId: string
  readonly answer: RequestAnswer
  readonly token?: string | undefined
}

/** Answers a request. Whoever comes second fails with 409, and sees the first answer. */
export function useRespond(options: ActionOptions<ShownRequest, RespondAsk> = {}) {
  const client = useQueryClient()
  const show = (requestId: string, answered: unknown) => {
    client.setQueriesData<object>({ queryKey: queryKeys.request(requestId) }, (known) =>
      known && typeof answered === 'object' && answered !== null ? { ...known, ...answered } : known,
    )
  }
  return useAction(
    async ({ requestId, answer, token }: RespondAsk) => {
      try {
        const answered = await post<ShownRequest>(apiPath`/v2/requests/${requestId}/respond`, answer, { token })
        show(requestId, answered)
        return answered
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) show(requestId, error.data)
        throw error
      }
    },
    ({ token }) => (token === undefined ? [queryKeys.allRequests, queryKeys.requestCount] : []),
    options,
  )
}

interface OfSession {
  readonly sessionId: string
}

/** Ends a session from outside; its open questions are taken back. */
export function useCancelSession(options?: ActionOptions<Session, OfSession>) {
  return useAction(
    ({ sessionId }: OfSession) => patch<Session>(apiPath`/v2/sessions/${sessionId}`, { status: 'cancelled' }),
    ({ sessionId }) => [
      queryKeys.session(sessionId),
      queryKeys.allSessions,
      queryKeys.allRequests,
      queryKeys.requestCount,
    ],
    options,
  )
}
