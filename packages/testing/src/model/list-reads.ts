// Lists, as far as the engine, the conformance suite and the simulated clients ask for them.
import type {
  BulkRow,
  BulkView,
  ItemRow,
  Key,
  ListReads,
  RunQuery,
  RunRow,
  RunStanding,
  RunStatus,
  RunView,
  SkipRow,
} from '@pawl/storage'
import { byKey, type Tables } from './tables.ts'

type Read = <T>(work: () => T) => Promise<T>

export function modelLists(tables: Tables, read: Read): ListReads {
  const notModelled = async (): Promise<never> => {
    throw new Error('this list is not modelled')
  }
  return {
    standing: (id) => read(() => standing(tables, id)),
    queue: (fn) =>
      read(() => {
        const of = (state: string) =>
          tables.items.filter((item) => item.fn === fn && item.state === state && isQueued(item)).length
        return { ready: of('ready'), leased: of('leased'), sleeping: of('sleeping'), blocked: of('blocked') }
      }),
    bulks: ({ kind, fn, after, limit }) =>
      read(() => {
        const rows = tables.bulks.filter((row) => row.kind === kind && (fn === undefined || row.fn === fn))
        const newest = rows.sort((a, b) => b.createdAt - a.createdAt || b.key - a.key)
        const isLeft = (row: BulkRow) =>
          after === undefined || row.createdAt < after.value || (row.createdAt === after.value && row.key < after.key)
        return newest
          .filter(isLeft)
          .slice(0, limit)
          .map((row) => bulkView(tables, row))
      }),
    bulk: (id) =>
      read(() =>
        mapped(
          tables.bulks.find((row) => row.id === id),
          (row) => bulkView(tables, row),
        ),
      ),
    events: notModelled,
    countEvents: notModelled,
    event: (id) =>
      read(() => mapped(tables.eventByUlid(id), (event) => ({ row: event.row, event: tables.storedEvent(event) }))),
    skips: (event) => read(() => skipsOf(tables, event)),
    runs: (query) => read(() => searchRuns(tables, query).map((run) => runView(tables, run))),
    countRuns: (query) => read(() => searchRuns(tables, { ...query, limit: Number.POSITIVE_INFINITY }).length),
    run: (id) => read(() => mapped(tables.runByUlid(id), (run) => runView(tables, run))),
    record: (id) =>
      read(() =>
        mapped(tables.runByUlid(id), (run) => ({
          run: runView(tables, run),
          history: tables.history.filter((entry) => entry.row.run === run.key).sort((a, b) => a.row.seq - b.row.seq),
          steps: tables.loadRun(run.key)?.steps ?? [],
          items: tables.itemsOf(run.key),
          waits: tables.waits.filter((wait) => wait.run === run.key).sort(byKey),
          children: [],
        })),
      ),
    jobs: (id) => read(() => mapped(tables.runByUlid(id), ({ key }) => tables.itemsOf(key)) ?? []),
    apps: () => read(() => tables.apps.values().sort(byKey)),
    functions: (app) => read(() => tables.functions.filter((fn) => fn.app === app).sort(byKey)),
    totals: () => read(() => totals(tables)),
    close: async () => {},
  }
}

function isQueued({ kind }: ItemRow): boolean {
  return kind !== 'cron' && kind !== 'slot'
}

function mapped<T, R>(value: T | undefined, map: (value: T) => R): R | undefined {
  return value === undefined ? undefined : map(value)
}

/** Runs in the order that was asked for, from after the cursor on. */
function searchRuns(tables: Tables, query: RunQuery): readonly RunRow[] {
  const { statuses, fns, app, event, field, from, until, after, limit } = query
  const sign = query.order === 'asc' ? 1 : -1
  const isMeant = (run: RunRow) => {
    const at = run[field]
    if (at === null || at < (from ?? at) || at > (until ?? at)) return false
    if (statuses !== undefined && !statuses.includes(run.status)) return false
    if (fns !== undefined && !fns.includes(run.fn)) return false
    if (app !== undefined && run.app !== app) return false
    if (event !== undefined && run.event !== event && tables.runEvents.get(run.key)?.includes(event) !== true)
      return false
    return after === undefined || sign * (at - after.value || run.key - after.key) > 0
  }
  const found = tables.runs.filter(isMeant)
  return found.sort((a, b) => sign * ((a[field] ?? 0) - (b[field] ?? 0) || a.key - b.key)).slice(0, limit)
}

function bulkView(tables: Tables, row: BulkRow): BulkView {
  const started = tables.runs.filter((run) => run.bulk === row.key)
  return {
    row,
    functionSlug: tables.functions.get(row.fn)?.slug ?? '',
    started: started.length,
    failed: started.filter(({ status }) => status === 'failed').length,
    live: started.filter(({ endedAt }) => endedAt === null).length,
  }
}

function skipsOf(tables: Tables, event: Key): readonly SkipRow[] {
  return tables.skips.filter((skip) => skip.event === event).sort((a, b) => a.fn - b.fn)
}

function runView(tables: Tables, row: RunRow): RunView {
  const fn = tables.functions.get(row.fn)
  const trigger = tables.events.get(row.event)
  if (trigger === undefined) throw new Error(`run ${row.id} has no event`)
  const output = tables.outputs.get(row.key)
  return {
    row,
    slug: fn?.slug ?? '',
    functionName: fn?.name ?? '',
    appName: tables.apps.get(row.app)?.name ?? '',
    trigger: trigger.row,
    originalId: row.original === null ? null : (tables.runs.get(row.original)?.id ?? null),
    output: output?.text ?? null,
    outputIsError: output?.isError ?? false,
    events: tables.eventsOf(row).map((event) => tables.storedEvent(event)),
    eventIds: tables.runEvents.has(row.key) ? tables.eventsOf(row).map((event) => event.row.id) : [],
  }
}

/** Where a run stands. */
function standing(tables: Tables, id: string): RunStanding | undefined {
  const run = tables.runByUlid(id)
  if (run === undefined) return undefined
  const items = tables.itemsOf(run.key)
  const names = new Set(items.flatMap(({ line }) => (line === null ? [] : [line])))
  const isWaitedFor = (step: string | null) => tables.waitOf(run.key, step ?? '')?.kind === 'invoke'
  const children = tables.runs.filter(({ parentRun, parentStep }) => parentRun === run.key && isWaitedFor(parentStep))
  const ready = items.filter(({ state }) => state === 'ready').sort(inOrder)
  const failures = tables.history.filter(({ row }) => row.run === run.key && row.status === 'errored')
  return {
    run,
    items,
    waits: tables.waits.filter((wait) => wait.run === run.key).sort(byKey),
    lines: [...names].map((name) => lineOf(tables, run, name)),
    ahead: ready[0] === undefined ? null : aheadOf(tables, ready[0]),
    children: children.map((child) => ({ step: child.parentStep ?? '', runId: child.id })),
    failures: failures
      .sort((a, b) => b.row.seq - a.row.seq)
      .slice(0, 10)
      .map(({ row, error }) => ({ step: row.step, name: row.name, attempt: row.attempt, error })),
  }
}

/** Ready items of the same function that come first. */
function aheadOf({ items }: Tables, first: ItemRow): number {
  return items.filter((item) => item.state === 'ready' && item.fn === first.fn && inOrder(item, first) < 0).length
}

function inOrder(a: ItemRow, b: ItemRow): number {
  return a.rank - b.rank || a.key - b.key
}

function lineOf(tables: Tables, run: RunRow, name: string): RunStanding['lines'][number] {
  const line = tables.items.filter((item) => item.line === name && item.state === 'blocked')
  const own = line.filter(({ fn }) => fn === run.fn).sort(inOrder)
  const holding = tables.items.filter((item) => item.holds && item.limits.includes(name))
  const holders = holding.slice(0, 10).map((item) => ({
    runId: tables.runs.get(item.run ?? 0)?.id ?? '',
    fn: item.fn ?? 0,
    step: item.step,
    detail: item.detail,
  }))
  return {
    name,
    place: own.findIndex((item) => item.run === run.key) + 1,
    length: line.length,
    tat: tables.rates.get(name)?.tat ?? null,
    held: holding.length,
    holders,
  }
}

function totals(tables: Tables): Awaited<ReturnType<ListReads['totals']>> {
  const runs: Record<RunStatus, number> = {
    scheduled: 0,
    running: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
  }
  for (const { status } of tables.runs.values()) runs[status] += 1
  const items: Record<string, number> = {}
  for (const { state } of tables.items.values()) items[state] = (items[state] ?? 0) + 1
  return { events: tables.events.size, runs, items }
}
