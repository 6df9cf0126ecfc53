// The search that takes work. It goes round the functions that have ready items; what is blocked or asleep stands in other
// indexes and costs nothing.
import type { DatabaseSync } from 'node:sqlite'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { ReadySearch } from '../contract/store.ts'
import { ITEM_COLUMNS, type ItemCells, toItem } from './item-table.ts'
import { goRound, type Round } from './rounds.ts'
import { LIMIT, query } from './statement.ts'

export const NEXT_FUNCTION = "SELECT fn FROM items WHERE state = 'ready' AND fn > ? ORDER BY fn LIMIT 1"
/** Within a function the least rank first, from after the last one taken. */
export const READY_OF = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE state = 'ready' AND fn = ? AND (rank, key) > (?, ?) ORDER BY rank, key ${LIMIT}`
/** Items that belong to no function: an event's further matches, what moves lines, operations on many runs. */
export const READY_OF_NONE = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE state = 'ready' AND fn IS NULL ORDER BY rank, key ${LIMIT}`
export const DUE = `SELECT ${ITEM_COLUMNS} FROM items WHERE state = 'sleeping' AND due <= ? ORDER BY due, key ${LIMIT}`

export interface ReadyReads {
  search(search: ReadySearch, now: number): ItemRow[]
}

export function openReadySearch(db: DatabaseSync): ReadyReads {
  const round = readyRound(db)
  const readyOfNone = query<ItemCells>(db, READY_OF_NONE)
  const due = query<ItemCells>(db, DUE)
  /** The function that was served last: the next search begins after it, so that a small one reaches all in turn. */
  let last: Key = 0

  return {
    search({ readyMax, dueMax, skip }, now) {
      const found: ItemRow[] = []
      if (readyMax > 0) {
        for (const cells of readyOfNone.all(readyMax)) found.push(toItem(cells))
        const items = goRound(round, { last, skip: new Set(skip), max: readyMax - found.length })
        for (const item of items) found.push(item)
        last = items.at(-1)?.fn ?? last
      }
      if (dueMax > 0) for (const cells of due.all(now, dueMax)) found.push(toItem(cells))
      return found
    },
  }
}

function readyRound(db: DatabaseSync): Round {
  const next = query<[number]>(db, NEXT_FUNCTION)
  const readyOf = query<ItemCells>(db, READY_OF)
  return {
    next: (fn) => next.get(fn)?.[0],
    take: (fn, after, max) =>
      readyOf.all(fn, after?.rank ?? Number.MIN_SAFE_INTEGER, after?.key ?? 0, max).map((cells) => toItem(cells)),
  }
}
