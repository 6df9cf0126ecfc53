// Cancels the live runs of a function that were queued in a window and whose event fulfils a condition. It is only written
// here; the pages are worked off by its item.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { BulkStarted, CancelManyRequest, StoredCancel } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { putBulk } from './bulk-item.ts'
import { functionById } from './find-runs.ts'
import { compileConditions } from './run-conditions.ts'
import type { Started } from './start-bulk.ts'

/** @throws EngineError `function_not_found`, `invalid_expression` */
export async function cancelMany(ctx: EngineContext, request: CancelManyRequest): Promise<Started<BulkStarted>> {
  const fn = functionById(ctx, request.functionId)
  compileConditions(request.condition === null ? [] : [request.condition], ['event'])
  const { functionId, after, before, condition } = request
  const stored: StoredCancel = { functionId, after, before, condition, cause: 'api' }
  const committed = await commit<BulkStarted>(ctx, {
    needs: {},
    decide: (draft) => {
      const id = ctx.newUlid(draft.now)
      putBulk(draft, { id, kind: 'cancel', fn: fn.row.key, request: stored })
      return { id, createdAt: draft.now }
    },
  })
  if (typeof committed === 'string') throw new EngineError('store_unavailable', 'The runs cannot be cancelled now.')
  return committed
}
