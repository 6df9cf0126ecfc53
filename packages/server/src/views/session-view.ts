// Sessions, their items and their requests as `/v2` shows them, whole and as rows of lists and of the stream, and as much
// of a request as the holder of its one-time link may see. Stored JSON goes out as it stands.
import type { RequestRow, RequestView, SessionItemRow, SessionView } from '@pawl/storage'
import { z } from 'zod'
import { RawJson } from '../http/raw-json.ts'
import { instant, optionalInstant } from './instant.ts'

export const SESSION_STATUSES = ['running', 'waiting', 'completed', 'failed', 'cancelled'] as const
export const ITEM_TYPES = [
  'message',
  'tool_call',
  'tool_result',
  'artifact',
  'log',
  'error',
  'decision',
  'custom',
] as const
export const REQUEST_KINDS = ['approval', 'input', 'choice'] as const
export const REQUEST_STATUSES = ['pending', 'approved', 'denied', 'answered', 'expired', 'cancelled'] as const

/** A session that nobody has touched for so long is idle. Milliseconds. */
const IDLE_MS = 86_400_000

const date = { format: 'date-time' } as const
const anyObject = z.record(z.string(), z.unknown())

export const SessionV2 = z
  .object({
    id: z.string(),
    key: z.string().meta({ description: 'The caller’s own name for it; opening it again finds it.' }),
    agent: z.string().optional(),
    title: z.string().optional(),
    status: z.enum(SESSION_STATUSES).meta({ description: '`waiting`: running, with a pending request.' }),
    metadata: anyObject.optional(),
    jobId: z.string().optional(),
    jobRunId: z.string().optional(),
    runId: z.string().optional().meta({ description: 'The durable run that works on it.' }),
    itemCount: z.int(),
    pendingRequests: z.int(),
    createdAt: z.string().meta(date),
    updatedAt: z.string().meta(date),
    endedAt: z.string().optional().meta(date),
    result: z.unknown().optional(),
    error: z.unknown().optional(),
    isIdle: z.literal(true).optional().meta({ description: 'Running, and untouched for a day.' }),
  })
  .meta({ id: 'Session' })

export const ItemV2 = z
  .object({
    id: z.string(),
    seq: z.int().meta({ description: '1, 2, 3 … within its session, without gaps.' }),
    type: z.enum(ITEM_TYPES),
    role: z.string().optional(),
    content: z.unknown(),
    createdAt: z.string().meta(date),
  })
  .meta({ id: 'SessionItem' })

const Option = z.object({ value: z.string(), label: z.string().optional() })

/** What the form of an answer is made from: all that a link shows. */
const Form = {
  id: z.string(),
  kind: z.enum(REQUEST_KINDS),
  prompt: z.string(),
  schema: anyObject.optional().meta({ description: 'JSON Schema of the answer, or of the changed arguments.' }),
  options: z.array(Option).optional(),
  arguments: z.unknown().optional(),
  status: z.enum(REQUEST_STATUSES),
  expiresAt: z.string().meta(date),
  createdAt: z.string().meta(date),
  resolvedAt: z.string().optional().meta(date),
}

const OfSession = z.object({
  title: z.string().optional(),
  agent: z.string().optional(),
  runId: z.string().optional(),
})

export const RequestV2 = z
  .object({
    ...Form,
    sessionId: z.string().optional().meta({ description: 'Absent only for who came by a one-time link.' }),
    key: z.string().optional().meta({ description: 'Absent only for who came by a one-time link.' }),
    response: z.unknown().optional(),
    reason: z.string().optional(),
    respondedBy: z.string().optional(),
    callbackUrl: z.string().optional(),
    link: z
      .string()
      .optional()
      .meta({ description: 'Only in the answer that makes it: lets its holder answer once, without a key.' }),
    session: OfSession.optional(),
  })
  .meta({ id: 'Request' })

/** A session, whole. */
export function sessionV2(view: SessionView, now: number): Readonly<Record<string, unknown>> {
  const { metadata, result, error } = view.row
  return { ...sessionRowV2(view, now), metadata: json(metadata), result: json(result), error: json(error) }
}

/** A session without what may be large. */
export function sessionRowV2({ row, jobId, jobRunId }: SessionView, now: number): Readonly<Record<string, unknown>> {
  const isRunning = row.status === 'running'
  return {
    id: row.id,
    key: row.name,
    agent: row.agent ?? undefined,
    title: row.title ?? undefined,
    status: isRunning && row.pending > 0 ? 'waiting' : row.status,
    jobId: jobId ?? undefined,
    jobRunId: jobRunId ?? undefined,
    runId: row.runId ?? undefined,
    itemCount: row.items,
    pendingRequests: row.pending,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
    endedAt: optionalInstant(row.endedAt),
    isIdle: isRunning && now - row.updatedAt > IDLE_MS ? true : undefined,
  }
}

export function itemV2({ id, seq, type, role, content, createdAt }: SessionItemRow): unknown {
  return { id, seq, type, role: role ?? undefined, content: new RawJson(content), createdAt: instant(createdAt) }
}

/** A request, whole. */
export function requestV2(view: RequestView): Readonly<Record<string, unknown>> {
  const { row } = view
  return {
    ...requestRowV2(view),
    ...formV2(row),
    arguments: json(row.arguments),
    response: json(row.response),
  }
}

/** A request without what may be large. */
export function requestRowV2({ row, session }: RequestView): Readonly<Record<string, unknown>> {
  return {
    ...outline(row),
    sessionId: session.id,
    key: row.name,
    reason: row.reason ?? undefined,
    respondedBy: row.respondedBy ?? undefined,
    callbackUrl: row.callbackUrl ?? undefined,
    session: {
      title: session.title ?? undefined,
      agent: session.agent ?? undefined,
      runId: session.runId ?? undefined,
    },
  }
}

/** What the holder of a one-time link sees: the question, and whether it is open still; not what somebody answered. */
export function linkedRequestV2({ row, session }: RequestView): Readonly<Record<string, unknown>> {
  return {
    ...outline(row),
    ...formV2(row),
    arguments: json(row.arguments),
    session: { title: session.title ?? undefined, agent: session.agent ?? undefined },
  }
}

function outline(row: RequestRow): Readonly<Record<string, unknown>> {
  return {
    id: row.id,
    kind: row.kind,
    prompt: row.prompt,
    status: row.status,
    expiresAt: instant(row.expiresAt),
    createdAt: instant(row.createdAt),
    resolvedAt: optionalInstant(row.resolvedAt),
  }
}

/** `{"schema": …}`, `{"options": […]}` or nothing. */
function formV2({ form }: RequestRow): Readonly<Record<string, unknown>> {
  // Written by the engine only, which has checked it.
  return form === null ? {} : (JSON.parse(form) as Readonly<Record<string, unknown>>)
}

function json(text: string | null): RawJson | undefined {
  return text === null ? undefined : new RawJson(text)
}
