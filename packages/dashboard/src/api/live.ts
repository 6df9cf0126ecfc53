// Joins the stream to what the page has read: changed rows go into cached lists by id, a run that is open is read again,
// figures that sum over everything are read again no more often than every few seconds. It never asks for what no view
// shows, so that an idle tab costs the server nothing.

import type { Query, QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { apiUrl } from './client.ts'
import { tellEvents } from './fresh-events.ts'
import { freshRuns } from './fresh-runs.ts'
import type { Pages } from './lists.ts'
import { insertRuns, missingRuns, patchEventRuns, patchRuns } from './patch.ts'
import { queryKeys, registryKinds } from './query-keys.ts'
import { soon } from './soon.ts'
import { createStream, type LiveState, type Stream } from './stream.ts'
import type { ChangeMessage, EventRow, Hello, Run, RunFilter } from './types.ts'

let stream: Stream | undefined
const before: LiveState = { state: 'connecting' }

/** Least milliseconds between two reads of figures that sum over everything. */
const REFRESH_MS = {
  overview: 4000,
  functions: 10_000,
  schedules: 4000,
  metrics: 15_000,
  count: 10_000,
  function: 10_000,
}

/** Opens the stream and keeps the cache true to it; returns what closes it. `onHello` gets the server's time. */
export function startLive(client: QueryClient, onHello: (hello: Hello) => void): () => void {
  const refresh = refresher(client)
  const made = createStream({
    open: (after) => new EventSource(apiUrl('/v2/stream', { after })),
    now: Date.now,
    setTimer: (run, ms) => setTimeout(run, ms),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    onHello,
    onChange: (message) => applyChange(client, message, refresh),
    onGap: () => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'payload' }),
    // A session that ended shows itself in no other way: the stream's own failure has no status.
    onBreak: () => void client.invalidateQueries({ queryKey: queryKeys.info }),
  })
  stream = made
  const onVisibility = () => made.setHidden(document.hidden)
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('online', made.retry)
  for (const listener of listeners) listener()
  const unsubscribe = made.subscribe(() => {
    for (const listener of listeners) listener()
  })
  made.start()
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('online', made.retry)
    unsubscribe()
    made.stop()
    refresh.stop()
    stream = undefined
  }
}

const listeners = new Set<() => void>()

/** State of the connection, and what pauses, resumes and retries it. */
export const live = {
  get: (): LiveState => stream?.getState() ?? before,
  toggle() {
    if (live.get().state === 'paused') stream?.resume()
    else stream?.pause()
  },
  retry: () => stream?.retry(),
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
} as const

export function useLive(): LiveState {
  return useSyncExternalStore(live.subscribe, live.get)
}

interface Refresher {
  (kind: keyof typeof REFRESH_MS): void
  now(key: readonly unknown[]): void
  stop(): void
}

function refresher(client: QueryClient): Refresher {
  const queue = soon((run, ms) => setTimeout(run, ms), Date.now)
  const invalidate = (key: readonly unknown[]) => client.invalidateQueries({ queryKey: key, refetchType: 'active' })
  const kinds: Record<keyof typeof REFRESH_MS, readonly string[]> = {
    overview: ['overview'],
    functions: ['functions'],
    schedules: ['schedules'],
    metrics: ['metrics'],
    count: ['run-count'],
    function: ['function'],
  }
  const refresh = (kind: keyof typeof REFRESH_MS) => queue.ask(kind, REFRESH_MS[kind], () => invalidate(kinds[kind]))
  return Object.assign(refresh, {
    now: (key: readonly unknown[]) => queue.ask(JSON.stringify(key), 250, () => invalidate(key)),
    stop: queue.stop,
  })
}

/** Takes one message into the cache. */
export function applyChange(client: QueryClient, message: ChangeMessage, refresh: Refresher) {
  const runs = message.runs ?? []
  if (runs.length > 0 || message.isCut) applyRuns(client, runs, message.isCut ?? false, refresh)
  if (message.events !== undefined || message.isCut) {
    tellEvents(message.events ?? [])
    refresh('metrics')
    refresh('overview')
    void markEventsStale(client)
  }
  for (const id of message.bulks ?? []) {
    refresh.now(queryKeys.bulk(id))
    refresh.now(queryKeys.bulks)
  }
  if (message.registry) {
    void client.invalidateQueries({ predicate: (query) => registryKinds.has(query.queryKey[0]) })
  }
}

function applyRuns(client: QueryClient, runs: readonly Run[], isCut: boolean, refresh: Refresher) {
  const byId = new Map(runs.map((run) => [run.id, run]))
  for (const query of client.getQueryCache().findAll({ queryKey: queryKeys.allRuns })) {
    applyToList(client, query, { runs, byId, isCut })
  }
  for (const query of client.getQueryCache().findAll({ queryKey: queryKeys.allEvents })) {
    client.setQueryData<Pages<EventRow>>(query.queryKey, (data) =>
      withPages(data, (pages) => patchEventRuns(pages, runs)),
    )
  }
  for (const query of client.getQueryCache().getAll()) {
    const [kind, id] = query.queryKey
    if ((kind === 'run' || kind === 'trace') && typeof id === 'string' && (isCut || byId.has(id))) {
      refresh.now(query.queryKey)
    }
    if (kind === 'event' && (isCut || runs.some((run) => run.trigger.eventIds?.includes(String(id))))) {
      refresh.now(query.queryKey)
    }
  }
  for (const kind of ['overview', 'functions', 'schedules', 'metrics', 'count', 'function'] as const) refresh(kind)
}

interface RunsChanged {
  readonly runs: readonly Run[]
  readonly byId: ReadonlyMap<string, Run>
  readonly isCut: boolean
}

function applyToList(client: QueryClient, query: Query, { runs, byId, isCut }: RunsChanged) {
  const filter = query.queryKey[1] as RunFilter
  const key = query.queryKey
  client.setQueryData<Pages<Run>>(key, (data) => withPages(data, (pages) => patchRuns(pages, byId)), {
    // The age of a list is that of its last read: a patched row does not make the others newer.
    updatedAt: query.state.dataUpdatedAt,
  })
  if (!query.isActive()) return
  const data = client.getQueryData<Pages<Run>>(key)
  if (data === undefined) return
  const missing = missingRuns(data.pages, runs, filter)
  if (isCut) freshRuns.addUnnamed(key)
  if (missing.length === 0) return
  if (!freshRuns.isFollowing(key)) freshRuns.add(key, missing)
  else client.setQueryData<Pages<Run>>(key, (known) => withPages(known, (pages) => insertRuns(pages, missing, filter)))
}

function withPages<T>(
  data: Pages<T> | undefined,
  change: (pages: Pages<T>['pages']) => readonly Pages<T>['pages'][number][],
): Pages<T> | undefined {
  if (data === undefined) return undefined
  const pages = change(data.pages)
  return pages === data.pages ? data : { ...data, pages: [...pages] }
}

/** Event lists that are shown count new rows themselves (`useFreshEvents`); others are read again when next shown. */
function markEventsStale(client: QueryClient) {
  return client.invalidateQueries({ queryKey: queryKeys.allEvents, refetchType: 'none' })
}
