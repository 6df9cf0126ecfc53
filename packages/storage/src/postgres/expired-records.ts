// Deletes what jobs and sessions leave behind, a page at a time (the rule stands at the change `records`). Jobs are gone
// through in the order of keys; a page goes on where the last one stopped, of whichever server. What is locked is left.
import type { Change } from '../contract/changes.ts'
import { type Flight, statement } from './connection.ts'

type Records = Extract<Change, { readonly end: 'records' }>

/** Jobs looked at in one page: at most 1,000 entries of an index each. */
const JOBS_MAX = 200

const IS_OVER = "r.status NOT IN ('queued', 'running')"
const ENDED_AT = 'coalesce(r.finished_at, r.scheduled_at)'

function endRunsSql(found: string): string {
  return `WITH found AS MATERIALIZED (${found}),
    excerpts AS (DELETE FROM job_excerpts e USING found f WHERE e.run = f.key)
    DELETE FROM job_runs r USING found f WHERE r.key = f.key`
}

/** `$1` at most. */
export const END_RUNS_OF_DELETED = statement(
  'end_runs_of_deleted',
  endRunsSql(`SELECT r.key FROM jobs j JOIN job_runs r ON r.job = j.key
    WHERE j.deleted_at IS NOT NULL AND ${IS_OVER} ORDER BY j.deleted_at, j.key LIMIT $1`),
)

export const END_DELETED_JOBS = statement(
  'end_deleted_jobs',
  `DELETE FROM jobs WHERE key = ANY (ARRAY(
     SELECT key FROM jobs j WHERE j.deleted_at IS NOT NULL AND NOT EXISTS (SELECT FROM job_runs r WHERE r.job = j.key)
     ORDER BY j.deleted_at, j.key LIMIT $1 FOR UPDATE SKIP LOCKED))`,
)

/** The jobs of this page. */
const LOOKED_AT = `SELECT j.key FROM jobs j
  WHERE j.key > (SELECT value FROM meta WHERE name = 'records_job') ORDER BY j.key LIMIT ${JOBS_MAX}`

function nthNewest(nth: string): string {
  return `SELECT r.scheduled_at, r.key FROM job_runs r WHERE r.job = j.key
    ORDER BY r.scheduled_at DESC, r.key DESC LIMIT 1 OFFSET ${nth}`
}

/** Of each job: older than the newest `$2`, and ended before `$1` or older than the newest `$3`; `$4` of all at most. */
export const END_OLD_RUNS = statement(
  'end_old_runs',
  endRunsSql(`SELECT old.key FROM (${LOOKED_AT}) j
    CROSS JOIN LATERAL (${nthNewest('$2::int8')}) free
    CROSS JOIN LATERAL (
      (SELECT r.key FROM job_runs r WHERE r.job = j.key AND (r.scheduled_at, r.key) <= (free.scheduled_at, free.key)
         AND r.scheduled_at < $1 AND ${ENDED_AT} < $1 AND ${IS_OVER} ORDER BY r.scheduled_at, r.key LIMIT $4)
      UNION
      (SELECT many.key FROM (${nthNewest('greatest($2::int8, $3::int8)')}) beyond CROSS JOIN LATERAL (
         SELECT r.key FROM job_runs r
         WHERE r.job = j.key AND (r.scheduled_at, r.key) <= (beyond.scheduled_at, beyond.key) AND ${IS_OVER}
         ORDER BY r.scheduled_at, r.key LIMIT $4) many)
    ) old LIMIT $4`),
)

export const TURN_PAGE = statement(
  'turn_page',
  `UPDATE meta SET value = (SELECT CASE WHEN count(*) < ${JOBS_MAX} THEN 0 ELSE max(p.key) END FROM (${LOOKED_AT}) p)
   WHERE name = 'records_job'`,
)

/** Sessions that ended before `$1`, as many as have no more than `$2` rows together, but one in any case. */
export const END_OLD_SESSIONS = statement(
  'end_old_sessions',
  `WITH old AS MATERIALIZED (
     SELECT key, items, ended_at FROM sessions WHERE ended_at IS NOT NULL AND ended_at < $1::int8
     ORDER BY ended_at, key LIMIT $2::int8 FOR UPDATE SKIP LOCKED
   ), summed AS (
     SELECT key, items + 1 AS rows, sum(items + 1) OVER (ORDER BY ended_at, key) AS total FROM old
   ), ending AS MATERIALIZED (
     SELECT key FROM summed WHERE total <= $2::int8 OR total = rows
   ), ended_items AS (DELETE FROM session_items i USING ending e WHERE i.session = e.key),
   ended_requests AS (DELETE FROM requests q USING ending e WHERE q.session = e.key)
   DELETE FROM sessions s USING ending e WHERE s.key = e.key`,
)

/** After the group's rows, so that it sees them. */
export function askEndRecords(flight: Flight, change: Records): void {
  const { jobRunsBefore, keepLeast, keepMost, sessionsBefore, max } = change
  flight.ask(END_RUNS_OF_DELETED, [max])
  flight.ask(END_DELETED_JOBS, [max])
  flight.ask(END_OLD_RUNS, [jobRunsBefore, keepLeast, keepMost, max])
  flight.ask(TURN_PAGE)
  flight.ask(END_OLD_SESSIONS, [sessionsBefore, max])
}
