// From the address to what the API is asked for events, and to the parts that chips name. Pure.

import type { EventFilter } from '../../api/index.ts'
import { type TimeRange, windowOf } from '../../ui/time-range.ts'
import { type Query, readQuery } from '../runs/query-text.ts'
import { messages } from './messages.ts'
import type { eventsSearch } from './search.ts'

export type EventsSearch = ReturnType<typeof eventsSearch>

/** The last day where the address says nothing. */
export function rangeOf({ last, from, until }: EventsSearch): TimeRange {
  return from !== undefined || until !== undefined ? { from, until } : { last: last ?? '24h' }
}

/** What the text in the search field means; bare words are looked for in the name. */
export function queryOf({ query }: EventsSearch): Query {
  return readQuery(query ?? '', { roots: ['event'], wordsIn: 'event.name' })
}

/** The filter as the API takes it. */
export function filterOf(search: EventsSearch, now: number): EventFilter {
  const query = queryOf(search)
  const { name, startedNothing, includeInternal } = search
  return {
    ...windowOf(rangeOf(search), now),
    ...(name === undefined ? {} : { name }),
    ...(startedNothing === true ? { startedNothing } : {}),
    ...(includeInternal === true ? { includeInternal } : {}),
    ...('expression' in query ? { query: query.expression } : {}),
  }
}

export interface EventFilterPart {
  readonly id: 'name' | 'query' | 'startedNothing' | 'includeInternal'
  readonly name: string
  readonly text: string
}

/** The filters in force beside the range. */
export function filterParts(search: EventsSearch): readonly EventFilterPart[] {
  const t = messages.filter
  const { name, query, startedNothing, includeInternal } = search
  return [
    ...(name === undefined ? [] : [{ id: 'name', name: t.name, text: name.join(', ') } as const]),
    ...(startedNothing === true ? [{ id: 'startedNothing', name: t.startedNothing, text: t.yes } as const] : []),
    ...(includeInternal === true ? [{ id: 'includeInternal', name: t.includeInternal, text: t.shown } as const] : []),
    ...(query === undefined ? [] : [{ id: 'query', name: t.query, text: query } as const]),
  ]
}

/** The search without some of its filters. */
export function without(search: EventsSearch, ids: readonly EventFilterPart['id'][]): EventsSearch {
  const left = Object.entries(search).filter(([name]) => !ids.some((id) => id === name))
  return Object.fromEntries(left)
}
