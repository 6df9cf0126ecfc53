// How an outcome is told: by which status it looks, and which values of its detail are worth a line. Pure.

import type { EventOutcome, RunStatus } from '../../api/index.ts'
import { type StatusKind, statusOf } from '../../ui/status-kinds.ts'

/** The look of an outcome; a started run shows its own status. */
export function outcomeKind(outcome: EventOutcome['outcome'], runStatus: RunStatus | undefined): StatusKind {
  switch (outcome) {
    case 'started':
      return runStatus === undefined ? 'completed' : statusOf(runStatus)
    case 'bad_expression':
      return 'failed'
    case 'paused':
    case 'drained':
      return 'paused'
    case 'debounced':
    case 'batched':
    case 'pending':
      return 'waiting'
    case 'filter_false':
    case 'duplicate':
    case 'rate_limited':
    case 'singleton':
    case 'missed_tick':
    case 'not_listening_then':
      return 'skipped'
  }
}

export interface SeenValue {
  readonly path: string
  /** JSON text; undefined: nothing stood there. */
  readonly text: string | undefined
}

export interface OutcomeDetail {
  readonly expression: string | undefined
  readonly error: string | undefined
  readonly seen: readonly SeenValue[]
  /** Whatever else the server tells. */
  readonly rest: readonly (readonly [string, string])[]
}

/** The detail of an outcome, sorted by what it is. */
export function outcomeDetail(detail: EventOutcome['detail']): OutcomeDetail {
  const { expression, error, values, missing, ...rest } = detail ?? {}
  const seen = typeof values === 'object' && values !== null ? Object.entries(values) : []
  const absent = Array.isArray(missing) ? missing.map(String) : []
  return {
    expression: typeof expression === 'string' ? expression : undefined,
    error: typeof error === 'string' ? error : undefined,
    seen: [
      ...seen.map(([path, value]) => ({ path, text: JSON.stringify(value) })),
      ...absent.map((path) => ({ path, text: undefined })),
    ],
    rest: Object.entries(rest).map(
      ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ),
  }
}
