// The list reads as plain synchronous queries on one SQLite connection, used in place for a database in memory and in a
// worker thread for one on disk. A list is read in two steps: first its keys from one index in the order of the list,
// then the rows; a filter on names, functions or rare statuses takes one slice of an index for each and merges them.
import type { DatabaseSync } from 'node:sqlite'
import type { EventQuery, EventView, ListReads, RunQuery, RunRecord, RunView } from '../contract/lists.ts'
import type { AppRow, FunctionRow, ItemRow, Key, RunStatus, SkipRow } from '../contract/rows.ts'
import { listBulks, oneBulk } from './lists-bulks.ts'
import { storedEvents } from './lists-events.ts'
import {
  among,
  and,
  count,
  type Head,
  heads,
  merge,
  NONE,
  Reader,
  rowsByKey,
  type Where,
  windowOf,
} from './lists-reader.ts'
import {
  number,
  readApp,
  readEvent,
  readFunction,
  readHistory,
  readItem,
  readSkip,
  readStep,
  readWait,
  text,
  textOrNull,
} from './lists-rows.ts'
import { queueOf, standingOf } from './lists-standing.ts'
import { viewsOf, type Wanted } from './lists-views.ts'

/** `ListReads` without the promises. */
export type ListQueries = {
  readonly [Name in Exclude<keyof ListReads, 'close'>]: (
    ...args: Parameters<ListReads[Name]>
  ) => Awaited<ReturnType<ListReads[Name]>>
}

/** Above this number of names or functions one scan is cheaper than a slice of the index for each. */
const SLICES_MAX = 64

/** In an index of their own (`runs_ended_badly`): rare, and what people look for. */
const RARE_STATUSES: readonly RunStatus[] = ['failed', 'cancelled', 'skipped']
const STATUSES: readonly RunStatus[] = ['scheduled', 'running', 'completed', ...RARE_STATUSES]

const RUN_FIELDS = { queuedAt: 'queued_at', startedAt: 'started_at', endedAt: 'ended_at' } as const

/** Opens the list reads on a connection, which stays the caller's. */
export function openListQueries(db: DatabaseSync): ListQueries {
  const reader = new Reader(db)
  return {
    events: (query) => listEvents(reader, query),
    countEvents: (query) => countEvents(reader, query),
    event: (id) => oneEvent(reader, id),
    skips: (event) => skipsOf(reader, event),
    runs: (query) => listRuns(reader, query),
    countRuns: (query) => countRuns(reader, query),
    run: (id, options) => oneRun(reader, id, options),
    record: (id) => recordOf(reader, id),
    jobs: (id) => jobsOf(reader, id),
    apps: () => allApps(reader),
    functions: (app) => functionsOf(reader, app),
    standing: (id) => standingOf(reader, id),
    queue: (fn) => queueOf(reader, fn),
    bulks: (query) => listBulks(reader, query),
    bulk: (id) => oneBulk(reader, id),
    totals: () => totals(reader),
  }
}

function listEvents(reader: Reader, query: EventQuery): EventView[] {
  const keys = keysOf(eventHeads(reader, query))
  const found = rowsByKey(reader, { select: 'SELECT * FROM events', column: 'key', alias: 'key' }, keys)
  const rows = keys.flatMap((key) => {
    const row = found.get(key)
    return row === undefined ? [] : [readEvent(row)]
  })
  const stored = query.withText ? storedEvents(reader, rows) : undefined
  return rows.map((row) => ({ row, event: stored?.get(row.key) ?? null }))
}

function eventHeads(reader: Reader, query: EventQuery): Head[] {
  const names = query.names ?? []
  const slice = (where: Where): Head[] =>
    heads(reader, 'events', { field: 'received_at', order: 'desc', limit: query.limit, after: query.after }, where)
  const common = eventWhere(query)
  if (names.length === 0) return slice(common)
  if (names.length > SLICES_MAX) return slice(and(common, among('name', names)))
  return merge(
    [...new Set(names)].map((name) => slice(and(common, { terms: ['name = ?'], values: [name] }))),
    'desc',
    query.limit,
  )
}

function countEvents(reader: Reader, query: EventQuery): number {
  const names = query.names ?? []
  const where = names.length === 0 ? eventWhere(query) : and(eventWhere(query), among('name', names))
  return count(reader, 'events', where)
}

function eventWhere(query: EventQuery): Where {
  const where = windowOf('received_at', query)
  if (query.includeInternal) return where
  // The plus signs keep the planner from taking an index on the name for what nearly every row passes.
  const external = "(+name < 'inngest/' OR +name >= 'inngest0') AND (+name < 'pawl/' OR +name >= 'pawl0')"
  return and(where, { terms: [external], values: [] })
}

function oneEvent(reader: Reader, id: string): EventView | undefined {
  const found = reader.one('SELECT * FROM events WHERE id = ? AND is_repeat = 0', [id])
  if (found === undefined) return undefined
  const row = readEvent(found)
  return { row, event: storedEvents(reader, [row]).get(row.key) ?? null }
}

function skipsOf(reader: Reader, event: Key): SkipRow[] {
  return reader.all('SELECT * FROM skips WHERE event = ? ORDER BY fn', [event]).map(readSkip)
}

function listRuns(reader: Reader, query: RunQuery): RunView[] {
  const keys = keysOf(runHeads(reader, query))
  const views = viewsOf(reader, keys, query)
  return keys.flatMap((key) => views.get(key) ?? [])
}

function runHeads(reader: Reader, query: RunQuery): Head[] {
  const common = runWhere(query)
  const page = { field: RUN_FIELDS[query.field], order: query.order, limit: query.limit, after: query.after }
  const slice = (where: Where, index = ''): Head[] => heads(reader, `runs${index}`, page, and(common, where))
  const one = (column: string, value: Key): Where => ({ terms: [`${column} = ?`], values: [value] })
  const statuses = statusTerm(query.statuses)
  if (query.event !== undefined) {
    const own = and(statuses, functionTerm(query))
    const lists = eventSlices(query.event).map((of) => slice(and(of, own), of.index))
    return merge(lists, query.order, query.limit)
  }
  if (query.field !== 'queuedAt') return slice(and(statuses, functionTerm(query)))
  const fns = query.fns ?? (query.app === undefined ? undefined : functionKeys(reader, query.app))
  if (fns !== undefined && fns.length <= SLICES_MAX) {
    const own = query.app === undefined ? statuses : and(statuses, one('app', query.app))
    return merge(
      [...new Set(fns)].map((fn) => slice(and(one('fn', fn), own))),
      query.order,
      query.limit,
    )
  }
  const wanted = query.statuses ?? []
  if (fns === undefined && wanted.length > 0 && wanted.every((status) => RARE_STATUSES.includes(status))) {
    return merge(
      [...new Set(wanted)].map((status) => slice(statusTerm([status]), ' INDEXED BY runs_ended_badly')),
      query.order,
      query.limit,
    )
  }
  return slice(and(statuses, functionTerm(query)))
}

function countRuns(reader: Reader, query: RunQuery): number {
  const common = and(runWhere(query), statusTerm(query.statuses), functionTerm(query))
  const slices = query.event === undefined ? [{ ...NONE, index: '' }] : eventSlices(query.event)
  return slices.reduce((sum, of) => sum + count(reader, `runs${of.index}`, and(common, of)), 0)
}

/** Runs that name the event, then those that began with it and others before it: these are looked up by their keys. */
function eventSlices(event: Key): (Where & { readonly index: string })[] {
  return [
    { terms: ['event = ?'], values: [event], index: '' },
    {
      terms: ['key IN (SELECT run FROM run_events WHERE event = ?)', 'event <> ?'],
      values: [event, event],
      index: ' NOT INDEXED',
    },
  ]
}

function runWhere(query: RunQuery): Where {
  const field = RUN_FIELDS[query.field]
  const where = windowOf(field, query)
  if (query.field === 'queuedAt') return where
  const has: Where = { terms: [`${field} IS NOT NULL`], values: [] }
  // Nothing starts or ends before it is queued: with this the index on `queued_at` bounds the scan.
  const queued: Where = query.until === undefined ? NONE : { terms: ['queued_at <= ?'], values: [query.until] }
  return and(has, where, query.field === 'startedAt' ? queued : NONE)
}

/** Statuses stand in the text, not in a parameter: only so a partial index can be used. */
function statusTerm(statuses: readonly RunStatus[] | undefined): Where {
  const wanted = STATUSES.filter((status) => statuses?.includes(status))
  const [first] = wanted
  if (first === undefined) return NONE
  const literals = wanted.map((status) => `'${status}'`).join(', ')
  return { terms: [wanted.length === 1 ? `status = '${first}'` : `status IN (${literals})`], values: [] }
}

function functionTerm(query: RunQuery): Where {
  const fns = query.fns === undefined ? NONE : among('fn', query.fns)
  return query.app === undefined ? fns : and(fns, { terms: ['app = ?'], values: [query.app] })
}

function functionKeys(reader: Reader, app: Key): Key[] {
  return reader.all('SELECT key FROM functions WHERE app = ?', [app]).map((row) => number(row.key))
}

function oneRun(reader: Reader, id: string, wanted: Wanted): RunView | undefined {
  const key = runKey(reader, id)
  return key === undefined ? undefined : viewsOf(reader, [key], wanted).get(key)
}

function runKey(reader: Reader, id: string): Key | undefined {
  const row = reader.one('SELECT key FROM runs WHERE id = ?', [id])
  return row === undefined ? undefined : number(row.key)
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

function totals(reader: Reader): Awaited<ReturnType<ListReads['totals']>> {
  const byStatus = new Map(
    reader
      .all('SELECT status, count(*) AS total FROM runs GROUP BY status')
      .map((row) => [text(row.status), number(row.total)]),
  )
  const items = reader.all('SELECT state, count(*) AS total FROM items GROUP BY state')
  const runs = (status: RunStatus): number => byStatus.get(status) ?? 0
  return {
    events: count(reader, 'events', NONE),
    runs: {
      scheduled: runs('scheduled'),
      running: runs('running'),
      completed: runs('completed'),
      failed: runs('failed'),
      cancelled: runs('cancelled'),
      skipped: runs('skipped'),
    },
    items: Object.fromEntries(items.map((row) => [text(row.state), number(row.total)])),
  }
}

function keysOf(list: readonly Head[]): Key[] {
  return list.map((head) => head.key)
}
