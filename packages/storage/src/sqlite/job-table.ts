// Jobs, their runs and the secrets that they name. A job's request and the start of a run's answer stand apart, so that a
// run of a job writes small rows.
import type { DatabaseSync } from 'node:sqlite'
import type { JobRow, JobRunRow, Key, SecretRow } from '../contract/rows.ts'
import { JOBS, readJob, readJobRun } from './job-rows.ts'
import { assignments, bit, insert, misfit } from './statement.ts'

const MOVING =
  'name, enabled, schedule, timeout_ms, updated_at, next_at, successes, failures, skips, last_at, last_status, live'
const RUN_MOVING =
  'started_at, finished_at, status, http_status, error_code, error_message, method, url, response_bytes, skip_reason, skip_slots'

export type JobTable = ReturnType<typeof openJobTable>

export function openJobTable(db: DatabaseSync) {
  return { ...openJobs(db), ...openRuns(db), ...openSecrets(db) }
}

function openJobs(db: DatabaseSync) {
  const put = insert(db, 'jobs', `key, id, created_at, deleted_at, ${MOVING}`)
  const putRequest = insert(db, 'job_requests', 'job, request')
  // What an update names is written to the indexes that it stands in, changed or not.
  const set = db.prepare(`UPDATE jobs SET ${assignments(MOVING)} WHERE key = ? AND deleted_at IS ?`)
  const setDeleted = db.prepare(`UPDATE jobs SET deleted_at = ? WHERE key = ?`)
  const setRequest = db.prepare('UPDATE job_requests SET request = ? WHERE job = ? AND request <> ?')
  const byKey = db.prepare(`${JOBS} WHERE jobs.key = ?`)
  const byUlid = db.prepare(`${JOBS} WHERE jobs.id = ?`)

  return {
    putJob(row: JobRow): void {
      put.run(row.key, row.id, row.createdAt, row.deletedAt, ...moving(row))
      putRequest.run(row.key, row.request)
    },
    /** Birth of it stays as it is. */
    setJob(row: JobRow): void {
      const cells = moving(row)
      if (set.run(...cells, row.key, row.deletedAt).changes !== 1) {
        if (setDeleted.run(row.deletedAt, row.key).changes !== 1) throw misfit(`there is no job ${row.key}`)
        set.run(...cells, row.key, row.deletedAt)
      }
      setRequest.run(row.request, row.key, row.request)
    },
    job(key: Key): JobRow | undefined {
      const row = byKey.get(key)
      return row === undefined ? undefined : readJob(row)
    },
    jobByUlid(id: string): JobRow | undefined {
      const row = byUlid.get(id)
      return row === undefined ? undefined : readJob(row)
    },
  }
}

function openRuns(db: DatabaseSync) {
  const put = insert(db, 'job_runs', `key, id, job, is_manual, scheduled_at, ${RUN_MOVING}`)
  const set = db.prepare(`UPDATE job_runs SET ${assignments(RUN_MOVING)} WHERE key = ?`)
  const putExcerpt = insert(db, 'job_excerpts', 'run, text', 'ON CONFLICT (run) DO UPDATE SET text = excluded.text')
  const byKey = db.prepare('SELECT * FROM job_runs WHERE key = ?')
  const byUlid = db.prepare('SELECT * FROM job_runs WHERE id = ?')

  return {
    putRun(row: JobRunRow, excerpt: string | null): void {
      put.run(row.key, row.id, row.job, bit(row.trigger === 'manual'), row.scheduledAt, ...runMoving(row))
      if (excerpt !== null) putExcerpt.run(row.key, excerpt)
    },
    /** Job, trigger and slot of it stay as they are; without an excerpt so does that. */
    setRun(row: JobRunRow, excerpt: string | null): void {
      if (set.run(...runMoving(row), row.key).changes !== 1) throw misfit(`there is no run ${row.key} of a job`)
      if (excerpt !== null) putExcerpt.run(row.key, excerpt)
    },
    run(key: Key): JobRunRow | undefined {
      const row = byKey.get(key)
      return row === undefined ? undefined : readJobRun(row)
    },
    runByUlid(id: string): JobRunRow | undefined {
      const row = byUlid.get(id)
      return row === undefined ? undefined : readJobRun(row)
    },
  }
}

function openSecrets(db: DatabaseSync) {
  const put = insert(
    db,
    'secrets',
    'name, sealed, updated_at',
    'ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at',
  )
  const end = db.prepare('DELETE FROM secrets WHERE name = ?')
  const byName = db.prepare('SELECT sealed, updated_at FROM secrets WHERE name = ?')

  return {
    putSecret({ name, sealed, updatedAt }: SecretRow): void {
      put.run(name, sealed, updatedAt)
    },
    endSecret(name: string): void {
      end.run(name)
    },
    secret(name: string): SecretRow | undefined {
      const row = byName.get(name)
      return row === undefined ? undefined : { name, sealed: String(row.sealed), updatedAt: Number(row.updated_at) }
    },
  }
}

/** The values of `MOVING`. */
function moving(row: JobRow) {
  const { name, enabled, schedule, timeoutMs, updatedAt, nextAt, successes, failures, skips, lastAt, lastStatus } = row
  const counts = [successes, failures, skips]
  return [name, bit(enabled), schedule, timeoutMs, updatedAt, nextAt, ...counts, lastAt, lastStatus, row.live]
}

/** The values of `RUN_MOVING`. */
function runMoving(row: JobRunRow) {
  const { startedAt, finishedAt, status, httpStatus, errorCode, errorMessage, method, url, responseBytes } = row
  const error = [errorCode, errorMessage]
  return [
    startedAt,
    finishedAt,
    status,
    httpStatus,
    ...error,
    method,
    url,
    responseBytes,
    row.skipReason,
    row.skipSlots,
  ]
}
