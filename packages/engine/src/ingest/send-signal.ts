// A signal resumes the one run that waits for it. Signals are not stored: with no waiter they are lost, and the sender is
// told so.
import { signalMemo } from '@pawl/protocol'
import { type Committed, commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { resumeStep } from '../runs/end-branch.ts'

type Done<R> = Exclude<Committed<R>, string>

/** @returns null when no run waits for the name. */
export async function sendSignal(
  ctx: EngineContext,
  name: string,
  dataText: string,
): Promise<Done<{ readonly runId: string } | null> | null> {
  const committed = await commit(ctx, {
    needs: { signals: [name] },
    decide: (draft, facts) => {
      const wait = facts.signal(name)
      if (wait === undefined || wait.until < draft.now) return null
      const run = draft.run(wait.run)
      if (run === undefined || run.state.endedAt !== null) return null
      resumeStep(draft, run, {
        wait,
        memo: signalMemo(name, dataText),
        status: 'completed',
        detail: { timedOut: false },
      })
      return { runId: run.row.id }
    },
  })
  return typeof committed === 'string' ? null : committed
}
