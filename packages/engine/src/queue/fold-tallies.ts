// Counters are kept by the minute for two days and by the hour for three months; so long the records of syncs and of bulk
// operations are kept too. Doing it again, here or at another process, changes nothing.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'

export const FOLD_MS = 3_600_000
/** A minute is still written to by who told its time a moment ago. Milliseconds. */
const SETTLED_MS = 5 * 60_000
const MINUTES_KEPT_MS = 48 * FOLD_MS
const RECORDS_KEPT_MS = 90 * 24 * FOLD_MS

export async function foldTallies(ctx: EngineContext): Promise<void> {
  const settled = ctx.time.now() - SETTLED_MS
  const before = settled - (settled % FOLD_MS)
  await commit(ctx, {
    needs: {},
    decide: (draft) =>
      draft.push({
        fold: 'tallies',
        before,
        deleteMinutesBefore: before - MINUTES_KEPT_MS,
        deleteHoursBefore: before - RECORDS_KEPT_MS,
        deleteRecordsBefore: before - RECORDS_KEPT_MS,
      }),
  })
}
