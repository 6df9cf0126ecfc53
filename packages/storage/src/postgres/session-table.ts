// Sessions, their items and the requests to people. Who writes any of them has locked the session.
import type { RequestRow, RequestStatus, SessionItemRow, SessionRow, SessionStatus } from '../contract/rows.ts'
import { assignments, type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { insertSql, type Part } from './write-parts.ts'

const SESSION: Columns<SessionRow> = columns({
  key: ['int8', (row) => row.key],
  id: ['text', (row) => row.id],
  name: ['text', (row) => row.name],
  created_at: ['int8', (row) => row.createdAt],
  agent: ['text', (row) => row.agent],
  title: ['text', (row) => row.title],
  status: ['text', (row) => row.status],
  metadata: ['text', (row) => row.metadata],
  job: ['int8', (row) => row.job],
  job_run: ['int8', (row) => row.jobRun],
  run_id: ['text', (row) => row.runId],
  items: ['int8', (row) => row.items],
  pending: ['int8', (row) => row.pending],
  updated_at: ['int8', (row) => row.updatedAt],
  ended_at: ['int8', (row) => row.endedAt],
  result: ['text', (row) => row.result],
  error: ['text', (row) => row.error],
})

/** Key, ULID, name and birth stay as they are. */
const SESSION_SET: Columns<SessionRow> = SESSION.filter(({ name }) => !['id', 'name', 'created_at'].includes(name))

export const sessionColumns = (prefix = ''): string => list(SESSION, prefix)
export const SESSION_CELLS = SESSION.length

export type SessionCells = [
  key: number,
  id: string,
  name: string,
  createdAt: number,
  agent: string | null,
  title: string | null,
  status: SessionStatus,
  metadata: string | null,
  job: number | null,
  jobRun: number | null,
  runId: string | null,
  items: number,
  pending: number,
  updatedAt: number,
  endedAt: number | null,
  result: string | null,
  error: string | null,
]

const ITEM: Columns<SessionItemRow> = columns({
  session: ['int8', (row) => row.session],
  seq: ['int8', (row) => row.seq],
  id: ['text', (row) => row.id],
  type: ['text', (row) => row.type],
  role: ['text', (row) => row.role],
  content: ['text', (row) => row.content],
  created_at: ['int8', (row) => row.createdAt],
  name: ['text', (row) => row.name],
})

export const sessionItemColumns = (prefix = ''): string => list(ITEM, prefix)

export type SessionItemCells = [
  session: number,
  seq: number,
  id: string,
  type: SessionItemRow['type'],
  role: string | null,
  content: string,
  createdAt: number,
  name: string | null,
]

const REQUEST_FIXED: Columns<RequestRow> = columns({
  key: ['int8', (row) => row.key],
  id: ['text', (row) => row.id],
  session: ['int8', (row) => row.session],
  name: ['text', (row) => row.name],
  kind: ['text', (row) => row.kind],
  prompt: ['text', (row) => row.prompt],
  form: ['text', (row) => row.form],
  expires_at: ['int8', (row) => row.expiresAt],
  created_at: ['int8', (row) => row.createdAt],
  callback_url: ['text', (row) => row.callbackUrl],
})

/** What an answer changes. */
const REQUEST_MOVING: Columns<RequestRow> = columns({
  arguments: ['text', (row) => row.arguments],
  status: ['text', (row) => row.status],
  response: ['text', (row) => row.response],
  reason: ['text', (row) => row.reason],
  responded_by: ['text', (row) => row.respondedBy],
  resolved_at: ['int8', (row) => row.resolvedAt],
  token_hash: ['text', (row) => row.tokenHash],
})

const REQUEST: Columns<RequestRow> = [...REQUEST_FIXED, ...REQUEST_MOVING]
const REQUEST_SET: Columns<RequestRow> = [...REQUEST_FIXED.slice(0, 1), ...REQUEST_MOVING]

export const requestColumns = (prefix = ''): string => list(REQUEST, prefix)
export const REQUEST_CELLS = REQUEST.length

export type RequestCells = [
  key: number,
  id: string,
  session: number,
  name: string,
  kind: RequestRow['kind'],
  prompt: string,
  form: string | null,
  expiresAt: number,
  createdAt: number,
  callbackUrl: string | null,
  args: string | null,
  status: RequestStatus,
  response: string | null,
  reason: string | null,
  respondedBy: string | null,
  resolvedAt: number | null,
  tokenHash: string | null,
]

export const PUT_SESSIONS: Part<SessionRow> = {
  name: 'put_sessions',
  columns: SESSION,
  sql: insertSql('sessions', SESSION),
}

export const SET_SESSIONS: Part<SessionRow> = {
  name: 'set_sessions',
  columns: SESSION_SET,
  sql: ({ from, where }) =>
    `UPDATE sessions s SET ${assignments(SESSION_SET.slice(1))} FROM ${from} WHERE s.key = u.key AND ${where} RETURNING s.key`,
  check: { identity: ['key'], says: `'there is no session ' || u.key` },
}

export const PUT_SESSION_ITEMS: Part<SessionItemRow> = {
  name: 'put_session_items',
  columns: ITEM,
  sql: insertSql('session_items', ITEM),
}

export const PUT_REQUESTS: Part<RequestRow> = {
  name: 'put_requests',
  columns: REQUEST,
  sql: insertSql('requests', REQUEST),
}

export const SET_REQUESTS: Part<RequestRow> = {
  name: 'set_requests',
  columns: REQUEST_SET,
  sql: ({ from, where }) =>
    `UPDATE requests q SET ${assignments(REQUEST_MOVING)} FROM ${from} WHERE q.key = u.key AND ${where} RETURNING q.key`,
  check: { identity: ['key'], says: `'there is no request ' || u.key` },
}

/** Items by session and name. */
export const SESSION_ITEMS_NAMED = statement<SessionItemCells>(
  'session_items_named',
  `SELECT ${sessionItemColumns('i.')} FROM unnest($1::int8[], $2::text[]) AS u (session, name)
   JOIN session_items i ON i.session = u.session AND i.name = u.name`,
)

/** Requests by key ($1), by session and name ($2, $3), by ULID ($4), and all pending ones of sessions ($5). */
export const REQUESTS = statement<RequestCells>(
  'requests',
  `SELECT ${requestColumns()} FROM requests WHERE key = ANY (ARRAY(
     SELECT unnest($1::int8[])
     UNION SELECT q.key FROM unnest($2::int8[], $3::text[]) AS u (session, name)
       JOIN requests q ON q.session = u.session AND q.name = u.name
     UNION SELECT key FROM requests WHERE id = ANY ($4::text[])
     UNION SELECT key FROM requests WHERE session = ANY ($5::int8[]) AND status = 'pending'
   )) ORDER BY key`,
)

export const SESSION_BY_ULID = statement<SessionCells>(
  'session_by_ulid',
  `SELECT ${sessionColumns()} FROM sessions WHERE id = $1`,
)
export const REQUEST_BY_ULID = statement<RequestCells>(
  'request_by_ulid',
  `SELECT ${requestColumns()} FROM requests WHERE id = $1`,
)

export function toSession(cells: readonly unknown[]): SessionRow {
  const session = cells as SessionCells
  return {
    key: session[0],
    id: session[1],
    name: session[2],
    createdAt: session[3],
    agent: session[4],
    title: session[5],
    status: session[6],
    metadata: session[7],
    job: session[8],
    jobRun: session[9],
    runId: session[10],
    items: session[11],
    pending: session[12],
    updatedAt: session[13],
    endedAt: session[14],
    result: session[15],
    error: session[16],
  }
}

export function toSessionItem(cells: SessionItemCells): SessionItemRow {
  const [session, seq, id, type, role, content, createdAt, name] = cells
  return { session, seq, id, type, role, content, createdAt, name }
}

export function toRequest(cells: readonly unknown[]): RequestRow {
  const request = cells as RequestCells
  return {
    key: request[0],
    id: request[1],
    session: request[2],
    name: request[3],
    kind: request[4],
    prompt: request[5],
    form: request[6],
    expiresAt: request[7],
    createdAt: request[8],
    callbackUrl: request[9],
    arguments: request[10],
    status: request[11],
    response: request[12],
    reason: request[13],
    respondedBy: request[14],
    resolvedAt: request[15],
    tokenHash: request[16],
  }
}
