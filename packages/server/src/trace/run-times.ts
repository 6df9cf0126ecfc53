// How a run's time divides: how long something was at work for it (a call, a step, a request that the server made), and
// how long nothing was. What overlaps counts once. Sleeps and waits are no work. A pure function of the stored record.
import type { ItemRow, RunRecord, StepKind } from '@pawl/storage'
import { readDetail } from '../engine.ts'

export interface RunTimes {
  readonly workingMs: number
  readonly waitingMs: number
}

interface Span {
  readonly from: number
  readonly until: number
}

const WORK: ReadonlySet<StepKind | null> = new Set<StepKind | null>(['run', 'gateway', 'ai', null])

/** From being queued to the end, or to `now` for a live run. */
export function runTimes({ run, history, items }: RunRecord, now: number): RunTimes {
  const { row } = run
  const bounds = { from: row.queuedAt, until: Math.max(row.queuedAt, row.endedAt ?? now) }
  const spans: Span[] = []
  for (const { row: one } of history) {
    // A run that ends without a request of its own, such as one that is cancelled, has worked for nothing in that row.
    const isWork = one.kind === 'run' ? one.status === 'completed' || one.status === 'failed' : WORK.has(one.stepKind)
    if (isWork) spans.push({ from: one.startedAt, until: one.endedAt })
  }
  for (const item of items) if (isAtWork(item)) spans.push({ from: item.startedAt ?? item.queuedAt, until: now })
  const workingMs = covered(spans, bounds)
  return { workingMs, waitingMs: bounds.until - bounds.from - workingMs }
}

function isAtWork(item: ItemRow): boolean {
  return item.state === 'leased' && WORK.has(readDetail(item.detail).kind ?? null)
}

/** Milliseconds of the bounds that lie in any of the spans. */
function covered(spans: readonly Span[], bounds: Span): number {
  let sum = 0
  let end = bounds.from
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const from = Math.max(span.from, end)
    const until = Math.min(span.until, bounds.until)
    if (until <= from) continue
    sum += until - from
    end = until
  }
  return sum
}
