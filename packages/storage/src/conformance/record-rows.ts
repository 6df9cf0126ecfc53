// Rows of jobs and sessions for the storage tests: whole and plain, each with what the test is about laid over it.
import type { ItemRow, JobRow, JobRunRow, Key, RequestRow, SessionItemRow, SessionRow } from '../contract/rows.ts'
import { jobTimer, requestDeadline } from '../named-items.ts'
import { anItem, START } from './rows.ts'

export function aJob(over: Partial<JobRow> & { readonly key: Key }): JobRow {
  return {
    id: `01JOB${String(over.key).padStart(21, '0')}`,
    name: `Job ${over.key}`,
    enabled: true,
    schedule: '{"intervalMinutes":1}',
    request: '{"method":"GET","url":"http://target/"}',
    timeoutMs: 30_000,
    createdAt: START,
    updatedAt: START,
    deletedAt: null,
    nextAt: START + 60_000,
    successes: 0,
    failures: 0,
    skips: 0,
    lastAt: null,
    lastStatus: null,
    live: null,
    ...over,
  }
}

export function aJobRun(over: Partial<JobRunRow> & { readonly key: Key; readonly job: Key }): JobRunRow {
  return {
    id: `01JOBRUN${String(over.key).padStart(18, '0')}`,
    trigger: 'schedule',
    scheduledAt: START,
    startedAt: null,
    finishedAt: null,
    status: 'queued',
    httpStatus: null,
    errorCode: null,
    errorMessage: null,
    method: 'GET',
    url: 'http://target/',
    responseBytes: null,
    skipReason: null,
    skipSlots: 0,
    ...over,
  }
}

export function aSession(over: Partial<SessionRow> & { readonly key: Key }): SessionRow {
  return {
    id: `01SESSION${String(over.key).padStart(17, '0')}`,
    name: `session-${over.key}`,
    agent: null,
    title: null,
    status: 'running',
    metadata: null,
    job: null,
    jobRun: null,
    runId: null,
    items: 0,
    pending: 0,
    createdAt: START,
    updatedAt: START,
    endedAt: null,
    result: null,
    error: null,
    ...over,
  }
}

export function aSessionItem(over: Partial<SessionItemRow> & { readonly session: Key }): SessionItemRow {
  const { session, seq = 1 } = over
  const id = `01ITEM${session}X${seq}`.padEnd(26, '0')
  return { seq, id, type: 'message', role: null, content: '"hello"', createdAt: START, name: null, ...over }
}

export function aRequest(over: Partial<RequestRow> & { readonly key: Key; readonly session: Key }): RequestRow {
  return {
    id: `01REQUEST${String(over.key).padStart(17, '0')}`,
    name: `request-${over.key}`,
    kind: 'approval',
    prompt: 'Shall I?',
    form: null,
    arguments: null,
    status: 'pending',
    response: null,
    reason: null,
    respondedBy: null,
    expiresAt: START + 60_000,
    createdAt: START,
    resolvedAt: null,
    callbackUrl: null,
    tokenHash: null,
    ...over,
  }
}

/** The timer of a job. */
export function timerOf(job: JobRow, over: Partial<ItemRow> & { readonly key: Key }): ItemRow {
  return anItem({ fn: null, kind: 'job', step: jobTimer(job.id), state: 'sleeping', due: START, ...over })
}

/** The deadline of a request. */
export function deadlineOf(request: RequestRow, over: Partial<ItemRow> & { readonly key: Key }): ItemRow {
  const step = requestDeadline(request.id)
  return anItem({ fn: null, kind: 'request', step, state: 'sleeping', due: request.expiresAt, ...over })
}
