// The deadline of a step that waits for somebody.
import { errorText, parseTimeOrDuration, timeoutTooLongError } from '@pawl/protocol'

/** A year where none is given, as for an invoke. null when the text is neither a time nor a duration. */
export function deadline(timeout: string | null, now: number): number | null {
  if (timeout === null) return now + 365 * 86_400_000
  const at = parseTimeOrDuration(timeout, now)?.at
  return at === undefined ? null : Math.max(now, at)
}

/** Why a run cannot sleep or wait until then, as its canonical error; null when it can. */
export function refusedDeadline(wish: {
  readonly text: string
  readonly until: number | null | undefined
  readonly now: number
  readonly maxMs: number
}): string | null {
  const { text, until, now, maxMs } = wish
  if (until === null || until === undefined) {
    return errorText({
      name: 'protocol_error',
      message: `${JSON.stringify(text.slice(0, 100))} is neither a time nor a duration.`,
    })
  }
  return until - now > maxMs ? timeoutTooLongError() : null
}
