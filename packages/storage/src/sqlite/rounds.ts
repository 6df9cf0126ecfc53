// Goes round functions: the ready index and the lines of limits are searched alike. The functions are found by hopping
// from one to the next in an index that begins with them (a loose index scan), so that the price of a search is the items
// that it returns, not the items that stand there.
import type { ItemRow, Key } from '../contract/rows.ts'

/** An index of items by function, then rank and key. */
export interface Round {
  /** The next function after this one that has items. */
  next(fn: Key): Key | undefined
  /** Items of a function after the last one taken: the least rank first. */
  take(fn: Key, after: ItemRow | undefined, max: number): ItemRow[]
}

export interface RoundSearch {
  /** The round begins with the function after this one. */
  readonly last: Key
  readonly skip: ReadonlySet<Key>
  readonly max: number
}

/** One function's place in a round. */
interface Turn {
  readonly fn: Key
  readonly items: ItemRow[]
  isAtEnd: boolean
}

/** `max` items, one of each function in turn; a reader that stops early has still been fair. */
export function goRound(round: Round, search: RoundSearch): ItemRow[] {
  const turns = turnsAfter(round, search)
  fill(round, turns, search.max)
  return interleave(turns, search.max)
}

/** Functions from after `last` on and round, `max` at most. */
function turnsAfter(round: Round, { last, skip, max }: RoundSearch): Turn[] {
  const turns: Turn[] = []
  let fn = last
  let isSecondLap = false
  while (turns.length < max) {
    const next = round.next(fn)
    if (next === undefined || (isSecondLap && next > last)) {
      if (isSecondLap || last === 0) break
      isSecondLap = true
      fn = 0
      continue
    }
    fn = next
    if (!skip.has(fn)) turns.push({ fn, items: [], isAtEnd: false })
  }
  return turns
}

/** Gives each function an equal share, then what short ones left to those that have more. */
function fill(round: Round, turns: readonly Turn[], max: number): void {
  let left = max
  let open = turns
  while (left > 0 && open.length > 0) {
    const share = Math.max(1, Math.floor(left / open.length))
    for (const turn of open) {
      const take = Math.min(share, left)
      if (take === 0) return
      const items = round.take(turn.fn, turn.items.at(-1), take)
      for (const item of items) turn.items.push(item)
      turn.isAtEnd = items.length < take
      left -= items.length
    }
    open = open.filter((turn) => !turn.isAtEnd)
  }
}

function interleave(turns: readonly Turn[], max: number): ItemRow[] {
  const found: ItemRow[] = []
  for (let place = 0; found.length < max; place++) {
    const before = found.length
    for (const { items } of turns) {
      const item = items[place]
      if (item !== undefined && found.length < max) found.push(item)
    }
    if (found.length === before) break
  }
  return found
}
