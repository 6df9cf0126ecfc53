// Station 2: which functions an event starts. Pure. Triggers of a function are tried in order and the first that holds
// wins, so that a function starts once; an expression that errs counts as not matched and never stops the event.

import { ExpressionError, test } from '../expression/index.ts'
import type { Incoming } from '../incoming.ts'
import { type FunctionEntry, patternMatches } from '../registry-cache.ts'

export type MatchVerdict =
  | { readonly fn: FunctionEntry; readonly matched: true }
  | {
      readonly fn: FunctionEntry
      readonly matched: false
      readonly reason: 'filter_false' | 'bad_expression'
      readonly detail: string
    }

/** The verdict on each function that listens to the event's name, by key. */
export function matchTriggers(listeners: readonly FunctionEntry[], event: Incoming, now: number): MatchVerdict[] {
  return listeners.map((fn) => verdictOn(fn, event, now))
}

function verdictOn(fn: FunctionEntry, event: Incoming, now: number): MatchVerdict {
  let reason: 'filter_false' | 'bad_expression' = 'filter_false'
  let detail = ''
  for (const matcher of fn.matchers) {
    if (!patternMatches(matcher.pattern, event.row.name)) continue
    if (matcher.condition === null) return { fn, matched: true }
    try {
      if (test(matcher.condition, { event: event.value }, { now })) return { fn, matched: true }
      detail = matcher.conditionText ?? ''
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      reason = 'bad_expression'
      detail = `${matcher.conditionText}: ${error.message}`
      fn.warning = detail
    }
  }
  return { fn, matched: false, reason, detail }
}
