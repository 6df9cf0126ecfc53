// The search that takes work. It goes round the functions that have ready items, by hopping from one to the next in the
// ready index (a loose index scan), so that its price is the items that it returns, not the items that stand there; what
// is blocked or asleep stands in other indexes and costs nothing. An item is locked by its run, which comes first in the
// order of locks, and an item without one by itself. What is locked is skipped, so that servers that claim at once take
// different items and none waits.
import type { ItemKind, ItemRow, Key, RunRow } from '../contract/rows.ts'
import type { ReadySearch } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import { type Connection, type Flight, statement, type Value } from './connection.ts'
import type { FoundRows } from './found-rows.ts'
import { type ItemCells, itemColumns, toItem } from './item-table.ts'
import { LOCK_PARENTS, RUNS_EXIST } from './locks.ts'
import { type RunCells, runColumns, toRun } from './run-table.ts'
import { type TimeValues, timeSql } from './time.ts'

/** The functions behind `$1` and then, from the first one on, up to it: without those of `$2`, `$3` at most. */
const LINES = `WITH RECURSIVE behind AS (
    (SELECT fn FROM items WHERE state = 'ready' AND fn > $1 ORDER BY fn LIMIT 1)
    UNION ALL
    SELECT (SELECT i.fn FROM items i WHERE i.state = 'ready' AND i.fn > b.fn ORDER BY i.fn LIMIT 1)
    FROM behind b WHERE b.fn IS NOT NULL
  ), before AS (
    (SELECT fn FROM items WHERE state = 'ready' AND fn <= $1 ORDER BY fn LIMIT 1)
    UNION ALL
    SELECT (SELECT i.fn FROM items i WHERE i.state = 'ready' AND i.fn > b.fn AND i.fn <= $1 ORDER BY i.fn LIMIT 1)
    FROM before b WHERE b.fn IS NOT NULL
  ), lines AS MATERIALIZED (
    SELECT fn FROM (SELECT fn FROM behind UNION ALL SELECT fn FROM before) l
    WHERE fn IS NOT NULL AND fn <> ALL ($2::int8[]) LIMIT $3
  )`

type FoundCells = [item: number, step: string, kind: ItemKind, fn: number, due: number, ...RunCells]
const FOUND = `i.key AS item_key, i.step AS item_step, i.kind, i.fn AS item_fn, i.wake_at, ${runColumns('r.')}`

/** Each function has an equal share of `$3`, oldest first. */
export const READY = statement<FoundCells>(
  'ready',
  `${LINES}
   SELECT x.* FROM lines l CROSS JOIN LATERAL (
     SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
     WHERE i.state = 'ready' AND i.fn = l.fn ORDER BY i.wake_at, i.key
     LIMIT greatest(1, $3 / (SELECT count(*) FROM lines)) FOR NO KEY UPDATE OF r SKIP LOCKED) x`,
)

/** What short lines left goes to those that have more: `$3` items each from after the last one taken. */
export const MORE_READY = statement<FoundCells>(
  'more_ready',
  `SELECT x.* FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) AS l (fn, due, key, max) CROSS JOIN LATERAL (
     SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
     WHERE i.state = 'ready' AND i.fn = l.fn AND (i.wake_at, i.key) > (l.due, l.key) ORDER BY i.wake_at, i.key
     LIMIT l.max FOR NO KEY UPDATE OF r SKIP LOCKED) x`,
)

/** Items of this kind are few; of very many the oldest are looked at. */
const ALONE_MAX = 2_000

/** Items without a run, one of each function in turn, those of no function first. */
export const READY_ALONE = statement<ItemCells>(
  'ready_alone',
  `WITH oldest AS MATERIALIZED (
     SELECT key, fn, wake_at FROM items
     WHERE run IS NULL AND state = 'ready' ORDER BY wake_at, key LIMIT ${ALONE_MAX}
   ), turns AS MATERIALIZED (
     SELECT key, fn, row_number() OVER (PARTITION BY fn ORDER BY wake_at, key) AS turn FROM oldest
     WHERE fn IS NULL OR fn <> ALL ($2::int8[])
   ), picked AS MATERIALIZED (
     SELECT key FROM turns ORDER BY fn IS NOT NULL, turn, fn <= $1, fn LIMIT $3
   )
   SELECT ${itemColumns()} FROM items WHERE key = ANY (ARRAY(SELECT key FROM picked)) FOR NO KEY UPDATE SKIP LOCKED`,
)

export const DUE = statement<FoundCells>(
  'due',
  `SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
   WHERE i.state = 'sleeping' AND i.wake_at <= ${timeSql(1, 2)} ORDER BY i.wake_at, i.key
   LIMIT $3 FOR NO KEY UPDATE OF r SKIP LOCKED`,
)

export const DUE_ALONE = statement<ItemCells>(
  'due_alone',
  `SELECT ${itemColumns()} FROM items
   WHERE run IS NULL AND state = 'sleeping' AND wake_at <= ${timeSql(1, 2)} ORDER BY wake_at, key
   LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED`,
)

/** An item whose run is locked for us; what it has come to is read after the lock. */
interface Candidate {
  readonly key: Key
  readonly step: string
  readonly kind: ItemKind
  readonly fn: Key
  readonly due: number
  readonly run: RunRow
}

/** A search in a flight. */
interface Asked {
  readonly search: ReadySearch
  readonly ready: Answer<FoundCells>
  readonly readyAlone: Answer<ItemCells>
  readonly due: Answer<FoundCells>
  readonly dueAlone: Answer<ItemCells>
}

type Answer<Cells> = Promise<Cells[]> | readonly never[]

/** What was found, at the group's time. */
export type Claim = (now: number) => ItemRow[]

export class ReadyReads {
  /** The function that was served last: the next search begins after it, so that a small one reaches all in turn. */
  #last: Key = 0

  /** Puts the search into a flight. Its locks wait for nothing, so it comes after those that may. */
  ask(flight: Flight, search: ReadySearch, { floor, wall }: TimeValues): Asked {
    const { readyMax, dueMax, skip } = search
    const ready: readonly Value[] = [this.#last, encodeArray('int8', skip), readyMax]
    const due: readonly Value[] = [floor, wall, dueMax]
    return {
      search,
      ready: readyMax > 0 ? flight.ask(READY, ready) : [],
      readyAlone: readyMax > 0 ? flight.ask(READY_ALONE, ready) : [],
      due: dueMax > 0 ? flight.ask(DUE, due) : [],
      dueAlone: dueMax > 0 ? flight.ask(DUE_ALONE, due) : [],
    }
  }

  /** Takes what was locked into the rows that are found; what each item has come to is read with what it brings. */
  async take(connection: Connection, found: FoundRows, asked: Asked): Promise<Claim> {
    const { search } = asked
    const alone = (await asked.readyAlone).map((cells) => toItem(cells)).filter(({ state }) => state === 'ready')
    const first = (await asked.ready).map(toCandidate)
    const more = await this.#more(connection, first, search.readyMax - first.length - alone.length)
    const due = (await asked.due).map(toCandidate)
    const dueAlone = (await asked.dueAlone).map((cells) => toItem(cells))
    const candidates = await withParents(connection, found, [...first, ...more, ...due])
    for (const { key, step, kind, run } of candidates) {
      found.addItemKey(key)
      found.bring({ run: run.key, step, kind })
    }
    return (now) => {
      // An item may have changed between the search's snapshot and the lock of its run.
      const items = candidates.flatMap(({ key, step }) => {
        const item = found.items.get(key)
        return item?.step === step ? [item] : []
      })
      const ready = [...alone, ...items.filter(({ state }) => state === 'ready')]
      const isDue = ({ state, due }: ItemRow) => state === 'sleeping' && due <= now
      const asleep = [...dueAlone, ...items.filter(isDue)].sort(byDue).slice(0, search.dueMax)
      return [...this.#inTurn(ready, search.readyMax), ...asleep]
    }
  }

  /** What short lines left goes to the functions that gave all that was asked of them. */
  async #more(connection: Connection, found: readonly Candidate[], left: number): Promise<Candidate[]> {
    const lines = [...byFunction(found).values()]
    const longest = Math.max(...lines.map((line) => line.length))
    const ends = lines.filter((line) => line.length === longest).map((line) => line.at(-1) as Candidate)
    if (left <= 0 || ends.length === 0) return []
    const each = Math.ceil(left / ends.length)
    const cells = await connection.ask(MORE_READY, [
      encodeArray(
        'int8',
        ends.map(({ fn }) => fn),
      ),
      encodeArray(
        'int8',
        ends.map(({ due }) => due),
      ),
      encodeArray(
        'int8',
        ends.map(({ key }) => key),
      ),
      encodeArray(
        'int8',
        ends.map(() => each),
      ),
    ])
    return cells.map(toCandidate)
  }

  /** One of each function in turn, at most `max`; a reader that stops early has still been fair. */
  #inTurn(items: readonly ItemRow[], max: number): ItemRow[] {
    const found = items.filter(({ fn }) => fn === null).slice(0, max)
    const isBehind = (fn: Key) => (fn > this.#last ? 0 : 1)
    const lines = [...byFunction(items)].sort(([a], [b]) => isBehind(a) - isBehind(b) || a - b)
    const queues = lines.map(([, line]) => line.sort(byDue))
    for (let turn = 0; found.length < max; turn++) {
      const before = found.length
      for (const queue of queues) {
        const item = queue[turn]
        if (item === undefined || found.length === max) continue
        found.push(item)
        this.#last = item.fn ?? this.#last
      }
      if (found.length === before) break
    }
    return found
  }
}

/** An end of a run is told to the run that invoked it, so that one is locked too; an item whose parent is busy waits. */
async function withParents(
  connection: Connection,
  found: FoundRows,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  for (const { run } of candidates) found.lock(run)
  const parents = new Set<Key>()
  for (const { run } of candidates) {
    if (run.parentRun !== null && !found.isLocked(run.parentRun)) parents.add(run.parentRun)
  }
  if (parents.size === 0) return candidates
  const flight = connection.flight()
  const keys = [encodeArray('int8', [...parents])]
  const exist = flight.ask(RUNS_EXIST, keys)
  const locked = flight.ask(LOCK_PARENTS, keys)
  await flight.land()
  for (const cells of await locked) found.lock(toRun(cells))
  const busy = new Set((await exist).map(([key]) => key).filter((key) => !found.isLocked(key)))
  return candidates.filter(({ run }) => run.parentRun === null || !busy.has(run.parentRun))
}

function byFunction<Row extends { readonly fn: Key | null }>(rows: readonly Row[]): Map<Key, Row[]> {
  const lines = new Map<Key, Row[]>()
  for (const row of rows) {
    if (row.fn === null) continue
    const line = lines.get(row.fn)
    if (line === undefined) lines.set(row.fn, [row])
    else line.push(row)
  }
  return lines
}

function byDue(a: ItemRow, b: ItemRow): number {
  return a.due - b.due || a.key - b.key
}

function toCandidate([key, step, kind, fn, due, ...run]: FoundCells): Candidate {
  return { key, step, kind, fn, due, run: toRun(run) }
}
