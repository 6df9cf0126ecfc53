// One page of a replay: some of the runs that are left are made again, in one operation with how far it is; then it rests
// for as long as its rate asks. While its only function is paused it waits; runs of one of several that is paused are left out.
import type { Facts, RunView } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { admissionNeeds } from '../flow/admission.ts'
import { prepareRerun, type Rerun, startAgain } from '../flow/rerun.ts'
import type { Draft } from '../runs/draft.ts'
import { BULK_PAGE, type BulkDetail } from './bulk-item.ts'
import { type BulkPage, type BulkWork, choose } from './bulk-page.ts'
import { chooser, findRuns, functionKeys } from './find-runs.ts'
import { paceOf } from './pace.ts'

/** How far behind new work a run that is made again stands, in milliseconds: a day. */
const BEHIND_MS = 86_400_000

/** How often a replay looks whether its function is still paused, in milliseconds. */
const PAUSED_MS = 5_000

export async function replayPage(ctx: EngineContext, { row, detail, wanted }: BulkWork): Promise<BulkPage> {
  // Another process may have paused or unpaused a function.
  const registry = ctx.registry.version
  const fns = functionKeys(ctx, wanted.functionIds)
  const [only] = fns ?? []
  if (fns?.length === 1 && only !== undefined && ctx.registry.fn(only)?.pause)
    return { needs: {}, registry, decide: (draft) => ({ detail, due: draft.now + PAUSED_MS }) }
  const page = await findRuns(ctx, wanted, { fns, cursor: detail.cursor, limit: BULK_PAGE })
  const isHeld = chooser(ctx, wanted)
  const pace = paceOf(wanted.perMinute)
  const holds = (view: RunView) => view.row.bulk !== row.key && isHeld(view)
  const { views, chosen } = choose(page, { max: pace.runs, holds })
  const again = await prepare(ctx, chosen, row.key)
  return {
    needs: admissionNeeds([...again.values()].map(({ admission }) => admission)),
    registry,
    decide(draft, facts) {
      const count: Count = { done: 0, skipped: 0, failed: 0, lastError: detail.lastError }
      let seen = 0
      const isChosen = new Set(chosen)
      for (const view of views) {
        const rerun = again.get(view.row.key)
        // A singleton whose holder this operation has just made: the next page goes on with it.
        if (isChosen.has(view) && repeat(ctx, draft, facts, { view, rerun, count }) === 'later') break
        seen += 1
      }
      const isWhole = seen === page.views.length
      const next: BulkDetail = {
        ...detail,
        done: detail.done + count.done,
        skipped: detail.skipped + count.skipped + page.missedBeside(seen),
        failed: detail.failed + count.failed,
        lastError: count.lastError,
        seen: detail.seen + seen,
        cursor: isWhole ? page.next : seen === 0 ? detail.cursor : page.cursorAfter(seen - 1),
      }
      return { detail: next, due: isWhole && page.next === null ? null : draft.now + pace.restFor(count.done) }
    },
  }
}

interface Count {
  done: number
  skipped: number
  failed: number
  lastError: string | null
}

/** Starts one run again, and counts what came of it. */
function repeat(
  ctx: EngineContext,
  draft: Draft,
  facts: Facts,
  { view, rerun, count }: { readonly view: RunView; readonly rerun: Rerun | undefined; readonly count: Count },
): 'done' | 'later' {
  if (rerun === undefined) {
    count.failed += 1
    count.lastError = `The function or the events of run ${view.row.id} are gone.`
    return 'done'
  }
  // It would wait for the end of the pause, or run although its function is drained.
  if (ctx.registry.fn(view.row.fn)?.pause) {
    count.skipped += 1
    return 'done'
  }
  const run = startAgain(ctx, draft, facts, rerun)
  if (run === undefined) return 'later'
  if (run.status === 'skipped') count.skipped += 1
  else count.done += 1
  return 'done'
}

/** Without those whose events are gone. */
async function prepare(
  ctx: EngineContext,
  chosen: readonly RunView[],
  bulk: number,
): Promise<ReadonlyMap<number, Rerun>> {
  const loaded = chosen.length === 0 ? [] : await ctx.store.state.load(chosen.map((view) => view.row.key))
  const prepared = new Map<number, Rerun>()
  for (const original of loaded) {
    const rerun = prepareRerun(ctx, original, { bulk, behindMs: BEHIND_MS })
    if (rerun !== undefined) prepared.set(original.row.key, rerun)
  }
  return prepared
}
