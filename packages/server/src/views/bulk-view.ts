// Bulk operations as the REST surfaces show them: a cancellation on v1, a replay on v2. What was asked for and how far
// it is are the engine's own records; the counts of a replay come from the runs that it started.
import type { AppRow, BulkView } from '@pawl/storage'
import { z } from 'zod'
import { appUuid, type BulkProgress, type StoredCancel, type StoredReplay } from '../engine.ts'
import { ACCOUNT_ID, ENVIRONMENT_ID } from './environment.ts'
import { instant, optionalInstant } from './instant.ts'
import { STATUS_V2 } from './run-view.ts'

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
