// Runs as the two REST surfaces show them, with the output as the stored canonical text.
import { type Json, parseJson, ulidTime } from '@pawl/protocol'
import type { RunStatus, RunView } from '@pawl/storage'
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { functionUuid, type WaitingBrief } from '../engine.ts'
import { RawJson } from '../http/raw-json.ts'
import { publicId } from '../lists/directory.ts'
import { ENVIRONMENT_ID } from './environment.ts'
import { instant, optionalInstant } from './instant.ts'
import { REASON_CODES } from './reason-codes.ts'

const STATUS_V1: Readonly<Record<RunStatus, string>> = {
  scheduled: 'Scheduled',
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Skipped',
}

/** Statuses of v2, by those of the store. */
export const STATUS_V2 = {
  scheduled: 'QUEUED',
  running: 'RUNNING',
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  skipped: 'SKIPPED',
} as const satisfies Readonly<Record<RunStatus, string>>

/** Whether a text is a status of the store. */
export function isStatus(text: string): text is RunStatus {
  return Object.hasOwn(STATUS_V2, text)
}

const SkipReason = z.enum(['paused', 'drained', 'singleton']).meta({ description: 'Why a skipped run never ran.' })

/** A run on `/v1`. */
export const RunV1 = z
  .object({
    run_id: z.string(),
    run_started_at: z.string().nullable(),
    function_id: z.string().meta({ description: 'UUID.' }),
    function_version: z.int(),
    environment_id: z.string(),
    event_id: z.string().optional().meta({ description: 'ULID of the (first) triggering event.' }),
    batch_id: z.string().optional().meta({ description: 'ULID of the batch that the run began with.' }),
    original_run_id: z.string().optional(),
    cron: z.string().optional(),
    status: z.enum(Object.values(STATUS_V1)),
    skip_reason: SkipReason.optional(),
    ended_at: z.string().nullable(),
    output: z.unknown().optional(),
  })
  .meta({ id: 'RunV1' })

/** Why a live run does not move, in a few words. */
const Waiting = z
  .object({
    code: z.enum(REASON_CODES),
    at: z.string().optional().meta({ format: 'date-time', description: 'Until when, or at which instant.' }),
    name: z.string().optional().meta({ description: 'The limit, event, signal or function that it waits for.' }),
  })
  .meta({ id: 'Waiting', description: 'Of a live run that does not move; `…/why` has it all.' })

/** The function of a run, a schedule or a failure. */
export const FunctionOfRun = z.object({
  id: z.string().meta({ description: 'Within the app.' }),
  name: z.string(),
  slug: z.string(),
})

/** A run on `/v2`. */
export const RunV2 = z
  .object({
    id: z.string(),
    function: FunctionOfRun,
    app: z.object({ id: z.string() }),
    status: z.enum(Object.values(STATUS_V2)),
    skipReason: SkipReason.optional(),
    queuedAt: z.string(),
    startedAt: z.string().optional(),
    endedAt: z.string().optional(),
    durationMs: z
      .string()
      .optional()
      .meta({ description: 'Milliseconds from the start, or from being queued, to the end.' }),
    trigger: z.object({
      eventIds: z.array(z.string()).optional(),
      eventName: z.string().optional(),
      isBatch: z.literal(true).optional(),
      batchId: z.string().optional(),
      batchCreatedAt: z.string().optional(),
      cronSchedule: z.string().optional(),
    }),
    originalRunId: z.string().optional().meta({ description: 'Of a rerun.' }),
    parentRunId: z.string().optional().meta({ description: 'The run that invoked this one.' }),
    retryCount: z.int().optional().meta({ description: 'Attempts that failed and were tried again.' }),
    waiting: Waiting.optional(),
    output: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'RunV2' })

export function runV1({ row, appName, slug, trigger, originalId, output, outputIsError }: RunView): unknown {
  return {
    run_id: row.id,
    run_started_at: row.startedAt === null ? null : instant(row.startedAt),
    function_id: functionUuid(appName, slug),
    function_version: row.fnVersion,
    environment_id: ENVIRONMENT_ID,
    event_id: trigger.id === '' ? undefined : trigger.id,
    batch_id: row.batch ?? undefined,
    original_run_id: originalId ?? undefined,
    cron: row.cron ?? undefined,
    status: STATUS_V1[row.status],
    skip_reason: row.skipped ?? undefined,
    ended_at: row.endedAt === null ? null : instant(row.endedAt),
    output: output === null ? undefined : outputV1(output, outputIsError),
  }
}

/** A failure shows its error once more as `Name: message`, which clients of v1 print. */
function outputV1(text: string, isError: boolean): unknown {
  if (!isError) return new RawJson(text)
  const value = parseJson(text)
  if (!isObject(value)) return value
  const { name = 'Error', message = '' } = value
  return { error: { ...value, error: `${String(name)}: ${String(message)}` } }
}

/** The short form of why a run does not move; the engine gives it. */
export type WaitingOf = (view: RunView) => WaitingBrief | null

export function runV2(
  view: RunView,
  options: { readonly includeOutput: boolean; readonly waitingOf?: WaitingOf },
): Readonly<Record<string, unknown>> {
  const { row, appName, slug, functionName, originalId, parentId, output, outputIsError } = view
  return {
    id: row.id,
    function: { id: publicId(appName, slug), name: functionName, slug },
    app: { id: appName },
    status: STATUS_V2[row.status],
    skipReason: row.skipped ?? undefined,
    queuedAt: instant(ulidTime(row.id)),
    startedAt: optionalInstant(row.startedAt),
    endedAt: optionalInstant(row.endedAt),
    durationMs: row.endedAt === null ? undefined : String(row.endedAt - (row.startedAt ?? row.queuedAt)),
    trigger: triggerV2(view),
    originalRunId: originalId ?? undefined,
    parentRunId: parentId ?? undefined,
    retryCount: row.retries === 0 ? undefined : row.retries,
    waiting: row.endedAt === null ? waitingV2(options.waitingOf?.(view) ?? null) : undefined,
    output: options.includeOutput && output !== null ? outputV2(output, outputIsError) : undefined,
  }
}

/** A row of a list of runs, without payloads, as the stream sends it too. */
export function runRowV2(ctx: Pick<ServerContext, 'engine'>, view: RunView): Readonly<Record<string, unknown>> {
  return runV2(view, { includeOutput: false, waitingOf: (of) => ctx.engine.waitingBrief(of) })
}

function waitingV2(brief: WaitingBrief | null): unknown {
  // A run that is being called moves.
  if (brief === null || brief.code === 'executing') return undefined
  return { code: brief.code, at: optionalInstant(brief.at), name: brief.name ?? undefined }
}

/** Events that were deleted meanwhile are left out. */
function triggerV2({ row, trigger, eventIds }: RunView): unknown {
  const ids = row.batch === null ? [trigger.id] : eventIds
  const known = ids.filter((id) => id !== '')
  return {
    eventIds: known.length === 0 ? undefined : known,
    eventName: trigger.name === '' ? undefined : trigger.name,
    isBatch: row.batch === null ? undefined : true,
    batchId: row.batch ?? undefined,
    batchCreatedAt: row.batch === null ? undefined : instant(ulidTime(row.batch)),
    cronSchedule: row.cron ?? undefined,
  }
}

/** An object as it is, any other value under `data`, a failure under `error`. */
export function outputV2(text: string, isError: boolean): RawJson {
  if (isError) return new RawJson(`{"error":${text}}`)
  return new RawJson(text.startsWith('{') ? text : `{"data":${text}}`)
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
