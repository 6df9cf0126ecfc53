// Begins an operation on many runs, of several functions or of all: counted here, worked off in pages by its item. A dry
// run ends with the count.
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import type { BulkAsk, BulkCounted, StoredBulk } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { Effects } from '../runs/draft.ts'
import { putBulk } from './bulk-item.ts'
import { countRuns } from './count-runs.ts'
import { functionKeys } from './find-runs.ts'

/** What was started, and what follows from it. */
export interface Started<R> {
  readonly result: R
  readonly effects: Effects | null
}

const COUNT_MAX = 100_000
const RUN_IDS_MAX = 1_000

/** @throws EngineError `function_not_found`, `invalid_expression` */
export async function startBulk(ctx: EngineContext, ask: BulkAsk): Promise<Started<BulkCounted>> {
  const createdAt = ctx.time.now()
  const wanted = { ...ask, runIds: namedRuns(ask), until: Math.min(ask.until, createdAt) }
  checkStatuses(ask)
  const fns = functionKeys(ctx, ask.functionIds)
  const counted = await countRuns(ctx, wanted, { fns, max: COUNT_MAX })
  if (ask.dryRun) return { result: { id: null, createdAt, ...counted }, effects: null }
  const { totalCount, isCut } = counted
  const request: StoredBulk = { ...wanted, totalCount, ...(isCut ? { isTotalCut: true } : {}) }
  const committed = await commit<BulkCounted>(ctx, {
    needs: {},
    decide: (draft) => {
      const id = ctx.newUlid(draft.now)
      putBulk(draft, { id, kind: ask.kind, fn: null, request })
      return { id, createdAt: draft.now, ...counted }
    },
  })
  if (typeof committed === 'string') throw new EngineError('store_unavailable', 'The operation cannot begin now.')
  return committed
}

/** Each run once. */
function namedRuns({ runIds }: BulkAsk): readonly string[] | null {
  if (runIds === null) return null
  if (runIds.length > RUN_IDS_MAX) throw new Error(`a bulk operation names ${RUN_IDS_MAX} runs at most`)
  return [...new Set(runIds)]
}

function checkStatuses({ kind, statuses }: BulkAsk): void {
  const isLive = (status: string) => status === 'scheduled' || status === 'running'
  if (statuses.some((status) => isLive(status) !== (kind === 'cancel')))
    throw new Error(`a ${kind} cannot take runs that are ${statuses.join(' or ')}`)
}
