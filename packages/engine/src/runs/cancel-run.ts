// Ends a live run by request. A call that is open is not interrupted; its lease is gone with its item, so its answer
// writes nothing.
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import { finishRun } from './finish-run.ts'
import { heldLimits } from './held-limits.ts'

export type CancelVerdict = 'cancelled' | 'already_cancelled' | 'already_ended'

export async function cancelRun(ctx: EngineContext, runId: string): Promise<Exclude<Committed<CancelVerdict>, string>> {
  const found = await ctx.store.state.runByUlid(runId)
  if (found === undefined) throw new EngineError('run_not_found', `Run ${runId} is not known.`)
  const committed = await commit<CancelVerdict>(ctx, {
    needs: { runs: [found.key], itemsOf: [found.key], limits: heldLimits(found) },
    decide: (draft, facts) => {
      const run = draft.run(found.key)
      if (run === undefined || run.state.status === 'cancelled') return 'already_cancelled'
      if (run.state.endedAt !== null || run.state.status === 'skipped') return 'already_ended'
      const startedAt = run.state.startedAt ?? run.row.queuedAt
      finishRun(ctx, draft, run, {
        status: 'cancelled',
        text: null,
        attempt: 0,
        startedAt,
        cause: 'api',
        open: facts.itemsOf(found.key),
      })
      return 'cancelled'
    },
  })
  if (typeof committed === 'string')
    throw new EngineError('store_unavailable', `Run ${runId} could not be cancelled now.`)
  return committed
}
