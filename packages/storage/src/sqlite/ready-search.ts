// The search that takes work. It goes round the functions that have ready items, by hopping from one to the next in the
// ready index (a loose index scan), so that its price is the items that it returns, not the items that stand there; what
// is blocked or asleep stands in other indexes and costs nothing.
import type { DatabaseSync } from 'node:sqlite'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { ReadySearch } from '../contract/store.ts'
import { ITEM_COLUMNS, type ItemCells, toItem } from './item-table.ts'
import { LIMIT, type Query, query } from './statement.ts'

export const NEXT_FUNCTION = "SELECT fn FROM items WHERE state = 'ready' AND fn > ? ORDER BY fn LIMIT 1"
/** Within a function oldest first, from after the last one taken. */
export const READY_OF = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE state = 'ready' AND fn = ? AND (due, key) > (?, ?) ORDER BY due, key ${LIMIT}`
/** Items that belong to no function: an event's further matches. */
export const READY_OF_NONE = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE state = 'ready' AND fn IS NULL ORDER BY due, key ${LIMIT}`
export const DUE = `SELECT ${ITEM_COLUMNS} FROM items WHERE state = 'sleeping' AND due <= ? ORDER BY due, key ${LIMIT}`

/** One function's place in a round. */
interface Line {
  readonly fn: Key
  readonly items: ItemRow[]
  isAtEnd: boolean
}

export interface ReadyReads {
  search(search: ReadySearch, now: number): ItemRow[]
}

export function openReadySearch(db: DatabaseSync): ReadyReads {
  const nextFunction = query<[number]>(db, NEXT_FUNCTION)
  const readyOf = query<ItemCells>(db, READY_OF)
  const readyOfNone = query<ItemCells>(db, READY_OF_NONE)
  const due = query<ItemCells>(db, DUE)
  /** The function that was served last: the next search begins after it, so that a small one reaches all in turn. */
  let last: Key = 0

  return {
    search({ readyMax, dueMax, skip }, now) {
      const found: ItemRow[] = []
      if (readyMax > 0) {
        for (const cells of readyOfNone.all(readyMax)) found.push(toItem(cells))
        const lines = linesAfter(nextFunction, last, { skip: new Set(skip), max: readyMax - found.length })
        fill(readyOf, lines, readyMax - found.length)
        last = interleave(lines, found, readyMax) ?? last
      }
      if (dueMax > 0) for (const cells of due.all(now, dueMax)) found.push(toItem(cells))
      return found
    },
  }
}

/** Functions with ready items from after `last` on and round, `max` at most. */
function linesAfter(
  nextFunction: Query<[number]>,
  last: Key,
  { skip, max }: { readonly skip: ReadonlySet<Key>; readonly max: number },
): Line[] {
  const lines: Line[] = []
  let fn = last
  let isSecondLap = false
  while (lines.length < max) {
    const next = nextFunction.get(fn)?.[0]
    if (next === undefined || (isSecondLap && next > last)) {
      if (isSecondLap || last === 0) break
      isSecondLap = true
      fn = 0
      continue
    }
    fn = next
    if (!skip.has(fn)) lines.push({ fn, items: [], isAtEnd: false })
  }
  return lines
}

/** Gives each line an equal share, then what short lines left to those that have more. */
function fill(readyOf: Query<ItemCells>, lines: readonly Line[], max: number): void {
  let left = max
  let open = lines
  while (left > 0 && open.length > 0) {
    const share = Math.max(1, Math.floor(left / open.length))
    for (const line of open) {
      const take = Math.min(share, left)
      if (take === 0) return
      const from = line.items.at(-1)
      const cells = readyOf.all(line.fn, from?.due ?? Number.MIN_SAFE_INTEGER, from?.key ?? 0, take)
      for (const cell of cells) line.items.push(toItem(cell))
      line.isAtEnd = cells.length < take
      left -= cells.length
    }
    open = open.filter((line) => !line.isAtEnd)
  }
}

/** Takes one of each line in turn; a reader that stops early has still been fair. Returns the last function served. */
function interleave(lines: readonly Line[], found: ItemRow[], max: number): Key | undefined {
  let served: Key | undefined
  for (let round = 0; found.length < max; round++) {
    const before = found.length
    for (const line of lines) {
      const item = line.items[round]
      if (item === undefined || found.length === max) continue
      found.push(item)
      served = line.fn
    }
    if (found.length === before) break
  }
  return served
}
