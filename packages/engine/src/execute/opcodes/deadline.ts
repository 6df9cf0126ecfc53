// The deadline of a step that waits for somebody.
import { parseTimeOrDuration } from '@pawl/protocol'

/** A year where none is given, as for an invoke. null when the text is neither a time nor a duration. */
export function deadline(timeout: string | null, now: number): number | null {
  if (timeout === null) return now + 365 * 86_400_000
  const at = parseTimeOrDuration(timeout, now)?.at
  return at === undefined ? null : Math.max(now, at)
}
