// What is kept of a sync besides the functions themselves: one row for each answer that said something new, and which
// functions came, changed and went with it.
import { type RegisterRequest, writeCanonical } from '@pawl/protocol'
import type { AppRow, SyncRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { AppError } from '../engine.ts'
import type { Draft } from '../runs/draft.ts'

/** Slugs. */
export interface SyncDiff {
  readonly added: string[]
  readonly changed: string[]
  readonly removed: string[]
}

export function putSync(draft: Draft, app: AppRow, synced: { readonly diff: SyncDiff; readonly count: number }): void {
  const { added, changed, removed } = synced.diff
  const isNone = added.length + changed.length + removed.length === 0
  draft.push({
    put: 'sync',
    row: {
      ...baseOf(draft, app),
      status: 'success',
      functionCount: synced.count,
      detail: isNone ? null : writeCanonical({ added, changed, removed }),
    },
  })
}

export function putFailedSync(draft: Draft, app: AppRow, error: AppError): void {
  const row: SyncRow = { ...baseOf(draft, app), status: 'error', errorCode: error.code, errorMessage: error.message }
  draft.push({ put: 'sync', row })
}

function baseOf(draft: Draft, app: AppRow): SyncRow {
  return {
    key: draft.ground.key(),
    app: app.key,
    at: draft.now,
    status: 'duplicate',
    errorCode: null,
    errorMessage: null,
    functionCount: 0,
    sdkVersion: app.sdkVersion,
    appVersion: app.appVersion,
    detail: null,
  }
}

/** In development an app is asked every few seconds: that nothing has changed is kept once in this time, in milliseconds. */
const DUPLICATE_MS = 3_600_000

/** Keeps that an app has told what is known, now and then. */
export async function noteDuplicate(ctx: EngineContext, app: AppRow, request: RegisterRequest): Promise<void> {
  const now = ctx.time.now()
  const toldAt = Math.max(ctx.duplicates.get(app.key) ?? 0, app.syncedAt ?? 0)
  if (now - toldAt < DUPLICATE_MS) return
  ctx.duplicates.set(app.key, now)
  await commit(ctx, {
    needs: {},
    decide: (draft) =>
      draft.push({ put: 'sync', row: { ...baseOf(draft, app), functionCount: request.functions.length } }),
  })
}
