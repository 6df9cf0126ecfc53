// From the address to what the API is asked, and to the parts that chips and the empty list name. Pure: the present
// moment comes in as a value. Every filter has one part, so that none is in force without being shown.

import type { RunFilter } from '../../api/index.ts'
import { formatDuration } from '../../ui/format.ts'
import { type TimeRange, type Window, windowOf } from '../../ui/time-range.ts'
import { messages } from './messages.ts'
import { type Query, readQuery } from './query-text.ts'
import type { runsSearch } from './search.ts'

export type RunsSearch = ReturnType<typeof runsSearch>

export const RUN_QUERY = { roots: ['event', 'output', 'error', 'run'], wordsIn: 'error.message' } as const

/** The range in force: the last day, but all time for the kin of one run, which may be older. */
export function rangeOf(search: RunsSearch): TimeRange {
  const { last, from, until } = search
  if (from !== undefined || until !== undefined) return { from, until }
  if (last !== undefined) return { last }
  const isKin = search.parentRunId !== undefined || search.originalRunId !== undefined || search.bulkId !== undefined
  return { last: isKin ? 'all' : '24h' }
}

/** What the text in the search field means. */
export function queryOf(search: RunsSearch): Query {
  return readQuery(search.query ?? '', RUN_QUERY)
}

/** The filter as the API takes it. */
export function filterOf(search: RunsSearch, now: number): RunFilter {
  return { ...windowOf(rangeOf(search), now), ...withoutRange(search) }
}

function withoutRange(search: RunsSearch): RunFilter {
  const { last: _last, from: _from, until: _until, run: _run, query: _query, ...rest } = search
  const query = queryOf(search)
  const known = Object.entries(rest).filter(([, value]) => value !== undefined)
  const asked = query.kind === 'expression' || query.kind === 'words' ? { query: query.expression } : {}
  // Only failed runs have an error: the rest need not be looked through.
  const failed = query.kind === 'words' && search.status === undefined ? { status: ['FAILED'] } : {}
  return Object.fromEntries([...known, ...Object.entries({ ...asked, ...failed })])
}

export type FilterName = Exclude<keyof RunsSearch, 'last' | 'from' | 'until' | 'timeField' | 'order' | 'run'>

export interface FilterPart {
  readonly id: FilterName
  readonly name: string
  readonly text: string
}

export interface Naming {
  /** Name of a function by its slug. */
  readonly functionName?: (slug: string) => string
}

const t = messages.filter
const yesNo = (value: boolean) => (value ? t.yes : t.no)

/** The filters in force beside the range, in the order of the bar. */
export function filterParts(search: RunsSearch, { functionName = (slug) => slug }: Naming = {}): readonly FilterPart[] {
  const part = <Value>(id: FilterName, name: string, value: Value | undefined, text: (value: Value) => string) =>
    value === undefined ? [] : [{ id, name, text: text(value) }]
  const same = (text: string) => text
  return [
    ...part('status', t.status, search.status, (all) => all.map((each) => messages.statuses[each]).join(', ')),
    ...part('function', t.function, search.function, (all) => all.map(functionName).join(', ')),
    ...part('appId', t.app, search.appId, same),
    ...part('eventName', t.eventName, search.eventName, (all) => all.join(', ')),
    ...part('cron', t.cron, search.cron, same),
    ...part('isBatch', t.isBatch, search.isBatch, yesNo),
    ...part('hasRetries', t.hasRetries, search.hasRetries, yesNo),
    ...part('longerThanMs', t.longerThan, search.longerThanMs, formatDuration),
    ...part('parentRunId', t.parentRunId, search.parentRunId, same),
    ...part('originalRunId', t.originalRunId, search.originalRunId, same),
    ...part('bulkId', t.bulkId, search.bulkId, same),
    ...part('query', t.query, search.query, same),
  ]
}

/** The search without one of its filters. */
export function without(search: RunsSearch, id: FilterName): RunsSearch {
  const { [id]: _gone, ...rest } = search
  return rest
}

/** The search without any filter; order, range and open panel stay. */
export function cleared(search: RunsSearch): RunsSearch {
  return filterParts(search).reduce((rest, { id }) => without(rest, id), search)
}

/** Half a day around an instant, so that what stands there is seen with its neighbours. */
export function windowAround(at: number): Required<Window> {
  const half = 6 * 3_600_000
  return { from: new Date(at - half).toISOString(), until: new Date(at + half).toISOString() }
}
