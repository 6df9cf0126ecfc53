// Rows and facts for tests of decisions: everything has a plain value, and a test names what it is about.
import { type Json, readFunction, writeCanonical } from '@pawl/protocol'
import type {
  AppRow,
  Change,
  EventRow,
  Facts,
  FunctionRow,
  ItemRow,
  Key,
  LimitState,
  LineHead,
  RunRow,
  StoredEvent,
  WaitRow,
} from '@pawl/storage'
import { Circuits } from '../circuits.ts'
import type { PlanContext } from '../execute/tally.ts'
import { ENGINE_LIMITS } from '../limits.ts'
import { type FunctionEntry, RegistryCache } from '../registry-cache.ts'
import { Draft } from '../runs/draft.ts'

export const NOW = Date.UTC(2026, 0, 1)
/** The process that decides. */
export const OWNER = 7

export function runRow(part: Partial<RunRow> = {}): RunRow {
  return {
    key: 100,
    id: '01K0000000000000000000RUN0',
    app: 1,
    fn: 2,
    fnVersion: 1,
    event: 50,
    queuedAt: NOW - 1_000,
    cron: null,
    original: null,
    parentRun: null,
    parentStep: null,
    correlation: null,
    quiet: false,
    rank: NOW - 1_000,
    flow: null,
    singleton: null,
    batch: null,
    skipped: null,
    bulk: null,
    status: 'running',
    rev: 1,
    startedAt: NOW - 500,
    endedAt: null,
    stack: 0,
    history: 0,
    steps: 0,
    bytes: 0,
    open: 0,
    racing: 0,
    waits: 0,
    version: 2,
    forcePlan: false,
    finishEvent: null,
    retries: 0,
    ...part,
  }
}

/** A discovery that this process has leased. */
export function itemRow(part: Partial<ItemRow> = {}): ItemRow {
  return {
    key: 200,
    run: 100,
    fn: 2,
    step: '',
    kind: 'call',
    state: 'leased',
    due: NOW - 500,
    rank: NOW - 1_000,
    limits: [],
    holds: false,
    line: null,
    attempt: 0,
    claims: 1,
    epoch: 1,
    owner: OWNER,
    startedAt: NOW - 100,
    queuedAt: NOW - 1_000,
    again: false,
    race: false,
    detail: null,
    ...part,
  }
}

export function waitRow(part: Partial<WaitRow> = {}): WaitRow {
  return {
    key: 300,
    run: 100,
    step: 'a',
    item: 201,
    kind: 'event',
    name: 'x',
    path: '',
    value: '',
    rest: null,
    until: NOW + 60_000,
    ...part,
  }
}

export function eventRow(part: Partial<EventRow> = {}): EventRow {
  return {
    key: 50,
    id: '01K000000000000000000EVENT',
    eventId: '01K000000000000000000EVENT',
    name: 'e',
    ts: NOW,
    receivedAt: NOW,
    isRepeat: false,
    ofRun: null,
    ...part,
  }
}

const APP: AppRow = {
  key: 1,
  name: 'app',
  url: 'http://app.test/api',
  sdkLanguage: 'js',
  sdkVersion: '4.0.0',
  framework: '',
  platform: '',
  appVersion: '',
  checksum: '',
  errorCode: null,
  errorMessage: null,
  createdAt: NOW,
  syncedAt: NOW,
  archivedAt: null,
  pause: null,
}

/** A registry of one app with these functions, each given by the options of its registration; keys from 2 on. */
export function registryOf(
  functions: Readonly<Record<string, { readonly [option: string]: Json }>>,
  parts: {
    readonly language?: string
    readonly waitPaths?: readonly { readonly name: string; readonly path: string }[]
  } = {},
): RegistryCache {
  const rows = Object.entries(functions).map(([id, options], index): FunctionRow => {
    const { archivedAt = null, retries = 4, pause = null, ...rest } = options
    const url = `http://app.test/api?fnId=app-${id}&stepId=step`
    const step = { id: 'step', name: 'step', runtime: { type: 'http', url }, retries: { attempts: retries } }
    const raw: Json = { id: `app-${id}`, name: id, triggers: [{ event: id }], steps: { step }, ...rest }
    const checks = { checkExpression: () => null, checkCron: () => null }
    const { config, faults } = readFunction(raw, 'app', checks)
    if (faults.length > 0) throw new Error(JSON.stringify(faults))
    return {
      key: index + 2,
      app: 1,
      slug: config.slug,
      name: config.name,
      // The configuration is plain data.
      config: writeCanonical(config as unknown as Json),
      version: 1,
      stepsMax: null,
      stateBytesMax: null,
      createdAt: NOW,
      archivedAt: typeof archivedAt === 'number' ? archivedAt : null,
      pause: pause === null ? null : writeCanonical(pause),
    }
  })
  const registry = new RegistryCache()
  const app = { ...APP, sdkLanguage: parts.language ?? 'js' }
  registry.load({ version: 1, apps: [app], functions: rows, waitPaths: [...(parts.waitPaths ?? [])] })
  return registry
}

export function entry(registry: RegistryCache, id: string): FunctionEntry {
  const found = registry.bySlug(`app-${id}`)
  if (found === undefined) throw new Error(`there is no function ${id}`)
  return found
}

export function planContext(registry: RegistryCache, part: Partial<PlanContext> = {}): PlanContext {
  let ulids = 0
  return {
    registry,
    circuits: new Circuits(ENGINE_LIMITS),
    limits: ENGINE_LIMITS,
    newUlid: () => `01K00000000000000000000${String(ulids++).padStart(3, '0')}`,
    retryDelayMs: 1_000,
    random: () => 0,
    ...part,
  }
}

export interface Known {
  readonly now?: number
  readonly runs?: readonly RunRow[]
  readonly items?: readonly ItemRow[]
  readonly waits?: readonly WaitRow[]
  /** `<run> <step>` */
  readonly memos?: readonly string[]
  /** `<fn> <key>` → run */
  readonly idempotency?: Readonly<Record<string, Key>>
  readonly since?: readonly StoredEvent[]
  readonly ready?: readonly ItemRow[]
  readonly backlog?: readonly Key[]
  /** Limits that are locked, with the heads of their lines. */
  readonly limits?: Readonly<Record<string, Partial<LimitState> & Partial<LineHead>>>
  readonly named?: readonly ItemRow[]
  readonly windows?: Readonly<Record<string, number>>
  /** Live runs by their singleton. */
  readonly singletons?: Readonly<Record<string, RunRow>>
}

/** Facts over these rows; what is not among them is absent. */
export function factsOf(known: Known = {}): Facts {
  const { runs = [], items = [], waits = [] } = known
  let key = 1_000
  return {
    now: known.now ?? NOW,
    registryVersion: 1,
    key: () => key++,
    event: () => undefined,
    idempotency: (fn, text) => known.idempotency?.[`${fn} ${text}`],
    signal: (name) => waits.find((wait) => wait.kind === 'signal' && wait.name === name),
    waits: (name) => waits.filter((wait) => wait.name === name && (wait.kind === 'event' || wait.kind === 'cancel')),
    since: (name) => (known.since ?? []).filter((event) => event.row.name === name),
    ready: () => known.ready ?? [],
    backlog: (fn) => known.backlog?.includes(fn) === true,
    run: (wanted) => runs.find((run) => run.key === wanted),
    item: (wanted) => items.find((item) => item.key === wanted),
    hasMemo: (run, step) => known.memos?.includes(`${run} ${step}`) === true,
    itemOf: (run, step) => items.find((item) => item.run === run && item.step === step),
    itemsOf: (run) => items.filter((item) => item.run === run),
    waitOf: (run, step) => waits.find((wait) => wait.run === run && wait.step === step),
    named: (name) => known.named?.find((item) => item.step === name),
    limit: (name) => {
      const found = known.limits?.[name]
      return found === undefined ? undefined : { held: 0, tat: null, timer: null, ...found }
    },
    line: (name) => ({ items: [], isWhole: known.limits?.[name] !== undefined, ...known.limits?.[name] }),
    window: (name) => known.windows?.[name] ?? 0,
    singleton: (name) => known.singletons?.[name],
    job: () => undefined,
    jobById: () => undefined,
    jobRun: () => undefined,
    jobRunById: () => undefined,
    session: () => undefined,
    sessionNamed: () => undefined,
    sessionItem: () => undefined,
    request: () => undefined,
    requestById: () => undefined,
    requestNamed: () => undefined,
    pendingOf: () => [],
    crons: () => [],
    apps: () => [],
    functions: () => [],
    expired: () => ({ events: [], runs: [] }),
  }
}

export interface DraftOptions {
  /** Places for calls; none for an app whose circuit is open. */
  readonly seats?: number
  readonly circuits?: Circuits
  readonly registry?: RegistryCache
}

export function draftOver(facts: Facts, { seats = 10, circuits, registry }: DraftOptions = {}): Draft {
  let left = seats
  return new Draft(facts, {
    owner: OWNER,
    fn: (key) => registry?.fn(key),
    functions: () => registry?.functions() ?? [],
    hasSeat: (app) => left > 0 && (circuits?.isOpen(app) !== true || circuits.mayProbe(app, facts.now)),
    takeProbe: (app) => circuits?.isOpen(app) === true && circuits.takeProbe(app, facts.now),
    eventTally: (name) => `event:${name}`,
    takeSeat: (app) => !(app !== null && circuits?.isOpen(app) === true) && left-- > 0,
  })
}

/** Changes in few words, without what is only counted. */
export function wordsOf(changes: readonly Change[]): readonly string[] {
  return changes.filter((change) => !('add' in change)).map(inWords)
}

/** A change in few words, for tables: `set run completed`, `put step a`, `end items`. */
export function inWords(change: Change): string {
  if ('end' in change) return `end ${change.end}`
  if ('add' in change) return `add ${change.name}`
  if ('fold' in change) return `fold ${change.fold}`
  const verb = 'put' in change ? `put ${change.put}` : `set ${change.set}`
  if ('state' in change) return `${verb} ${change.state.status}`
  if (!('row' in change)) return verb
  const { row } = change
  if ('state' in row && 'kind' in row && 'step' in row) return `${verb} ${row.kind} ${row.step || '-'} ${row.state}`
  if ('status' in row && 'seq' in row) return `${verb} ${row.kind} ${row.status}`
  if ('memo' in row) return `${verb} ${row.step} ${row.memo}`
  if ('kind' in row && 'name' in row) return `${verb} ${row.kind} ${row.name}`
  return 'name' in row ? `${verb} ${row.name}` : verb
}
