// One page of a bulk cancellation. It goes through the window from its begin until a pass that began after the window had
// closed has found nothing: what was queued in time and became visible late is found by the next pass.
import type { BulkRow, RunRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { StoredCancel } from '../engine.ts'
import { finishRun } from '../runs/finish-run.ts'
import { BULK_PAGE, type BulkDetail } from './bulk-item.ts'
import type { BulkPage, BulkWork } from './bulk-page.ts'
import { compileConditions, holdsForEvent } from './run-conditions.ts'

/**
 * How long after the end of the window its runs may become visible, in milliseconds. With one process the commit of the
 * claim says that all before it are; with many, a transaction may have been given its time and not have ended yet.
 */
const SETTLE_MS = 2_000

export async function cancelPage(ctx: EngineContext, work: BulkWork): Promise<BulkPage> {
  const { row, detail, startedAt } = work
  // Written by `putBulk`.
  const request = JSON.parse(row.request) as StoredCancel
  const views = await findRuns(ctx, row, { request, detail })
  const conditions = compileConditions(request.condition === null ? [] : [request.condition], ['event'])
  const choice = { registry: ctx.registry, conditions, now: ctx.time.now() }
  const keys = views.filter((view) => holdsForEvent(choice, view)).map((view) => view.row.key)
  const last = views.length < BULK_PAGE ? undefined : views.at(-1)
  const settledAt = request.before + (ctx.store.isShared ? SETTLE_MS : 0)
  return {
    needs: { runs: keys, itemsOf: keys },
    decide(draft, facts) {
      let changed = 0
      for (const key of keys) {
        const run = draft.run(key)
        if (run === undefined || run.ended || run.state.endedAt !== null) continue
        finishRun(ctx, draft, run, {
          status: 'cancelled',
          text: null,
          attempt: 0,
          startedAt: run.state.startedAt ?? run.row.queuedAt,
          cause: request.cause,
          open: facts.itemsOf(key),
        })
        changed += 1
      }
      const page = { detail, changed, seen: views.length, last, startedAt }
      return afterPage(page, { settledAt, now: draft.now })
    },
  }
}

export interface CancelledPage {
  /** As it was before this page. */
  readonly detail: BulkDetail
  readonly changed: number
  readonly seen: number
  /** Where the pass goes on; undefined at its end. */
  readonly last: { readonly row: Pick<RunRow, 'key' | 'queuedAt'> } | undefined
  readonly startedAt: number
}

/** How far the cancellation is after a page, and when it goes on; null: it is done. Pure. */
export function afterPage(
  page: CancelledPage,
  { settledAt, now }: { readonly settledAt: number; readonly now: number },
): { readonly detail: BulkDetail; readonly due: number | null } {
  const { detail, changed, last } = page
  const pass = { since: detail.pass?.since ?? page.startedAt, changed: (detail.pass?.changed ?? 0) + changed }
  const next = { ...detail, done: detail.done + changed, seen: detail.seen + page.seen }
  if (last !== undefined) {
    return { detail: { ...next, cursor: { value: last.row.queuedAt, key: last.row.key }, pass }, due: now }
  }
  const isDone = pass.changed === 0 && pass.since > settledAt
  return { detail: { ...next, cursor: null, pass: null }, due: isDone ? null : Math.max(now, settledAt + 1) }
}

function findRuns(
  ctx: EngineContext,
  row: BulkRow,
  { request, detail }: { readonly request: StoredCancel; readonly detail: BulkDetail },
) {
  return ctx.store.lists.runs({
    statuses: ['scheduled', 'running'],
    fns: [row.fn],
    field: 'queuedAt',
    order: 'asc',
    from: request.after === null ? undefined : request.after + 1,
    until: request.before,
    after: detail.cursor ?? undefined,
    limit: BULK_PAGE,
    withOutput: false,
    withEvents: request.condition !== null,
  })
}
