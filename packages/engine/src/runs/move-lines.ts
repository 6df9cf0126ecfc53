// After a decision: where slots were freed, those who stand in line are let in, in the same operation. What cannot be done
// here (a limit that is not locked, a line longer than what was read of it) is handed over by a row.
import type { ItemRow, Key } from '@pawl/storage'
import { armTimer, hasRoom } from './admit-item.ts'
import type { Draft } from './draft.ts'
import { putLineItem } from './line-item.ts'
import { placeItem } from './place-item.ts'

/** Items moved in one operation, at most: it bounds the longest commit. */
const MOVES_MAX = 200

export function moveLines(draft: Draft): void {
  const { ledger } = draft
  let left = MOVES_MAX
  for (let name = ledger.nextStirred(); name !== undefined; name = ledger.nextStirred()) {
    left -= moveLine(draft, name, left)
  }
  const names = ledger.takeHandedOver()
  if (names.length > 0) putLineItem(draft, names)
}

/** @returns how many items have left the line. */
function moveLine(draft: Draft, name: string, max: number): number {
  const { ledger } = draft
  const full = new Set<Key | null>()
  let moved = 0
  let last: ItemRow | null = null
  for (const item of ledger.heads(name)) {
    if (full.has(item.fn)) continue
    const run = item.run === null ? undefined : draft.run(item.run)
    if (run === undefined || run.ended || run.state.endedAt !== null) {
      ledger.leave(name, item)
    } else if (!hasRoom(draft, item, name)) {
      full.add(item.fn)
      armTimer(draft, item, name)
    } else if (moved < max) {
      placeItem(draft, run, item)
      moved++
      last = item
    }
  }
  const goesOn = full.size === 0 ? isSpent(draft, name, last) : ledger.mayHide(name, full)
  if (moved >= max || goesOn) ledger.handOver(name)
  return moved
}

/** All that was known of the line could go, and more may follow. */
function isSpent(draft: Draft, name: string, last: ItemRow | null): boolean {
  const { ledger } = draft
  if (ledger.heads(name).length > 0 || !ledger.hasMore(name)) return false
  return last === null || hasRoom(draft, last, name)
}
