// The conditions by which a bulk operation chooses among runs. One that has no value for a run does not hold for it, as in
// the lists of the API.
import type { Json } from '@pawl/protocol'
import type { RunView, StoredEvent } from '@pawl/storage'
import { EngineError } from '../errors.ts'
import { type EventValue, eventValue } from '../event-value.ts'
import { compileExpression, type Expression, ExpressionError, test } from '../expression/index.ts'
import type { RegistryCache } from '../registry-cache.ts'
import { storedEventText } from '../runs/finish-events.ts'

/** @throws EngineError `invalid_expression` */
export function compileConditions(texts: readonly string[], roots: readonly string[]): readonly Expression[] {
  return texts.map((text) => {
    try {
      return compileExpression(text, { roots })
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      throw new EngineError('invalid_expression', `invalid expression: ${error.message}`, {
        details: { expression: text },
        cause: error,
      })
    }
  })
}

export interface RunChoice {
  readonly registry: RegistryCache
  readonly conditions: readonly Expression[]
  readonly now: number
}

/** Whether all conditions hold over the run's first event. A run whose event is gone has none. */
export function holdsForEvent(choice: RunChoice, view: RunView): boolean {
  if (choice.conditions.length === 0) return true
  const [event] = view.events
  return all(choice, event === undefined ? {} : { event: eventOf(choice.registry, event) })
}

/** Whether all conditions hold over the result or error of the run, and any of its events. */
export function holdsForRun(choice: RunChoice, view: RunView): boolean {
  if (choice.conditions.length === 0) return true
  // Canonical JSON of the store.
  const result = view.output === null ? undefined : (JSON.parse(view.output) as Json)
  const rest = result === undefined ? {} : view.outputIsError ? { error: result } : { output: result }
  if (view.events.length === 0) return all(choice, rest)
  return view.events.some((event) => all(choice, { ...rest, event: eventOf(choice.registry, event) }))
}

function eventOf(registry: RegistryCache, event: StoredEvent): EventValue {
  return eventValue(storedEventText(event, (fn) => registry.fn(fn)?.row.slug ?? ''))
}

function all({ conditions, now }: RunChoice, variables: Parameters<typeof test>[1]): boolean {
  return conditions.every((condition) => {
    try {
      return test(condition, variables, { now })
    } catch (error) {
      if (error instanceof ExpressionError) return false
      throw error
    }
  })
}
