// The flow controls of one function with their expressions compiled, and the names of the limits that they make. A name
// is all that a limit is: it says what is counted, for whom, and for which value of the key.
import { hash } from 'node:crypto'
import type { ConcurrencyLimit, FunctionConfig, Throttle } from '@pawl/protocol'
import type { Key } from '@pawl/storage'
import { compileExpression, type Expression } from '../expression/index.ts'

export interface ConcurrencyRule extends ConcurrencyLimit {
  readonly expression: Expression | null
  /** What the names of its limits begin with; the key's value follows. */
  readonly prefix: string
}

export interface ThrottleRule extends Throttle {
  readonly expression: Expression | null
  readonly prefix: string
}

export interface FlowRules {
  readonly concurrency: readonly ConcurrencyRule[]
  readonly throttle: ThrottleRule | null
  /** The key of the rate limit; null without a key or without a rate limit. */
  readonly rateLimit: Expression | null
  readonly debounce: Expression | null
  readonly batch: Expression | null
  readonly batchIf: Expression | null
  readonly priority: Expression | null
  readonly singleton: Expression | null
}

/** Slots of a limit that gives no number of its own. */
export const CONCURRENCY_DEFAULT = 1_000

export function compileRules(fn: Key, config: FunctionConfig): FlowRules {
  const { throttle, rateLimit, debounce, batch, singleton } = config
  return {
    concurrency: config.concurrency.map((rule) => ({
      ...rule,
      limit: rule.limit > 0 ? rule.limit : CONCURRENCY_DEFAULT,
      expression: compiled(rule.key),
      prefix: concurrencyPrefix(fn, rule),
    })),
    throttle: throttle === null ? null : { ...throttle, expression: compiled(throttle.key), prefix: `throttle:${fn}:` },
    rateLimit: compiled(rateLimit?.key),
    debounce: compiled(debounce?.key),
    batch: compiled(batch?.key),
    batchIf: compiled(batch?.if),
    priority: compiled(config.priority),
    singleton: compiled(singleton?.key),
  }
}

/** Limits of a wider scope are shared by all functions that have the same key expression. */
function concurrencyPrefix(fn: Key, { scope, key, counts }: ConcurrencyLimit): string {
  const of = scope === 'fn' ? `fn${fn}` : scope
  const by = key === null ? '' : hash('sha1', key, 'hex').slice(0, 12)
  return `${counts}:${of}:${by}:`
}

function compiled(text: string | null | undefined): Expression | null {
  return text === null || text === undefined ? null : compileExpression(text)
}

/** Characters of a key's value that a name holds; a longer one is told by its digest. */
const VALUE_CHARS_MAX = 120

/** The name of a limit, window or lock: its prefix and the key's value. */
export function limitName(prefix: string, value: string): string {
  return `${prefix}${value.length <= VALUE_CHARS_MAX ? value : `#${hash('sha256', value, 'hex')}`}`
}

/** The line in which a paused function's items stand. */
export function pauseLine(fn: Key): string {
  return `pause:${fn}`
}

/** What a function's configuration says now about a limit; undefined when no rule makes such names any more. */
export type Rule =
  | { readonly kind: 'concurrency'; readonly rule: ConcurrencyRule; readonly key: string | null }
  | { readonly kind: 'throttle'; readonly rule: ThrottleRule; readonly key: string | null }
  | { readonly kind: 'pause' }

export function ruleOf(fn: Key, rules: FlowRules, name: string): Rule | undefined {
  const { throttle } = rules
  if (throttle !== null && name.startsWith(throttle.prefix)) {
    return { kind: 'throttle', rule: throttle, key: keyOf(throttle, name) }
  }
  const rule = rules.concurrency.find(({ prefix }) => name.startsWith(prefix))
  if (rule !== undefined) return { kind: 'concurrency', rule, key: keyOf(rule, name) }
  return name === pauseLine(fn) ? { kind: 'pause' } : undefined
}

function keyOf({ key, prefix }: ConcurrencyRule | ThrottleRule, name: string): string | null {
  return key === null ? null : name.slice(prefix.length)
}
