// The list reads that say why nothing moves: where a live run stands, and what is queued of a function.
import type { ListReads, QueueCounts, RunStanding } from '../contract/lists.ts'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { Reader } from './lists-reader.ts'
import { number, numberOrNull, type Row, readItem, readRun, readWait, text, textOrNull } from './lists-rows.ts'

/** Nobody needs a greater number exactly. */
const COUNTED_MAX = 10_000
const HOLDERS_MAX = 10
const FAILURES_MAX = 10

export function standingOf(reader: Reader, id: string): RunStanding | undefined {
  const row = reader.one('SELECT * FROM runs WHERE id = ?', [id])
  if (row === undefined) return undefined
  const run = readRun(row)
  const items = reader.all('SELECT * FROM items WHERE run = ? ORDER BY key', [run.key]).map(readItem)
  return {
    run,
    items,
    waits: reader.all('SELECT * FROM waits WHERE run = ? ORDER BY key', [run.key]).map(readWait),
    lines: [...firstInLines(items)].map(([name, first]) => lineOf(reader, name, first)),
    ahead: aheadOf(reader, items),
    children: childrenOf(reader, run.key),
    failures: failuresOf(reader, run.key),
  }
}

/** Of each line in which items stand, the one that comes first. */
function firstInLines(items: readonly ItemRow[]): Map<string, ItemRow> {
  const firsts = new Map<string, ItemRow>()
  for (const item of items.toSorted(byRank)) {
    if (item.line !== null && !firsts.has(item.line)) firsts.set(item.line, item)
  }
  return firsts
}

export const PLACE = `SELECT count(*) AS total FROM
  (SELECT 1 FROM items WHERE line = ? AND fn = ? AND (rank, key) <= (?, ?) LIMIT ${COUNTED_MAX})`
export const LENGTH = `SELECT count(*) AS total FROM (SELECT 1 FROM items WHERE line = ? LIMIT ${COUNTED_MAX})`

function lineOf(reader: Reader, name: string, { fn, rank, key }: ItemRow): RunStanding['lines'][number] {
  const rate = reader.one('SELECT tat FROM rates WHERE name = ?', [name])
  return {
    name,
    place: number(reader.one(PLACE, [name, fn, rank, key])?.total),
    length: number(reader.one(LENGTH, [name])?.total),
    tat: numberOrNull(rate?.tat),
    ...holdersOf(reader, name),
  }
}

/** Each place among an item's limits has an index of its own, in the order of keys. */
export const HOLDERS = [1, 2, 3].map(
  (at) => `SELECT r.id, r.fn, i.key, i.step, i.detail FROM items i JOIN runs r ON r.key = i.run
    WHERE i.holds = 1 AND i.limit${at} = ? ORDER BY i.key LIMIT ${HOLDERS_MAX}`,
)
export const HELD_BY_PLACE = [1, 2, 3].map(
  (at) => `SELECT count(*) AS total FROM (SELECT 1 FROM items WHERE holds = 1 AND limit${at} = ? LIMIT ${COUNTED_MAX})`,
)

function holdersOf(reader: Reader, name: string): Pick<RunStanding['lines'][number], 'held' | 'holders'> {
  const rows = HOLDERS.flatMap((sql) => reader.all(sql, [name]))
  rows.sort((a, b) => number(a.key) - number(b.key))
  const holders = rows.slice(0, HOLDERS_MAX).map((row) => {
    return { runId: text(row.id), fn: number(row.fn), step: text(row.step), detail: textOrNull(row.detail) }
  })
  return { held: heldOf(reader, name), holders }
}

export const AHEAD = `SELECT count(*) AS total FROM
  (SELECT 1 FROM items WHERE state = 'ready' AND fn = ? AND (rank, key) < (?, ?) LIMIT ${COUNTED_MAX})`

function aheadOf(reader: Reader, items: readonly ItemRow[]): number | null {
  const [first] = items.filter((item) => item.state === 'ready').sort(byRank)
  return first === undefined ? null : number(reader.one(AHEAD, [first.fn, first.rank, first.key])?.total)
}

function byRank(a: ItemRow, b: ItemRow): number {
  return a.rank - b.rank || a.key - b.key
}

/** Runs that open invokes wait for. */
function childrenOf(reader: Reader, run: Key): RunStanding['children'] {
  const sql = `SELECT w.step, c.id FROM waits w JOIN runs c ON c.parent_run = w.run AND c.parent_step = w.step
    WHERE w.run = ? AND w.kind = 'invoke' ORDER BY c.key`
  return reader.all(sql, [run]).map((row) => ({ step: text(row.step), runId: text(row.id) }))
}

function failuresOf(reader: Reader, run: Key): RunStanding['failures'] {
  const sql = `SELECT h.step, h.name, h.attempt, e.error FROM history h
    LEFT JOIN history_errors e ON e.run = h.run AND e.seq = h.seq
    WHERE h.run = ? AND h.status = 'errored' ORDER BY h.seq DESC LIMIT ${FAILURES_MAX}`
  return reader.all(sql, [run]).map((row) => {
    return { step: text(row.step), name: text(row.name), attempt: number(row.attempt), error: textOrNull(row.error) }
  })
}

/** A look at every item: an index by function would be written with each, and this is asked by people. */
const QUEUED = `SELECT state, count(*) AS total FROM items WHERE fn = ? AND kind NOT IN ('cron', 'slot') GROUP BY state`

export function queueOf(reader: Reader, fn: Key): QueueCounts {
  return countsOf(reader.all(QUEUED, [fn]))
}

const ALL_QUEUED = `SELECT fn, state, count(*) AS total FROM items
  WHERE fn IS NOT NULL AND kind NOT IN ('cron', 'slot') GROUP BY fn, state`

export function queuesOf(reader: Reader): Awaited<ReturnType<ListReads['queues']>> {
  const byFunction = Map.groupBy(reader.all(ALL_QUEUED), (row) => number(row.fn))
  return Array.from(byFunction, ([fn, rows]) => ({ fn, counts: countsOf(rows) }))
}

function countsOf(rows: readonly Row[]): QueueCounts {
  const counted = new Map(rows.map((row) => [text(row.state), number(row.total)]))
  const of = (state: keyof QueueCounts): number => counted.get(state) ?? 0
  return { ready: of('ready'), leased: of('leased'), sleeping: of('sleeping'), blocked: of('blocked') }
}

export function limitsNow(reader: Reader, names: readonly string[]): Awaited<ReturnType<ListReads['limits']>> {
  return names.map((name) => {
    const waiting = number(reader.one(LENGTH, [name])?.total)
    return { name, held: Math.min(COUNTED_MAX, heldOf(reader, name)), waiting }
  })
}

function heldOf(reader: Reader, name: string): number {
  return HELD_BY_PLACE.reduce((sum, sql) => sum + number(reader.one(sql, [name])?.total), 0)
}
