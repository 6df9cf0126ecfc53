// What an operation's row says beside its numbers: its name where it has none of its own, how far it is, how long it still
// takes at its rate, and the parameters of one like it. Pure.

import type { Bulk } from '../../api/index.ts'
import { formatExact } from '../../ui/format.ts'
import type { StatusKind } from '../../ui/status-kinds.ts'
import type { BulkSearch } from './bulk-form.ts'
import { messages } from './messages.ts'

/** The status whose look a state takes. */
export const STATE_LOOK = {
  running: 'running',
  paused: 'paused',
  stopped: 'cancelled',
  done: 'completed',
} as const satisfies Record<Bulk['state'], StatusKind>

/** Its name, or what it does in words. */
export function titleOf({ name, kind, status, function: functions }: Bulk): string {
  if (name !== undefined) return name
  const words = (status ?? []).map((each) => messages.statuses[each].toLowerCase()).join(messages.or)
  const [first = '', ...more] = functions ?? []
  return messages.auto(messages.kinds[kind], words, messages.andMore(first, more.length))
}

export interface Progress {
  readonly seen: number
  /** Absent where nobody knows how many there were. */
  readonly left?: number
  readonly isOpen: boolean
  /** Shares of the bar, 0 to 1. */
  readonly done: number
  readonly skipped: number
  readonly failed: number
  /** Milliseconds that are left at its rate; absent without a rate or when it does not move. */
  readonly leftMs?: number
}

/** How far it is. Runs that joined after it was counted never make it more than whole. */
export function progressOf(bulk: Bulk): Progress {
  const { doneCount, skippedCount, failedCount, perMinute, state, isTotalCut } = bulk
  const seen = doneCount + skippedCount + failedCount
  const total = Math.max(bulk.totalCount, seen)
  const share = (count: number) => (total === 0 ? 0 : count / total)
  const isOpen = state === 'running' || state === 'paused'
  const left = isOpen ? total - seen : 0
  const isKnown = !(isOpen && isTotalCut)
  return {
    seen,
    ...(isKnown ? { left } : {}),
    isOpen,
    // An operation that found nothing is whole all the same.
    done: total === 0 && state === 'done' ? 1 : share(doneCount),
    skipped: share(skippedCount),
    failed: share(failedCount),
    ...(state === 'running' && perMinute !== undefined && isKnown ? { leftMs: (left / perMinute) * 60_000 } : {}),
  }
}

/** How many it is about, as text. */
export function totalText({ totalCount, isTotalCut }: Bulk): string {
  return `${formatExact(totalCount)}${isTotalCut ? '+' : ''}`
}

/** Parameters that open the form for one like it. */
export function searchLike({ kind, function: functions, from, until, status, query, perMinute }: Bulk): BulkSearch {
  return {
    new: true,
    kind,
    ...(functions === undefined ? {} : { function: functions }),
    ...(from === undefined && until === undefined ? { last: 'all' } : {}),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(status === undefined ? {} : { status }),
    ...(query === undefined ? {} : { query }),
    ...(perMinute === undefined ? {} : { perMinute }),
  }
}
