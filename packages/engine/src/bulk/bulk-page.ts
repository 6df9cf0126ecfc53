// What a page of a bulk operation is: found by a search beforehand, decided on in one operation with its progress.
import type { BulkRow, Facts, Needs, RunView } from '@pawl/storage'
import type { Draft } from '../runs/draft.ts'
import type { BulkDetail } from './bulk-item.ts'
import type { BulkWanted } from './bulk-request.ts'
import type { RunPage } from './find-runs.ts'

export interface BulkWork {
  readonly row: BulkRow
  readonly wanted: BulkWanted
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

/** So many runs as may be changed now, and all that are passed over on the way to them. */
export function choose(
  page: Pick<RunPage, 'views'>,
  { max, holds }: { readonly max: number; readonly holds: (view: RunView) => boolean },
): { readonly views: readonly RunView[]; readonly chosen: readonly RunView[] } {
  const chosen: RunView[] = []
  let seen = 0
  for (const view of page.views) {
    if (chosen.length === max) break
    seen += 1
    if (holds(view)) chosen.push(view)
  }
  return { views: page.views.slice(0, seen), chosen }
}
