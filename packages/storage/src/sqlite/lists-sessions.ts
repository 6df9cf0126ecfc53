// The list reads of sessions, their items and the requests to people. A filter by status is a slice of the index for each
// status, and the slices are merged.
import type { RequestQuery, RequestView, SessionQuery, SessionView } from '../contract/lists.ts'
import type { Key, SessionItemRow, SessionStatus } from '../contract/rows.ts'
import { and, countUpTo, heads, merge, NONE, type Reader, rowsByKey, type Where } from './lists-reader.ts'
import { columns, type Row, textOrNull } from './lists-rows.ts'
import { readRequest, readSession, readSessionItem } from './session-rows.ts'

/** Requests are counted up to here. */
const COUNTED_MAX = 10_000

export function listSessions(reader: Reader, query: SessionQuery): SessionView[] {
  const { after, limit } = query
  const filter = sessionFilter(query)
  const page = { field: 'updated_at', order: 'desc', limit, after } as const
  const slices = statusSlices(query).map((slice) => heads(reader, 'sessions', page, and(slice, filter)))
  const keys = merge(slices, 'desc', limit).map(({ key }) => key)
  return inOrder(keys, sessionViews(reader, keys))
}

export function oneSession(reader: Reader, id: string): SessionView | undefined {
  const row = reader.one(`${SESSIONS} WHERE s.id = ?`, [id])
  return row === undefined ? undefined : toView(row)
}

export function sessionsByKey(reader: Reader, keys: readonly Key[]): SessionView[] {
  return [...sessionViews(reader, keys).values()]
}

export function listSessionItems(reader: Reader, session: Key, after: number, limit: number): SessionItemRow[] {
  return reader.all(ITEMS_AFTER, [session, after, limit]).map(readSessionItem)
}

export function listRequests(reader: Reader, { statuses, session, newest, after, limit }: RequestQuery): RequestView[] {
  const order = newest ? 'desc' : 'asc'
  const filter: Where = session === undefined ? NONE : { terms: ['session = ?'], values: [session] }
  const slices: readonly Where[] = statuses?.map((status) => ({ terms: ['status = ?'], values: [status] })) ?? [NONE]
  const page = { field: 'created_at', order, limit, after } as const
  const found = slices.map((slice) => heads(reader, 'requests', page, and(filter, slice)))
  const keys = merge(found, order, limit).map(({ key }) => key)
  return inOrder(keys, requestViews(reader, keys))
}

export function oneRequest(reader: Reader, id: string): RequestView | undefined {
  const row = reader.one(`${REQUESTS} WHERE q.id = ?`, [id])
  return row === undefined ? undefined : toRequestView(row)
}

export function requestsByKey(reader: Reader, keys: readonly Key[]): RequestView[] {
  return [...requestViews(reader, keys).values()]
}

export function countPending(reader: Reader): number {
  return countUpTo(reader, 'requests', { terms: ["status = 'pending'"], values: [] }, COUNTED_MAX)
}

export const ITEMS_AFTER = 'SELECT * FROM session_items WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?'

const SESSION_COLUMNS =
  'key id name agent title status metadata job job_run run_id items pending created_at updated_at ended_at result error'.split(
    ' ',
  )
const SESSIONS = `SELECT s.*, j.id AS job_id, r.id AS job_run_id
  FROM sessions s LEFT JOIN jobs j ON j.key = s.job LEFT JOIN job_runs r ON r.key = s.job_run`
const REQUESTS = `SELECT q.*, ${columns('s', SESSION_COLUMNS, 's_')} FROM requests q JOIN sessions s ON s.key = q.session`

/** Each a condition for which there is an index in the order of the list. */
function statusSlices({ statuses, isWaiting }: SessionQuery): readonly Where[] {
  const wanted: readonly SessionStatus[] | undefined = statuses ?? (isWaiting === undefined ? undefined : ['running'])
  if (wanted === undefined) return [NONE]
  return wanted.map((status) => {
    const only: Where = { terms: ['status = ?'], values: [status] }
    if (status !== 'running' || isWaiting === undefined) return only
    // Few wait, so these have an index of their own; the plus keeps the other from being taken.
    if (isWaiting) return { terms: ['+status = ?', 'pending > 0'], values: [status] }
    return and(only, { terms: ['pending = 0'], values: [] })
  })
}

function sessionFilter({ agent, job, runId }: SessionQuery): Where {
  const filters: Where[] = []
  if (agent !== undefined) filters.push({ terms: ['agent = ?'], values: [agent] })
  if (job !== undefined) filters.push({ terms: ['job = ?'], values: [job] })
  if (runId !== undefined) filters.push({ terms: ['run_id = ?'], values: [runId] })
  return and(...filters)
}

function sessionViews(reader: Reader, keys: readonly Key[]): Map<Key, SessionView> {
  const rows = rowsByKey(reader, { select: SESSIONS, column: 's.key', alias: 'key' }, keys)
  return new Map(Array.from(rows, ([key, row]) => [key, toView(row)]))
}

function toView(row: Row): SessionView {
  return { row: readSession(row), jobId: textOrNull(row.job_id), jobRunId: textOrNull(row.job_run_id) }
}

function requestViews(reader: Reader, keys: readonly Key[]): Map<Key, RequestView> {
  const rows = rowsByKey(reader, { select: REQUESTS, column: 'q.key', alias: 'key' }, keys)
  return new Map(Array.from(rows, ([key, row]) => [key, toRequestView(row)]))
}

function toRequestView(row: Row): RequestView {
  return { row: readRequest(row), session: readSession(row, 's_') }
}

function inOrder<View>(keys: readonly Key[], views: ReadonlyMap<Key, View>): View[] {
  return keys.flatMap((key) => views.get(key) ?? [])
}
