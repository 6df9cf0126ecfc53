// A place in the order of receipt, as `<time>|<snapshot>`: which transactions were there to be seen at a moment. Keys and
// clocks would not do, for neither is in the order of commits; an event that was handed a smaller key may commit later.
import type { Mark } from '../contract/rows.ts'

/** What a statement knows of its moment. */
export interface Moment {
  readonly now: number
  /** As `pg_current_snapshot()` prints it: `xmin:xmax:` and the transactions between that were open. */
  readonly snapshot: string
  /** The statement's own transaction, where it has a number. */
  readonly xid: number | null
}

/** A mark that covers what the snapshot shows and the own transaction, as if that one had committed already. */
export function toMark({ now, snapshot, xid }: Moment): string {
  return `${now}|${xid === null ? snapshot : withOwn(snapshot, xid)}`
}

/** The two halves, for a search. */
export function readMark(mark: Mark): { readonly at: number; readonly snapshot: string } {
  const text = String(mark)
  const bar = text.indexOf('|')
  return { at: Number(text.slice(0, bar)), snapshot: text.slice(bar + 1) }
}

/** To cover the own number all numbers below it must be known, so those not seen yet count as open. */
function withOwn(snapshot: string, xid: number): string {
  const [, end = '', list = ''] = snapshot.split(':')
  const xmax = Number(end)
  const open = list === '' ? [] : list.split(',').map(Number)
  for (let other = xmax; other < xid; other++) open.push(other)
  const others = open.filter((other) => other !== xid)
  const next = Math.max(xmax, xid + 1)
  return `${others[0] ?? next}:${next}:${others.join(',')}`
}
