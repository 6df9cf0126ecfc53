// Starts the runs of a function again that were queued in a window: counted here, worked off by its item, slowly and
// behind new work.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { ReplayRequest, ReplayStarted, StoredReplay } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { putBulk } from './bulk-item.ts'
import { countRuns } from './count-runs.ts'
import { functionById } from './find-runs.ts'
import type { Started } from './start-bulk.ts'

/** @throws EngineError `function_not_found`, `invalid_expression` */
export async function replay(ctx: EngineContext, request: ReplayRequest): Promise<Started<ReplayStarted>> {
  const fn = functionById(ctx, request.functionId)
  const createdAt = ctx.time.now()
  const window = { ...request, until: Math.min(request.until, createdAt) }
  const all = { ...window, runIds: null }
  const { totalCount } = await countRuns(ctx, all, { fns: [fn.row.key], max: Number.POSITIVE_INFINITY })
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
