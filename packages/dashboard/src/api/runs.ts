// Reads of runs: the live list with its count of new rows, the single run, its trace, and payloads, which are read in
// parts so that a large one does not hold up the page.

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { apiPath, getData, getRows, type Params } from './client.ts'
import { freshRuns } from './fresh-runs.ts'
import { type List, type Pages, useList } from './lists.ts'
import { insertRuns } from './patch.ts'
import { queryKeys } from './query-keys.ts'
import type { Payload, Run, RunAlone, RunCount, RunFilter, Span } from './types.ts'

export interface RunList extends List<Run> {
  /** Runs that wait behind the bar; `isMore`: there are more than that. */
  readonly fresh: { readonly count: number; readonly isMore: boolean }
  /** Shows them at their places. */
  readonly showFresh: () => void
}

/**
 * Runs by filter, 50 a page. Rows change in place as they are told of. With `isFollowing` (the list is at its top,
 * nothing is selected) new rows come in by themselves; else they are counted in `fresh`.
 */
export function useRuns(filter: RunFilter, how: { isFollowing?: boolean; isOff?: boolean } = {}): RunList {
  const client = useQueryClient()
  const key = queryKeys.runs(filter)
  const list = useList<Run>({ key, path: '/v2/runs', params: { ...filter }, isOff: how.isOff })
  const fresh = useSyncExternalStore(freshRuns.subscribe, () => freshRuns.get(key))
  const hash = JSON.stringify(key)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `hash` stands for the key and the filter in it.
  const showFresh = useCallback(() => {
    const { runs, isMore } = freshRuns.get(key)
    freshRuns.clear(key)
    if (isMore) void client.resetQueries({ queryKey: key, exact: true })
    else {
      client.setQueryData<Pages<Run>>(key, (data) =>
        data === undefined ? data : { ...data, pages: [...insertRuns(data.pages, [...runs.values()], filter)] },
      )
    }
  }, [client, hash])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above.
  useEffect(() => {
    if (!how.isFollowing) return
    showFreshIfAny()
    return freshRuns.follow(key)
    function showFreshIfAny() {
      const { runs, isMore } = freshRuns.get(key)
      if (runs.size > 0 || isMore) showFresh()
    }
  }, [how.isFollowing, hash])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above; what was counted for a list goes with it.
  useEffect(() => () => freshRuns.clear(key), [hash])
  return { ...list, fresh: { count: fresh.runs.size, isMore: fresh.isMore }, showFresh }
}

/** How many runs match, counted up to `atMost`. */
export function useRunCount(filter: RunFilter, atMost = 10_000, isOff = false) {
  return useQuery({
    queryKey: queryKeys.runCount(filter, atMost),
    queryFn: ({ signal }) => getData<RunCount>('/v2/runs/count', { ...filter, atMost }, signal),
    placeholderData: keepPreviousData,
    enabled: !isOff,
  })
}

/** One page of runs without keeping it: samples in dialogs, the newest run of something. */
export function readRuns(filter: RunFilter, limit: number, signal?: AbortSignal) {
  return getRows<Run>('/v2/runs', { ...filter, limit } as Params, signal)
}

export function runOptions(id: string) {
  return {
    queryKey: queryKeys.run(id),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      getData<RunAlone>(apiPath`/v2/runs/${id}`, { includeWhy: true }, signal),
  }
}

/** A run with the reason why it does not move. It is read again when a change names it. */
export function useRun(id: string | undefined) {
  return useQuery({ ...runOptions(id ?? ''), enabled: id !== undefined })
}

export function traceOptions(id: string) {
  return {
    queryKey: queryKeys.trace(id),
    queryFn: async ({ signal }: { signal: AbortSignal }) => {
      const data = await getData<{ readonly rootSpan: Span }>(apiPath`/v2/runs/${id}/trace`, {}, signal)
      return data.rootSpan
    },
  }
}

/** The root span of a run. */
export function useTrace(id: string | undefined) {
  return useQuery({ ...traceOptions(id ?? ''), enabled: id !== undefined })
}

/** Bytes of a payload that are shown without asking. */
export const PAYLOAD_BYTES = 262_144
/** Bytes that "Load all" reads at most; beyond, it is a download. */
export const PAYLOAD_BYTES_MAX = 10_485_760

export interface PayloadAsk {
  readonly of: 'runs' | 'events'
  readonly id: string
  /** `input`, `output`, `error`, `config`, `span/<id>/output`, `span/<id>/input`; of an event `event`. */
  readonly part: string
  readonly bytes?: number
  /** Shows masked values; the server logs it. */
  readonly reveal?: boolean
}

/** The start of a payload, or all of it with `bytes: PAYLOAD_BYTES_MAX`. A part that is not there: error 404. */
export function usePayload(ask: PayloadAsk, isOff = false) {
  const { of, id, part, bytes = PAYLOAD_BYTES, reveal = false } = ask
  return useQuery({
    queryKey: [...queryKeys.payload(of, id, part), bytes, reveal],
    queryFn: ({ signal }) => readPayload({ of, id, part, bytes, reveal }, signal),
    enabled: !isOff,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: (before, query) => (query?.queryKey[2] === id && query.queryKey[3] === part ? before : undefined),
  })
}

/** Reads a payload once. */
export function readPayload(ask: PayloadAsk, signal?: AbortSignal): Promise<Payload> {
  const { of, id, part, bytes = PAYLOAD_BYTES, reveal } = ask
  const path = of === 'runs' ? apiPath`/v2/runs/${id}/payload` : apiPath`/v2/events/${id}/payload`
  return getData<Payload>(path, { part, from: 0, bytes, ...(reveal ? { reveal } : {}) }, signal)
}
