// Lets a bulk operation rest, or go on. Its item then stands in no index: nothing takes it up, and a page that is under way
// has lost its lease and writes nothing.
import type { BulkRow, ItemRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import type { Draft } from '../runs/draft.ts'
import { bulkName, progressText, readBulkDetail } from './bulk-item.ts'
import type { Started } from './start-bulk.ts'

/** @returns false when there is none of this ID, or when it has ended. */
export async function pauseBulk(ctx: EngineContext, id: string, paused: boolean): Promise<Started<boolean>> {
  const view = await ctx.store.lists.bulk(id)
  if (view === undefined) return { result: false, effects: null }
  const name = bulkName(id)
  const committed = await commit(ctx, {
    needs: { named: [name] },
    decide: (draft, facts) => {
      const item = facts.named(name)
      if (item === undefined) return false
      if (isPaused(item) !== paused) change(draft, { row: view.row, item, paused })
      return true
    },
  })
  if (typeof committed === 'string') throw new EngineError('store_unavailable', `${id} cannot be changed now.`)
  return committed
}

/** Blocked by nothing that could let it go by itself. */
function isPaused(item: ItemRow): boolean {
  return item.state === 'blocked'
}

function change(
  draft: Draft,
  { row, item, paused }: { readonly row: BulkRow; readonly item: ItemRow; readonly paused: boolean },
): void {
  const progress = progressText(readBulkDetail(item), { paused })
  draft.push({ set: 'bulk', row: { ...row, progress } })
  const state = paused ? ('blocked' as const) : ('sleeping' as const)
  const due = paused ? item.due : Math.max(item.due, draft.now)
  draft.push({ set: 'item', row: { ...item, state, due, owner: 0, epoch: item.epoch + 1 } })
}
