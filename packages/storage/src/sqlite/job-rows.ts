// Jobs, their runs and secrets as rows of the database, for the tables and for the lists.
import type { JobRow, JobRunRow, JobRunStatus } from '../contract/rows.ts'
import { flag, number, numberOrNull, type Row, text, textOrNull } from './lists-rows.ts'

/** A job with its request, which stands apart. */
export const JOBS = 'SELECT jobs.*, job_requests.request FROM jobs JOIN job_requests ON job_requests.job = jobs.key'

export function readJob(row: Row): JobRow {
  return {
    key: number(row.key),
    id: text(row.id),
    name: text(row.name),
    enabled: flag(row.enabled),
    schedule: text(row.schedule),
    request: text(row.request),
    timeoutMs: number(row.timeout_ms),
    createdAt: number(row.created_at),
    updatedAt: number(row.updated_at),
    deletedAt: numberOrNull(row.deleted_at),
    nextAt: numberOrNull(row.next_at),
    successes: number(row.successes),
    failures: number(row.failures),
    skips: number(row.skips),
    lastAt: numberOrNull(row.last_at),
    lastStatus: textOrNull(row.last_status) as JobRunStatus | null,
    live: numberOrNull(row.live),
  }
}

export function readJobRun(row: Row): JobRunRow {
  return {
    key: number(row.key),
    id: text(row.id),
    job: number(row.job),
    trigger: flag(row.is_manual) ? 'manual' : 'schedule',
    scheduledAt: number(row.scheduled_at),
    startedAt: numberOrNull(row.started_at),
    finishedAt: numberOrNull(row.finished_at),
    status: text(row.status) as JobRunStatus,
    httpStatus: numberOrNull(row.http_status),
    errorCode: textOrNull(row.error_code),
    errorMessage: textOrNull(row.error_message),
    method: text(row.method),
    url: text(row.url),
    responseBytes: numberOrNull(row.response_bytes),
    skipReason: textOrNull(row.skip_reason),
    skipSlots: number(row.skip_slots),
  }
}
