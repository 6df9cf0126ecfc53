// Events that came in since a list of events was read: told by the stream without their payloads, counted here for the
// bar above the list. Which of them match a filter over names is known; over payloads only the server knows.

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import type { List } from './lists.ts'
import type { EventFilter } from './queries.ts'
import { queryKeys } from './query-keys.ts'
import type { ChangeMessage, EventRow } from './types.ts'

type Told = NonNullable<ChangeMessage['events']>[number]

/** Older ones are of no use: the list is read again when it is asked for. */
const TOLD_MAX = 1000
let told: readonly Told[] = []
const listeners = new Set<() => void>()

/** Takes note of events that the stream told of. */
export function tellEvents(events: readonly Told[]) {
  told = [...told, ...events].slice(-TOLD_MAX)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** How many events of this filter came in since the list was read, and what reads the list again. */
export function useFreshEvents(filter: EventFilter, list: Pick<List<EventRow>, 'rows' | 'fetchedAt'>) {
  const client = useQueryClient()
  const all = useSyncExternalStore(subscribe, () => told)
  const isKnown = filter.query === undefined && filter.startedNothing === undefined && filter.until === undefined
  const count = isKnown ? countFresh(all, filter, list) : 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filter is a new object at each render.
  const show = useCallback(
    () => void client.resetQueries({ queryKey: queryKeys.events(filter), exact: true }),
    [client, JSON.stringify(filter)],
  )
  return { count, show }
}

/** By the server's clock: the browser's may be off, and development's can be set forward. */
export function countFresh(
  events: readonly Told[],
  filter: EventFilter,
  { rows, fetchedAt }: Pick<List<EventRow>, 'rows' | 'fetchedAt'>,
): number {
  const later = events.filter((event) => Date.parse(event.receivedAt) >= fetchedAt && matches(event, filter))
  if (later.length === 0) return 0
  const known = new Set(rows.map(({ id }) => id))
  return new Set(later.flatMap(({ id }) => (known.has(id) ? [] : id))).size
}

function matches(event: Told, filter: EventFilter): boolean {
  if (event.isInternal && filter.includeInternal !== true) return false
  return filter.name === undefined || filter.name.length === 0 || filter.name.includes(event.name)
}
