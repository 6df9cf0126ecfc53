// Sessions, their items and the requests to people.
import type { DatabaseSync } from 'node:sqlite'
import type { Key, RequestRow, SessionItemRow, SessionRow } from '../contract/rows.ts'
import { readRequest, readSession, readSessionItem } from './session-rows.ts'
import { assignments, insert, misfit } from './statement.ts'

const SESSION =
  'agent, title, status, metadata, job, job_run, run_id, items, pending, updated_at, ended_at, result, error'
const ITEM = 'session, seq, id, type, role, content, created_at, name'
const REQUEST_FIXED = 'key, id, session, name, kind, prompt, form, expires_at, created_at, callback_url'
const REQUEST_MOVING = 'arguments, status, response, reason, responded_by, resolved_at, token_hash'

export type SessionTable = ReturnType<typeof openSessionTable>

export function openSessionTable(db: DatabaseSync) {
  return { ...openSessions(db), ...openItems(db), ...openRequests(db) }
}

function openSessions(db: DatabaseSync) {
  const put = insert(db, 'sessions', `key, id, name, created_at, ${SESSION}`)
  const set = db.prepare(`UPDATE sessions SET ${assignments(SESSION)} WHERE key = ?`)
  const byKey = db.prepare('SELECT * FROM sessions WHERE key = ?')
  const byName = db.prepare('SELECT * FROM sessions WHERE name = ?')
  const byUlid = db.prepare('SELECT * FROM sessions WHERE id = ?')

  return {
    put(row: SessionRow): void {
      put.run(row.key, row.id, row.name, row.createdAt, ...sessionCells(row))
    },
    /** Name and birth of it stay as they are. */
    set(row: SessionRow): void {
      if (set.run(...sessionCells(row), row.key).changes !== 1) throw misfit(`there is no session ${row.key}`)
    },
    byKey(key: Key): SessionRow | undefined {
      const row = byKey.get(key)
      return row === undefined ? undefined : readSession(row)
    },
    byName(name: string): SessionRow | undefined {
      const row = byName.get(name)
      return row === undefined ? undefined : readSession(row)
    },
    byUlid(id: string): SessionRow | undefined {
      const row = byUlid.get(id)
      return row === undefined ? undefined : readSession(row)
    },
  }
}

function openItems(db: DatabaseSync) {
  const put = insert(db, 'session_items', ITEM)
  const byName = db.prepare('SELECT * FROM session_items WHERE session = ? AND name = ?')

  return {
    putItem({ session, seq, id, type, role, content, createdAt, name }: SessionItemRow): void {
      put.run(session, seq, id, type, role, content, createdAt, name)
    },
    item(session: Key, name: string): SessionItemRow | undefined {
      const row = byName.get(session, name)
      return row === undefined ? undefined : readSessionItem(row)
    },
  }
}

function openRequests(db: DatabaseSync) {
  const put = insert(db, 'requests', `${REQUEST_FIXED}, ${REQUEST_MOVING}`)
  const set = db.prepare(`UPDATE requests SET ${assignments(REQUEST_MOVING)} WHERE key = ?`)
  const byKey = db.prepare('SELECT * FROM requests WHERE key = ?')
  const byName = db.prepare('SELECT * FROM requests WHERE session = ? AND name = ?')
  const byUlid = db.prepare('SELECT * FROM requests WHERE id = ?')
  const pendingOf = db.prepare(PENDING_OF)

  return {
    putRequest(row: RequestRow): void {
      const { key, id, session, name, kind, prompt, form, expiresAt, createdAt, callbackUrl } = row
      const fixed = [key, id, session, name, kind, prompt, form, expiresAt, createdAt, callbackUrl]
      put.run(...fixed, ...requestCells(row))
    },
    /** What was asked stays as it is, but for the arguments, which an answer may change. */
    setRequest(row: RequestRow): void {
      if (set.run(...requestCells(row), row.key).changes !== 1) throw misfit(`there is no request ${row.key}`)
    },
    request(key: Key): RequestRow | undefined {
      const row = byKey.get(key)
      return row === undefined ? undefined : readRequest(row)
    },
    requestNamed(session: Key, name: string): RequestRow | undefined {
      const row = byName.get(session, name)
      return row === undefined ? undefined : readRequest(row)
    },
    requestByUlid(id: string): RequestRow | undefined {
      const row = byUlid.get(id)
      return row === undefined ? undefined : readRequest(row)
    },
    pendingOf(session: Key): RequestRow[] {
      return pendingOf.all(session).map((row) => readRequest(row))
    },
  }
}

export const PENDING_OF = "SELECT * FROM requests WHERE session = ? AND status = 'pending' ORDER BY key"

/** The values of `SESSION`. */
function sessionCells(row: SessionRow) {
  const { agent, title, status, metadata, job, jobRun, runId, items, pending, updatedAt, endedAt, result, error } = row
  return [agent, title, status, metadata, job, jobRun, runId, items, pending, updatedAt, endedAt, result, error]
}

/** The values of `REQUEST_MOVING`. */
function requestCells(row: RequestRow) {
  return [row.arguments, row.status, row.response, row.reason, row.respondedBy, row.resolvedAt, row.tokenHash]
}
