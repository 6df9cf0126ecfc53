// Lists, as plain searches through the tables.
import type { BulkRow, BulkView, Key, ListReads, RunStatus, SkipRow, SyncRow } from '@pawl/storage'
import { effectsOf, eventView, searchEvents } from './event-lists.ts'
import { failures, lastFailures, strips } from './failure-lists.ts'
import { recordLists } from './record-lists.ts'
import { runView, searchRuns } from './run-lists.ts'
import { limits, queueOf, queues, standing } from './standing-lists.ts'
import { byKey, stepName, type Tables } from './tables.ts'
import { sumTallies } from './tallies.ts'

/** A count looks at what a page does, but has no end and no beginning. */
const ALL = { limit: Number.POSITIVE_INFINITY, after: undefined }

type Read = <T>(work: () => T) => Promise<T>

export function modelLists(tables: Tables, read: Read): ListReads {
  return {
    ...recordLists(tables.records, read),
    standing: (id) => read(() => standing(tables, id)),
    queue: (fn) => read(() => queueOf(tables, fn)),
    queues: () => read(() => queues(tables)),
    limits: (names) => read(() => limits(tables, names)),
    bulks: ({ kind, fn, after, limit }) =>
      read(() => {
        const rows = tables.bulks.filter(
          (row) => (kind === undefined || row.kind === kind) && (fn === undefined || row.fn === fn),
        )
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
    events: (query) => read(() => searchEvents(tables, query).map((event) => eventView(tables, event, query))),
    countEvents: (query) => read(() => searchEvents(tables, { ...query, ...ALL }).length),
    event: (id) => read(() => mapped(tables.eventByUlid(id), (event) => eventView(tables, event, { withText: true }))),
    effects: (event) => read(() => effectsOf(tables, event)),
    eventsByKey: (keys) => read(() => keys.flatMap((key) => tables.events.get(key)?.row ?? [])),
    skips: (event) => read(() => skipsOf(tables, event)),
    runs: (query) => read(() => searchRuns(tables, query).map((run) => runView(tables, run, query.withOpen))),
    countRuns: (query, atMost = Number.POSITIVE_INFINITY) =>
      read(() => Math.min(atMost, searchRuns(tables, { ...query, ...ALL }).length)),
    runsByKey: (keys) =>
      read(() => keys.flatMap((key) => mapped(tables.runs.get(key), (run) => runView(tables, run, true)) ?? [])),
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
    runItems: (id) => read(() => mapped(tables.runByUlid(id), ({ key }) => tables.itemsOf(key)) ?? []),
    step: (run, step) => read(() => tables.steps.get(stepName(run, step))),
    tallies: (query) => read(() => sumTallies(tables, query)),
    failures: (query) => read(() => failures(tables, query)),
    lastFailures: (fns) => read(() => lastFailures(tables, fns)),
    crons: () => read(() => tables.items.filter(({ kind }) => kind === 'cron').sort(byKey)),
    strips: (fns, limit) => read(() => strips(tables, fns, limit)),
    syncs: (app, limit) => read(() => syncsOf(tables, app).slice(0, limit)),
    functionVersions: (of) =>
      read(() => tables.functionVersions.filter(({ fn }) => fn === of).sort((a, b) => b.version - a.version)),
    apps: () => read(() => tables.apps.values().sort(byKey)),
    functions: (app) => read(() => tables.functions.filter((fn) => fn.app === app).sort(byKey)),
    totals: () => read(() => totals(tables)),
    close: async () => {},
  }
}

function mapped<T, R>(value: T | undefined, map: (value: T) => R): R | undefined {
  return value === undefined ? undefined : map(value)
}

function bulkView(tables: Tables, row: BulkRow): BulkView {
  const started = tables.runs.filter((run) => run.bulk === row.key)
  return {
    row,
    functionSlug: (row.fn === null ? undefined : tables.functions.get(row.fn))?.slug ?? '',
    started: started.length,
    failed: started.filter(({ status }) => status === 'failed').length,
    live: started.filter(({ endedAt }) => endedAt === null).length,
  }
}

/** The newest first. */
function syncsOf(tables: Tables, app: Key): readonly SyncRow[] {
  return tables.syncs.filter((sync) => sync.app === app).sort((a, b) => b.at - a.at || b.key - a.key)
}

function skipsOf(tables: Tables, event: Key): readonly SkipRow[] {
  return tables.skips.filter((skip) => skip.event === event).sort((a, b) => a.fn - b.fn)
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
