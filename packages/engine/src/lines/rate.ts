// The arithmetic of a throttle (GCRA, the generic cell rate algorithm): of each key only the theoretical arrival time of
// the next start is remembered, in microseconds, so that a third of a second stays one over many starts. `limit + burst`
// may start at once, then one in each `period / limit`. Pure.
import type { Throttle } from '@pawl/protocol'

type Rate = Pick<Throttle, 'limit' | 'periodMs' | 'burst'>

/** Microseconds between two starts in the long run. */
function emission({ limit, periodMs }: Rate): number {
  return Math.ceil((periodMs * 1_000) / limit)
}

/** When the next start is allowed, in epoch milliseconds; not after `now`: at once. */
export function nextStartAt(rate: Rate, tat: number | null, now: number): number {
  if (tat === null) return now
  return Math.ceil((tat - (rate.limit + rate.burst - 1) * emission(rate)) / 1_000)
}

/** The theoretical arrival time after a start at `now`, in epoch microseconds. */
export function afterStart(rate: Rate, tat: number | null, now: number): number {
  return Math.max(now * 1_000, tat ?? 0) + emission(rate)
}
