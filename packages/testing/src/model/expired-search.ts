// What retention may delete: events that no live run needs, ended runs that no live run names.
import type { ExpiredSearch, Key, RunRow } from '@pawl/storage'
import type { Tables } from './tables.ts'

export function searchExpired(
  tables: Tables,
  { eventsBefore, runsBefore, max }: ExpiredSearch,
): { readonly events: readonly Key[]; readonly runs: readonly Key[] } {
  const live = tables.runs.filter((run) => run.endedAt === null)
  const needed = neededBy(tables, live)
  const events = tables.events.filter(({ row }) => row.receivedAt < eventsBefore && !needed.events.has(row.key))
  const runs = tables.runs.filter((run) => (run.endedAt ?? runsBefore) < runsBefore && !needed.runs.has(run.key))
  return {
    events: oldest(
      events.map(({ row }) => ({ at: row.receivedAt, key: row.key })),
      max,
    ),
    runs: oldest(
      runs.map(({ endedAt, key }) => ({ at: endedAt ?? 0, key })),
      max,
    ),
  }
}

/** Its triggers, and of a trigger that tells of a run also that run and its triggers; what it repeats, who invoked it. */
function neededBy(tables: Tables, live: readonly RunRow[]) {
  const events = new Set<Key>()
  const runs = new Set<Key>()
  for (const run of live) {
    if (run.parentRun !== null) runs.add(run.parentRun)
    if (run.original !== null) runs.add(run.original)
    for (const key of [run.event, ...(tables.runEvents.get(run.key) ?? [])]) {
      events.add(key)
      const ofRun = tables.events.get(key)?.row.ofRun ?? null
      if (ofRun === null) continue
      runs.add(ofRun)
      const told = tables.runs.get(ofRun)
      for (const trigger of told === undefined ? [] : [told.event, ...(tables.runEvents.get(ofRun) ?? [])])
        events.add(trigger)
    }
  }
  return { events, runs }
}

function oldest(rows: readonly { readonly at: number; readonly key: Key }[], max: number): readonly Key[] {
  return rows
    .toSorted((a, b) => a.at - b.at || a.key - b.key)
    .slice(0, max)
    .map(({ key }) => key)
}
