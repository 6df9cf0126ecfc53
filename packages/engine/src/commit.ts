// The one way an operation of the engine is committed: its decision drafts runs, takes places for calls, and what follows
// from it (hot state, timers, calls) happens only once the group has committed.
import { type Facts, type Fence, type Key, type Needs, StorageError } from '@pawl/storage'
import type { EngineContext } from './context.ts'
import { Draft, type Effects, type Ground } from './runs/draft.ts'
import { hotFromBirth, type RunTouch } from './runs/hot-runs.ts'
import { moveLines } from './runs/move-lines.ts'

export interface Plan<R> {
  readonly needs: Needs
  readonly fence?: Fence | undefined
  readonly rev?: number | undefined
  readonly registry?: number | undefined
  /** Given for decisions on hot state alone; else they stand on the facts. */
  readonly ground?: (facts: Facts) => Ground
  readonly decide: (draft: Draft, facts: Facts) => R
}

export type Committed<R> =
  | { readonly result: R; readonly effects: Effects; readonly mark: number | string }
  | 'stale'
  | 'moved'

/**
 * Commits, and applies the effects. Whatever may give out slots is decided by the newest configuration: where its plan names
 * no version of the registry, it is decided again when another process has changed it.
 * @throws StorageError
 */
export async function commit<R>(ctx: EngineContext, plan: Plan<R>): Promise<Committed<R>> {
  const isLimited = plan.needs.limits !== undefined && plan.needs.limits.length > 0
  if (!isLimited || plan.registry !== undefined || plan.rev !== undefined) return commitOnce(ctx, plan)
  for (;;) {
    const committed = await commitOnce(ctx, { ...plan, registry: ctx.registry.version })
    if (committed !== 'moved') return committed
    await ctx.refreshRegistry()
  }
}

async function commitOnce<R>(ctx: EngineContext, plan: Plan<R>): Promise<Committed<R>> {
  const booking = ctx.seats.book()
  try {
    const outcome = await ctx.store.commit({
      needs: plan.needs,
      fence: plan.fence,
      given:
        plan.rev === undefined && plan.registry === undefined ? undefined : { rev: plan.rev, registry: plan.registry },
      decide: (facts) => {
        booking.begin()
        const ground = plan.ground === undefined ? facts : plan.ground(facts)
        const draft = new Draft(ground, {
          owner: ctx.store.process,
          fn: (key) => ctx.registry.fn(key),
          functions: () => ctx.registry.functions(),
          hasSeat: (app: Key, fn: Key) =>
            ctx.seats.isOpenTo(fn) && (!ctx.circuits.isOpen(app) || ctx.circuits.mayProbe(app, facts.now)),
          takeProbe: (app: Key) => ctx.circuits.isOpen(app) && ctx.circuits.takeProbe(app, facts.now),
          eventTally: (name: string) => ctx.eventNames.tallyOf(name, facts.now),
          takeSeat: (app: Key | null, fn: Key) => !(app !== null && ctx.circuits.isOpen(app)) && booking.take(fn),
        })
        const result = plan.decide(draft, facts)
        moveLines(draft)
        const { changes, effects } = draft.finish()
        return { changes, result: { result, effects } }
      },
    })
    ctx.health.storeOk = true
    if (typeof outcome === 'string') {
      booking.cancel()
      return outcome
    }
    booking.keep()
    if (outcome.done.effects.touchesQueue) ctx.activity.isUnseen = true
    ctx.time.observe(outcome.now)
    const { result, effects } = outcome.done
    for (const touch of effects.touched) {
      ctx.hot.apply(touch)
      if (touch.state.status === 'failed') tellFailure(ctx, touch)
    }
    for (const { row, events } of effects.births) if (events !== null) ctx.hot.keepBorn(hotFromBirth(row, events))
    await followRegistry(ctx, effects, outcome.registry)
    return { result, effects, mark: outcome.mark }
  } catch (error) {
    booking.cancel()
    if (error instanceof StorageError) {
      ctx.health.storeOk = false
      ctx.health.doubtfulAt = ctx.time.now()
    }
    throw error
  }
}

/** One line for each run that failed: what a person who looks at the terminal wants to know. */
function tellFailure(ctx: EngineContext, { id, fn }: RunTouch): void {
  ctx.log.warn({ function: ctx.registry.fn(fn)?.row.slug, run: id }, 'a run has failed')
}

/**
 * A new wait path is added in memory where that is all that has changed; anything else is read again, also what another
 * process has changed, so that the next decision knows it.
 */
async function followRegistry(ctx: EngineContext, effects: Effects, stored: number): Promise<void> {
  if (effects.registryChanged) return refreshed(ctx)
  if (effects.waitPaths.length === 0) {
    if (ctx.store.isShared && stored > ctx.registry.version) await refreshed(ctx)
    return
  }
  if (ctx.registry.version === effects.registryVersion) ctx.registry.addWaitPaths(effects.waitPaths)
  else await refreshed(ctx)
}

/** What has committed stays committed: a registry that cannot be read now is read when an operation finds it has moved. */
async function refreshed(ctx: EngineContext): Promise<void> {
  try {
    await ctx.refreshRegistry()
  } catch (error) {
    ctx.log.warn({ error: String(error) }, 'the registry could not be read again; it is read later')
  }
}
