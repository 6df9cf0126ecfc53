// What a pause is of, one function or all of an app, and what its rows and lines become when it begins or ends.
import type { Facts } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { PauseRecord, PauseTarget } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { pauseLine } from '../lines/rules.ts'
import type { AppEntry, FunctionEntry } from '../registry-cache.ts'
import type { Draft } from '../runs/draft.ts'
import { putLineItem } from '../runs/line-item.ts'

export interface Paused {
  /** null: one function rests by itself. */
  readonly app: AppEntry | null
  readonly functions: readonly FunctionEntry[]
}

/** Archived functions too: their runs go on. */
export function resolveTarget(ctx: EngineContext, target: PauseTarget): Paused {
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

export function setPause(draft: Draft, facts: Facts, { app, functions }: Paused, pause: string | null): void {
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
export function letGo(draft: Draft, { app, functions }: Paused, pause: PauseRecord | null): void {
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

/** Ends a pause, and lets go what it held. */
export function endPause(draft: Draft, facts: Facts, paused: Paused): void {
  setPause(draft, facts, paused, null)
  letGo(draft, paused, null)
}
