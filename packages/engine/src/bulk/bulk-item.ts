// A bulk operation is a row (what was asked, how far it is) and an item (the work that is left, from a cursor). Both are
// written in every operation of it, under the item's fence: what was done and how far it is cannot come apart.
import { type Json, writeCanonical } from '@pawl/protocol'
import type { BulkRow, ItemRow, Key, ListCursor } from '@pawl/storage'
import type { BulkProgress, BulkRequest } from '../engine.ts'
import type { Draft } from '../runs/draft.ts'
import { systemItem } from '../runs/line-item.ts'

/** Runs looked at, and runs changed, in one operation. It bounds the longest commit. */
export const BULK_PAGE = 100

/** The `detail` of a `bulk` item. */
export interface BulkDetail {
  readonly bulk: Key
  /** The last run looked at in this pass; null at its begin. */
  readonly cursor: ListCursor | null
  readonly done: number
  readonly seen: number
  readonly skipped: number
  readonly failed: number
  readonly lastError: string | null
  /** When this pass through the window began, and what it has changed; null before its first page. */
  readonly pass: { readonly since: number; readonly changed: number } | null
}

/** Writes a new bulk operation, and leases its item. */
export function putBulk(
  draft: Draft,
  bulk: {
    readonly id: string
    readonly kind: BulkRow['kind']
    readonly fn: Key | null
    readonly request: BulkRequest
  },
): void {
  const { request, ...rest } = bulk
  const detail: BulkDetail = { ...BEGIN, bulk: draft.ground.key() }
  const row: BulkRow = {
    ...rest,
    key: detail.bulk,
    request: writeCanonical(request as unknown as Json),
    progress: progressText(detail),
    createdAt: draft.now,
    endedAt: null,
  }
  draft.push({ put: 'bulk', row })
  const item: ItemRow = {
    ...systemItem(draft, { kind: 'bulk', step: bulkName(bulk.id), fn: null, due: draft.now }),
    state: 'leased',
    epoch: 1,
    owner: draft.owner,
    startedAt: draft.now,
    detail: JSON.stringify(detail),
  }
  draft.push({ put: 'item', row: item })
  draft.lease(item)
}

/** Writes how far it is. `due`: when it goes on; null: it is done. */
export function setBulk(
  draft: Draft,
  at: { readonly row: BulkRow; readonly item: ItemRow },
  next: { readonly detail: BulkDetail; readonly due: number | null },
): void {
  const { detail, due } = next
  const endedAt = due === null ? draft.now : null
  draft.push({ set: 'bulk', row: { ...at.row, progress: progressText(detail), endedAt } })
  if (due === null) return draft.push({ end: 'item', key: at.item.key })
  const row: ItemRow = { ...at.item, state: 'sleeping', owner: 0, due, claims: 0, detail: JSON.stringify(detail) }
  draft.push({ set: 'item', row })
}

/** Ends it where it is. */
export function endBulk(draft: Draft, row: BulkRow, item: ItemRow): void {
  const progress = progressText(readBulkDetail(item), { stopped: true })
  draft.push({ set: 'bulk', row: { ...row, progress, endedAt: draft.now } })
  draft.push({ end: 'item', key: item.key })
}

export function bulkName(id: string): string {
  return `bulk:${id}`
}

const BEGIN: BulkDetail = {
  bulk: 0,
  cursor: null,
  done: 0,
  seen: 0,
  skipped: 0,
  failed: 0,
  lastError: null,
  pass: null,
}

export function readBulkDetail(item: ItemRow): BulkDetail {
  // Written above; by an earlier version without some of the counts.
  return { ...BEGIN, ...(JSON.parse(item.detail ?? '{}') as Partial<BulkDetail>) }
}

/** How far it is, as people read it. */
export function progressText(
  { done, seen, skipped, failed, lastError }: BulkDetail,
  state: { readonly stopped?: boolean; readonly paused?: boolean } = {},
): string {
  const { stopped = false, paused = false } = state
  const progress: BulkProgress = { done, seen, skipped, failed, lastError, stopped, paused }
  return writeCanonical(progress as unknown as Json)
}
