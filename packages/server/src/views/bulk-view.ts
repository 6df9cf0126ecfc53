// Bulk operations as the REST surfaces show them: on v1 a cancellation, on v2 a function's replay or any of them. What was asked for and how far
// it is are the engine's own records; the counts of a replay come from the runs that it started.
import type { AppRow, BulkView } from '@pawl/storage'
import { z } from 'zod'
import { appUuid, type BulkProgress, type StoredCancel, type StoredReplay, storedBulk } from '../engine.ts'
import { ACCOUNT_ID, ENVIRONMENT_ID } from './environment.ts'
import { instant, optionalInstant } from './instant.ts'
import { STATUS_V2 } from './run-view.ts'

/** Of an operation that has just begun. */
export const NO_PROGRESS: BulkProgress = {
  done: 0,
  seen: 0,
  skipped: 0,
  failed: 0,
  lastError: null,
  stopped: false,
  paused: false,
}

/** A bulk cancellation on `/v1`. */
export const CancellationV1 = z
  .object({
    id: z.string(),
    created_at: z.string(),
    name: z.string(),
    account_id: z.string(),
    environment_id: z.string(),
    app_id: z.string().meta({ description: 'UUID.' }),
    function_internal_id: z.string().meta({ description: 'UUID.' }),
    function_id: z.string().meta({ description: 'Slug.' }),
    started_after: z.string().nullable(),
    started_before: z.string(),
    if: z.string().optional(),
    kind: z.literal('bulk_run'),
    cause: z.enum(['API', 'PAUSED']).meta({ description: '`PAUSED`: the function was paused so.' }),
    cancelled_count: z.int().meta({ description: 'Runs cancelled so far.' }),
    ended_at: z
      .string()
      .nullable()
      .meta({ description: 'Every run of the window has been looked at, or it was stopped.' }),
    is_stopped: z.boolean(),
  })
  .meta({ id: 'CancellationV1' })

export interface Cancellation {
  readonly id: string
  readonly createdAt: number
  readonly endedAt: number | null
  readonly appName: string
  readonly functionSlug: string
  readonly request: StoredCancel
  readonly progress: BulkProgress
}

export function cancellationV1(cancellation: Cancellation): unknown {
  const { id, createdAt, endedAt, appName, functionSlug, request, progress } = cancellation
  return {
    id,
    created_at: instant(createdAt),
    name: `Runs of ${functionSlug} before ${instant(request.before)}`,
    account_id: ACCOUNT_ID,
    environment_id: ENVIRONMENT_ID,
    app_id: appUuid(appName),
    function_internal_id: request.functionId,
    function_id: functionSlug,
    started_after: request.after === null ? null : instant(request.after),
    started_before: instant(request.before),
    if: request.condition ?? undefined,
    kind: 'bulk_run',
    cause: request.cause.toUpperCase(),
    cancelled_count: progress.done,
    ended_at: endedAt === null ? null : instant(endedAt),
    is_stopped: progress.stopped,
  }
}

/** A stored cancellation of a function of an app. */
export function storedCancellation({ row, functionSlug }: BulkView, app: AppRow | undefined): Cancellation {
  return {
    id: row.id,
    createdAt: row.createdAt,
    endedAt: row.endedAt,
    appName: app?.name ?? '',
    functionSlug,
    request: JSON.parse(row.request) as StoredCancel,
    progress: JSON.parse(row.progress) as BulkProgress,
  }
}

/** Statuses of the runs that a replay starts again. */
export const REPLAYED = ['COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED'] as const

/** A replay on `/v2`. */
export const ReplayV2 = z
  .object({
    id: z.string(),
    name: z.string().optional(),
    createdAt: z.string(),
    endedAt: z.string().optional().meta({ description: 'All are started, or it was stopped; runs may still be live.' }),
    isStopped: z.literal(true).optional(),
    totalCount: z.int().meta({ description: 'Runs that matched when it began.' }),
    startedCount: z.int(),
    failedCount: z.int().meta({ description: 'Of those started.' }),
    liveCount: z.int().meta({ description: 'Of those started.' }),
    from: z.string(),
    until: z.string(),
    status: z.array(z.enum(REPLAYED)),
    query: z.string().optional(),
    perSecond: z.int(),
  })
  .meta({ id: 'ReplayV2' })

export function replayV2({ row, started, failed, live }: BulkView): unknown {
  const request = JSON.parse(row.request) as StoredReplay
  const progress = JSON.parse(row.progress) as BulkProgress
  return {
    id: row.id,
    name: request.name ?? undefined,
    createdAt: instant(row.createdAt),
    endedAt: optionalInstant(row.endedAt),
    isStopped: progress.stopped ? true : undefined,
    totalCount: request.totalCount,
    startedCount: started,
    failedCount: failed,
    liveCount: live,
    from: instant(request.from),
    until: instant(request.until),
    status: request.statuses.map((status) => STATUS_V2[status]),
    query: request.conditions.length === 0 ? undefined : request.conditions.join('\n'),
    perSecond: request.perSecond,
  }
}

/** A bulk operation of any kind on `/v2`. */
export const BulkV2 = z
  .object({
    id: z.string(),
    kind: z.enum(['CANCEL', 'RERUN']),
    name: z.string().optional(),
    state: z.enum(['running', 'paused', 'stopped', 'done']),
    createdAt: z.string(),
    endedAt: z.string().optional(),
    function: z.array(z.string()).optional().meta({ description: 'Slugs, or UUIDs of what is gone; absent: all.' }),
    from: z.string().optional(),
    until: z.string().optional(),
    status: z.array(z.enum(Object.values(STATUS_V2))).optional(),
    query: z.string().optional(),
    perMinute: z.int().optional().meta({ description: 'Runs changed in a minute, at most.' }),
    totalCount: z.int().meta({ description: 'Runs that matched when it began.' }),
    isTotalCut: z.literal(true).optional().meta({ description: 'There were more: they were counted up to a bound.' }),
    doneCount: z.int(),
    skippedCount: z.int().meta({ description: 'They matched, but had changed by then.' }),
    failedCount: z.int(),
    lastError: z.string().optional(),
  })
  .meta({ id: 'BulkV2' })

/** Slugs by UUID. */
export type SlugOf = (functionId: string) => string | undefined

export function bulkV2({ row }: Pick<BulkView, 'row'>, slugOf: SlugOf): unknown {
  const request = storedBulk(row)
  const progress = JSON.parse(row.progress) as BulkProgress
  const { functionIds, conditions, from } = request
  const ended = progress.stopped ? 'stopped' : 'done'
  return {
    id: row.id,
    kind: row.kind === 'cancel' ? 'CANCEL' : 'RERUN',
    name: request.name ?? undefined,
    state: row.endedAt !== null ? ended : progress.paused ? 'paused' : 'running',
    createdAt: instant(row.createdAt),
    endedAt: optionalInstant(row.endedAt),
    function: functionIds?.map((id) => slugOf(id) ?? id),
    from: from > 0 ? instant(from) : undefined,
    until: instant(request.until),
    status: request.statuses.map((status) => STATUS_V2[status]),
    query: conditions.length === 0 ? undefined : conditions.join('\n'),
    perMinute: request.perMinute ?? undefined,
    totalCount: request.totalCount,
    isTotalCut: request.isTotalCut,
    doneCount: progress.done,
    skippedCount: progress.skipped,
    failedCount: progress.failed,
    lastError: progress.lastError ?? undefined,
  }
}
