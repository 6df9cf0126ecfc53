/**
 * The app's own record of how long bodies were open, and what can be counted from it: how many at once, in which order,
 * and when. Limits are judged by this alone, never by what the server says of itself.
 */
import type { Entry, Ledger } from '../harness/ledger.ts'
import { moment } from '../harness/until.ts'

const OPENS = '> '
const CLOSES = '< '

interface Shift {
  readonly key: string
  /** Tells bodies apart that may be open at the same time. */
  readonly who: string
  readonly ms: number
  /** Keeps it open for longer. */
  readonly held?: Promise<void>
}

/** A body that is open for some milliseconds. */
export async function shift(ledger: Ledger, of: Shift): Promise<void> {
  ledger.note(of.key, OPENS + of.who)
  await Promise.all([moment(of.ms), of.held])
  ledger.note(of.key, CLOSES + of.who)
}

/** One body that was opened. */
export interface Opened {
  readonly who: string
  /** Epoch milliseconds. */
  readonly at: number
  /** How many were open then, this one included. The same `who` counts once. */
  readonly open: number
}

/** Every body that was opened under a key, in order. `among` chooses which are looked at. */
export function opened(ledger: Ledger, key: string, among: (who: string) => boolean = () => true): readonly Opened[] {
  const open = new Map<string, number>()
  const found: Opened[] = []
  for (const entry of ledger.entries(key)) {
    const who = entry.what.slice(OPENS.length)
    if (!among(who)) continue
    const times = (open.get(who) ?? 0) + change(entry)
    if (times > 0) open.set(who, times)
    else open.delete(who)
    if (change(entry) > 0) found.push({ who, at: entry.at, open: open.size })
  }
  return found
}

/** The most that were open at once under a key. */
export function mostOpen(ledger: Ledger, key: string, among?: (who: string) => boolean): number {
  return Math.max(0, ...opened(ledger, key, among).map(({ open }) => open))
}

/** The order in which bodies were opened under a key. */
export function order(ledger: Ledger, key: string): readonly string[] {
  return opened(ledger, key).map(({ who }) => who)
}

/** When bodies were opened under a key, in milliseconds after the first of them. */
export function offsets(ledger: Ledger, key: string, among?: (who: string) => boolean): readonly number[] {
  const moments = opened(ledger, key, among).map(({ at }) => at)
  return moments.map((each) => each - (moments[0] ?? each))
}

function change(entry: Entry): 1 | -1 {
  return entry.what.startsWith(OPENS) ? 1 : -1
}
