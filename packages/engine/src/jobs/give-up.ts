// A server stops, and a call of a job has not come to its end in the time that it was given: its run ends as lost, at once.
// Given back to be done again, as other work is, it could be sent twice.
import type { ItemRow } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { LOST } from './begin-run.ts'
import { endRun } from './end-run.ts'
import { idOf, JobDraft } from './job-draft.ts'

/** Ends the run of an open call. What the call still brings is nobody's. */
export async function giveUpCall(ctx: EngineContext, item: ItemRow): Promise<void> {
  await commit(ctx, {
    needs: { items: [item.key] },
    fence: { run: null, item: item.key, epoch: item.epoch },
    decide: (draft, facts) => {
      const run = facts.jobRunById(idOf(item))
      if (run === undefined) return draft.push({ end: 'item', key: item.key })
      const work = new JobDraft(draft, facts)
      endRun(work, { run, item }, LOST)
      work.finish()
    },
  })
}
