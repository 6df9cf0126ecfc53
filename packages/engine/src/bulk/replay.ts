// Starts the runs of a function again that were queued in a window: counted here, worked off by its item, slowly and
// behind new work.
import type { ListCursor, RunQuery, RunView } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { ReplayRequest, ReplayStarted, StoredReplay } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { Expression } from '../expression/index.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import { putBulk } from './bulk-item.ts'
import { functionById, type Started } from './cancel-many.ts'
import { compileConditions, holdsForRun } from './run-conditions.ts'

export const REPLAY_ROOTS = ['event', 'output', 'error']

/** @throws EngineError `function_not_found`, `invalid_expression` */
export async function replay(ctx: EngineContext, request: ReplayRequest): Promise<Started<ReplayStarted>> {
  const fn = functionById(ctx, request.functionId)
  const conditions = compileConditions(request.conditions, REPLAY_ROOTS)
  const createdAt = ctx.time.now()
  const window = { ...request, until: Math.min(request.until, createdAt) }
  const totalCount = await countRuns(ctx, fn, { window, conditions })
  if (request.dryRun) return { result: { id: null, createdAt, totalCount }, effects: null }
  const stored: StoredReplay = { ...window, totalCount }
  const committed = await commit<ReplayStarted>(ctx, {
    needs: {},
    decide: (draft) => {
      const id = ctx.newUlid(draft.now)
      putBulk(draft, { id, kind: 'replay', fn: fn.row.key, request: stored })
      return { id, createdAt: draft.now, totalCount }
    },
  })
  if (typeof committed === 'string') throw new EngineError('store_unavailable', 'The runs cannot be started again now.')
  return committed
}

/** The search for the runs of a replay, oldest first. */
export function replayQuery(
  request: ReplayRequest,
  page: { readonly fn: number; readonly cursor: ListCursor | null; readonly limit: number },
): RunQuery {
  const needsValues = request.conditions.length > 0
  return {
    statuses: request.statuses,
    fns: [page.fn],
    field: 'queuedAt',
    order: 'asc',
    from: request.from,
    until: request.until,
    after: page.cursor ?? undefined,
    limit: page.limit,
    withOutput: needsValues,
    withEvents: needsValues,
  }
}

/** Runs read at a time while they are counted by conditions. */
const COUNT_PAGE = 500

async function countRuns(
  ctx: EngineContext,
  fn: FunctionEntry,
  of: { readonly window: ReplayRequest; readonly conditions: readonly Expression[] },
): Promise<number> {
  const { window, conditions } = of
  const page = { fn: fn.row.key, limit: COUNT_PAGE }
  if (window.statuses.length === 0) return 0
  if (conditions.length === 0) return ctx.store.lists.countRuns(replayQuery(window, { ...page, cursor: null }))
  const choice = { registry: ctx.registry, conditions, now: ctx.time.now() }
  let count = 0
  let cursor: ListCursor | null = null
  for (;;) {
    const views: readonly RunView[] = await ctx.store.lists.runs(replayQuery(window, { ...page, cursor }))
    count += views.filter((view) => holdsForRun(choice, view)).length
    const last = views.at(-1)
    if (last === undefined || views.length < COUNT_PAGE) return count
    cursor = { value: last.row.queuedAt, key: last.row.key }
  }
}
