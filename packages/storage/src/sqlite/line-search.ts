// The heads of a limit's line. It goes round the functions that stand in it, as a claim does in the ready index: a limit
// that several functions share serves all of them.
import type { DatabaseSync } from 'node:sqlite'
import type { ItemRow, Key } from '../contract/rows.ts'
import type { LimitSearch, LineHead } from '../contract/store.ts'
import { ITEM_COLUMNS, type ItemCells, toItem } from './item-table.ts'
import { goRound, type Round } from './rounds.ts'
import { LIMIT, query } from './statement.ts'

export const NEXT_IN_LINE = 'SELECT fn FROM items WHERE line = ? AND fn > ? ORDER BY fn LIMIT 1'
export const LINE_OF = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE line = ? AND fn = ? AND (rank, key) > (?, ?) ORDER BY rank, key ${LIMIT}`

/** Lines of which it is remembered who came first. */
const REMEMBERED_MAX = 10_000
const NOBODY: ReadonlySet<Key> = new Set()

export interface LineReads {
  search(search: LimitSearch): LineHead
}

export function openLineSearch(db: DatabaseSync): LineReads {
  const roundOf = openRounds(db)
  /** The function that came first in a line: the next search begins after it, whatever became of the others. */
  const first = new Map<string, Key>()

  function remember(name: string, items: readonly ItemRow[]): void {
    const fn = items[0]?.fn ?? null
    if (fn === null || items.every((item) => item.fn === fn)) return
    if (first.size >= REMEMBERED_MAX) first.clear()
    first.set(name, fn)
  }

  return {
    search({ name, take }) {
      // One more than is taken says whether there are more.
      const items = goRound(roundOf(name), { last: first.get(name) ?? 0, skip: NOBODY, max: take + 1 })
      if (take > 0) remember(name, items)
      return items.length > take ? { items: items.slice(0, take), isWhole: false } : { items, isWhole: true }
    },
  }
}

function openRounds(db: DatabaseSync): (name: string) => Round {
  const next = query<[number]>(db, NEXT_IN_LINE)
  const lineOf = query<ItemCells>(db, LINE_OF)
  return (name) => ({
    next: (fn) => next.get(name, fn)?.[0],
    take: (fn, after, max) =>
      lineOf.all(name, fn, after?.rank ?? Number.MIN_SAFE_INTEGER, after?.key ?? 0, max).map((cells) => toItem(cells)),
  })
}
