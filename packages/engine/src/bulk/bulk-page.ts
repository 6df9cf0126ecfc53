// What a page of a bulk operation is: found by a search beforehand, decided on in one operation with its progress.
import type { BulkRow, Facts, Needs } from '@pawl/storage'
import type { Draft } from '../runs/draft.ts'
import type { BulkDetail } from './bulk-item.ts'

export interface BulkWork {
  readonly row: BulkRow
  readonly detail: BulkDetail
  /** When the item was claimed: what had committed before is seen by this page. */
  readonly startedAt: number
}

export interface BulkPage {
  readonly needs: Needs
  /** Given where the page stands on the registry. */
  readonly registry?: number
  /** `due`: when to go on; null: the operation is done. */
  decide(draft: Draft, facts: Facts): { readonly detail: BulkDetail; readonly due: number | null }
}
