// Development only: an empty server with the same apps, and a clock that people and tests can move forward.
import { armCrons } from '../apps/arm-crons.ts'
import { rearmUnpauses } from '../apps/unpause-item.ts'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { Effects } from '../runs/draft.ts'

/** Wipes events, runs, queue and the clock's offset; the schedules of all functions are armed anew. */
export async function resetStore(ctx: EngineContext): Promise<Effects> {
  for (;;) {
    const committed = await commit(ctx, {
      needs: {},
      registry: ctx.registry.version,
      decide: (draft) => draft.push({ end: 'everything' }),
    })
    if (committed === 'moved') await ctx.refreshRegistry()
    else if (committed !== 'stale') break
  }
  ctx.hot.clear()
  await readClock(ctx)
  await ctx.refreshRegistry()
  const functions = [...ctx.registry.functions()].filter((fn) => fn.active)
  const armed = await commit(ctx, {
    needs: {},
    decide: (draft) => {
      for (const fn of functions)
        armCrons(draft, { key: fn.row.key, slug: fn.row.slug, triggers: fn.config.triggers, armed: [] })
      rearmUnpauses(ctx, draft)
    },
  })
  if (typeof armed === 'string') throw new Error(`the schedules could not be armed: ${armed}`)
  return armed.effects
}

/** Moves the store's time forward by `ms`. */
export async function advanceClock(ctx: EngineContext, ms: number): Promise<void> {
  const { offsetMs } = await ctx.store.state.clock()
  await commit(ctx, { needs: {}, decide: (draft) => draft.push({ set: 'clockOffset', ms: offsetMs + ms }) })
  await readClock(ctx)
}

/** Takes over the store's time and offset. */
export async function readClock(ctx: EngineContext): Promise<void> {
  const { now, offsetMs } = await ctx.store.state.clock()
  ctx.time.restart(now, offsetMs)
}
