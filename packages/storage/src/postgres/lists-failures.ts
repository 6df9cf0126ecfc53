// The list reads of what failed, and of what schedules have started.
import type { FailureView, ListReads, StripRun } from '../contract/lists.ts'
import type { Key, RunStatus } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { itemColumns, toItem } from './item-table.ts'
import { and, filter, NONE, type Reader, windowOf } from './lists-reader.ts'

/** A failed run `r` with what it failed of. */
const FAILURE = 'r.fn, r.id, r.ended_at, (SELECT o.text FROM run_outputs o WHERE o.run = r.key AND o.is_error LIMIT 1)'

type FailureCells = [fn: Key, runId: string, endedAt: number, error: string | null]

export function openFailureQueries(reader: Reader): Pick<ListReads, 'failures' | 'lastFailures' | 'crons' | 'strips'> {
  return {
    failures: (query) => failures(reader, query),
    lastFailures: async (fns) =>
      (await reader.all<FailureCells>(LAST_FAILURES, [encodeArray('int8', fns)])).map(toFailure),
    crons: async () => (await reader.all(ALL_CRONS)).map(toItem),
    strips: (fns, limit) => strips(reader, fns, limit),
  }
}

async function failures(reader: Reader, query: Parameters<ListReads['failures']>[0]): Promise<readonly FailureView[]> {
  const ofFunction = query.fn === undefined ? NONE : { terms: ['fn = ?'], values: [query.fn] }
  const { terms, values } = and(ofFunction, windowOf('ended_at', query))
  const sql = `SELECT ${FAILURE} FROM (SELECT key, fn, id, ended_at FROM runs
      ${filter(["ended_badly = 'failed'", ...terms])} ORDER BY ended_at DESC, key DESC LIMIT ?) r
    ORDER BY r.ended_at DESC, r.key DESC`
  return (await reader.all<FailureCells>(sql, [...values, query.limit])).map(toFailure)
}

export const LAST_FAILURES = `SELECT ${FAILURE} FROM unnest(?::int8[]) AS u (fn) CROSS JOIN LATERAL (
    SELECT key, fn, id, ended_at FROM runs WHERE ended_badly = 'failed' AND fn = u.fn
    ORDER BY ended_at DESC, key DESC LIMIT 1) r`

function toFailure([fn, runId, endedAt, error]: FailureCells): FailureView {
  return { fn, runId, endedAt, error }
}

const ALL_CRONS = `SELECT ${itemColumns()} FROM items WHERE kind = 'cron' ORDER BY fn, key`

/** A hop in the index to each expression of each function, and from there to its newest runs. */
export const STRIPS = `WITH RECURSIVE crons AS (
    SELECT u.fn, (SELECT r.cron FROM runs r WHERE r.fn = u.fn AND r.cron IS NOT NULL ORDER BY r.cron LIMIT 1) AS cron
    FROM unnest(?::int8[]) AS u (fn)
    UNION ALL
    SELECT c.fn, (SELECT r.cron FROM runs r WHERE r.fn = c.fn AND r.cron > c.cron ORDER BY r.cron LIMIT 1)
    FROM crons c WHERE c.cron IS NOT NULL
  )
  SELECT c.fn, c.cron, r.id, r.status, r.queued_at, r.started_at, r.ended_at FROM crons c CROSS JOIN LATERAL (
    SELECT * FROM runs WHERE fn = c.fn AND cron = c.cron ORDER BY queued_at DESC, key DESC LIMIT ?) r
  ORDER BY c.fn, c.cron, r.queued_at DESC, r.key DESC`

type StripCells = [
  fn: Key,
  cron: string,
  id: string,
  status: RunStatus,
  queuedAt: number,
  startedAt: number | null,
  endedAt: number | null,
]

async function strips(reader: Reader, fns: readonly Key[], limit: number): Promise<readonly StripRun[]> {
  const rows = await reader.all<StripCells>(STRIPS, [encodeArray('int8', [...new Set(fns)]), limit])
  return rows.map(([fn, cron, id, status, queuedAt, startedAt, endedAt]) => {
    return { fn, cron, id, status, queuedAt, startedAt, endedAt }
  })
}
