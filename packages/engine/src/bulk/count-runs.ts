// How many runs a bulk operation is about, told before it begins: counted up to a bound, with the newest of them to show.
import type { Key, ListCursor, RunView } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { chooser, findRuns, runQuery, type Window } from './find-runs.ts'

export interface Counted {
  readonly totalCount: number
  readonly isCut: boolean
  /** ULIDs, the newest first. */
  readonly sample: readonly string[]
}

const SAMPLE_MAX = 10
/** Runs read at a time while they are counted by conditions. */
const COUNT_PAGE = 500

/**
 * Counts up to `max`. Where conditions have to be looked at, no more than `max` runs are.
 * @throws EngineError `invalid_expression`
 */
export async function countRuns(
  ctx: EngineContext,
  window: Window,
  { fns, max }: { readonly fns: readonly Key[] | undefined; readonly max: number },
): Promise<Counted> {
  const holds = chooser(ctx, { conditions: window.conditions, isFirstEvent: false })
  if (window.statuses.length === 0) return { totalCount: 0, isCut: false, sample: [] }
  if (window.runIds !== null || window.conditions.length > 0) return countByLook(ctx, window, { fns, max, holds })
  const query = runQuery(window, { fns, cursor: null, limit: SAMPLE_MAX, order: 'desc' })
  const [newest, count] = await Promise.all([
    ctx.store.lists.runs(query),
    Number.isFinite(max) ? ctx.store.lists.countRuns(query, max + 1) : ctx.store.lists.countRuns(query),
  ])
  return { totalCount: Math.min(count, max), isCut: count > max, sample: newest.map((view) => view.row.id) }
}

async function countByLook(
  ctx: EngineContext,
  window: Window,
  how: {
    readonly fns: readonly Key[] | undefined
    readonly max: number
    readonly holds: (view: RunView) => boolean
  },
): Promise<Counted> {
  const newest: RunView[] = []
  let totalCount = 0
  let seen = 0
  let cursor: ListCursor | null = null
  for (;;) {
    const page = await findRuns(ctx, window, { fns: how.fns, cursor, limit: COUNT_PAGE, order: 'desc' })
    const held = page.views.filter(how.holds)
    totalCount += held.length
    seen += page.views.length
    newest.push(...held)
    newest.sort((a, b) => b.row.queuedAt - a.row.queuedAt || b.row.key - a.row.key).splice(SAMPLE_MAX)
    const isCut = page.next !== null && seen >= how.max
    if (page.next === null || isCut) return { totalCount, isCut, sample: newest.map((view) => view.row.id) }
    cursor = page.next
  }
}
