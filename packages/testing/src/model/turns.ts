// Searches that go round functions: the ready index and the lines of limits. Within a function the least rank comes first.
import type { ItemRow, Key, LimitSearch, ReadySearch } from '@pawl/storage'
import type { Tables } from './tables.ts'

/** Who stands in a limit's line, in the order in which they are let in. */
export function searchLine(tables: Tables, { name }: LimitSearch, last: Key): readonly ItemRow[] {
  const all = tables.items.filter((item) => item.state === 'blocked' && item.line === name)
  return inTurn(all, last, all.length)
}

/** Items of the ready index that may be claimed, those of no function first. */
export function searchReady(tables: Tables, { readyMax, skip }: ReadySearch, last: Key): readonly ItemRow[] {
  const ready = tables.items.filter((item) => item.state === 'ready' && !(item.fn !== null && skip.includes(item.fn)))
  const alone = ready.filter(({ fn }) => fn === null).sort(byRank)
  const rest = ready.filter(({ fn }) => fn !== null)
  return [...alone, ...inTurn(rest, last, Math.max(0, readyMax - alone.length))].slice(0, readyMax)
}

/** Sleeping items whose time has come. */
export function searchDue(tables: Tables, { dueMax }: ReadySearch, now: number): readonly ItemRow[] {
  const due = tables.items.filter((item) => item.state === 'sleeping' && item.due <= now)
  return due.sort((a, b) => a.due - b.due || a.key - b.key).slice(0, dueMax)
}

/** One of each function in turn, from the function behind `last` on. */
function inTurn(items: readonly ItemRow[], last: Key, max: number): ItemRow[] {
  const lines = new Map<Key, ItemRow[]>()
  for (const item of items) lines.set(item.fn ?? 0, [...(lines.get(item.fn ?? 0) ?? []), item])
  const isBehind = (fn: Key) => (fn > last ? 0 : 1)
  const queues = [...lines].sort(([a], [b]) => isBehind(a) - isBehind(b) || a - b).map(([, line]) => line.sort(byRank))
  const found: ItemRow[] = []
  for (let turn = 0; found.length < max; turn++) {
    const before = found.length
    for (const queue of queues) {
      const item = queue[turn]
      if (item !== undefined && found.length < max) found.push(item)
    }
    if (found.length === before) break
  }
  return found
}

function byRank(a: ItemRow, b: ItemRow): number {
  return a.rank - b.rank || a.key - b.key
}
