// Reads of everything but runs: one hook for each answer of the API that a screen shows. What the stream tells of is
// read again by `live.ts`, so that no hook here polls.

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { apiPath, getData, getRows } from './client.ts'
import { useList } from './lists.ts'
import { queryKeys } from './query-keys.ts'
import type {
  App,
  AppSync,
  Bulk,
  EventAlone,
  EventName,
  EventRow,
  FailureGroup,
  Fn,
  FnRow,
  FnVersion,
  LimitNow,
  Metrics,
  Overview,
  Schedule,
  ServerInfo,
} from './types.ts'

type Ask = { readonly signal: AbortSignal }

/** Mode, version, database and health of the server. */
export function useInfo() {
  return useQuery({
    queryKey: queryKeys.info,
    queryFn: ({ signal }) => getData<ServerInfo>('/v2/info', {}, signal),
    staleTime: 60_000,
  })
}

export type Range = '1h' | '6h' | '24h' | '7d' | '30d'

/** Figures, charts and lists of the overview. */
export function useOverview(range: Range) {
  return useQuery({
    queryKey: queryKeys.overview(range),
    queryFn: ({ signal }) => getData<Overview>('/v2/overview', { range }, signal),
    placeholderData: keepPreviousData,
  })
}

export interface MetricsFilter {
  readonly from: string
  readonly until: string
  readonly function?: readonly string[] | undefined
  readonly appId?: string | undefined
}

/**
 * Series for charts. `slide` names what the range is when its end moves with the clock (such as `24h`): then one answer
 * is kept for all instants, and the old one stays while the new one is read.
 */
export function useMetrics(filter: MetricsFilter, how: { slide?: string; isOff?: boolean } = {}) {
  const { from, until, ...rest } = filter
  return useQuery({
    queryKey: queryKeys.metrics(how.slide === undefined ? filter : { slide: how.slide, ...rest }),
    queryFn: ({ signal }) => getData<Metrics>('/v2/metrics', { from, until, ...rest }, signal),
    placeholderData: keepPreviousData,
    enabled: !how.isOff,
  })
}

export interface EventFilter {
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly name?: readonly string[] | undefined
  readonly query?: string | undefined
  readonly startedNothing?: boolean | undefined
  readonly includeInternal?: boolean | undefined
}

/** Events by filter, newest first. */
export function useEvents(filter: EventFilter, how: { isOff?: boolean; limit?: number } = {}) {
  return useList<EventRow>({
    key: queryKeys.events(filter),
    path: '/v2/events',
    params: { ...filter },
    isOff: how.isOff,
    ...(how.limit === undefined ? {} : { limit: how.limit }),
  })
}

/** An event with what became of it. */
export function useEvent(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.event(id ?? ''),
    queryFn: ({ signal }) => getData<EventAlone>(apiPath`/v2/events/${id ?? ''}`, {}, signal),
    enabled: id !== undefined,
  })
}

/** Names of events received lately, with the paths seen in them. */
export function useEventNames(isOff = false) {
  return useQuery({
    queryKey: queryKeys.eventNames,
    queryFn: async ({ signal }) => (await getRows<EventName>('/v2/event-names', { limit: 100 }, signal)).rows,
    staleTime: 30_000,
    enabled: !isOff,
  })
}

export interface FunctionFilter {
  readonly appId?: string | undefined
  readonly includeArchived?: boolean | undefined
}

/** Functions with their figures. All pages are read, since the list is sorted and searched in the page. */
export function useFunctions(filter: FunctionFilter = {}, how: { isOff?: boolean } = {}) {
  const list = useList<FnRow>({
    key: queryKeys.functions(filter),
    path: '/v2/functions',
    params: { ...filter },
    limit: 100,
    isOff: how.isOff,
  })
  const { hasMore, isLoadingMore, error, loadMore } = list
  useEffect(() => {
    if (hasMore && !isLoadingMore && error === null) loadMore()
  }, [hasMore, isLoadingMore, error, loadMore])
  return list
}

/** One function. */
export function useFunction(appId: string, functionId: string) {
  return useQuery({
    queryKey: queryKeys.fn(appId, functionId),
    queryFn: (ask) => getData<Fn>(functionPath(appId, functionId), {}, ask.signal),
  })
}

/** Failures of a function, grouped by message. */
export function useFailures(appId: string, functionId: string, range: { from?: string; until?: string }) {
  return useQuery({
    queryKey: queryKeys.failures(appId, functionId, range),
    queryFn: ({ signal }) => readAll<FailureGroup>(`${functionPath(appId, functionId)}/failures`, { signal }, range),
    placeholderData: keepPreviousData,
  })
}

/** What a function's configuration was before. */
export function useVersions(appId: string, functionId: string) {
  return useQuery({
    queryKey: queryKeys.versions(appId, functionId),
    queryFn: (ask) => readAll<FnVersion>(`${functionPath(appId, functionId)}/versions`, ask),
  })
}

/** Limits without a key, as they stand now. */
export function useLimits(appId: string, functionId: string) {
  return useQuery({
    queryKey: queryKeys.limits(appId, functionId),
    queryFn: (ask) => readAll<LimitNow>(`${functionPath(appId, functionId)}/limits`, ask),
  })
}

/** Address of a function in the API. */
export function functionPath(appId: string, functionId: string): string {
  return apiPath`/v2/apps/${appId}/functions/${functionId}`
}

/** Everything that runs by the clock. */
export function useSchedules() {
  return useQuery({
    queryKey: queryKeys.schedules,
    queryFn: (ask) => readAll<Schedule>('/v2/schedules', ask),
  })
}

export interface AppFilter {
  readonly archived?: boolean | undefined
}

/** Apps. */
export function useApps(filter: AppFilter = {}, how: { isOff?: boolean } = {}) {
  return useList<App>({ key: queryKeys.apps(filter), path: '/v2/apps', params: { ...filter }, limit: 100, ...how })
}

/** One app. */
export function useApp(appId: string) {
  return useQuery({
    queryKey: queryKeys.app(appId),
    queryFn: ({ signal }) => getData<App>(apiPath`/v2/apps/${appId}`, {}, signal),
  })
}

/** Syncs of an app, the newest first. */
export function useAppSyncs(appId: string) {
  return useQuery({
    queryKey: queryKeys.appSyncs(appId),
    queryFn: (ask) => readAll<AppSync>(apiPath`/v2/apps/${appId}/syncs`, ask),
  })
}

/** Bulk operations, the newest first. */
export function useBulks() {
  return useList<Bulk>({ key: queryKeys.bulks, path: '/v2/bulk-operations' })
}

/** One bulk operation. */
export function useBulk(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.bulk(id ?? ''),
    queryFn: ({ signal }) => getData<Bulk>(apiPath`/v2/bulk-operations/${id ?? ''}`, {}, signal),
    enabled: id !== undefined,
  })
}

/** Lists that the API answers in one page: `data` is left out when it is empty. */
async function readAll<T>(path: string, { signal }: Ask, params: Readonly<Record<string, string | undefined>> = {}) {
  return (await getRows<T>(path, params, signal)).rows
}
