// HTTP Jobs and their runs as `/v2` shows them. What is secret is not in here: the engine gives requests without it, and
// records of calls with secrets masked.
import type { JobRow, JobRunRow, JobRunStatus, JobRunView } from '@pawl/storage'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { isWallClock, type JobResult, type JobSchedule } from '../engine.ts'
import { RawJson } from '../http/raw-json.ts'
import { instant, optionalInstant } from './instant.ts'

export const JOB_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const
export const JOB_STATUSES = ['queued', 'running', 'success', 'failure', 'skipped'] as const
/** Cells of a job's strip. */
export const STRIP_MAX = 20

const ERROR_CODES = [
  'timeout',
  'dns',
  'connect',
  'tls',
  'blocked_by_policy',
  'http_status',
  'redirect',
  'response_aborted',
  'worker_lost',
  'overlap',
  'internal',
] as const

const date = { format: 'date-time' } as const

const ShownHeader = z.object({
  name: z.string(),
  value: z.string().optional().meta({ description: 'Absent of a secret one.' }),
  secret: z.literal(true).optional(),
  hasValue: z.boolean(),
})

const StripCell = z.object({
  runId: z.string(),
  status: z.enum(JOB_STATUSES),
  scheduledAt: z.string().meta(date),
  durationMs: z.int().optional(),
})

export const JobV2 = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    intervalMinutes: z.int(),
    startMinute: z.int(),
    startHour: z.int(),
    timeZone: z.string().meta({ description: 'IANA name.' }),
    anchorDate: z.string().meta({ format: 'date' }),
    request: z.object({
      url: z.string(),
      method: z.enum(JOB_METHODS),
      headers: z.array(ShownHeader),
      body: z.unknown().optional().meta({ description: 'A text is sent as it is, any other value as JSON.' }),
    }),
    timeoutSeconds: z.number(),
    hasSigningSecret: z.literal(true).optional(),
    createdAt: z.string().meta(date),
    updatedAt: z.string().meta({ ...date, description: 'What `If-Match` of a change takes.' }),
    stats: z.object({
      totalRuns: z.int().meta({ description: 'Those that ended well or badly; skipped slots are none.' }),
      successfulRuns: z.int(),
      failedRuns: z.int(),
      skippedRuns: z.int(),
      lastRunAt: z.string().optional().meta(date),
      lastRunStatus: z.enum(JOB_STATUSES).optional(),
    }),
    nextRunAt: z
      .string()
      .optional()
      .meta({ ...date, description: 'Absent while it is paused.' }),
    isElapsed: z
      .literal(true)
      .optional()
      .meta({ description: 'Slots lie at constant distances of real time, not on the wall clock.' }),
    liveRunId: z.string().optional().meta({ description: 'Its run that is open now.' }),
    strip: z
      .array(StripCell)
      .optional()
      .meta({ description: `In lists: its runs, the newest first; ${STRIP_MAX} at most.` }),
  })
  .meta({ id: 'Job' })

const Recorded = {
  startedAt: z.string().optional().meta(date),
  finishedAt: z.string().optional().meta(date),
  durationMs: z.int().optional(),
  status: z.enum(JOB_STATUSES),
  httpStatus: z.int().optional(),
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }).optional(),
  request: z.object({ method: z.enum(JOB_METHODS), url: z.string() }).meta({ description: 'Redacted.' }),
  responseBytes: z.int().optional(),
  responseExcerpt: z
    .string()
    .optional()
    .meta({ description: 'The start of the answer: 64 KiB of a failure, 2 KiB of a success; secrets are masked.' }),
  sessionIds: z.array(z.string()).optional(),
}

export const JobRunV2 = z
  .object({
    id: z.string(),
    jobId: z.string(),
    trigger: z.enum(['schedule', 'manual']),
    scheduledAt: z.string().meta(date),
    ...Recorded,
    skipped: z.object({ reason: z.enum(['overlap', 'missed']), slots: z.int() }).optional(),
  })
  .meta({ id: 'JobRun' })

export const JobTestV2 = z.object(Recorded).meta({ id: 'JobTest' })

type Shows = Pick<ServerContext, 'engine'>

/** Runs of a job, the newest first; the open one is among them. */
export interface JobAround {
  readonly runs: readonly JobRunRow[]
  readonly withStrip: boolean
}

/** A job. */
export function jobV2(ctx: Shows, row: JobRow, { runs, withStrip }: JobAround): unknown {
  // Written by the engine only.
  const schedule = JSON.parse(row.schedule) as JobSchedule
  const { method, url, headers, body, signingSecret } = ctx.engine.jobs.shown(row)
  const live = row.live === null ? undefined : runs.find(({ key }) => key === row.live)
  return {
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    intervalMinutes: schedule.intervalMinutes,
    startMinute: schedule.startMinute,
    startHour: schedule.startHour,
    timeZone: schedule.timeZone,
    anchorDate: schedule.anchorDate,
    request: { url, method, headers: headers.map(headerV2), body: body === null ? undefined : bodyV2(body) },
    timeoutSeconds: row.timeoutMs / 1_000,
    hasSigningSecret: signingSecret === null ? undefined : true,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
    stats: {
      totalRuns: row.successes + row.failures,
      successfulRuns: row.successes,
      failedRuns: row.failures,
      skippedRuns: row.skips,
      lastRunAt: optionalInstant(row.lastAt),
      lastRunStatus: row.lastStatus ?? undefined,
    },
    nextRunAt: optionalInstant(row.nextAt),
    isElapsed: isWallClock(schedule.intervalMinutes) ? undefined : true,
    liveRunId: live?.id,
    strip: withStrip && runs.length > 0 ? runs.map(cellOf) : undefined,
  }
}

interface StoredHeader {
  readonly name: string
  readonly isSecret: boolean
  readonly value: string
}

/** Whatever is stored under a secret header, its value goes nowhere. */
function headerV2({ name, isSecret, value }: StoredHeader): unknown {
  return isSecret ? { name, secret: true, hasValue: true } : { name, value, hasValue: true }
}

function bodyV2({ text, isJson }: { readonly text: string; readonly isJson: boolean }): unknown {
  return isJson ? new RawJson(text) : text
}

function cellOf(run: JobRunRow): unknown {
  return {
    runId: run.id,
    status: run.status,
    scheduledAt: instant(run.scheduledAt),
    durationMs: durationOf(run),
  }
}

/** A run with what belongs to it; the excerpt where it was read. */
export function jobRunV2({ row, jobId, sessionIds, excerpt }: JobRunView): unknown {
  return {
    id: row.id,
    jobId,
    trigger: row.trigger,
    scheduledAt: instant(row.scheduledAt),
    startedAt: optionalInstant(row.startedAt),
    finishedAt: optionalInstant(row.finishedAt),
    durationMs: durationOf(row),
    status: row.status,
    httpStatus: row.httpStatus ?? undefined,
    error: row.errorCode === null ? undefined : { code: row.errorCode, message: row.errorMessage ?? '' },
    request: { method: row.method, url: row.url },
    responseBytes: row.responseBytes ?? undefined,
    responseExcerpt: excerpt ?? undefined,
    sessionIds: sessionIds.length === 0 ? undefined : sessionIds,
    skipped: row.skipReason === null ? undefined : { reason: row.skipReason, slots: row.skipSlots },
  }
}

/** What came of a request that was sent once and kept nowhere. `url`: redacted. */
export function jobTestV2(result: JobResult, request: { readonly method: string; readonly url: string }): unknown {
  const status: JobRunStatus = result.status
  return {
    startedAt: instant(result.startedAt),
    finishedAt: instant(result.finishedAt),
    durationMs: durationOf(result),
    status,
    httpStatus: result.httpStatus ?? undefined,
    error: result.error ?? undefined,
    request,
    responseBytes: result.responseBytes ?? undefined,
    responseExcerpt: result.excerpt ?? undefined,
    sessionIds: result.sessionId === null ? undefined : [result.sessionId],
  }
}

function durationOf(times: {
  readonly startedAt: number | null
  readonly finishedAt: number | null
}): number | undefined {
  const { startedAt, finishedAt } = times
  return startedAt === null || finishedAt === null ? undefined : finishedAt - startedAt
}
