// One page of a replay: some of the runs that are left are made again, in one operation with how far it is; then it rests
// for as long as its rate asks. While the function is paused it waits: what it would start now would be skipped.
import type { RunView } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { StoredReplay } from '../engine.ts'
import { admissionNeeds } from '../flow/admission.ts'
import { prepareRerun, type Rerun, startAgain } from '../flow/rerun.ts'
import { BULK_PAGE, type BulkDetail } from './bulk-item.ts'
import type { BulkPage, BulkWork } from './bulk-page.ts'
import { REPLAY_ROOTS, replayQuery } from './replay.ts'
import { compileConditions, holdsForRun } from './run-conditions.ts'

/** How far behind new work a run that is made again stands, in milliseconds: a day. */
const BEHIND_MS = 86_400_000

/** How often a replay looks whether its function is still paused, in milliseconds. */
const PAUSED_MS = 5_000

export async function replayPage(ctx: EngineContext, work: BulkWork): Promise<BulkPage> {
  const { row, detail } = work
  // Another process may have paused or unpaused the function.
  const registry = ctx.registry.version
  if (ctx.registry.fn(row.fn)?.pause) {
    return { needs: {}, registry, decide: (draft) => ({ detail, due: draft.now + PAUSED_MS }) }
  }
  // Written by `putBulk`.
  const request = JSON.parse(row.request) as StoredReplay
  const views = await ctx.store.lists.runs(
    replayQuery(request, { fn: row.fn, cursor: detail.cursor, limit: BULK_PAGE }),
  )
  const pace = paceOf(request.perSecond)
  const page = choose(ctx, { views, request, bulk: row.key, max: pace.runs })
  const again = await prepare(ctx, page.chosen, row.key)
  return {
    needs: admissionNeeds([...again.values()].map(({ admission }) => admission)),
    registry,
    decide(draft, facts) {
      let done = 0
      let last: RunView | undefined
      let seen = 0
      for (const view of page.views) {
        const rerun = again.get(view.row.key)
        if (rerun !== undefined) {
          // A singleton whose holder this operation has just made: the next page goes on with it.
          if (startAgain(ctx, draft, facts, rerun) === undefined) break
          done += 1
        }
        last = view
        seen += 1
      }
      const next: BulkDetail = {
        ...detail,
        done: detail.done + done,
        seen: detail.seen + seen,
        cursor: last === undefined ? detail.cursor : { value: last.row.queuedAt, key: last.row.key },
      }
      const isDone = seen === views.length && views.length < BULK_PAGE
      return { detail: next, due: isDone ? null : draft.now + Math.ceil((pace.restMs * done) / pace.runs) }
    },
  }
}

interface Page {
  /** Those that this page is done with. */
  readonly views: readonly RunView[]
  readonly chosen: readonly RunView[]
}

/** So many runs as may start now, and all that are passed over on the way to them. */
function choose(
  ctx: EngineContext,
  of: {
    readonly views: readonly RunView[]
    readonly request: StoredReplay
    readonly bulk: number
    readonly max: number
  },
): Page {
  const { views, request, bulk, max } = of
  const conditions = compileConditions(request.conditions, REPLAY_ROOTS)
  const choice = { registry: ctx.registry, conditions, now: ctx.time.now() }
  const chosen: RunView[] = []
  let seen = 0
  for (const view of views) {
    if (chosen.length === max) break
    seen += 1
    const isAsked = request.statuses.some((status) => status === view.row.status)
    if (isAsked && view.row.bulk !== bulk && holdsForRun(choice, view)) chosen.push(view)
  }
  return { views: views.slice(0, seen), chosen }
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

/** Pages in a second, where the rate allows them: the starts are spread, and a page is worth its commit. */
const PAGES_PER_SECOND = 10

/** Runs that start together, and the rest after them in milliseconds; never more in a second than the rate. Pure. */
export function paceOf(perSecond: number): { readonly runs: number; readonly restMs: number } {
  const runs = Math.min(BULK_PAGE, Math.max(1, Math.floor(perSecond / PAGES_PER_SECOND)))
  const pages = perSecond / runs
  return { runs, restMs: Math.ceil(1_000 / (pages >= 1 ? Math.floor(pages) : pages)) }
}
