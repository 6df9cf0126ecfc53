// Station 3: may this event start this function now? Pure: the keys are worked out before the operation, and what the
// store says of them is looked up inside it. Paused functions, batches, rate limits, debounces and singletons will stand
// here, before and after the idempotency look, in the order of docs/ARCHITECTURE.md.

import { ExpressionError, keyText } from '../expression/index.ts'
import type { Incoming } from '../incoming.ts'
import type { FunctionEntry } from '../registry-cache.ts'

/** The keys that must be new for the function to start; none for an event without an ID of its sender's. */
export function idempotencyKeys(fn: FunctionEntry, event: Incoming, now: number): readonly string[] {
  const keys: string[] = []
  if (event.senderId !== null) keys.push(`event:${event.senderId}`)
  if (fn.idempotency !== null) {
    const key = expressionKey(fn, event, now)
    if (key !== null) keys.push(`key:${key}`)
  }
  return keys
}

/** null: the control does not apply, by a result of `false` or by an error. A missing value is the shared key `null`. */
function expressionKey(fn: FunctionEntry, event: Incoming, now: number): string | null {
  if (fn.idempotency === null) return null
  try {
    const key = keyText(fn.idempotency, { event: event.value }, { now })
    if (key.missing) {
      fn.warning = `idempotency: ${fn.config.idempotency} is missing in event ${event.row.name}; such events share one key`
      return 'null'
    }
    return key.isFalse ? null : key.text
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    fn.warning = `idempotency: ${error.message}`
    return null
  }
}
