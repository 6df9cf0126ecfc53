// Pause and unpause of a function, or of all functions of an app. The record stands with the row, so that every process
// knows it before its next decision; what it held moves on by the same operation that ends it. A sync leaves it alone.
import { type Json, writeCanonical } from '@pawl/protocol'
import type { Facts } from '@pawl/storage'
import { putBulk } from '../bulk/bulk-item.ts'
import type { EngineContext } from '../context.ts'
import type { PauseHow, PauseRecord, PauseTarget, StoredCancel } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { pauseLine } from '../lines/rules.ts'
import type { AppEntry, FunctionEntry } from '../registry-cache.ts'
import type { Draft, Effects } from '../runs/draft.ts'
import { putLineItem } from '../runs/line-item.ts'
import { commitRegistry } from './commit-registry.ts'

/** Pauses until `unpauseTarget`. @throws EngineError `function_not_found`, `app_not_found` */
export async function pauseTarget(ctx: EngineContext, target: PauseTarget, how: PauseHow): Promise<Effects> {
  return commitRegistry(ctx, (draft, facts) => {
    const paused = resolveTarget(ctx, target)
    if (isAlready(paused, how)) return
    const record: PauseRecord = { new: how.new, running: how.running, by: how.by, since: draft.now }
    setPause(draft, facts, paused, writeCanonical(record as unknown as Json))
    letGo(draft, paused, record)
    if (how.running === 'cancel') for (const fn of paused.functions) cancelLive(ctx, draft, fn)
  })
}

/** Ends a pause. Functions that rest for another reason (their own pause, their app's) go on resting. */
export async function unpauseTarget(ctx: EngineContext, target: PauseTarget): Promise<Effects> {
  return commitRegistry(ctx, (draft, facts) => {
    const paused = resolveTarget(ctx, target)
    setPause(draft, facts, paused, null)
    letGo(draft, paused, null)
  })
}

/** The same pause again, such as a request that was sent twice, changes nothing: what it held goes on being held. */
function isAlready({ app, functions }: Paused, how: PauseHow): boolean {
  const text = app === null ? functions[0]?.row.pause : app.row.pause
  if (text === null || text === undefined) return false
  // The engine wrote it.
  const record = JSON.parse(text) as PauseRecord
  return record.new === how.new && record.running === how.running
}

interface Paused {
  /** null: one function rests by itself. */
  readonly app: AppEntry | null
  readonly functions: readonly FunctionEntry[]
}

/** Archived functions too: their runs go on. */
function resolveTarget(ctx: EngineContext, target: PauseTarget): Paused {
  const all = [...ctx.registry.functions()]
  if ('functionId' in target) {
    const functions = all.filter((fn) => fn.id === target.functionId)
    if (functions.length > 0) return { app: null, functions }
    throw new EngineError('function_not_found', `Function ${target.functionId} is not known.`)
  }
  const app = [...ctx.registry.apps()].find(({ row }) => row.name === target.appName)
  if (app === undefined) throw new EngineError('app_not_found', `App ${target.appName} is not known.`)
  return { app, functions: all.filter((fn) => fn.row.app === app.row.key) }
}

function setPause(draft: Draft, facts: Facts, { app, functions }: Paused, pause: string | null): void {
  if (app === null) {
    const row = facts.functions().find(({ key }) => key === functions[0]?.row.key)
    if (row !== undefined && row.pause !== pause) draft.push({ set: 'function', row: { ...row, pause } })
    return
  }
  const row = facts.apps().find(({ key }) => key === app.row.key)
  if (row !== undefined && row.pause !== pause) draft.push({ set: 'app', row: { ...row, pause } })
}

/** Lines that are handed over together: each brings a page of its head. */
const LINES_MAX = 20

/** What rests in the function's line goes on, where the pause that is in force now lets it. */
function letGo(draft: Draft, { app, functions }: Paused, pause: PauseRecord | null): void {
  const names = functions.flatMap((fn) => {
    if (fn.pause === null) return []
    const after = pauseAfter(fn, app !== null, pause)
    return after === null || after.running === 'finish' ? [pauseLine(fn.row.key)] : []
  })
  for (let from = 0; from < names.length; from += LINES_MAX) putLineItem(draft, names.slice(from, from + LINES_MAX))
}

/** The pause of a function, once its app (or it itself) has this one. */
function pauseAfter(fn: FunctionEntry, isApp: boolean, pause: PauseRecord | null): PauseRecord | null {
  if (isApp) return fn.pause?.target === 'function' ? fn.pause.record : pause
  // The engine wrote it.
  return pause ?? (JSON.parse(fn.app.row.pause ?? 'null') as PauseRecord | null)
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
