// A sync: the app tells which functions it has. One operation writes the app, its functions and their cron items; identity
// is by name, so that history and runs stay attached over a change of URL.
import {
  type ConfigFault,
  type FunctionConfig,
  type Json,
  type RegisterRequest,
  readFunction,
  uuidFrom,
  writeCanonical,
} from '@pawl/protocol'
import type { AppRow, Facts, FunctionRow, Key } from '@pawl/storage'
import { commit } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { CronError, parseCron } from '../cron/index.ts'
import type { SyncResult } from '../engine.ts'
import { EngineError } from '../errors.ts'
import { compileExpression, ExpressionError } from '../expression/index.ts'
import { appUuid } from '../identity.ts'
import type { Draft, Effects } from '../runs/draft.ts'
import { putRelineItem } from '../runs/line-item.ts'
import { armCrons, disarmCrons } from './arm-crons.ts'
import { noteDuplicate, putSync, type SyncDiff } from './sync-record.ts'

export async function syncApp(
  ctx: EngineContext,
  request: RegisterRequest,
): Promise<{ readonly result: SyncResult; readonly effects: Effects | null }> {
  if (request.appName === '') throw new EngineError('app_id_required', 'App ID required')
  const { configs, warnings } = readFunctions(request)
  const ids = { appId: appUuid(request.appName), syncId: uuidFrom('pawl:sync', request.checksum) }
  for (;;) {
    const known = [...ctx.registry.apps()].find((app) => app.row.name === request.appName)
    if (known !== undefined && isCurrent(known.row, request)) {
      await noteDuplicate(ctx, known.row, request)
      return { result: { modified: false, ...ids, warnings }, effects: null }
    }
    const functions = [...ctx.registry.functions()].filter((fn) => fn.app.row.name === request.appName)
    const committed = await commit(ctx, {
      needs: { registry: true, crons: functions.map((fn) => fn.row.key) },
      registry: ctx.registry.version,
      decide: (draft, facts) => writeApp(draft, facts, { request, configs }),
    })
    if (committed === 'moved') await ctx.refreshRegistry()
    else if (committed !== 'stale') return { result: { modified: true, ...ids, warnings }, effects: committed.effects }
  }
}

function isCurrent(row: AppRow, request: RegisterRequest): boolean {
  return row.archivedAt === null && row.errorCode === null && row.checksum === request.checksum
}

/** @throws EngineError `invalid_config` with every fault of every function. */
function readFunctions(request: RegisterRequest): {
  readonly configs: readonly FunctionConfig[]
  readonly warnings: readonly string[]
} {
  const read = request.functions.map((raw) => readFunction(raw, request.appName, { checkExpression, checkCron }))
  const faults: ConfigFault[] = read.flatMap((one) => one.faults)
  const seen = new Set<string>()
  for (const { config } of read) {
    if (seen.has(config.slug))
      faults.push({
        function: config.slug,
        code: 'config_invalid',
        message: 'Two functions of the app have this ID.',
        path: 'id',
      })
    seen.add(config.slug)
  }
  if (faults.length === 0)
    return { configs: read.map((one) => one.config), warnings: read.flatMap((one) => one.warnings) }
  const first = faults[0]
  throw new EngineError(
    'invalid_config',
    `At least one function is invalid: ${first?.function}: ${first?.message} (${first?.path})`,
    { details: { faults } },
  )
}

function checkExpression(text: string, where: 'condition' | 'key' | 'priority' | 'cancel'): string | null {
  try {
    compileExpression(
      text,
      where === 'cancel' ? { subset: 'cancel' } : where === 'condition' ? {} : { roots: ['event'] },
    )
    return null
  } catch (error) {
    if (error instanceof ExpressionError) return error.message
    throw error
  }
}

function checkCron(text: string): string | null {
  try {
    parseCron(text)
    return null
  } catch (error) {
    if (error instanceof CronError) return error.message
    throw error
  }
}

interface SyncWork {
  readonly request: RegisterRequest
  readonly configs: readonly FunctionConfig[]
}

function writeApp(draft: Draft, facts: Facts, work: SyncWork): void {
  const before = facts.apps().find((app) => app.name === work.request.appName)
  const app = appRow(draft, work.request, before)
  draft.push(before === undefined ? { put: 'app', row: app } : { set: 'app', row: app })
  const known = new Map(
    facts
      .functions()
      .filter((fn) => fn.app === app.key)
      .map((fn) => [fn.slug, fn]),
  )
  const diff: SyncDiff = { added: [], changed: [], removed: [] }
  for (const config of work.configs) {
    const was = known.get(config.slug)
    const isChanged = writeFunction(draft, facts, { app: app.key, config, before: was })
    if (was === undefined || was.archivedAt !== null) diff.added.push(config.slug)
    else if (isChanged) diff.changed.push(config.slug)
    known.delete(config.slug)
  }
  for (const gone of known.values()) {
    if (gone.archivedAt === null) diff.removed.push(gone.slug)
    archiveFunction(draft, facts, gone)
  }
  putSync(draft, app, { diff, count: work.configs.length })
}

function appRow(draft: Draft, request: RegisterRequest, before: AppRow | undefined): AppRow {
  return {
    key: before?.key ?? draft.ground.key(),
    name: request.appName,
    url: request.url,
    sdkLanguage: request.sdkLanguage,
    sdkVersion: request.sdkVersion,
    framework: request.framework ?? '',
    platform: request.platform ?? '',
    appVersion: request.appVersion ?? '',
    checksum: request.checksum,
    errorCode: null,
    errorMessage: null,
    createdAt: before?.createdAt ?? draft.now,
    syncedAt: draft.now,
    archivedAt: null,
    pause: before?.pause ?? null,
  }
}

/** The version counts syncs of the app that changed anything. @returns whether the configuration is another than before. */
function writeFunction(
  draft: Draft,
  facts: Facts,
  work: { readonly app: Key; readonly config: FunctionConfig; readonly before: FunctionRow | undefined },
): boolean {
  const { app, config, before } = work
  const text = writeCanonical(config as unknown as Json)
  const isChanged = before?.config !== text
  const row: FunctionRow = {
    key: before?.key ?? draft.ground.key(),
    app,
    slug: config.slug,
    name: config.name,
    config: text,
    version: (before?.version ?? 0) + 1,
    stepsMax: before?.stepsMax ?? null,
    stateBytesMax: before?.stateBytesMax ?? null,
    createdAt: before?.createdAt ?? draft.now,
    archivedAt: null,
    pause: before?.pause ?? null,
  }
  draft.push(before === undefined ? { put: 'function', row } : { set: 'function', row })
  if (isChanged)
    draft.push({ put: 'functionVersion', row: { fn: row.key, version: row.version, at: draft.now, config: text } })
  // What stands in line goes by the new limits: it may have room, or stand in the line of a limit that is gone.
  if (before !== undefined && haveLimitsChanged(before, config)) putRelineItem(draft, row.key)
  armCrons(draft, {
    key: row.key,
    slug: config.slug,
    triggers: config.triggers,
    armed: before === undefined ? [] : facts.crons(row.key),
  })
  return isChanged
}

function haveLimitsChanged(before: FunctionRow, config: FunctionConfig): boolean {
  // Plain data, both: the one before was written below.
  const limits = ({ concurrency, throttle }: FunctionConfig) =>
    writeCanonical([concurrency, throttle] as unknown as Json)
  return limits(JSON.parse(before.config) as FunctionConfig) !== limits(config)
}

/** A function that the app no longer has: matches nothing, its schedules stop, its live runs go on. */
export function archiveFunction(draft: Draft, facts: Facts, row: FunctionRow): void {
  if (row.archivedAt === null) draft.push({ set: 'function', row: { ...row, archivedAt: draft.now } })
  disarmCrons(draft, facts.crons(row.key))
}
