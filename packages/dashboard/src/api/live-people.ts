// Brings told changes of HTTP Jobs, Sessions and requests into what the page has read. Rows that are shown change in place;
// a list that a new row may belong to is read again, since its order is the server's.

import type { QueryClient } from '@tanstack/react-query'
import type { Job } from './jobs-types.ts'
import type { Pages } from './lists.ts'
import type { Refresher } from './live.ts'
import { queryKeys } from './query-keys.ts'
import type { ChangeMessage } from './types.ts'

type Told<Name extends 'jobs' | 'sessions' | 'requests'> = NonNullable<ChangeMessage[Name]>

export interface How {
  /** More has changed than is named. */
  readonly isCut: boolean
  readonly refresh: Refresher
}

/** Jobs: their rows and pages; the runs of a job that is told of are read again. */
export function applyJobs(client: QueryClient, jobs: Told<'jobs'>, { isCut, refresh }: How) {
  const isKnown = patchLists(client, queryKeys.jobs, { rows: jobs, untold: [] })
  if (isCut || !isKnown) refresh('jobs')
  for (const job of jobs) {
    client.setQueryData<Job>(queryKeys.job(job.id), (known) => known && job)
    refresh.now(['job-runs', job.id])
    if (jobOfOpenRun(client, job.id)) refresh.now(['job-run'])
  }
  if (isCut) for (const kind of ['job', 'job-runs', 'job-run']) refresh.now([kind])
}

/** Whether a run of the job is shown that has not ended. */
function jobOfOpenRun(client: QueryClient, jobId: string): boolean {
  const shown = client.getQueriesData<{ readonly jobId: string; readonly finishedAt?: string }>({
    queryKey: ['job-run'],
  })
  return shown.some(([, run]) => run?.jobId === jobId && run.finishedAt === undefined)
}

/** Sessions: their rows and pages. Their items are read on by the log that shows them, which sees `itemCount` grow. */
export function applySessions(client: QueryClient, sessions: Told<'sessions'>, { isCut, refresh }: How) {
  patchLists(client, queryKeys.allSessions, { rows: sessions, untold: OF_SESSION })
  // The one that changed last stands first.
  refresh('sessions')
  for (const session of sessions) {
    client.setQueryData<Row>(queryKeys.session(session.id), (known) => known && over(known, session, OF_SESSION))
    // What is not told (result, error) came with its end.
    if (session.endedAt !== undefined) refresh.now(queryKeys.session(session.id))
  }
  if (isCut) for (const kind of ['session', 'session-items']) refresh.now([kind])
}

/** Requests: a decision is shown at once; what it says in full is read after it. */
export function applyRequests(client: QueryClient, requests: Told<'requests'>, { isCut, refresh }: How) {
  patchLists(client, queryKeys.allRequests, { rows: requests, untold: OF_REQUEST })
  refresh.now(queryKeys.allRequests)
  refresh.now(queryKeys.requestCount)
  for (const request of requests) {
    client.setQueryData<Row>(queryKeys.request(request.id), (known) => known && over(known, request, OF_REQUEST))
    refresh.now(queryKeys.request(request.id))
  }
  if (isCut) refresh.now(['request'])
}

interface Row {
  readonly id: string
}

/** What the stream leaves out of a row, because it may be large. */
const OF_SESSION = ['metadata', 'result', 'error'] as const
const OF_REQUEST = ['schema', 'options', 'arguments', 'response'] as const

export interface Changed {
  readonly rows: readonly Row[]
  readonly untold: readonly string[]
}

/** The told row with what it does not tell from the known one; whatever else it lacks is not there any more. */
function over<T extends Row>(known: T, told: Row, untold: readonly string[]): T {
  const kept = Object.fromEntries(Object.entries(known).filter(([name]) => untold.includes(name)))
  // The stream has the same shape as the list.
  return { ...kept, ...told } as T
}

/** Puts rows in the place of those that lists have; false when one of them is in no list. */
function patchLists(client: QueryClient, queryKey: readonly unknown[], changed: Changed): boolean {
  const missing = new Set(changed.rows.map((row) => row.id))
  for (const query of client.getQueryCache().findAll({ queryKey })) {
    const data = client.getQueryData<Pages<Row>>(query.queryKey)
    if (data === undefined) continue
    const patched = patchRows(data, changed)
    for (const page of data.pages) for (const { id } of page.rows) missing.delete(id)
    if (patched !== data) {
      client.setQueryData(query.queryKey, patched, { updatedAt: query.state.dataUpdatedAt })
    }
  }
  return missing.size === 0
}

/** The pages with the told rows in place of the old ones; the same object when none of them is there. */
export function patchRows<T extends Row>(data: Pages<T>, { rows, untold }: Changed): Pages<T> {
  const told = new Map(rows.map((row) => [row.id, row]))
  if (!data.pages.some((page) => page.rows.some((row) => told.has(row.id)))) return data
  const pages = data.pages.map((page) => ({
    ...page,
    rows: page.rows.map((row) => {
      const next = told.get(row.id)
      return next === undefined ? row : over(row, next, untold)
    }),
  }))
  return { ...data, pages }
}
