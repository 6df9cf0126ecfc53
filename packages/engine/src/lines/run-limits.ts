// The limits that cover one run: worked out once, from its first event, and kept with it. The numbers are read from the
// configuration whenever they are needed.

import type { EventValue } from '../event-value.ts'
import { type Expression, ExpressionError, keyText } from '../expression/index.ts'
import { type FlowRules, limitName } from './rules.ts'

/** Kept as JSON in the run's `flow`. Names of limits. */
export interface RunLimits {
  /** Each call counts while it is under way. Two at most, with `runs`. */
  readonly steps: readonly string[]
  /** The run counts from its start to its end. */
  readonly runs: string | null
  /** Its start is counted. */
  readonly throttle: string | null
}

export const NO_LIMITS: RunLimits = { steps: [], runs: null, throttle: null }

/** What is said of a key that could not be used as it stands. */
export type Warn = (warning: string) => void

export function runLimits(
  rules: FlowRules,
  event: EventValue,
  context: { readonly now: number; readonly warn: Warn },
): RunLimits {
  if (rules.concurrency.length === 0 && rules.throttle === null) return NO_LIMITS
  const steps = new Set<string>()
  let runs: string | null = null
  for (const rule of rules.concurrency) {
    const name = limitName(rule.prefix, sharedKey(rule.expression, event, context))
    if (rule.counts === 'runs') runs = name
    else steps.add(name)
  }
  const { throttle } = rules
  const throttled =
    throttle === null ? null : limitName(throttle.prefix, sharedKey(throttle.expression, event, context))
  return { steps: [...steps], runs, throttle: throttled }
}

/** As it is stored; null for a run without limits. */
export function writeLimits(limits: RunLimits): string | null {
  return limits.steps.length === 0 && limits.runs === null && limits.throttle === null ? null : JSON.stringify(limits)
}

export function readLimits(flow: string | null): RunLimits {
  // Written by `writeLimits`.
  return flow === null ? NO_LIMITS : (JSON.parse(flow) as RunLimits)
}

/** What the first call of a run must pass; the throttle last, for it holds no slot. */
export function startLimits({ steps, runs, throttle }: RunLimits): readonly string[] {
  return [...steps, ...(runs === null ? [] : [runs]), ...(throttle === null ? [] : [throttle])]
}

/** The text of a key whose control always applies: events for which it cannot be evaluated share one. */
export function sharedKey(
  expression: Expression | null,
  event: EventValue,
  { now, warn }: { readonly now: number; readonly warn: Warn },
  failed = '',
): string {
  if (expression === null) return ''
  try {
    return keyText(expression, { event }, { now }).text
  } catch (error) {
    warn(messageOf(error))
    return failed
  }
}

/**
 * The text of a key that may take its control off: a result of `false` does (null). Events that have no such value share the
 * key `null`.
 */
export function bypassableKey(
  expression: Expression | null,
  event: EventValue,
  { now, warn }: { readonly now: number; readonly warn: Warn },
): string | null {
  if (expression === null) return ''
  try {
    const key = keyText(expression, { event }, { now })
    if (!key.missing) return key.isFalse ? null : key.text
    warn(`the key is missing in event ${String(event['name'])}; such events share one`)
    return 'null'
  } catch (error) {
    warn(messageOf(error))
    return null
  }
}

function messageOf(error: unknown): string {
  if (error instanceof ExpressionError) return error.message
  throw error
}
