// The list reads. A list is read in two steps: first its keys from one index in the order of the list, then the rows; a
// filter on names, functions or rare statuses takes one slice of an index for each and merges them.
import type { EventQuery, EventView, ListReads, RunQuery, RunRecord, RunView } from '../contract/lists.ts'
import type { EventRow, HistoryRow, Key, RunRow, RunStatus, SkipRow, StepRow } from '../contract/rows.ts'
import type { EndedRun, StoredEvent } from '../contract/store.ts'
import { openBulkQueries } from './bulk-queries.ts'
import { EVENT_CELLS, type EventCells, eventColumns, toEvent } from './event-table.ts'
import { itemColumns, toItem } from './item-table.ts'
import {
  amongKeys,
  amongTexts,
  and,
  count,
  filter,
  type Head,
  heads,
  merge,
  NONE,
  type Reader,
  type Where,
  windowOf,
} from './lists-reader.ts'
import { APPS, type AppCells, FUNCTION_COLUMNS, type FunctionCells, toApp, toFunction } from './registry-table.ts'
import { RUN_CELLS, type RunCells, runColumns, toRun } from './run-table.ts'
import { openStandingQueries } from './standing-queries.ts'
import { HISTORY_COLUMNS, type HistoryCells, toHistory } from './step-table.ts'
import { toWait, waitColumns } from './wait-table.ts'

/** Above this number of names or functions one scan is cheaper than a slice of the index for each. */
const SLICES_MAX = 64

/** In an index of their own (`runs_ended_badly`): rare, and what people look for. */
const RARE_STATUSES: readonly RunStatus[] = ['failed', 'cancelled', 'skipped']
const STATUSES: readonly RunStatus[] = ['scheduled', 'running', 'completed', ...RARE_STATUSES]

const RUN_FIELDS = { queuedAt: 'queued_at', startedAt: 'started_at', endedAt: 'ended_at' } as const

type NameCells = [slug: string, fnName: string, appName: string, originalId: string | null]

const VIEW = `
  SELECT ${runColumns('r.')}, f.slug, f.name, a.name, o.id, ${eventColumns('e.')}
  FROM runs r
  JOIN functions f ON f.key = r.fn
  JOIN apps a ON a.key = r.app
  LEFT JOIN events e ON e.key = r.event
  LEFT JOIN runs o ON o.key = r.original`

/** Opens the list reads. */
export function openListQueries(reader: Reader): Omit<ListReads, 'close'> {
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
    apps: async () => (await reader.all<AppCells>(APPS.text)).map(toApp),
    functions: async (app) => (await reader.all<FunctionCells>(FUNCTIONS_OF, [app])).map(toFunction),
    totals: () => totals(reader),
    ...openStandingQueries(reader),
    ...openBulkQueries(reader),
  }
}

const FUNCTIONS_OF = `SELECT ${FUNCTION_COLUMNS} FROM functions WHERE app = ? ORDER BY key`

async function listEvents(reader: Reader, query: EventQuery): Promise<EventView[]> {
  const keys = keysOf(await eventHeads(reader, query))
  const { terms, values } = amongKeys('key', keys)
  const cells = await reader.all<EventCells>(`SELECT ${eventColumns()} FROM events ${filter(terms)}`, values)
  const found = new Map(cells.map((row) => [row[0], toEvent(row)]))
  const rows = keys.flatMap((key) => found.get(key) ?? [])
  const stored = query.withText ? await storedEvents(reader, rows) : undefined
  return rows.map((row) => ({ row, event: stored?.get(row.key) ?? null }))
}

async function eventHeads(reader: Reader, query: EventQuery): Promise<Head[]> {
  const names = query.names ?? []
  const slice = (where: Where): Promise<Head[]> =>
    heads(reader, 'events', { field: 'received_at', order: 'desc', limit: query.limit, after: query.after }, where)
  const common = eventWhere(query)
  if (names.length === 0) return slice(common)
  if (names.length > SLICES_MAX) return slice(and(common, amongTexts('name', names)))
  const slices = [...new Set(names)].map((name) => slice(and(common, { terms: ['name = ?'], values: [name] })))
  return merge(await Promise.all(slices), 'desc', query.limit)
}

function countEvents(reader: Reader, query: EventQuery): Promise<number> {
  const names = query.names ?? []
  const where = names.length === 0 ? eventWhere(query) : and(eventWhere(query), amongTexts('name', names))
  return count(reader, 'events', where)
}

function eventWhere(query: EventQuery): Where {
  const where = windowOf('received_at', query)
  if (query.includeInternal) return where
  const external = "NOT (name ^@ 'inngest/') AND NOT (name ^@ 'pawl/')"
  return and(where, { terms: [external], values: [] })
}

async function oneEvent(reader: Reader, id: string): Promise<EventView | undefined> {
  const sql = `SELECT ${eventColumns()} FROM events WHERE id = ? AND NOT is_repeat`
  const found = await reader.one<EventCells>(sql, [id])
  if (found === undefined) return undefined
  const row = toEvent(found)
  return { row, event: (await storedEvents(reader, [row])).get(row.key) ?? null }
}

async function skipsOf(reader: Reader, event: Key): Promise<SkipRow[]> {
  const sql = 'SELECT event, fn, reason, detail FROM skips WHERE event = ? ORDER BY fn'
  const rows = await reader.all<[number, number, string, string | null]>(sql, [event])
  return rows.map(([of, fn, reason, detail]) => ({ event: of, fn, reason, detail }))
}

/** The texts of events; of those that have none, what they are put together from. */
async function storedEvents(reader: Reader, rows: readonly EventRow[]): Promise<Map<Key, StoredEvent>> {
  const bodies = await bodiesOf(
    reader,
    rows.map((row) => row.key),
  )
  const ended = await endedRuns(
    reader,
    rows.flatMap((row) => (row.ofRun === null || bodies.has(row.key) ? [] : [row.ofRun])),
  )
  return new Map(
    rows.map((row) => [
      row.key,
      { row, text: bodies.get(row.key) ?? null, ofRun: row.ofRun === null ? null : (ended.get(row.ofRun) ?? null) },
    ]),
  )
}

async function bodiesOf(reader: Reader, events: readonly Key[]): Promise<Map<Key, string>> {
  const { terms, values } = amongKeys('event', events)
  return new Map(await reader.all<[Key, string]>(`SELECT event, body FROM event_bodies ${filter(terms)}`, values))
}

async function endedRuns(reader: Reader, runs: readonly Key[]): Promise<Map<Key, EndedRun>> {
  if (runs.length === 0) return new Map()
  const { terms, values } = amongKeys('key', runs)
  const cells = await reader.all<RunCells>(`SELECT ${runColumns()} FROM runs ${filter(terms)}`, values)
  const rows = cells.map((run) => toRun(run))
  const outputs = await outputsOf(reader, runs)
  const several = await severalEvents(reader, runs)
  const eventsOf = (row: RunRow): Key[] => several.get(row.key)?.map(({ key }) => key) ?? [row.event]
  const bodies = await bodiesOf(reader, rows.flatMap(eventsOf))
  return new Map(
    rows.map((row) => {
      const output = outputs.get(row.key)
      const events = eventsOf(row).flatMap((event) => bodies.get(event) ?? [])
      return [row.key, { row, output: output?.text ?? null, isError: output?.isError ?? false, events }]
    }),
  )
}

interface Output {
  readonly text: string
  readonly isError: boolean
}

async function outputsOf(reader: Reader, runs: readonly Key[]): Promise<Map<Key, Output>> {
  const { terms, values } = amongKeys('run', runs)
  const sql = `SELECT run, is_error, text FROM run_outputs ${filter(terms)}`
  const rows = await reader.all<[Key, boolean, string]>(sql, values)
  return new Map(rows.map(([run, isError, text]) => [run, { text, isError }]))
}

async function listRuns(reader: Reader, query: RunQuery): Promise<RunView[]> {
  const keys = keysOf(await runHeads(reader, query))
  const views = await viewsOf(reader, keys, query)
  return keys.flatMap((key) => views.get(key) ?? [])
}

async function runHeads(reader: Reader, query: RunQuery): Promise<Head[]> {
  const common = runWhere(query)
  const page = { field: RUN_FIELDS[query.field], order: query.order, limit: query.limit, after: query.after }
  const slice = (where: Where): Promise<Head[]> => heads(reader, 'runs', page, and(common, where))
  const sliced = async (wheres: readonly Where[]): Promise<Head[]> =>
    merge(await Promise.all(wheres.map(slice)), query.order, query.limit)
  const one = (column: string, value: Key): Where => ({ terms: [`${column} = ?`], values: [value] })
  const statuses = statusTerm(query.statuses)
  if (query.event !== undefined) return slice(and(ofEvent(query.event), statuses, functionTerm(query)))
  if (query.field !== 'queuedAt') return slice(and(statuses, functionTerm(query)))
  const fns = query.fns ?? (query.app === undefined ? undefined : await functionKeys(reader, query.app))
  if (fns !== undefined && fns.length <= SLICES_MAX) {
    const own = query.app === undefined ? statuses : and(statuses, one('app', query.app))
    return sliced([...new Set(fns)].map((fn) => and(one('fn', fn), own)))
  }
  const wanted = query.statuses ?? []
  if (fns === undefined && wanted.length > 0 && wanted.every((status) => RARE_STATUSES.includes(status))) {
    return sliced([...new Set(wanted)].map((status) => ({ terms: [`ended_badly = '${status}'`], values: [] })))
  }
  return slice(and(statuses, functionTerm(query)))
}

function countRuns(reader: Reader, query: RunQuery): Promise<number> {
  const event = query.event === undefined ? NONE : ofEvent(query.event)
  return count(reader, 'runs', and(runWhere(query), event, statusTerm(query.statuses), functionTerm(query)))
}

/** Runs that the event triggered, alone or with others. */
function ofEvent(event: Key): Where {
  const runs = 'SELECT key FROM runs WHERE event = ? UNION SELECT run FROM run_events WHERE event = ?'
  return { terms: [`key = ANY (ARRAY(${runs}))`], values: [event, event] }
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

/** Statuses are words of ours, so they may stand in the text. */
function statusTerm(statuses: readonly RunStatus[] | undefined): Where {
  const wanted = STATUSES.filter((status) => statuses?.includes(status))
  const [first] = wanted
  if (first === undefined) return NONE
  const literals = wanted.map((status) => `'${status}'`).join(', ')
  return { terms: [wanted.length === 1 ? `status = '${first}'` : `status IN (${literals})`], values: [] }
}

function functionTerm(query: RunQuery): Where {
  const fns = query.fns === undefined ? NONE : amongKeys('fn', query.fns)
  return query.app === undefined ? fns : and(fns, { terms: ['app = ?'], values: [query.app] })
}

async function functionKeys(reader: Reader, app: Key): Promise<Key[]> {
  return (await reader.all<[Key]>('SELECT key FROM functions WHERE app = ?', [app])).map(([key]) => key)
}

interface Wanted {
  readonly withOutput: boolean
  readonly withEvents: boolean
}

async function viewsOf(reader: Reader, keys: readonly Key[], wanted: Wanted): Promise<Map<Key, RunView>> {
  const { terms, values } = amongKeys('r.key', keys)
  const found = (await reader.all(`${VIEW} ${filter(terms)}`, values)).map(readView)
  const outputs = wanted.withOutput ? await outputsOf(reader, keys) : new Map<Key, Output>()
  const several = await severalEvents(reader, keys)
  const eventsOf = ({ row, trigger }: Found): readonly EventRow[] => several.get(row.key) ?? [trigger]
  const events = wanted.withEvents ? await storedEvents(reader, found.flatMap(eventsOf)) : new Map<Key, StoredEvent>()
  return new Map(
    found.map((view) => {
      const output = outputs.get(view.row.key)
      const own = eventsOf(view).flatMap(({ key }) => events.get(key) ?? [])
      return [
        view.row.key,
        {
          ...view,
          output: output?.text ?? null,
          outputIsError: output?.isError ?? false,
          events: own.filter(hasText),
          eventIds: several.get(view.row.key)?.map(({ id }) => id) ?? [],
        },
      ]
    }),
  )
}

type Found = Omit<RunView, 'output' | 'outputIsError' | 'events' | 'eventIds'>

/** The events of runs that began with several, in their order. */
async function severalEvents(reader: Reader, runs: readonly Key[]): Promise<Map<Key, EventRow[]>> {
  const { terms, values } = amongKeys('l.run', runs)
  const sql = `SELECT l.run, ${eventColumns('e.')} FROM run_events l JOIN events e ON e.key = l.event ${filter(terms)}
    ORDER BY l.run, l.position`
  const found = new Map<Key, EventRow[]>()
  for (const [run, ...cells] of await reader.all<[Key, ...EventCells]>(sql, values)) {
    const events = found.get(run)
    if (events === undefined) found.set(run, [toEvent(cells)])
    else events.push(toEvent(cells))
  }
  return found
}

function readView(cells: readonly unknown[]): Found {
  const row = toRun(cells)
  const names = RUN_CELLS + 4
  const [slug, functionName, appName, originalId] = cells.slice(RUN_CELLS, names) as NameCells
  const event = cells.slice(names, names + EVENT_CELLS)
  // An event may be deleted before a run that it started long ago; its row is then empty but for the key.
  const trigger = event[0] === null ? emptyEvent(row.event, row.queuedAt) : toEvent(event)
  return { row, slug, functionName, appName, originalId, trigger }
}

function emptyEvent(key: Key, at: number): EventRow {
  return { key, id: '', eventId: '', name: '', ts: at, receivedAt: at, isRepeat: false, ofRun: null }
}

function hasText(event: StoredEvent): boolean {
  return event.text !== null || event.ofRun !== null
}

async function oneRun(reader: Reader, id: string, wanted: Wanted): Promise<RunView | undefined> {
  const key = await runKey(reader, id)
  return key === undefined ? undefined : (await viewsOf(reader, [key], wanted)).get(key)
}

async function runKey(reader: Reader, id: string): Promise<Key | undefined> {
  return (await reader.one<[Key]>('SELECT key FROM runs WHERE id = ?', [id]))?.[0]
}

async function recordOf(reader: Reader, id: string): Promise<RunRecord | undefined> {
  const run = await oneRun(reader, id, { withOutput: true, withEvents: true })
  if (run === undefined) return undefined
  const of = [run.row.key]
  const errors = new Map(await reader.all<[number, string]>('SELECT seq, error FROM history_errors WHERE run = ?', of))
  const history = await reader.all<HistoryCells>(
    `SELECT ${HISTORY_COLUMNS} FROM history WHERE run = ? ORDER BY seq`,
    of,
  )
  const items = await reader.all(`SELECT ${itemColumns()} FROM items WHERE run = ? ORDER BY key`, of)
  const waits = await reader.all(`SELECT ${waitColumns()} FROM waits WHERE run = ? ORDER BY key`, of)
  return {
    run,
    history: history.map(toHistory).map((row: HistoryRow) => ({ row, error: errors.get(row.seq) ?? null })),
    steps: await stepsOf(reader, run.row.key),
    items: items.map(toItem),
    waits: waits.map(toWait),
    children: await childrenOf(reader, run.row.key),
  }
}

async function stepsOf(reader: Reader, run: Key): Promise<StepRow[]> {
  const sql = "SELECT encode(step, 'hex'), position, memo, input FROM steps WHERE run = ? ORDER BY position"
  const rows = await reader.all<[string, number, string, string | null]>(sql, [run])
  return rows.map(([step, position, memo, input]) => ({ run, step, position, memo, input }))
}

async function childrenOf(reader: Reader, run: Key): Promise<RunRecord['children']> {
  const sql = `
    SELECT c.parent_step, c.id, done.id, asked.id
    FROM runs c LEFT JOIN events done ON done.key = c.finish_event LEFT JOIN events asked ON asked.key = c.event
    WHERE c.parent_run = ? ORDER BY c.key`
  const rows = await reader.all<[string | null, string, string | null, string | null]>(sql, [run])
  return rows.flatMap(([step, runId, finishEventId, invokeEventId]) =>
    step === null ? [] : [{ step, runId, finishEventId, invokeEventId: invokeEventId ?? '' }],
  )
}

async function jobsOf(reader: Reader, id: string) {
  const key = await runKey(reader, id)
  if (key === undefined) return []
  return (await reader.all(`SELECT ${itemColumns()} FROM items WHERE run = ? ORDER BY due, key`, [key])).map(toItem)
}

async function totals(reader: Reader): ReturnType<ListReads['totals']> {
  const byStatus = new Map(await reader.all<[string, number]>('SELECT status, count(*) FROM runs GROUP BY status'))
  const items = await reader.all<[string, number]>('SELECT state, count(*) FROM items GROUP BY state')
  const runs = (status: RunStatus): number => byStatus.get(status) ?? 0
  return {
    events: await count(reader, 'events', NONE),
    runs: {
      scheduled: runs('scheduled'),
      running: runs('running'),
      completed: runs('completed'),
      failed: runs('failed'),
      cancelled: runs('cancelled'),
      skipped: runs('skipped'),
    },
    items: Object.fromEntries(items),
  }
}

function keysOf(list: readonly Head[]): Key[] {
  return list.map((head) => head.key)
}
