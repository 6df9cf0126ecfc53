// The lists of jobs and sessions, as plain searches through the tables.
import type {
  JobQuery,
  JobRow,
  JobRunQuery,
  JobRunRow,
  JobRunView,
  Key,
  ListReads,
  RequestQuery,
  RequestRow,
  RequestView,
  SessionQuery,
  SessionRow,
  SessionView,
} from '@pawl/storage'
import type { RecordTables } from './record-tables.ts'
import { byKey } from './tables.ts'

type RecordLists = Pick<
  ListReads,
  | 'jobs'
  | 'job'
  | 'jobsByKey'
  | 'jobRuns'
  | 'jobRun'
  | 'jobStrips'
  | 'secretNames'
  | 'sessions'
  | 'session'
  | 'sessionsByKey'
  | 'sessionItems'
  | 'requests'
  | 'request'
  | 'requestsByKey'
  | 'countPending'
>

const COUNTED_MAX = 10_000
const OPENED_MAX = 100

export function recordLists(records: RecordTables, read: <T>(work: () => T) => Promise<T>): RecordLists {
  const isLive = ({ deletedAt }: JobRow) => deletedAt === null
  const one = <Row, View>(row: Row | undefined, to: (row: Row) => View) => (row === undefined ? undefined : to(row))
  return {
    jobs: (query) => read(() => searchJobs(records, query)),
    job: (id) => read(() => records.jobs.find((row) => row.id === id && isLive(row))),
    jobsByKey: (keys) => read(() => keys.flatMap((key) => records.jobs.get(key) ?? []).filter(isLive)),
    jobRuns: (query) =>
      read(() => searchRuns(records, query).map((row) => ({ ...runView(records, row), excerpt: null }))),
    jobRun: (id) => read(() => one(records.jobRunByUlid(id), (row) => runView(records, row))),
    jobStrips: (jobs, limit) => read(() => jobs.flatMap((job) => searchRuns(records, { job, limit }))),
    secretNames: () =>
      read(() => {
        const names = records.secrets.values().map(({ name, updatedAt }) => ({ name, updatedAt }))
        return names.sort((a, b) => (a.name < b.name ? -1 : 1))
      }),
    sessions: (query) => read(() => searchSessions(records, query).map((row) => sessionView(records, row))),
    session: (id) => read(() => one(records.sessionByUlid(id), (row) => sessionView(records, row))),
    sessionsByKey: (keys) =>
      read(() => keys.flatMap((key) => one(records.sessions.get(key), (row) => sessionView(records, row)) ?? [])),
    sessionItems: (session, after, limit) =>
      read(() => {
        const items = records.sessionItems.filter((item) => item.session === session && item.seq > after)
        return items.sort((a, b) => a.seq - b.seq).slice(0, limit)
      }),
    requests: (query) => read(() => searchRequests(records, query).flatMap((row) => requestView(records, row))),
    request: (id) => read(() => one(records.requestByUlid(id), (row) => requestView(records, row)[0])),
    requestsByKey: (keys) =>
      read(() => keys.flatMap((key) => one(records.requests.get(key), (row) => requestView(records, row)) ?? [])),
    countPending: () =>
      read(() => Math.min(COUNTED_MAX, records.requests.filter(({ status }) => status === 'pending').length)),
  }
}

/** One page in the order of an instant, ties by the key. */
function page<Row extends { readonly key: Key }>(
  rows: readonly Row[],
  at: (row: Row) => number,
  { after, limit, sign }: { readonly after: JobQuery['after']; readonly limit: number; readonly sign: 1 | -1 },
): Row[] {
  const isLeft = (row: Row) => after === undefined || sign * (at(row) - after.value || row.key - after.key) > 0
  return rows
    .filter(isLeft)
    .sort((a, b) => sign * (at(a) - at(b) || a.key - b.key))
    .slice(0, limit)
}

function searchJobs({ jobs }: RecordTables, { enabled, text, after, limit }: JobQuery): readonly JobRow[] {
  const isMeant = (row: JobRow) =>
    row.deletedAt === null &&
    (enabled === undefined || row.enabled === enabled) &&
    (text === undefined || row.name.toLowerCase().includes(text.toLowerCase()))
  return page(jobs.filter(isMeant), ({ createdAt }) => createdAt, { after, limit, sign: -1 })
}

function searchRuns({ jobRuns }: RecordTables, query: JobRunQuery): readonly JobRunRow[] {
  const { job, statuses, trigger, after, limit } = query
  const isMeant = (row: JobRunRow) =>
    row.job === job &&
    (statuses === undefined || statuses.includes(row.status)) &&
    (trigger === undefined || row.trigger === trigger)
  return page(jobRuns.filter(isMeant), ({ scheduledAt }) => scheduledAt, { after, limit, sign: -1 })
}

function runView({ jobs, sessions, excerpts }: RecordTables, row: JobRunRow): JobRunView {
  const opened = sessions.filter(({ jobRun }) => jobRun === row.key).sort(byKey)
  const sessionIds = opened.slice(0, OPENED_MAX).map(({ id }) => id)
  return { row, jobId: jobs.get(row.job)?.id ?? '', sessionIds, excerpt: excerpts.get(row.key) ?? null }
}

function searchSessions({ sessions }: RecordTables, query: SessionQuery): readonly SessionRow[] {
  const { agent, statuses, isWaiting, job, runId, after, limit } = query
  const wanted = statuses ?? (isWaiting === undefined ? undefined : (['running'] as const))
  const isMeant = (row: SessionRow) =>
    (agent === undefined || row.agent === agent) &&
    (job === undefined || row.job === job) &&
    (runId === undefined || row.runId === runId) &&
    (wanted === undefined || wanted.some((status) => status === row.status)) &&
    (isWaiting === undefined || row.status !== 'running' || row.pending > 0 === isWaiting)
  return page(sessions.filter(isMeant), ({ updatedAt }) => updatedAt, { after, limit, sign: -1 })
}

function sessionView({ jobs, jobRuns }: RecordTables, row: SessionRow): SessionView {
  const jobId = row.job === null ? null : (jobs.get(row.job)?.id ?? null)
  const jobRunId = row.jobRun === null ? null : (jobRuns.get(row.jobRun)?.id ?? null)
  return { row, jobId, jobRunId }
}

function searchRequests({ requests }: RecordTables, query: RequestQuery): readonly RequestRow[] {
  const { statuses, session, newest, after, limit } = query
  const isMeant = (row: RequestRow) =>
    (statuses === undefined || statuses.includes(row.status)) && (session === undefined || row.session === session)
  return page(requests.filter(isMeant), ({ createdAt }) => createdAt, { after, limit, sign: newest ? -1 : 1 })
}

function requestView({ sessions }: RecordTables, row: RequestRow): RequestView[] {
  const session = sessions.get(row.session)
  return session === undefined ? [] : [{ row, session }]
}
