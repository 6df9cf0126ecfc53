// Changes of what is registered: decided over the stored apps and functions, and made again when another process was first.
import type { Facts, Needs } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { Draft, Effects } from '../runs/draft.ts'

/** Commits once the registry in memory is the stored one; `needs` is asked before each try. */
export async function commitRegistry(
  ctx: EngineContext,
  decide: (draft: Draft, facts: Facts) => void,
  needs: () => Needs = () => ({}),
): Promise<Effects> {
  for (;;) {
    const committed = await commit(ctx, {
      needs: { ...needs(), registry: true },
      registry: ctx.registry.version,
      decide,
    })
    if (committed === 'moved') await ctx.refreshRegistry()
    else if (committed !== 'stale') return committed.effects
  }
}
