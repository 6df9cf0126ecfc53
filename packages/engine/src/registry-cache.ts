// The registry in memory: functions with their triggers compiled, and the paths that open waits compare. Matching costs no
// query. It is the only thing besides hot runs that is cached; every decision that leans on it names the version it saw.
import { type CancelRule, type FunctionConfig, isReservedName } from '@pawl/protocol'
import type { AppRow, FunctionRow, Key, Registry } from '@pawl/storage'
import { type Cron, parseCron } from './cron/index.ts'
import type { PauseRecord } from './engine.ts'
import { compileExpression, type Expression } from './expression/index.ts'
import { appUuid, functionUuid } from './identity.ts'
import { compileRules, type FlowRules } from './lines/rules.ts'

export interface AppEntry {
  readonly row: AppRow
  readonly id: string
}

export interface EventMatcher {
  readonly pattern: string
  /** null = every event of the name. */
  readonly condition: Expression | null
  readonly conditionText: string | null
}

export interface CronEntry {
  readonly expression: string
  readonly cron: Cron
  readonly jitterMs: number
}

export interface FunctionEntry {
  readonly row: FunctionRow
  readonly app: AppEntry
  readonly id: string
  readonly config: FunctionConfig
  readonly attemptsMax: number
  readonly matchers: readonly EventMatcher[]
  readonly crons: readonly CronEntry[]
  readonly cancel: readonly CancelRule[]
  readonly idempotency: Expression | null
  /** Its flow controls. */
  readonly rules: FlowRules
  /** How it rests now, by itself or with its app; null: it does not. */
  readonly pause: ActivePause | null
  readonly active: boolean
  /** The last thing that went wrong with one of its expressions. */
  warning: string | null
}

/** A pause that is in force, and what it was said of. */
export interface ActivePause {
  readonly record: PauseRecord
  readonly target: 'function' | 'app'
}

export class RegistryCache {
  version = 0
  #apps: ReadonlyMap<Key, AppEntry> = new Map()
  #functions: ReadonlyMap<Key, FunctionEntry> = new Map()
  #bySlug = new Map<string, FunctionEntry>()
  #byName = new Map<string, FunctionEntry[]>()
  #byPrefix = new Map<string, FunctionEntry[]>()
  #waitPaths = new Map<string, Set<string>>()

  /**
   * Takes over what the store holds; what has not changed is not compiled again. What was read before something newer is
   * left alone: versions only grow.
   */
  load(registry: Registry): void {
    if (registry.version <= this.version) return
    const apps = new Map(registry.apps.map((row) => [row.key, { row, id: appUuid(row.name) }]))
    const functions = new Map<Key, FunctionEntry>()
    for (const row of registry.functions) {
      const app = apps.get(row.app)
      if (app !== undefined) functions.set(row.key, entryFor(row, app, this.#functions.get(row.key)))
    }
    this.#apps = apps
    this.#functions = functions
    this.#index()
    this.#waitPaths = new Map()
    for (const { name, path } of registry.waitPaths) this.#addWaitPath(name, path)
    this.version = registry.version
  }

  /** Follows an operation of this process that added wait paths, and nothing else, to this version. */
  addWaitPaths(paths: Registry['waitPaths']): void {
    for (const { name, path } of paths) this.#addWaitPath(name, path)
    this.version += 1
  }

  apps(): Iterable<AppEntry> {
    return this.#apps.values()
  }

  functions(): Iterable<FunctionEntry> {
    return this.#functions.values()
  }

  /** How many functions may have new runs. */
  get activeCount(): number {
    return this.#bySlug.size
  }

  app(key: Key): AppEntry | undefined {
    return this.#apps.get(key)
  }

  fn(key: Key): FunctionEntry | undefined {
    return this.#functions.get(key)
  }

  /** The active function of this slug. */
  bySlug(slug: string): FunctionEntry | undefined {
    return this.#bySlug.get(slug)
  }

  /** Active functions one of whose triggers names the event, by key. Internal events match by their exact name only. */
  listeners(name: string): readonly FunctionEntry[] {
    const exact = this.#byName.get(name) ?? []
    if (this.#byPrefix.size === 0 || isReservedName(name)) return exact
    const found = new Set(exact)
    for (const prefix of prefixesOf(name)) for (const entry of this.#byPrefix.get(prefix) ?? []) found.add(entry)
    return [...found].sort((a, b) => a.row.key - b.row.key)
  }

  /** The paths that waits on the name may compare; undefined when no wait was ever opened on it. */
  waitPaths(name: string): ReadonlySet<string> | undefined {
    return this.#waitPaths.get(name)
  }

  /** False only when certainly no function and no wait listens to the name. */
  mayConcern(name: string): boolean {
    return this.#waitPaths.has(name) || this.listeners(name).length > 0
  }

  #index(): void {
    this.#bySlug = new Map()
    this.#byName = new Map()
    this.#byPrefix = new Map()
    for (const entry of this.#functions.values()) {
      if (!entry.active) continue
      this.#bySlug.set(entry.row.slug, entry)
      for (const { pattern } of entry.matchers) {
        if (isWildcard(pattern)) addTo(this.#byPrefix, pattern.slice(0, -1), entry)
        else addTo(this.#byName, pattern, entry)
      }
    }
  }

  #addWaitPath(name: string, path: string): void {
    const paths = this.#waitPaths.get(name)
    if (paths === undefined) this.#waitPaths.set(name, new Set([path]))
    else paths.add(path)
  }
}

/** A wildcard ends in `/*` or `.*`; anything else with a star is an ordinary name. */
export function isWildcard(pattern: string): boolean {
  return pattern.endsWith('/*') || pattern.endsWith('.*')
}

/** Whether a trigger's pattern names the event. */
export function patternMatches(pattern: string, name: string): boolean {
  if (!isWildcard(pattern)) return pattern === name
  const prefix = pattern.slice(0, -1)
  return name.startsWith(prefix) && name.length > prefix.length && !isReservedName(name)
}

/** `pat/a.b.c` → `pat/`, `pat/a.`, `pat/a.b.`: cut at each slash and at each dot. */
function prefixesOf(name: string): string[] {
  const prefixes: string[] = []
  for (let at = 0; at < name.length - 1; at++) {
    const code = name[at]
    if (code === '/' || code === '.') prefixes.push(name.slice(0, at + 1))
  }
  return prefixes
}

function addTo(map: Map<string, FunctionEntry[]>, key: string, entry: FunctionEntry): void {
  const entries = map.get(key)
  if (entries === undefined) map.set(key, [entry])
  else if (!entries.includes(entry)) entries.push(entry)
}

function entryFor(row: FunctionRow, app: AppEntry, before: FunctionEntry | undefined): FunctionEntry {
  const active = row.archivedAt === null && app.row.archivedAt === null
  const pause = pauseOf(row, app)
  if (before !== undefined && before.row.config === row.config) return { ...before, row, app, active, pause }
  // The configuration was checked when it was stored; what stands in the store is in this shape.
  const config = JSON.parse(row.config) as FunctionConfig
  return {
    row,
    app,
    id: functionUuid(app.row.name, row.slug),
    config,
    attemptsMax: config.retries + 1,
    matchers: config.triggers.flatMap((trigger) => ('event' in trigger ? [matcherFor(trigger.event, trigger.if)] : [])),
    crons: config.triggers.flatMap((trigger) =>
      'cron' in trigger
        ? [{ expression: trigger.cron, cron: parseCron(trigger.cron), jitterMs: trigger.jitterMs ?? 0 }]
        : [],
    ),
    cancel: config.cancel,
    idempotency: config.idempotency === null ? null : compileExpression(config.idempotency),
    rules: compileRules(row.key, config),
    pause,
    active,
    warning: null,
  }
}

/** The function's own pause stands above its app's. */
function pauseOf(row: FunctionRow, app: AppEntry): ActivePause | null {
  const [text, target] = row.pause === null ? [app.row.pause, 'app' as const] : [row.pause, 'function' as const]
  // The engine wrote it.
  return text === null ? null : { record: JSON.parse(text) as PauseRecord, target }
}

function matcherFor(pattern: string, condition: string | undefined): EventMatcher {
  if (condition === undefined) return { pattern, condition: null, conditionText: null }
  return { pattern, condition: compileExpression(condition), conditionText: condition }
}
