// The priority of a run: seconds by which it goes before (or behind) its time, from its event.
import type { EventValue } from '../event-value.ts'
import { type Expression, ExpressionError, evaluate } from '../expression/index.ts'
import type { Warn } from './run-limits.ts'

/** Seconds, in both directions. */
const PRIORITY_SECONDS_MAX = 600

/** A number is cut to whole seconds within ten minutes; anything else counts as 0. */
export function clampedSeconds(
  expression: Expression | null,
  event: EventValue,
  { now, warn }: { readonly now: number; readonly warn: Warn },
): number {
  if (expression === null) return 0
  try {
    const { value } = evaluate(expression, { event }, { now })
    if (typeof value === 'number' && Number.isFinite(value)) {
      return Math.min(PRIORITY_SECONDS_MAX, Math.max(-PRIORITY_SECONDS_MAX, Math.trunc(value)))
    }
    warn('it gave no number, and counts as 0')
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    warn(error.message)
  }
  return 0
}
