// After a decision: where slots were freed, those who stand in line are let in, in the same operation. What cannot be done
// here (a limit that is not locked, a line longer than what was read of it) is handed over by a row.
//
// Who waits for two limits stands in the line of one. When that one has room and the other has none, a single item moves
// over to the other line and stands there for all that are left behind; once it is let in (or ends) the next one follows. So
// a line moves by as many items as there are starts, however long it is.
import type { ItemRow, Key } from '@pawl/storage'
import { ruleOf } from '../lines/rules.ts'
import { armTimer, hasRoom, isCommon, isHeld, isRate, otherHindrance } from './admit-item.ts'
import type { Draft } from './draft.ts'
import { putLineItem, putLineLook } from './line-item.ts'
import { placeItem } from './place-item.ts'

/** Items moved in one operation, at most: it bounds the longest commit. */
const MOVES_MAX = 200
/** Lines that one operation is handed over. */
const NAMES_MAX = 20

export function moveLines(draft: Draft): void {
  const { ledger } = draft
  let left = MOVES_MAX
  for (let name = ledger.nextStirred(); name !== undefined; name = ledger.nextStirred()) {
    left -= moveLine(draft, name, left)
  }
  const names = ledger.takeHandedOver()
  for (let at = 0; at < names.length; at += NAMES_MAX) putLineItem(draft, names.slice(at, at + NAMES_MAX))
  const later = ledger.takeLater()
  for (let at = 0; at < later.length; at += NAMES_MAX) putLineLook(draft, later.slice(at, at + NAMES_MAX))
}

/** @returns how many items have left the line. */
function moveLine(draft: Draft, name: string, max: number): number {
  const { ledger } = draft
  /** Functions that found no room. */
  const full = new Set<Key | null>()
  /** Other limits for which one already stands in their line, for all who wait here for them too. */
  const stoodFor = new Set<string>()
  let moved = 0
  let last: ItemRow | null = null
  for (const item of inOrder(ledger.heads(name))) {
    if (full.has(item.fn) || item.limits.some((limit) => stoodFor.has(limit))) continue
    const run = item.run === null ? undefined : draft.run(item.run)
    if (run === undefined || run.ended || run.state.endedAt !== null) {
      ledger.leave(name, item)
      continue
    }
    if (!hasRoom(draft, item, name)) {
      full.add(item.fn)
      armTimer(draft, item, name)
      continue
    }
    if (moved >= max) break
    const other = isHeld(draft, run.row) ? null : otherHindrance(draft, item, name)
    placeItem(draft, run, item)
    moved++
    last = item
    if (other === null) stirOthers(draft, item, name)
    else if (isCommon(draft, item.fn, { line: name, other })) stoodFor.add(other)
  }
  if (moved >= max) ledger.handOver(name)
  else if (goesOn(draft, name, { full, last, hides: stoodFor.size > 0 })) {
    if (stoodFor.size === 0 && (moved > 0 || !ledger.isLook)) ledger.handOver(name)
    else ledger.lookLater(name)
  }
  return moved
}

/** The older run first, whatever its function. */
function inOrder(heads: readonly ItemRow[]): readonly ItemRow[] {
  return heads.length < 2 ? heads : heads.toSorted((a, b) => a.rank - b.rank || a.key - b.key)
}

/** Others may have been left behind in the lines of the limits that this item has passed too. */
function stirOthers(draft: Draft, item: ItemRow, name: string): void {
  for (const other of item.limits) {
    if (other !== name && (isRate(draft, item, other) || hasRoom(draft, item, other))) draft.ledger.stir(other)
  }
}

/** Whether somebody may stand there who was not seen and who could go. */
function goesOn(
  draft: Draft,
  name: string,
  seen: { readonly full: ReadonlySet<Key | null>; readonly last: ItemRow | null; readonly hides: boolean },
): boolean {
  const { ledger } = draft
  const { full, last, hides } = seen
  // A run that has begun waits for fewer limits than those who stay behind. It stands before them, but for priorities.
  if (hides) return ledger.hasMore(name) && hasPriorities(draft, last)
  if (full.size > 0) return isShared(name) && ledger.mayHide(name, full) && hasRoomForAny(draft, name)
  if (ledger.heads(name).length > 0 || !ledger.hasMore(name)) return false
  return last === null || hasRoom(draft, last, name)
}

/** Whether the limit has room by the number of any function that has it. */
function hasRoomForAny(draft: Draft, name: string): boolean {
  const held = draft.ledger.held(name)
  for (const { row, rules } of draft.functions()) {
    const rule = ruleOf(row.key, rules, name)
    if (rule?.kind === 'concurrency' && held < rule.rule.limit) return true
  }
  return false
}

function hasPriorities(draft: Draft, item: ItemRow | null): boolean {
  return draft.fn(item?.fn ?? null)?.rules.priority != null
}

/** Items of several functions may stand in the line. */
function isShared(name: string): boolean {
  return name.startsWith('steps:env:') || name.startsWith('steps:account:') || /^runs:(env|account):/.test(name)
}
