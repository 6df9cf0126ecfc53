// The list reads of runs: pages by any filter, counts, and all that is kept of one run. A page is read in two steps: first
// its keys from one index in the order of the list, then the rows; a filter on functions, events' names or rare statuses
// takes one slice of an index for each and merges them.
import type { ListReads, RunQuery, RunRecord, RunView } from '../contract/lists.ts'
import type { HistoryRow, Key, RunStatus, StepRow } from '../contract/rows.ts'
import { itemColumns, toItem } from './item-table.ts'
import {
  amongKeys,
  amongTexts,
  and,
  count,
  filter,
  type Head,
  heads,
  keysOf,
  merge,
  NONE,
  type Reader,
  type Where,
  windowOf,
} from './lists-reader.ts'
import { viewsOf, type Wanted } from './lists-views.ts'
import { HISTORY_COLUMNS, type HistoryCells, isStepHash, toHistory } from './step-table.ts'
import { toWait, waitColumns } from './wait-table.ts'

/** Above this number of functions one scan is cheaper than a slice of the index for each. */
const SLICES_MAX = 64

/** In an index of their own (`runs_ended_badly`): rare, and what people look for. */
const RARE_STATUSES: readonly RunStatus[] = ['failed', 'cancelled', 'skipped']
const STATUSES: readonly RunStatus[] = ['scheduled', 'running', 'completed', ...RARE_STATUSES]

const RUN_FIELDS = { queuedAt: 'queued_at', startedAt: 'started_at', endedAt: 'ended_at' } as const

export function openRunQueries(
  reader: Reader,
): Pick<ListReads, 'runs' | 'countRuns' | 'runsByKey' | 'run' | 'record' | 'runItems' | 'step'> {
  return {
    runs: (query) => listRuns(reader, query),
    countRuns: (query, atMost) => countRuns(reader, query, atMost),
    runsByKey: async (keys) => {
      const views = await viewsOf(reader, keys, { withOutput: false, withEvents: false, withOpen: true })
      return [...views.values()]
    },
    run: (id, options) => oneRun(reader, id, options),
    record: (id) => recordOf(reader, id),
    runItems: (id) => jobsOf(reader, id),
    step: async (run, step) => (isStepHash(step) ? (await stepsOf(reader, run, step))[0] : undefined),
  }
}

async function listRuns(reader: Reader, query: RunQuery): Promise<RunView[]> {
  const keys = keysOf(await runHeads(reader, query))
  const views = await viewsOf(reader, keys, query)
  return keys.flatMap((key) => views.get(key) ?? [])
}

async function runHeads(reader: Reader, asked: RunQuery): Promise<Head[]> {
  const query = await withFunctionsOfCron(reader, asked)
  const common = and(runWhere(query), rowTerms(query))
  const page = { field: RUN_FIELDS[query.field], order: query.order, limit: query.limit, after: query.after }
  const slice = (where: Where): Promise<Head[]> => heads(reader, 'runs', page, and(common, where))
  const sliced = async (wheres: readonly Where[]): Promise<Head[]> =>
    merge(await Promise.all(wheres.map(slice)), query.order, query.limit)
  const one = (column: string, value: Key | string): Where => ({ terms: [`${column} = ?`], values: [value] })
  const statuses = statusTerm(query.statuses)
  if (isOfFew(query) || query.field !== 'queuedAt') return slice(and(statuses, functionTerm(query)))
  const fns = query.fns ?? (query.app === undefined ? undefined : await functionKeys(reader, query.app))
  if (fns !== undefined && fns.length <= SLICES_MAX) {
    const own = query.app === undefined ? statuses : and(statuses, one('app', query.app))
    return sliced([...new Set(fns)].map((fn) => and(one('fn', fn), own)))
  }
  const { eventNames } = query
  if (fns === undefined && eventNames !== undefined && eventNames.length <= SLICES_MAX) {
    return sliced([...new Set(eventNames)].map((name) => and(one('event_name', name), statuses)))
  }
  const wanted = query.statuses ?? []
  if (fns === undefined && wanted.length > 0 && wanted.every((status) => RARE_STATUSES.includes(status))) {
    return sliced([...new Set(wanted)].map((status) => ({ terms: [`ended_badly = '${status}'`], values: [] })))
  }
  return slice(and(statuses, functionTerm(query)))
}

async function countRuns(reader: Reader, asked: RunQuery, atMost: number | undefined): Promise<number> {
  const query = await withFunctionsOfCron(reader, asked)
  const where = and(runWhere(query), rowTerms(query), statusTerm(query.statuses), functionTerm(query))
  return count(reader, 'runs', where, atMost)
}

/** Runs of an expression are found function by function. */
async function withFunctionsOfCron(reader: Reader, query: RunQuery): Promise<RunQuery> {
  if (query.cron === undefined) return query
  const own = query.fns === undefined ? NONE : amongKeys('f.key', query.fns)
  const ticks = '(SELECT true FROM runs r WHERE r.fn = f.key AND r.cron = ? LIMIT 1) IS NOT NULL'
  const { terms, values } = and(own, { terms: [ticks], values: [query.cron] })
  const fns = await reader.all<[Key]>(`SELECT f.key FROM functions f ${filter(terms)}`, values)
  return { ...query, fns: fns.map(([key]) => key) }
}

/** The planner is not to go through all runs in the hope of meeting one of these soon. */
function amongFound(runs: string): string {
  return `key = ANY (ARRAY(${runs}))`
}

/** Whether the runs are found by what they belong to. */
function isOfFew({ event, original, parent, bulk }: RunQuery): boolean {
  return event !== undefined || original !== undefined || parent !== undefined || bulk !== undefined
}

/** What can be told from the run's row. */
function rowTerms(query: RunQuery): Where {
  const { event, eventNames, original, parent, bulk, cron, isBatch, hasRetries, longerThanMs } = query
  const term = (value: Key | string | undefined, text: string): Where =>
    value === undefined ? NONE : { terms: [text], values: [value] }
  const flag = (wanted: boolean | undefined, text: string, otherwise: string): Where =>
    wanted === undefined ? NONE : { terms: [wanted ? text : otherwise], values: [] }
  const ofEvent = 'SELECT key FROM runs WHERE event = ? UNION SELECT run FROM run_events WHERE event = ?'
  return and(
    event === undefined ? NONE : { terms: [amongFound(ofEvent)], values: [event, event] },
    eventNames === undefined ? NONE : amongTexts('event_name', eventNames),
    term(original, amongFound('SELECT key FROM runs WHERE original = ?')),
    term(parent, amongFound('SELECT key FROM runs WHERE parent_run = ?')),
    term(bulk, 'bulk = ?'),
    term(cron, 'cron = ?'),
    flag(isBatch, 'batch IS NOT NULL', 'batch IS NULL'),
    flag(hasRetries, 'is_retried', 'NOT is_retried'),
    term(longerThanMs, 'ended_at - coalesce(started_at, queued_at) > ?'),
  )
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
  // So that the index on ended runs of this status can be used.
  if (wanted.length === 1 && first === 'failed') return { terms: ["ended_badly = 'failed'"], values: [] }
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

async function stepsOf(reader: Reader, run: Key, hash?: string): Promise<StepRow[]> {
  const one = hash === undefined ? NONE : { terms: ["step = decode(?, 'hex')"], values: [hash] }
  const { terms, values } = and({ terms: ['run = ?'], values: [run] }, one)
  const sql = `SELECT encode(step, 'hex'), position, memo, input FROM steps ${filter(terms)} ORDER BY position`
  const rows = await reader.all<[string, number, string, string | null]>(sql, values)
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
