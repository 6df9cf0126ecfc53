// Events that came in since a list of events was read: told by the stream without their payloads, counted here for the
// bar above the list. Which of them match a filter over names is known; over payloads only the server knows.

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import type { EventFilter } from './queries.ts'
import { queryKeys } from './query-keys.ts'
import type { ChangeMessage } from './types.ts'

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

/** How many events of this filter came in after `updatedAt` (of the list), and what reads the list again. */
export function useFreshEvents(filter: EventFilter, updatedAt: number) {
  const client = useQueryClient()
  const all = useSyncExternalStore(subscribe, () => told)
  const isKnown = filter.query === undefined && filter.startedNothing === undefined && filter.until === undefined
  const count = isKnown ? all.filter((event) => matches(event, filter, updatedAt)).length : 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filter is a new object at each render.
  const show = useCallback(
    () => void client.resetQueries({ queryKey: queryKeys.events(filter), exact: true }),
    [client, JSON.stringify(filter)],
  )
  return { count, show }
}

function matches(event: Told, filter: EventFilter, after: number): boolean {
  if (Date.parse(event.receivedAt) <= after) return false
  if (event.isInternal && filter.includeInternal !== true) return false
  return filter.name === undefined || filter.name.length === 0 || filter.name.includes(event.name)
}
