// Chores: finished runs and old events are deleted after their time, in batches small enough that nobody waits for one.
// What a live run needs (its events, its results) is never touched.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'

/** Deletes one batch. @returns how many rows went; 0 when nothing is left to delete. */
export async function deleteExpired(ctx: EngineContext): Promise<number> {
  const { retentionMs, retentionBatch } = ctx.limits
  const before = ctx.time.now() - retentionMs
  const committed = await commit(ctx, {
    needs: { expired: { eventsBefore: before, runsBefore: before, max: retentionBatch } },
    decide: (draft, facts) => {
      const { events, runs } = facts.expired()
      for (const key of runs) draft.push({ end: 'run', key })
      for (const key of events) draft.push({ end: 'event', key })
      draft.push({ end: 'expired', before: draft.now, max: retentionBatch })
      return events.length + runs.length
    },
  })
  return typeof committed === 'string' ? 0 : committed.result
}
