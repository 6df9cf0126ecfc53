// Lists of runs: first the keys of a page, merged from the slices of the source that fits, then the rows with the names
// around them.
import type { RunQuery, RunView } from '../contract/lists.ts'
import type { Key } from '../contract/rows.ts'
import { and, type Head, heads, merge, type Reader } from './lists-reader.ts'
import { number } from './lists-rows.ts'
import { conditionOf, countSlices, RUN_FIELDS, sourceOf } from './lists-run-sources.ts'
import { viewsOf, type Wanted } from './lists-views.ts'

export function listRuns(reader: Reader, query: RunQuery): RunView[] {
  const keys = runHeads(reader, query).map((head) => head.key)
  const views = viewsOf(reader, keys, query)
  return keys.flatMap((key) => views.get(key) ?? [])
}

function runHeads(reader: Reader, query: RunQuery): Head[] {
  const { order, limit, after } = query
  const page = { field: RUN_FIELDS[query.field], order, limit, after }
  const condition = conditionOf(query)
  const { slices } = sourceOf(reader, query)
  const lists = slices.map((slice) => heads(reader, slice.index, page, and(slice, condition)))
  return lists.length === 1 ? (lists[0] ?? []) : merge(lists, order, limit)
}

export function countRuns(reader: Reader, query: RunQuery, atMost = Number.MAX_SAFE_INTEGER): number {
  return countSlices(reader, sourceOf(reader, query).slices, conditionOf(query), atMost)
}

/** Unknown keys are left out. */
export function runsByKey(reader: Reader, keys: readonly Key[]): RunView[] {
  return [...viewsOf(reader, keys, { withOutput: false, withEvents: false, withOpen: true }).values()]
}

export function oneRun(reader: Reader, id: string, wanted: Wanted): RunView | undefined {
  const key = runKey(reader, id)
  return key === undefined ? undefined : viewsOf(reader, [key], wanted).get(key)
}

export function runKey(reader: Reader, id: string): Key | undefined {
  const row = reader.one('SELECT key FROM runs WHERE id = ?', [id])
  return row === undefined ? undefined : number(row.key)
}
