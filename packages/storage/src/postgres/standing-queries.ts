// The list reads that say why nothing moves: where a live run stands, what is queued of a function.
import type { ListReads, QueueCounts, RunStanding } from '../contract/lists.ts'
import type { ItemRow, ItemState, Key, RunRow, WaitRow } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { type ItemCells, itemColumns, toItem } from './item-table.ts'
import type { Reader } from './lists-reader.ts'
import { type RunCells, runColumns, toRun } from './run-table.ts'
import { toWait, waitColumns } from './wait-table.ts'

/** Nobody needs a greater number exactly. */
const COUNTED_MAX = 10_000
const HOLDERS_MAX = 10
const FAILURES_MAX = 10

export function openStandingQueries(reader: Reader): Pick<ListReads, 'standing' | 'queue' | 'queues' | 'limits'> {
  return {
    standing: (id) => standing(reader, id),
    queue: (fn) => queue(reader, fn),
    queues: () => queues(reader),
    limits: (names) => limits(reader, names),
  }
}

async function standing(reader: Reader, id: string): Promise<RunStanding | undefined> {
  const cells = await reader.one<RunCells>(`SELECT ${runColumns()} FROM runs WHERE id = ?`, [id])
  if (cells === undefined) return undefined
  const run = toRun(cells)
  const items = (
    await reader.all<ItemCells>(`SELECT ${itemColumns()} FROM items WHERE run = ? ORDER BY key`, [run.key])
  ).map(toItem)
  return {
    run,
    items,
    waits: await waitsOf(reader, run.key),
    lines: await linesOf(reader, items),
    ahead: await aheadOf(reader, items),
    children: await childrenOf(reader, run),
    failures: await failuresOf(reader, run),
  }
}

async function waitsOf(reader: Reader, run: Key): Promise<WaitRow[]> {
  return (await reader.all(`SELECT ${waitColumns()} FROM waits WHERE run = ? ORDER BY key`, [run])).map(toWait)
}

async function linesOf(reader: Reader, items: readonly ItemRow[]): Promise<RunStanding['lines']> {
  const firsts = new Map<string, ItemRow>()
  for (const item of items) {
    if (item.line === null) continue
    const first = firsts.get(item.line)
    if (first === undefined || isBefore(item, first)) firsts.set(item.line, item)
  }
  return Promise.all([...firsts].map(([name, item]) => lineOf(reader, name, item)))
}

async function lineOf(reader: Reader, name: string, { fn, rank, key }: ItemRow): Promise<RunStanding['lines'][number]> {
  const sql = `SELECT
    (SELECT count(*) FROM (
      SELECT FROM items WHERE line = l.name AND run IS NOT NULL AND fn = ? AND (rank, key) <= (?, ?) LIMIT ${COUNTED_MAX}) p),
    (SELECT count(*) FROM (SELECT FROM items WHERE line = l.name AND run IS NOT NULL LIMIT ${COUNTED_MAX}) a)
      + (SELECT count(*) FROM (SELECT FROM items WHERE line = l.name AND run IS NULL LIMIT ${COUNTED_MAX}) a),
    (SELECT tat FROM rates WHERE name = l.name)
    FROM (SELECT ?::text AS name OFFSET 0) l`
  const cells = await reader.one<[place: number, length: number, tat: number | null]>(sql, [fn, rank, key, name])
  const [place = 0, length = 0, tat = null] = cells ?? []
  return { name, place, length: Math.min(length, COUNTED_MAX), tat, ...(await holdersOf(reader, name)) }
}

/** Each slot by the index on its place among the item's limits. */
const HOLDERS = [1, 2, 3].map((at) => `SELECT key FROM items WHERE holds AND limit${at} = ?`).join(' UNION ')

async function holdersOf(
  reader: Reader,
  name: string,
): Promise<Pick<RunStanding['lines'][number], 'held' | 'holders'>> {
  const names = [name, name, name]
  const [held = 0] = (await reader.one<[number]>(`SELECT count(*) FROM (${HOLDERS}) h`, names)) ?? []
  const rows = await reader.all<[runId: string, fn: Key, step: string, detail: string | null]>(
    `SELECT r.id, r.fn, i.step, i.detail FROM items i JOIN runs r ON r.key = i.run
     WHERE i.key = ANY (ARRAY(${HOLDERS})) ORDER BY i.key LIMIT ${HOLDERS_MAX}`,
    names,
  )
  return { held, holders: rows.map(([runId, fn, step, detail]) => ({ runId, fn, step, detail })) }
}

async function aheadOf(reader: Reader, items: readonly ItemRow[]): Promise<number | null> {
  let first: ItemRow | null = null
  for (const item of items) if (item.state === 'ready' && (first === null || isBefore(item, first))) first = item
  if (first === null) return null
  const sql = `SELECT count(*) FROM (
    SELECT FROM items WHERE state = 'ready' AND fn = ? AND (rank, key) < (?, ?) LIMIT ${COUNTED_MAX}) a`
  return (await reader.one<[number]>(sql, [first.fn, first.rank, first.key]))?.[0] ?? 0
}

function isBefore(a: ItemRow, b: ItemRow): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.key < b.key)
}

async function childrenOf(reader: Reader, { key }: RunRow): Promise<RunStanding['children']> {
  const sql = `SELECT w.step, c.id FROM waits w JOIN runs c ON c.parent_run = w.run AND c.parent_step = w.step
    WHERE w.run = ? AND w.kind = 'invoke' ORDER BY c.key`
  return (await reader.all<[string, string]>(sql, [key])).map(([step, runId]) => ({ step, runId }))
}

async function failuresOf(reader: Reader, { key }: RunRow): Promise<RunStanding['failures']> {
  const sql = `SELECT h.step, h.name, h.attempt, e.error FROM history h
    LEFT JOIN history_errors e ON e.run = h.run AND e.seq = h.seq
    WHERE h.run = ? AND h.status = 'errored' ORDER BY h.seq DESC LIMIT ${FAILURES_MAX}`
  const rows = await reader.all<[string, string, number, string | null]>(sql, [key])
  return rows.map(([step, name, attempt, error]) => ({ step, name, attempt, error }))
}

/** What stands in the queue for its function. */
const KINDS = "kind IN ('call', 'sleep', 'wait', 'gateway', 'timeout', 'debounce', 'batch')"

/** A look at every item: counting those of each function by its own would be one for each state and function. */
async function queues(reader: Reader): ReturnType<ListReads['queues']> {
  const counted = (state: ItemState) => `count(*) FILTER (WHERE state = '${state}')`
  const sql = `SELECT fn, ${counted('ready')}, ${counted('leased')}, ${counted('sleeping')}, ${counted('blocked')}
    FROM items WHERE fn IS NOT NULL AND ${KINDS} GROUP BY fn ORDER BY fn`
  const rows = await reader.all<[Key, number, number, number, number]>(sql)
  return rows.map(([fn, ready, leased, sleeping, blocked]) => ({ fn, counts: { ready, leased, sleeping, blocked } }))
}

const HELD = [1, 2, 3].map((at) => `SELECT key FROM items WHERE holds AND limit${at} = u.name`).join(' UNION ALL ')
const IN_LINE = ['IS NOT NULL', 'IS NULL']
  .map((has) => `SELECT key FROM items WHERE line = u.name AND run ${has}`)
  .join(' UNION ALL ')

/** Each place among an item's limits by its index, and each kind of line by its own. */
export const LIMITS_NOW = `SELECT u.name, (SELECT count(*) FROM (${HELD} LIMIT ${COUNTED_MAX}) h),
    (SELECT count(*) FROM (${IN_LINE} LIMIT ${COUNTED_MAX}) w)
  FROM unnest(?::text[]) WITH ORDINALITY AS u (name, at) ORDER BY u.at`

async function limits(reader: Reader, names: readonly string[]): ReturnType<ListReads['limits']> {
  const rows = await reader.all<[string, number, number]>(LIMITS_NOW, [encodeArray('text', names)])
  return rows.map(([name, held, waiting]) => ({ name, held, waiting }))
}

/** Each state by the index that it stands in. */
async function queue(reader: Reader, fn: Key): Promise<QueueCounts> {
  const counted = (state: ItemState, stands: string) =>
    `(SELECT count(*) FROM items WHERE state = '${state}' AND fn = q.fn AND ${stands} AND ${KINDS})`
  const sql = `SELECT ${counted('ready', 'true')}, ${counted('leased', 'true')}, ${counted('sleeping', 'true')},
    ${counted('blocked', 'line IS NOT NULL')} FROM (SELECT ?::int8 AS fn OFFSET 0) q`
  const [ready = 0, leased = 0, sleeping = 0, blocked = 0] =
    (await reader.one<[number, number, number, number]>(sql, [fn])) ?? []
  return { ready, leased, sleeping, blocked }
}
