// Where the keys of a list of runs are read from. A source is an index that holds every run that the filters let through,
// as slices that are each in the order of queueing; what it does not tell, the condition on each row does. Of several the
// one with the fewest entries in the window is taken, counted to a bound, so that a rare filter is never looked for among
// all runs.
import type { RunQuery } from '../contract/lists.ts'
import type { Key, RunStatus } from '../contract/rows.ts'
import { among, and, countUpTo, NONE, type Reader, type Where, windowOf } from './lists-reader.ts'
import { number } from './lists-rows.ts'

/** A part of an index: conditions that begin it, and its name as FROM has it. */
export type Slice = Where & { readonly index: string }

/** Above this number of names or functions one scan is cheaper than a slice of the index for each. */
export const SLICES_MAX = 64
/** Entries counted to find out which source has the fewest: about 0.3 ms. A source with fewer may also be sorted. */
export const FEW = 5_000

/** In indexes of their own: rare, and what people look for. */
const BAD: readonly RunStatus[] = ['failed', 'cancelled', 'skipped']
const LIVE: readonly RunStatus[] = ['scheduled', 'running']
const STATUSES: readonly RunStatus[] = [...LIVE, 'completed', ...BAD]

export const RUN_FIELDS = { queuedAt: 'queued_at', startedAt: 'started_at', endedAt: 'ended_at' } as const

/** The whole table in the order of a field. */
const WHOLE = { queuedAt: 'runs_queued', startedAt: 'runs_started', endedAt: 'runs_ended' } as const

export interface Source {
  readonly slices: readonly Slice[]
  /** In the order of the query's field; without it a slice is read whole and sorted. */
  readonly isOrdered: boolean
}

/** The slices in which the runs of a query are looked for. */
export function sourceOf(reader: Reader, query: RunQuery): Source {
  if (query.event !== undefined) return { slices: eventSlices(query.event), isOrdered: false }
  const whole = { slices: [slice(WHOLE[query.field])], isOrdered: true }
  const fitting = fittingSources(reader, query)
  if (query.field !== 'queuedAt') {
    const few = fewest(reader, query, fitting)
    return few !== undefined && few.entries < FEW ? { slices: few.slices, isOrdered: false } : whole
  }
  const best = fitting.length > 1 ? fewest(reader, query, fitting)?.slices : fitting[0]
  return best === undefined ? whole : { slices: best, isOrdered: true }
}

/** Every condition on a row but the cursor. */
export function conditionOf(query: RunQuery): Where {
  const { cron, isBatch, hasRetries, longerThanMs, original, parent, bulk } = query
  return and(
    fieldTerm(query),
    statusTerm(query.statuses),
    query.fns === undefined ? NONE : among('fn', query.fns),
    equal('app', query.app),
    query.eventNames === undefined ? NONE : among('event_name', query.eventNames),
    equal('cron', cron),
    isBatch === undefined ? NONE : { terms: [`batch IS ${isBatch ? 'NOT ' : ''}NULL`], values: [] },
    hasRetries === undefined ? NONE : { terms: [`retries ${hasRetries ? '>' : '='} 0`], values: [] },
    longerThanMs === undefined
      ? NONE
      : { terms: ['ended_at - coalesce(started_at, queued_at) > ?'], values: [longerThanMs] },
    equal('original', original),
    equal('parent_run', parent),
    equal('bulk', bulk),
  )
}

/** Indexes that hold all that the query may find, each as its slices; of equal ones the first is taken. */
function fittingSources(reader: Reader, query: RunQuery): (readonly Slice[])[] {
  const sources: (readonly Slice[])[] = []
  const { parent, original, bulk, cron, statuses, eventNames } = query
  if (parent !== undefined) sources.push([slice('runs_parent', equal('parent_run', parent))])
  if (original !== undefined) sources.push([slice('runs_original', equal('original', original))])
  if (bulk !== undefined) sources.push([slice('runs_bulk', equal('bulk', bulk))])
  if (cron !== undefined) sources.push(cronSlices(reader, query, cron))
  if (query.isBatch === true) sources.push([slice('runs_batch', { terms: ['batch IS NOT NULL'], values: [] })])
  const ofStatuses = statusSlices(statuses)
  if (ofStatuses !== undefined) sources.push(ofStatuses)
  if (query.hasRetries === true) sources.push([slice('runs_retried', { terms: ['retries > 0'], values: [] })])
  if (eventNames !== undefined && eventNames.length <= SLICES_MAX) {
    sources.push(distinct(eventNames).map((name) => slice('runs_event_name', equal('event_name', name))))
  }
  const fns = functionsOf(reader, query)
  if (fns !== undefined && fns.length <= SLICES_MAX) {
    sources.push(distinct(fns).map((fn) => slice('runs_fn_queued', equal('fn', fn))))
  }
  return sources
}

/** undefined when one of the statuses has no index of its own. */
function statusSlices(statuses: readonly RunStatus[] | undefined): readonly Slice[] | undefined {
  if (statuses === undefined || statuses.length === 0 || statuses.includes('completed')) return undefined
  return distinct(statuses).map((status) =>
    LIVE.includes(status)
      ? slice('runs_live', and(statusTerm([status]), { terms: ['ended_at IS NULL'], values: [] }))
      : slice('runs_ended_badly', statusTerm([status])),
  )
}

function cronSlices(reader: Reader, query: RunQuery, cron: string): readonly Slice[] {
  const fns = functionsOf(reader, query) ?? reader.all('SELECT key FROM functions').map((row) => number(row.key))
  return distinct(fns).map((fn) => slice('runs_cron', and(equal('fn', fn), equal('cron', cron))))
}

function functionsOf(reader: Reader, { fns, app }: RunQuery): readonly Key[] | undefined {
  if (fns !== undefined || app === undefined) return fns
  return reader.all('SELECT key FROM functions WHERE app = ?', [app]).map((row) => number(row.key))
}

/** Runs that name the event, then those that began with it and others before it: these are looked up by their keys. */
function eventSlices(event: Key): Slice[] {
  return [
    { terms: ['event = ?'], values: [event], index: 'runs INDEXED BY runs_event' },
    {
      terms: ['key IN (SELECT run FROM run_events WHERE event = ?)', 'event <> ?'],
      values: [event, event],
      index: 'runs NOT INDEXED',
    },
  ]
}

function fewest(
  reader: Reader,
  query: RunQuery,
  sources: readonly (readonly Slice[])[],
): { readonly slices: readonly Slice[]; readonly entries: number } | undefined {
  let best: { readonly slices: readonly Slice[]; readonly entries: number } | undefined
  const window = queueWindow(query)
  for (const slices of sources) {
    const entries = countSlices(reader, slices, window, best?.entries ?? FEW)
    if (best === undefined || entries < best.entries) best = { slices, entries }
  }
  return best
}

export function countSlices(reader: Reader, slices: readonly Slice[], where: Where, atMost: number): number {
  let total = 0
  for (const one of slices) {
    if (total >= atMost) break
    total += countUpTo(reader, one.index, and(one, where), atMost - total)
  }
  return total
}

/** What the window of a query says of the time of queueing, by which the slices are ordered: nothing starts before it. */
function queueWindow(query: RunQuery): Where {
  return query.field === 'queuedAt' ? windowOf('queued_at', query) : windowOf('queued_at', { until: query.until })
}

function fieldTerm(query: RunQuery): Where {
  const field = RUN_FIELDS[query.field]
  const window = windowOf(field, query)
  return query.field === 'queuedAt' ? window : and({ terms: [`${field} IS NOT NULL`], values: [] }, window)
}

/** Statuses stand in the text, not in a parameter: only so a partial index can be used. */
function statusTerm(statuses: readonly RunStatus[] | undefined): Where {
  const wanted = STATUSES.filter((status) => statuses?.includes(status))
  const [first] = wanted
  if (first === undefined) return NONE
  const literals = wanted.map((status) => `'${status}'`).join(', ')
  return { terms: [wanted.length === 1 ? `status = '${first}'` : `status IN (${literals})`], values: [] }
}

function slice(index: string, where: Where = NONE): Slice {
  return { ...where, index: `runs INDEXED BY ${index}` }
}

function equal(column: string, value: string | number | undefined): Where {
  return value === undefined ? NONE : { terms: [`${column} = ?`], values: [value] }
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
