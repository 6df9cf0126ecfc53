// The list reads as plain synchronous queries on one SQLite connection, used in place for a database in memory and in a
// worker thread for one on disk. A list is read in two steps: first its keys from an index in the order of the list, then
// the rows; where a filter means several slices of an index, they are merged.
import type { DatabaseSync } from 'node:sqlite'
import type { ListReads, RunRecord } from '../contract/lists.ts'
import type { AppRow, FunctionRow, ItemRow, Key, RunStatus, SkipRow, StepRow } from '../contract/rows.ts'
import { listBulks, oneBulk } from './lists-bulks.ts'
import { countEvents, eventsByKey, listEvents, oneEvent } from './lists-event-pages.ts'
import { jobStrips, jobsByKey, listJobRuns, listJobs, oneJob, oneJobRun, secretNames } from './lists-jobs.ts'
import { count, NONE, Reader } from './lists-reader.ts'
import { allCrons, effectsOf, lastFailures, listFailures, stripsOf, syncsOf, versionsOf } from './lists-records.ts'
import {
  number,
  readApp,
  readFunction,
  readHistory,
  readItem,
  readSkip,
  readStep,
  readWait,
  text,
  textOrNull,
} from './lists-rows.ts'
import { countRuns, listRuns, oneRun, runKey, runsByKey } from './lists-runs.ts'
import {
  countPending,
  listRequests,
  listSessionItems,
  listSessions,
  oneRequest,
  oneSession,
  requestsByKey,
  sessionsByKey,
} from './lists-sessions.ts'
import { limitsNow, queueOf, queuesOf, standingOf } from './lists-standing.ts'
import { listTallies } from './lists-tallies.ts'

/** `ListReads` without the promises. */
export type ListQueries = {
  readonly [Name in Exclude<keyof ListReads, 'close'>]: (
    ...args: Parameters<ListReads[Name]>
  ) => Awaited<ReturnType<ListReads[Name]>>
}

/** Opens the list reads on a connection, which stays the caller's. */
export function openListQueries(db: Pick<DatabaseSync, 'prepare'>): ListQueries {
  const reader = new Reader(db)
  return {
    events: (query) => listEvents(reader, query),
    countEvents: (query) => countEvents(reader, query),
    event: (id) => oneEvent(reader, id),
    skips: (event) => skipsOf(reader, event),
    runs: (query) => listRuns(reader, query),
    countRuns: (query, atMost) => countRuns(reader, query, atMost),
    runsByKey: (keys) => runsByKey(reader, keys),
    eventsByKey: (keys) => [...eventsByKey(reader, keys).values()],
    step: (run, step) => oneStep(reader, run, step),
    effects: (event) => effectsOf(reader, event),
    tallies: (query) => listTallies(reader, query),
    queues: () => queuesOf(reader),
    failures: (query) => listFailures(reader, query),
    lastFailures: (fns) => lastFailures(reader, fns),
    crons: () => allCrons(reader),
    strips: (fns, limit) => stripsOf(reader, fns, limit),
    syncs: (app, limit) => syncsOf(reader, app, limit),
    functionVersions: (fn) => versionsOf(reader, fn),
    limits: (names) => limitsNow(reader, names),
    run: (id, options) => oneRun(reader, id, options),
    record: (id) => recordOf(reader, id),
    runItems: (id) => jobsOf(reader, id),
    jobs: (query) => listJobs(reader, query),
    job: (id) => oneJob(reader, id),
    jobsByKey: (keys) => jobsByKey(reader, keys),
    jobRuns: (query) => listJobRuns(reader, query),
    jobRun: (id) => oneJobRun(reader, id),
    jobStrips: (jobs, limit) => jobStrips(reader, jobs, limit),
    secretNames: () => secretNames(reader),
    sessions: (query) => listSessions(reader, query),
    session: (id) => oneSession(reader, id),
    sessionsByKey: (keys) => sessionsByKey(reader, keys),
    sessionItems: (session, after, limit) => listSessionItems(reader, session, after, limit),
    requests: (query) => listRequests(reader, query),
    request: (id) => oneRequest(reader, id),
    requestsByKey: (keys) => requestsByKey(reader, keys),
    countPending: () => countPending(reader),
    apps: () => allApps(reader),
    functions: (app) => functionsOf(reader, app),
    standing: (id) => standingOf(reader, id),
    queue: (fn) => queueOf(reader, fn),
    bulks: (query) => listBulks(reader, query),
    bulk: (id) => oneBulk(reader, id),
    totals: () => totals(reader),
  }
}

function skipsOf(reader: Reader, event: Key): SkipRow[] {
  return reader.all('SELECT * FROM skips WHERE event = ? ORDER BY fn', [event]).map(readSkip)
}

function recordOf(reader: Reader, id: string): RunRecord | undefined {
  const run = oneRun(reader, id, { withOutput: true, withEvents: true })
  if (run === undefined) return undefined
  const key = [run.row.key]
  const errors = new Map(
    reader
      .all('SELECT seq, error FROM history_errors WHERE run = ?', key)
      .map((row) => [number(row.seq), text(row.error)]),
  )
  const history = reader.all('SELECT * FROM history WHERE run = ? ORDER BY seq', key).map(readHistory)
  const steps = 'SELECT run, hex(step) AS step_hex, position, memo, input FROM steps WHERE run = ? ORDER BY position'
  return {
    run,
    history: history.map((row) => ({ row, error: errors.get(row.seq) ?? null })),
    steps: reader.all(steps, key).map(readStep),
    items: reader.all('SELECT * FROM items WHERE run = ? ORDER BY key', key).map(readItem),
    waits: reader.all('SELECT * FROM waits WHERE run = ? ORDER BY key', key).map(readWait),
    children: childrenOf(reader, run.row.key),
  }
}

function childrenOf(reader: Reader, run: Key): RunRecord['children'] {
  const sql = `
    SELECT c.parent_step AS step, c.id AS id, done.id AS finish_id, asked.id AS invoke_id
    FROM runs c LEFT JOIN events done ON done.key = c.finish_event LEFT JOIN events asked ON asked.key = c.event
    WHERE c.parent_run = ? ORDER BY c.key`
  return reader.all(sql, [run]).flatMap((row) => {
    const step = textOrNull(row.step)
    if (step === null) return []
    const invokeEventId = textOrNull(row.invoke_id) ?? ''
    return [{ step, runId: text(row.id), finishEventId: textOrNull(row.finish_id), invokeEventId }]
  })
}

function oneStep(reader: Reader, run: Key, step: string): StepRow | undefined {
  const row = reader.one(ONE_STEP, [run, Buffer.from(step, 'hex')])
  return row === undefined ? undefined : readStep(row)
}

export const ONE_STEP = 'SELECT run, hex(step) AS step_hex, position, memo, input FROM steps WHERE run = ? AND step = ?'

function jobsOf(reader: Reader, id: string): ItemRow[] {
  const key = runKey(reader, id)
  if (key === undefined) return []
  return reader.all('SELECT * FROM items WHERE run = ? ORDER BY due, key', [key]).map(readItem)
}

function allApps(reader: Reader): AppRow[] {
  return reader.all('SELECT * FROM apps ORDER BY key').map(readApp)
}

function functionsOf(reader: Reader, app: Key): FunctionRow[] {
  return reader.all('SELECT * FROM functions WHERE app = ? ORDER BY key', [app]).map(readFunction)
}

export const LIVE_TOTALS =
  'SELECT status, count(*) AS total FROM runs INDEXED BY runs_live WHERE ended_at IS NULL GROUP BY status'
export const BAD_TOTALS = `SELECT status, count(*) AS total FROM runs INDEXED BY runs_ended_badly
  WHERE status = 'failed' OR status = 'cancelled' OR status = 'skipped' GROUP BY status`

function totals(reader: Reader): Awaited<ReturnType<ListReads['totals']>> {
  const rows = [LIVE_TOTALS, BAD_TOTALS].flatMap((sql) => reader.all(sql))
  const byStatus = new Map(rows.map((row) => [text(row.status), number(row.total)]))
  // The rest has completed: so no row of a run is read, only its indexes.
  const rest = rows.reduce((left, row) => left - number(row.total), count(reader, 'runs', NONE))
  const items = reader.all('SELECT state, count(*) AS total FROM items GROUP BY state')
  const runs = (status: RunStatus): number => byStatus.get(status) ?? 0
  return {
    events: count(reader, 'events', NONE),
    runs: {
      scheduled: runs('scheduled'),
      running: runs('running'),
      completed: rest,
      failed: runs('failed'),
      cancelled: runs('cancelled'),
      skipped: runs('skipped'),
    },
    items: Object.fromEntries(items.map((row) => [text(row.state), number(row.total)])),
  }
}
