// Spans for tests, written with elapsed milliseconds.

import type { Span } from '../../api/types.ts'

/** Start of the runs of tests. */
export const T0 = Date.parse('2026-11-24T10:00:00.000Z')

export interface SpanParts extends Partial<Omit<Span, 'queuedAt' | 'startedAt' | 'endedAt'>> {
  readonly queued?: number
  readonly from?: number
  readonly until?: number
}

let last = 0

/** A step; completed when it has an end, else running. */
export function span(name: string, parts: SpanParts = {}): Span {
  const { queued = parts.from ?? 0, from, until, ...rest } = parts
  last++
  return {
    id: `s${last}`,
    name,
    status: until === undefined ? 'RUNNING' : 'COMPLETED',
    stepOp: 'RUN',
    stepId: `hash-${last}`,
    attempts: 0,
    queuedAt: at(queued),
    ...(from === undefined ? {} : { startedAt: at(from) }),
    ...(until === undefined ? {} : { endedAt: at(until) }),
    ...rest,
  }
}

/** The root of a run with these steps. */
export function runOf(children: readonly Span[], parts: SpanParts = {}): Span {
  const { stepOp: _op, stepId: _id, ...root } = span('shop-order', { queued: 0, from: 0, until: 1000, ...parts })
  return { ...root, children }
}

function at(elapsed: number): string {
  return new Date(T0 + elapsed).toISOString()
}
