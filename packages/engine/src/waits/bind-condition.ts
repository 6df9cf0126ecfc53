// What a wait stores of its condition: the equality by which events find it, and the rest that is tested on what is found.

import type { EventValue } from '../event-value.ts'
import {
  bindWait,
  compileExpression,
  compileRest,
  type Expression,
  ExpressionError,
  test,
} from '../expression/index.ts'

export interface BoundCondition {
  /** It can never hold: no wait is needed. */
  readonly never: boolean
  /** '' where there is no equality. */
  readonly path: string
  readonly value: string
  readonly rest: string | null
}

/**
 * Puts the run's own event into a condition over `event` and `async`.
 * @throws ExpressionError when the text is no expression.
 */
export function bindCondition(text: string | null | undefined, event: EventValue, now: number): BoundCondition {
  if (text === null || text === undefined || text === '') return { never: false, path: '', value: '', rest: null }
  const bound = bindWait(
    compiled(`if ${text}`, () => compileExpression(text)),
    event,
    { now },
  )
  return { never: bound.never, path: bound.key?.path ?? '', value: bound.key?.value ?? '', rest: bound.rest }
}

/** Whether the rest of a condition holds for an event. One that errs does not. */
export function restHolds(rest: string | null, async: EventValue, now: number): boolean {
  if (rest === null) return true
  try {
    return test(
      compiled(`rest ${rest}`, () => compileRest(rest)),
      { async },
      { now },
    )
  } catch (error) {
    if (error instanceof ExpressionError) return false
    throw error
  }
}

// Conditions come from few places in code and are bound for every run, so their trees are kept. Pure, hence shared.
const CACHE_MAX = 1_000
const CACHED_CHARS_MAX = 4_096
const cache = new Map<string, Expression>()

function compiled(key: string, compile: () => Expression): Expression {
  const found = cache.get(key)
  if (found !== undefined) return found
  const expression = compile()
  // A rest may hold what an event brought; long ones are seldom alike, and would fill the memory.
  if (key.length > CACHED_CHARS_MAX) return expression
  if (cache.size >= CACHE_MAX) cache.clear()
  cache.set(key, expression)
  return expression
}
