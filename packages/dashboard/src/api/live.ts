// Joins the stream to what the page has read: changed rows go into cached lists by id, a run that is open is read again,
// figures that sum over everything are read again no more often than every few seconds. It never asks for what no view
// shows, so that an idle tab costs the server nothing.

import type { Query, QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { browserNow } from '../ui/clock.ts'
import { apiUrl } from './client.ts'
import { tellEvents } from './fresh-events.ts'
import { freshRuns } from './fresh-runs.ts'
import { watchLateRuns } from './late-runs.ts'
import type { Pages } from './lists.ts'
import { applyJobs, applyRequests, applySessions } from './live-people.ts'
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
  jobs: 1000,
  sessions: 2000,
}

/** Opens the stream and keeps the cache true to it; returns what closes it. `onHello` gets the server's time. */
export function startLive(client: QueryClient, onHello: (hello: Hello) => void): () => void {
  const refresh = refresher(client)
  const late = watchLateRuns(client, ['runs', 'events'], (query, runs) => applyLate(client, query, runs, refresh))
  const made = createStream({
    open: (after) => new EventSource(apiUrl('/v2/stream', { after })),
    now: browserNow,
    setTimer: (run, ms) => setTimeout(run, ms),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    onHello,
    onChange(message) {
      late.note(message.runs ?? [])
      applyChange(client, message, refresh)
    },
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
    late.stop()
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

/** Reads figures again, each kind no more often than its time; `now` reads what stands under a key again soon. */
export interface Refresher {
  (kind: keyof typeof REFRESH_MS): void
  now(key: readonly unknown[], everyMs?: number): void
  stop(): void
}

function refresher(client: QueryClient): Refresher {
  const queue = soon((run, ms) => setTimeout(run, ms), browserNow)
  const invalidate = (key: readonly unknown[]) => client.invalidateQueries({ queryKey: key, refetchType: 'active' })
  const kinds: Record<keyof typeof REFRESH_MS, readonly string[]> = {
    overview: ['overview'],
    functions: ['functions'],
    schedules: ['schedules'],
    metrics: ['metrics'],
    count: ['run-count'],
    function: ['function'],
    jobs: ['jobs'],
    sessions: ['sessions'],
  }
  const refresh = (kind: keyof typeof REFRESH_MS) => queue.ask(kind, REFRESH_MS[kind], () => invalidate(kinds[kind]))
  return Object.assign(refresh, {
    now: (key: readonly unknown[], everyMs = 250) => queue.ask(JSON.stringify(key), everyMs, () => invalidate(key)),
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
  const isCut = message.isCut ?? false
  if (message.jobs !== undefined || isCut) applyJobs(client, message.jobs ?? [], { isCut, refresh })
  if (message.sessions !== undefined || isCut) applySessions(client, message.sessions ?? [], { isCut, refresh })
  if (message.requests !== undefined || isCut) applyRequests(client, message.requests ?? [], { isCut, refresh })
  if (message.registry) {
    void client.invalidateQueries({ predicate: (query) => registryKinds.has(query.queryKey[0]) })
  }
}

function applyRuns(client: QueryClient, runs: readonly Run[], isCut: boolean, refresh: Refresher) {
  const byId = new Map(runs.map((run) => [run.id, run]))
  for (const query of client.getQueryCache().findAll({ queryKey: queryKeys.allRuns })) {
    applyToList(client, query, { byId, isCut, refresh })
  }
  for (const query of client.getQueryCache().findAll({ queryKey: queryKeys.allEvents })) {
    changePages<EventRow>(client, query, (pages) => patchEventRuns(pages, runs))
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
  readonly byId: ReadonlyMap<string, Run>
  readonly isCut: boolean
  readonly refresh: Pick<Refresher, 'now'>
}

function applyToList(client: QueryClient, query: Query, { byId, isCut, refresh }: RunsChanged) {
  const filter = query.queryKey[1] as RunFilter
  const key = query.queryKey
  changePages<Run>(client, query, (pages) => patchRuns(pages, byId))
  // Whoever comes back to it reads it again: new runs are not brought into it meanwhile.
  if (!query.isActive()) return query.invalidate()
  const data = client.getQueryData<Pages<Run>>(key)
  if (data === undefined) return
  const missing = missingRuns(data.pages, [...byId.values()], filter)
  if (!freshRuns.isFollowing(key)) {
    if (isCut) freshRuns.addUnnamed(key)
    freshRuns.add(key, missing)
    return
  }
  if (missing.length > 0) changePages<Run>(client, query, (pages) => insertRuns(pages, missing, filter))
  const isLong = data.pages.reduce((sum, { rows }) => sum + rows.length, missing.length) > followedMax(data)
  if (isCut || isLong) refresh.now(key, ANEW_MS)
}

/** A list that follows is read anew when it has grown by so many rows, so that an open tab does not grow for ever. */
const GROWTH_MAX = 500
/** Least milliseconds between two such reads of a list. */
const ANEW_MS = 2000
const PAGE_ROWS = 50

function followedMax({ pages }: Pages<Run>): number {
  return pages.length * PAGE_ROWS + GROWTH_MAX
}

/** Brings into a list what was told while it was read. A row that has ended by the answer stays so. */
export function applyLate(client: QueryClient, query: Query, runs: ReadonlyMap<string, Run>, refresh: Refresher) {
  if (query.queryKey[0] === 'events') {
    return changePages<EventRow>(client, query, (pages) => patchEventRuns(pages, [...runs.values()]))
  }
  const data = client.getQueryData<Pages<Run>>(query.queryKey)
  const ended = new Set(
    data?.pages.flatMap(({ rows }) => rows.flatMap((run) => (run.endedAt === undefined ? [] : run.id))),
  )
  const byId = new Map([...runs].filter(([id, run]) => run.endedAt !== undefined || !ended.has(id)))
  applyToList(client, query, { byId, isCut: false, refresh })
}

/** Its age is that of its last read: a changed row does not make the others newer. */
function changePages<T>(
  client: QueryClient,
  query: Query,
  change: (pages: Pages<T>['pages']) => readonly Pages<T>['pages'][number][],
) {
  const { queryKey, state } = query
  const data = client.getQueryData<Pages<T>>(queryKey)
  if (data === undefined) return
  const pages = change(data.pages)
  if (pages === data.pages) return
  client.setQueryData<Pages<T>>(queryKey, { ...data, pages: [...pages] }, { updatedAt: state.dataUpdatedAt })
  if (state.isInvalidated) query.invalidate()
}

/** Event lists that are shown count new rows themselves (`useFreshEvents`); others are read again when next shown. */
function markEventsStale(client: QueryClient) {
  return client.invalidateQueries({ queryKey: queryKeys.allEvents, refetchType: 'none' })
}
