// Jobs, their runs and the secrets that they name. Who writes a job or a run of it has locked the job.
import type { JobRow, JobRunRow, JobRunStatus, Key, SecretRow } from '../contract/rows.ts'
import { assignments, type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { insertSql, type Part } from './write-parts.ts'

const JOB: Columns<JobRow> = columns({
  key: ['int8', (row) => row.key],
  id: ['text', (row) => row.id],
  created_at: ['int8', (row) => row.createdAt],
  name: ['text', (row) => row.name],
  enabled: ['bool', (row) => row.enabled],
  schedule: ['text', (row) => row.schedule],
  request: ['text', (row) => row.request],
  timeout_ms: ['int8', (row) => row.timeoutMs],
  updated_at: ['int8', (row) => row.updatedAt],
  deleted_at: ['int8', (row) => row.deletedAt],
  next_at: ['int8', (row) => row.nextAt],
  successes: ['int8', (row) => row.successes],
  failures: ['int8', (row) => row.failures],
  skips: ['int8', (row) => row.skips],
  last_at: ['int8', (row) => row.lastAt],
  last_status: ['text', (row) => row.lastStatus],
  live: ['int8', (row) => row.live],
})

/** Key, ULID and birth stay as they are. */
const JOB_SET: Columns<JobRow> = JOB.filter(({ name }) => !['id', 'created_at'].includes(name))
const JOB_MOVING = JOB_SET.filter(({ name }) => !['key', 'request'].includes(name))

export const jobColumns = (prefix = ''): string => list(JOB, prefix)

export type JobCells = [
  key: number,
  id: string,
  createdAt: number,
  name: string,
  enabled: boolean,
  schedule: string,
  request: string,
  timeoutMs: number,
  updatedAt: number,
  deletedAt: number | null,
  nextAt: number | null,
  successes: number,
  failures: number,
  skips: number,
  lastAt: number | null,
  lastStatus: JobRunStatus | null,
  live: number | null,
]

const RUN: Columns<JobRunRow> = columns({
  key: ['int8', (row) => row.key],
  id: ['text', (row) => row.id],
  job: ['int8', (row) => row.job],
  is_manual: ['bool', (row) => row.trigger === 'manual'],
  scheduled_at: ['int8', (row) => row.scheduledAt],
  started_at: ['int8', (row) => row.startedAt],
  finished_at: ['int8', (row) => row.finishedAt],
  status: ['text', (row) => row.status],
  http_status: ['int8', (row) => row.httpStatus],
  error_code: ['text', (row) => row.errorCode],
  error_message: ['text', (row) => row.errorMessage],
  method: ['text', (row) => row.method],
  url: ['text', (row) => row.url],
  response_bytes: ['int8', (row) => row.responseBytes],
  skip_reason: ['text', (row) => row.skipReason],
  skip_slots: ['int8', (row) => row.skipSlots],
})

/** Job, trigger and slot stay as they are. */
const RUN_SET: Columns<JobRunRow> = RUN.filter(({ name }) => !['id', 'job', 'is_manual', 'scheduled_at'].includes(name))

export const jobRunColumns = (prefix = ''): string => list(RUN, prefix)
export const JOB_RUN_CELLS = RUN.length

export type JobRunCells = [
  key: number,
  id: string,
  job: number,
  isManual: boolean,
  scheduledAt: number,
  startedAt: number | null,
  finishedAt: number | null,
  status: JobRunStatus,
  httpStatus: number | null,
  errorCode: string | null,
  errorMessage: string | null,
  method: string,
  url: string,
  responseBytes: number | null,
  skipReason: string | null,
  skipSlots: number,
]

/** The start of a run's answer. */
export interface Excerpt {
  readonly run: Key
  readonly text: string
}

const EXCERPT: Columns<Excerpt> = columns({ run: ['int8', ({ run }) => run], text: ['text', ({ text }) => text] })

export const PUT_JOBS: Part<JobRow> = { name: 'put_jobs', columns: JOB, sql: insertSql('jobs', JOB) }

// A long request stays where it is when it is the stored one that is written, not an equal one.
export const SET_JOBS: Part<JobRow> = {
  name: 'set_jobs',
  columns: JOB_SET,
  sql: ({ from, where }) =>
    `UPDATE jobs j SET ${assignments(JOB_MOVING)}, request = CASE WHEN j.request = u.request THEN j.request ELSE u.request END
     FROM ${from} WHERE j.key = u.key AND ${where} RETURNING j.key`,
  check: { identity: ['key'], says: `'there is no job ' || u.key` },
}

export const PUT_JOB_RUNS: Part<JobRunRow> = { name: 'put_job_runs', columns: RUN, sql: insertSql('job_runs', RUN) }

export const SET_JOB_RUNS: Part<JobRunRow> = {
  name: 'set_job_runs',
  columns: RUN_SET,
  sql: ({ from, where }) =>
    `UPDATE job_runs r SET ${assignments(RUN_SET.slice(1))} FROM ${from} WHERE r.key = u.key AND ${where} RETURNING r.key`,
  check: { identity: ['key'], says: `'there is no run ' || u.key || ' of a job'` },
}

export const PUT_EXCERPTS: Part<Excerpt> = {
  name: 'put_excerpts',
  columns: EXCERPT,
  sql: insertSql('job_excerpts', EXCERPT, 'ON CONFLICT (run) DO UPDATE SET text = excluded.text'),
}

export const JOB_RUNS_BY_KEY = statement<JobRunCells>(
  'job_runs_by_key',
  `SELECT ${jobRunColumns()} FROM job_runs WHERE key = ANY ($1::int8[])`,
)
export const JOB_BY_ULID = statement<JobCells>('job_by_ulid', `SELECT ${jobColumns()} FROM jobs WHERE id = $1`)
export const JOB_RUNS_BY_ULID = statement<JobRunCells>(
  'job_runs_by_ulid',
  `SELECT ${jobRunColumns()} FROM job_runs WHERE id = ANY ($1::text[])`,
)

export const PUT_SECRET = statement(
  'put_secret',
  `INSERT INTO secrets (name, sealed, updated_at) VALUES ($1, $2, $3)
   ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`,
)
export const END_SECRET = statement('end_secret', 'DELETE FROM secrets WHERE name = $1')
export const SECRETS = statement<[name: string, sealed: string, updatedAt: number]>(
  'secrets',
  'SELECT name, sealed, updated_at FROM secrets WHERE name = ANY ($1::text[])',
)

export function toJob(cells: readonly unknown[]): JobRow {
  const job = cells as JobCells
  return {
    key: job[0],
    id: job[1],
    createdAt: job[2],
    name: job[3],
    enabled: job[4],
    schedule: job[5],
    request: job[6],
    timeoutMs: job[7],
    updatedAt: job[8],
    deletedAt: job[9],
    nextAt: job[10],
    successes: job[11],
    failures: job[12],
    skips: job[13],
    lastAt: job[14],
    lastStatus: job[15],
    live: job[16],
  }
}

export function toJobRun(cells: readonly unknown[]): JobRunRow {
  const run = cells as JobRunCells
  return {
    key: run[0],
    id: run[1],
    job: run[2],
    trigger: run[3] ? 'manual' : 'schedule',
    scheduledAt: run[4],
    startedAt: run[5],
    finishedAt: run[6],
    status: run[7],
    httpStatus: run[8],
    errorCode: run[9],
    errorMessage: run[10],
    method: run[11],
    url: run[12],
    responseBytes: run[13],
    skipReason: run[14],
    skipSlots: run[15],
  }
}

export function toSecret([name, sealed, updatedAt]: readonly [string, string, number]): SecretRow {
  return { name, sealed, updatedAt }
}
