// Sessions, their items and requests as rows of the database, for the tables and for the lists.
import type { RequestRow, RequestStatus, SessionItemRow, SessionRow, SessionStatus } from '../contract/rows.ts'
import { number, numberOrNull, type Row, text, textOrNull } from './lists-rows.ts'

/** Reads a session whose columns carry `prefix`. */
export function readSession(row: Row, prefix = ''): SessionRow {
  const at = (name: string) => row[`${prefix}${name}`]
  return {
    key: number(at('key')),
    id: text(at('id')),
    name: text(at('name')),
    agent: textOrNull(at('agent')),
    title: textOrNull(at('title')),
    status: text(at('status')) as SessionStatus,
    metadata: textOrNull(at('metadata')),
    job: numberOrNull(at('job')),
    jobRun: numberOrNull(at('job_run')),
    runId: textOrNull(at('run_id')),
    items: number(at('items')),
    pending: number(at('pending')),
    createdAt: number(at('created_at')),
    updatedAt: number(at('updated_at')),
    endedAt: numberOrNull(at('ended_at')),
    result: textOrNull(at('result')),
    error: textOrNull(at('error')),
  }
}

export function readSessionItem(row: Row): SessionItemRow {
  return {
    session: number(row.session),
    seq: number(row.seq),
    id: text(row.id),
    type: text(row.type) as SessionItemRow['type'],
    role: textOrNull(row.role),
    content: text(row.content),
    createdAt: number(row.created_at),
    name: textOrNull(row.name),
  }
}

export function readRequest(row: Row): RequestRow {
  return {
    key: number(row.key),
    id: text(row.id),
    session: number(row.session),
    name: text(row.name),
    kind: text(row.kind) as RequestRow['kind'],
    prompt: text(row.prompt),
    form: textOrNull(row.form),
    arguments: textOrNull(row.arguments),
    status: text(row.status) as RequestStatus,
    response: textOrNull(row.response),
    reason: textOrNull(row.reason),
    respondedBy: textOrNull(row.responded_by),
    expiresAt: number(row.expires_at),
    createdAt: number(row.created_at),
    resolvedAt: numberOrNull(row.resolved_at),
    callbackUrl: textOrNull(row.callback_url),
    tokenHash: textOrNull(row.token_hash),
  }
}
