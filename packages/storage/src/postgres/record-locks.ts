// The locks of sessions and jobs, in their place in the order of locks (`locks.ts`): after limits, before runs; first
// sessions, then jobs, each sorted. A request and an item are locked by their session, a run of a job by the job. Each row
// that is returned is the newest, for it was locked before.
import type { Needs } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import { statement, type Value } from './connection.ts'
import { type JobCells, jobColumns } from './job-table.ts'
import { type SessionCells, sessionColumns } from './session-table.ts'

/** Sessions by key ($1), by name ($2), of requests by key ($3) and by ULID ($4). */
const SESSION_KEYS = `SELECT unnest($1::int8[])
    UNION SELECT key FROM sessions WHERE name = ANY ($2::text[])
    UNION SELECT session FROM requests WHERE key = ANY ($3::int8[])
    UNION SELECT session FROM requests WHERE id = ANY ($4::text[])`

export const LOCK_SESSIONS = statement<SessionCells>(
  'lock_sessions',
  `SELECT ${sessionColumns()} FROM sessions WHERE key = ANY (ARRAY(${SESSION_KEYS})) ORDER BY key FOR NO KEY UPDATE`,
)

/** Those that nobody else has locked, where an item has brought them: only requests by ULID. */
export const TRY_SESSIONS = statement<SessionCells>(
  'try_sessions',
  `SELECT ${sessionColumns()} FROM sessions WHERE key = ANY (ARRAY(
     SELECT session FROM requests WHERE id = ANY ($1::text[]))) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED`,
)

/** Jobs by key ($1) and by ULID ($2), of runs by key ($3) and by ULID ($4). */
const JOB_KEYS = `SELECT unnest($1::int8[])
    UNION SELECT key FROM jobs WHERE id = ANY ($2::text[])
    UNION SELECT job FROM job_runs WHERE key = ANY ($3::int8[])
    UNION SELECT job FROM job_runs WHERE id = ANY ($4::text[])`

export const LOCK_JOBS = statement<JobCells>(
  'lock_jobs',
  `SELECT ${jobColumns()} FROM jobs WHERE key = ANY (ARRAY(${JOB_KEYS})) ORDER BY key FOR NO KEY UPDATE`,
)

/** Those that nobody else has locked, where an item has brought them: by ULID, and of runs by ULID. */
export const TRY_JOBS = statement<JobCells>(
  'try_jobs',
  `SELECT ${jobColumns()} FROM jobs WHERE key = ANY (ARRAY(
     SELECT key FROM jobs WHERE id = ANY ($1::text[])
     UNION SELECT job FROM job_runs WHERE id = ANY ($2::text[]))) ORDER BY key FOR NO KEY UPDATE SKIP LOCKED`,
)

/** What items are named for, by ULID, with the session or job by which it is locked: of jobs, of their runs, of requests. */
export const SUBJECTS = statement<[id: string, owner: number]>(
  'subjects',
  `SELECT id, key FROM jobs WHERE id = ANY ($1::text[])
   UNION ALL SELECT id, job FROM job_runs WHERE id = ANY ($2::text[])
   UNION ALL SELECT id, session FROM requests WHERE id = ANY ($3::text[])`,
)

/** What the needs name: items by name are named for something. */
export interface RecordNames {
  readonly jobs: readonly string[]
  readonly jobRuns: readonly string[]
  readonly requests: readonly string[]
}

export function sessionLocks(needs: Needs, { requests }: RecordNames): readonly Value[] | null {
  const { sessions = [], sessionNames = [], pendingOf = [], requests: keys = [] } = needs
  if (sessions.length + sessionNames.length + pendingOf.length + keys.length + requests.length === 0) return null
  return [
    encodeArray('int8', [...sessions, ...pendingOf]),
    encodeArray('text', sessionNames),
    encodeArray('int8', keys),
    encodeArray('text', requests),
  ]
}

export function jobLocks(needs: Needs, { jobs, jobRuns }: RecordNames): readonly Value[] | null {
  const { jobs: keys = [], jobRuns: runs = [] } = needs
  if (keys.length + runs.length + jobs.length + jobRuns.length === 0) return null
  return [encodeArray('int8', keys), encodeArray('text', jobs), encodeArray('int8', runs), encodeArray('text', jobRuns)]
}
