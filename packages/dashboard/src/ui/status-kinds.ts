// Which status is shown for what the server says. Waiting and Paused are not stored: they are what a queued or running
// run shows when the reason why it does not move is a wait, a limit, a sleep or a pause.

import type { RunStatus, SpanStatus, WhyReason } from '../api/types.ts'

export type StatusKind = 'queued' | 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled' | 'skipped' | 'paused'

export const STATUS_KINDS: readonly StatusKind[] = [
  'queued',
  'waiting',
  'running',
  'completed',
  'failed',
  'cancelled',
  'skipped',
  'paused',
]

const STORED = {
  QUEUED: 'queued',
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  SKIPPED: 'skipped',
  WAITING: 'waiting',
  UNKNOWN: 'queued',
} as const satisfies Record<RunStatus | SpanStatus, StatusKind>

/** The status that a run shows. */
export function statusOfRun(run: {
  readonly status: RunStatus
  readonly waiting?: { readonly code: WhyReason['code'] } | undefined
}): StatusKind {
  if (run.waiting === undefined || (run.status !== 'QUEUED' && run.status !== 'RUNNING')) return STORED[run.status]
  const { code } = run.waiting
  if (code === 'paused') return 'paused'
  if (code === 'executing' || code === 'queued') return STORED[run.status]
  return 'waiting'
}

/** The status that a stored word shows, of a run or of a span. */
export function statusOf(stored: RunStatus | SpanStatus): StatusKind {
  return STORED[stored]
}
