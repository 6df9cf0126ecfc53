// Pause and unpause of a function, or of all functions of an app. The record stands with the row, so that every process
// knows it before its next decision; what it held moves on by the same operation that ends it. A sync leaves it alone.
import { type Json, writeCanonical } from '@pawl/protocol'
import type { Facts } from '@pawl/storage'
import { putBulk } from '../bulk/bulk-item.ts'
import type { EngineContext } from '../context.ts'
import type { PauseHow, PauseRecord, PauseTarget, StoredCancel } from '../engine.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { Draft, Effects } from '../runs/draft.ts'
import { commitRegistry } from './commit-registry.ts'
import { endPause, letGo, type Paused, resolveTarget, setPause } from './paused.ts'
import { armUnpause, unpauseName } from './unpause-item.ts'

/** Pauses until `unpauseTarget`. @throws EngineError `function_not_found`, `app_not_found` */
export async function pauseTarget(ctx: EngineContext, target: PauseTarget, how: PauseHow): Promise<Effects> {
  const decide = (draft: Draft, facts: Facts): void => {
    const paused = resolveTarget(ctx, target)
    if (isAlready(paused, how)) return
    const { running, by, until } = how
    const record: PauseRecord = { new: how.new, running, by, since: draft.now, until }
    setPause(draft, facts, paused, writeCanonical(record as unknown as Json))
    armUnpause(draft, facts, paused, until)
    letGo(draft, paused, record)
    if (how.running === 'cancel') for (const fn of paused.functions) cancelLive(ctx, draft, fn)
  }
  return commitRegistry(ctx, decide, () => ({ named: [unpauseName(resolveTarget(ctx, target))] }))
}

/** Ends a pause. Functions that rest for another reason (their own pause, their app's) go on resting. */
export async function unpauseTarget(ctx: EngineContext, target: PauseTarget): Promise<Effects> {
  const decide = (draft: Draft, facts: Facts): void => {
    const paused = resolveTarget(ctx, target)
    endPause(draft, facts, paused)
    armUnpause(draft, facts, paused, null)
  }
  return commitRegistry(ctx, decide, () => ({ named: [unpauseName(resolveTarget(ctx, target))] }))
}

/** The same pause again, such as a request that was sent twice, changes nothing: what it held goes on being held. */
function isAlready({ app, functions }: Paused, how: PauseHow): boolean {
  const text = app === null ? functions[0]?.row.pause : app.row.pause
  if (text === null || text === undefined) return false
  // The engine wrote it.
  const record = JSON.parse(text) as PauseRecord
  return record.new === how.new && record.running === how.running && (record.until ?? null) === how.until
}

function cancelLive(ctx: EngineContext, draft: Draft, fn: FunctionEntry): void {
  const request: StoredCancel = {
    functionId: fn.id,
    after: null,
    before: draft.now,
    condition: null,
    cause: 'paused',
  }
  putBulk(draft, { id: ctx.newUlid(draft.now), kind: 'cancel', fn: fn.row.key, request })
}
