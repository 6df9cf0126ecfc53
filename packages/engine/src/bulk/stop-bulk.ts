// Stops a bulk operation. Its item ends, and with it the fence of a page that is under way: that page writes nothing.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import { bulkName, endBulk } from './bulk-item.ts'

/** @returns false when there is none of this ID; one that has ended stays as it is. */
export async function stopBulk(ctx: EngineContext, id: string): Promise<boolean> {
  const view = await ctx.store.lists.bulk(id)
  if (view === undefined) return false
  const name = bulkName(id)
  const committed = await commit(ctx, {
    needs: { named: [name] },
    decide: (draft, facts) => {
      const item = facts.named(name)
      if (item !== undefined) endBulk(draft, view.row, item)
    },
  })
  if (typeof committed === 'string') throw new EngineError('store_unavailable', `${id} cannot be stopped now.`)
  return true
}
