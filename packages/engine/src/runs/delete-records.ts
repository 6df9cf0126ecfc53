// Chores: what jobs and sessions leave behind is deleted after its time, in pages small enough that nobody waits for one.
// Nobody says when nothing is left, so the pages of a round go by what this process has added since the last one.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'

/** Rows deleted in one page. It bounds the longest commit. */
const PAGE = 1_000
/** Of what is added a round may delete so many times as much: it catches up. */
const SURPLUS = 2

/** Pages of a round. */
export function pagesFor(callsEnded: number): number {
  return 1 + Math.ceil((callsEnded * SURPLUS) / PAGE)
}

/** Deletes one page. */
export async function deleteRecords(ctx: EngineContext): Promise<void> {
  const { jobRunsMs, jobRunsLeast, jobRunsMost, sessionRetentionMs } = ctx.limits
  const now = ctx.time.now()
  await commit(ctx, {
    needs: {},
    decide: (draft) =>
      draft.push({
        end: 'records',
        jobRunsBefore: now - jobRunsMs,
        keepLeast: jobRunsLeast,
        keepMost: jobRunsMost,
        sessionsBefore: now - sessionRetentionMs,
        max: PAGE,
      }),
  })
}
