// The list reads of sessions, their items and the requests to people. A filter by status is a slice of the index for each
// status, and the slices are merged.
import type { ListReads, RequestQuery, RequestView, SessionQuery, SessionView } from '../contract/lists.ts'
import type { SessionStatus } from '../contract/rows.ts'
import { amongKeys, and, count, filter, heads, keysOf, merge, NONE, type Reader, type Where } from './lists-reader.ts'
import {
  REQUEST_CELLS,
  requestColumns,
  SESSION_CELLS,
  type SessionItemCells,
  sessionColumns,
  sessionItemColumns,
  toRequest,
  toSession,
  toSessionItem,
} from './session-table.ts'

type SessionLists = Pick<
  ListReads,
  'sessions' | 'session' | 'sessionsByKey' | 'sessionItems' | 'requests' | 'request' | 'requestsByKey' | 'countPending'
>

/** Requests are counted up to here. */
const COUNTED_MAX = 10_000

export function openSessionQueries(reader: Reader): SessionLists {
  return {
    sessions: (query) => listSessions(reader, query),
    session: async (id) => (await sessionViews(reader, { terms: ['s.id = ?'], values: [id] }))[0],
    sessionsByKey: (keys) => sessionViews(reader, amongKeys('s.key', keys)),
    sessionItems: async (session, after, limit) =>
      (await reader.all<SessionItemCells>(ITEMS_AFTER, [session, after, limit])).map(toSessionItem),
    requests: (query) => listRequests(reader, query),
    request: async (id) => (await requestViews(reader, { terms: ['q.id = ?'], values: [id] }))[0],
    requestsByKey: (keys) => requestViews(reader, amongKeys('q.key', keys)),
    countPending: () => count(reader, 'requests', { terms: ["status = 'pending'"], values: [] }, COUNTED_MAX),
  }
}

const ITEMS_AFTER = `SELECT ${sessionItemColumns()} FROM session_items WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?`

async function listSessions(reader: Reader, query: SessionQuery): Promise<SessionView[]> {
  const { after, limit } = query
  const wanted = sessionFilter(query)
  const page = { field: 'updated_at', order: 'desc', limit, after } as const
  const slices = statusSlices(query).map((slice) => heads(reader, 'sessions', page, and(slice, wanted)))
  const keys = keysOf(merge(await Promise.all(slices), 'desc', limit))
  const views = new Map((await sessionViews(reader, amongKeys('s.key', keys))).map((view) => [view.row.key, view]))
  return keys.flatMap((key) => views.get(key) ?? [])
}

/** Each a condition for which there is an index in the order of the list. */
function statusSlices({ statuses, isWaiting }: SessionQuery): readonly Where[] {
  const wanted: readonly SessionStatus[] | undefined = statuses ?? (isWaiting === undefined ? undefined : ['running'])
  if (wanted === undefined) return [NONE]
  return wanted.map((status) => {
    if (status !== 'running' || isWaiting === undefined) return { terms: ['status = ?'], values: [status] }
    // Few wait, so these have an index of their own.
    return { terms: ["status = 'running'", isWaiting ? 'pending > 0' : 'pending = 0'], values: [] }
  })
}

function sessionFilter({ agent, job, runId }: SessionQuery): Where {
  const filters: Where[] = []
  if (agent !== undefined) filters.push({ terms: ['agent = ?'], values: [agent] })
  if (job !== undefined) filters.push({ terms: ['job = ?'], values: [job] })
  if (runId !== undefined) filters.push({ terms: ['run_id = ?'], values: [runId] })
  return and(...filters)
}

async function sessionViews(reader: Reader, { terms, values }: Where): Promise<SessionView[]> {
  const sql = `SELECT ${sessionColumns('s.')}, j.id, r.id FROM sessions s
    LEFT JOIN jobs j ON j.key = s.job LEFT JOIN job_runs r ON r.key = s.job_run ${filter(terms)}`
  return (await reader.all(sql, values)).map((cells) => {
    const [jobId, jobRunId] = cells.slice(SESSION_CELLS) as [string | null, string | null]
    return { row: toSession(cells), jobId, jobRunId }
  })
}

async function listRequests(reader: Reader, query: RequestQuery): Promise<RequestView[]> {
  const { statuses, session, newest, after, limit } = query
  const order = newest ? 'desc' : 'asc'
  const wanted: Where = session === undefined ? NONE : { terms: ['session = ?'], values: [session] }
  const slices: readonly Where[] = statuses?.map((status) => ({ terms: ['status = ?'], values: [status] })) ?? [NONE]
  const page = { field: 'created_at', order, limit, after } as const
  const found = slices.map((slice) => heads(reader, 'requests', page, and(wanted, slice)))
  const keys = keysOf(merge(await Promise.all(found), order, limit))
  const views = new Map((await requestViews(reader, amongKeys('q.key', keys))).map((view) => [view.row.key, view]))
  return keys.flatMap((key) => views.get(key) ?? [])
}

async function requestViews(reader: Reader, { terms, values }: Where): Promise<RequestView[]> {
  const sql = `SELECT ${requestColumns('q.')}, ${sessionColumns('s.')}
    FROM requests q JOIN sessions s ON s.key = q.session ${filter(terms)}`
  const rows = await reader.all(sql, values)
  return rows.map((cells) => ({ row: toRequest(cells), session: toSession(cells.slice(REQUEST_CELLS)) }))
}
