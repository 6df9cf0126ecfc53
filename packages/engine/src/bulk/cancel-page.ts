// One page of a bulk cancellation. It goes through the window from its begin until a pass that began after the window had
// closed has found nothing: what was queued in time and became visible late is found by the next pass.
import type { ListCursor } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { finishRun } from '../runs/finish-run.ts'
import { BULK_PAGE, type BulkDetail } from './bulk-item.ts'
import { type BulkPage, type BulkWork, choose } from './bulk-page.ts'
import { chooser, findRuns, functionKeys } from './find-runs.ts'
import { paceOf } from './pace.ts'

/**
 * How long after the end of the window its runs may become visible, in milliseconds. With one process the commit of the
 * claim says that all before it are; with many, a transaction may have been given its time and not have ended yet.
 */
const SETTLE_MS = 2_000

export async function cancelPage(ctx: EngineContext, { detail, startedAt, wanted }: BulkWork): Promise<BulkPage> {
  const holds = chooser(ctx, wanted)
  const pace = paceOf(wanted.perMinute)
  const page = await findRuns(ctx, wanted, {
    fns: functionKeys(ctx, wanted.functionIds),
    cursor: detail.cursor,
    limit: BULK_PAGE,
  })
  const { views, chosen } = choose(page, { max: pace.runs, holds })
  const keys = chosen.map((view) => view.row.key)
  const last = views.length < page.views.length ? page.cursorAfter(views.length - 1) : page.next
  const settledAt = wanted.until + (ctx.store.isShared ? SETTLE_MS : 0)
  return {
    needs: { runs: keys, itemsOf: keys },
    decide(draft, facts) {
      let changed = 0
      for (const key of keys) {
        const run = draft.run(key)
        if (run === undefined || run.ended || run.state.endedAt !== null) continue
        if (!wanted.statuses.includes(run.state.status)) continue
        finishRun(ctx, draft, run, {
          status: 'cancelled',
          text: null,
          attempt: 0,
          startedAt: run.state.startedAt ?? run.row.queuedAt,
          cause: wanted.cause,
          open: facts.itemsOf(key),
        })
        changed += 1
      }
      const done = {
        detail,
        changed,
        skipped: keys.length - changed + page.missedBeside(views.length),
        seen: views.length,
        last,
        startedAt,
      }
      const after = afterPage(done, { settledAt, now: draft.now, isNamed: wanted.runIds !== null })
      const restMs = pace.restFor(changed)
      return after.due === null ? after : { ...after, due: Math.max(after.due, draft.now + restMs) }
    },
  }
}

export interface CancelledPage {
  /** As it was before this page. */
  readonly detail: BulkDetail
  readonly changed: number
  readonly skipped: number
  readonly seen: number
  /** Where the pass goes on; null at its end. */
  readonly last: ListCursor | null
  readonly startedAt: number
}

/** How far the cancellation is after a page, and when it goes on; null: it is done. Pure. */
export function afterPage(
  page: CancelledPage,
  {
    settledAt,
    now,
    isNamed,
  }: {
    readonly settledAt: number
    readonly now: number
    /** Of runs that are named there are no others to come. */
    readonly isNamed: boolean
  },
): { readonly detail: BulkDetail; readonly due: number | null } {
  const { detail, changed, last } = page
  const pass = { since: detail.pass?.since ?? page.startedAt, changed: (detail.pass?.changed ?? 0) + changed }
  const next = {
    ...detail,
    done: detail.done + changed,
    seen: detail.seen + page.seen,
    skipped: detail.skipped + page.skipped,
  }
  if (last !== null) return { detail: { ...next, cursor: last, pass }, due: now }
  const isDone = isNamed || (pass.changed === 0 && pass.since > settledAt)
  return { detail: { ...next, cursor: null, pass: null }, due: isDone ? null : Math.max(now, settledAt + 1) }
}
