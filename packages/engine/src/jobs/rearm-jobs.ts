// After development's reset: jobs stay, their timers are gone with everything else. Each is armed anew from now on.
import type { ListCursor } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { Effects } from '../runs/draft.ts'
import { nextOf } from './create-jobs.ts'
import { JobDraft, timerName } from './job-draft.ts'

/** Jobs armed in one operation. */
const PAGE = 500

/** `follow` takes up what follows from each operation. */
export async function rearmJobs(ctx: EngineContext, follow: (effects: Effects) => void): Promise<void> {
  let after: ListCursor | undefined
  for (;;) {
    const jobs = await ctx.store.lists.jobs({ limit: PAGE, after })
    const last = jobs.at(-1)
    if (last === undefined) return
    const committed = await commit(ctx, {
      needs: { jobs: jobs.map(({ key }) => key) },
      decide: (draft, facts) => {
        const work = new JobDraft(draft, facts)
        for (const { key } of jobs) {
          const row = facts.job(key)
          if (row === undefined || row.deletedAt !== null) continue
          const armed = { ...row, live: null, nextAt: nextOf(row, draft.now) }
          work.set(armed)
          work.arm(armed, facts.named(timerName(row.id)))
        }
        work.finish()
      },
    })
    if (typeof committed !== 'string') follow(committed.effects)
    after = { value: last.createdAt, key: last.key }
  }
}
