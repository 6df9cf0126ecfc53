// Brings changed rows into lists that were read before. Pure. A row that is there is replaced in place, so that nothing
// moves; a row that is not there is told apart, for the "12 new runs" bar, and put in only when asked.

import type { Rows } from './client.ts'
import { compareRuns, matchesFilter, timeOf } from './run-match.ts'
import type { EventRow, Run, RunFilter } from './types.ts'

/** The pages with the changed runs in place of the old ones; the same object when none of them is there. */
export function patchRuns(pages: readonly Rows<Run>[], changed: ReadonlyMap<string, Run>): readonly Rows<Run>[] {
  let isPatched = false
  const patched = pages.map((page) => {
    if (!page.rows.some((run) => changed.has(run.id))) return page
    isPatched = true
    return { ...page, rows: page.rows.map((run) => changed.get(run.id) ?? run) }
  })
  return isPatched ? patched : pages
}

/** The changed runs that belong into the part of the list that is loaded, and are not in it. */
export function missingRuns(pages: readonly Rows<Run>[], changed: readonly Run[], filter: RunFilter): readonly Run[] {
  if (changed.length === 0) return []
  const known = new Set(pages.flatMap((page) => page.rows.map((run) => run.id)))
  const compare = compareRuns(filter)
  const last = pages.at(-1)
  const lastRow = last?.cursor === undefined ? undefined : last.rows.at(-1)
  return changed.filter(
    (run) =>
      !known.has(run.id) &&
      matchesFilter(run, filter) === true &&
      timeOf(run, filter) !== undefined &&
      (lastRow === undefined || compare(run, lastRow) < 0),
  )
}

/** The pages with further runs at their places; only the first page grows, so that the cursors stay true. */
export function insertRuns(
  pages: readonly Rows<Run>[],
  added: readonly Run[],
  filter: RunFilter,
): readonly Rows<Run>[] {
  const [first, ...rest] = pages
  if (first === undefined || added.length === 0) return pages
  const ids = new Set(added.map((run) => run.id))
  const others = pages.flatMap((page) => page.rows).filter((run) => !ids.has(run.id))
  const all = [...added, ...others].sort(compareRuns(filter))
  const tail = rest.map((page) => page.rows.length).reduce((sum, length) => sum + length, 0)
  const head = all.length - tail
  let from = head
  return [
    { ...first, rows: all.slice(0, head) },
    ...rest.map((page) => {
      const rows = all.slice(from, from + page.rows.length)
      from += page.rows.length
      return { ...page, rows }
    }),
  ]
}

/** The pages of events with the statuses of the runs that they started brought up to date, new ones added. */
export function patchEventRuns(pages: readonly Rows<EventRow>[], changed: readonly Run[]): readonly Rows<EventRow>[] {
  const byEvent = new Map<string, Run[]>()
  for (const run of changed) {
    for (const id of run.trigger.eventIds ?? []) byEvent.set(id, [...(byEvent.get(id) ?? []), run])
  }
  if (byEvent.size === 0) return pages
  let isPatched = false
  const patched = pages.map((page) => {
    const touched = page.rows.some((row) => byEvent.has(row.eventId) || byEvent.has(row.id))
    if (!touched) return page
    isPatched = true
    return { ...page, rows: page.rows.map((row) => withRuns(row, byEvent.get(row.eventId) ?? byEvent.get(row.id))) }
  })
  return isPatched ? patched : pages
}

function withRuns(row: EventRow, changed: readonly Run[] | undefined): EventRow {
  if (changed === undefined) return row
  const runs = new Map((row.runs ?? []).map((run) => [run.id, run]))
  for (const run of changed) {
    runs.set(run.id, { id: run.id, functionId: run.function.id, functionName: run.function.name, status: run.status })
  }
  return { ...row, runs: [...runs.values()] }
}
