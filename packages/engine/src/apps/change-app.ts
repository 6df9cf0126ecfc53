// What happens to an app besides a sync: it cannot be used for a reason, it can again, or it is removed.
import { normalizeUrl } from '@pawl/protocol'
import type { AppRow, Facts } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { AppError } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { Draft, Effects } from '../runs/draft.ts'
import { commitRegistry } from './commit-registry.ts'
import { archiveFunction } from './sync-app.ts'
import { putFailedSync } from './sync-record.ts'

export interface AppName {
  readonly url?: string
  readonly name?: string
}

/** Keeps why an app cannot be used, or that it can. Nothing is written when that is known. */
export async function noteAppError(ctx: EngineContext, name: AppName, error: AppError | null): Promise<void> {
  const known = findApp(
    [...ctx.registry.apps()].map((app) => app.row),
    name,
  )
  if (
    known === undefined ||
    (known.errorCode === (error?.code ?? null) && known.errorMessage === (error?.message ?? null))
  )
    return
  await changeApp(ctx, name, (draft, _facts, row) => {
    draft.push({ set: 'app', row: { ...row, errorCode: error?.code ?? null, errorMessage: error?.message ?? null } })
    if (error !== null) putFailedSync(draft, row, error)
  })
}

/** Archives an app with its functions. @returns null when it is not known. */
export async function removeApp(ctx: EngineContext, name: AppName): Promise<Effects | null> {
  return changeApp(ctx, name, (draft, facts, row) => {
    draft.push({ set: 'app', row: { ...row, archivedAt: draft.now, checksum: '' } })
    for (const fn of facts.functions()) if (fn.app === row.key) archiveFunction(draft, facts, fn)
  })
}

/** A function's own limits (development). @returns null when the function is not known. */
export async function setFunctionLimit(
  ctx: EngineContext,
  functionId: string,
  limit: { readonly stepsMax?: number | null; readonly stateBytesMax?: number | null },
): Promise<boolean> {
  const entry = [...ctx.registry.functions()].find((fn) => fn.id === functionId)
  if (entry === undefined) throw new EngineError('function_not_found', `Function ${functionId} is not known.`)
  const had = limit.stepsMax === undefined ? entry.row.stateBytesMax !== null : entry.row.stepsMax !== null
  await commitRegistry(ctx, (draft, facts) => {
    const row = facts.functions().find((fn) => fn.key === entry.row.key)
    if (row !== undefined) draft.push({ set: 'function', row: { ...row, ...limit } })
  })
  return had
}

function findApp(apps: readonly AppRow[], name: AppName): AppRow | undefined {
  const url = name.url === undefined ? undefined : normalizeUrl(name.url)
  return apps.find(
    (app) =>
      app.archivedAt === null && (name.name === undefined ? normalizeUrl(app.url) === url : app.name === name.name),
  )
}

async function changeApp(
  ctx: EngineContext,
  name: AppName,
  change: (draft: Draft, facts: Facts, row: AppRow) => void,
): Promise<Effects | null> {
  let found = false
  const effects = await commitRegistry(
    ctx,
    (draft, facts) => {
      const row = findApp(facts.apps(), name)
      found = row !== undefined
      if (row !== undefined) change(draft, facts, row)
    },
    () => ({ crons: [...ctx.registry.functions()].map((fn) => fn.row.key) }),
  )
  return found ? effects : null
}
