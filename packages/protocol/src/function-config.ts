// The normalized configuration of a function: what the engine works by, whatever SDK sent it.
// Durations are milliseconds, expressions are texts; a missing control is null, never a default that looks configured.

import type { Json } from './json-value.ts'

/** What starts a function: an event name (or a pattern that ends in a wildcard), or a cron text. */
export type Trigger = EventTrigger | CronTrigger

/** An event name, or a pattern such as `shop/*`, with an optional condition. */
export interface EventTrigger {
  readonly event: string
  readonly if?: string
}

/** A schedule; the jitter is fixed for each occurrence. */
export interface CronTrigger {
  readonly cron: string
  readonly jitterMs?: number
}

/** How many may go on at once, by key where there is one. */
export interface ConcurrencyLimit {
  /** 0 = the server's default. */
  readonly limit: number
  readonly key: string | null
  readonly scope: 'fn' | 'env' | 'account'
  /** `steps` counts calls that are under way, `runs` counts whole runs (beta form `{fn: […]}` of the Go SDK). */
  readonly counts: 'steps' | 'runs'
}

/** Starts are delayed: `limit + burst` at once, then one per period / limit. */
export interface Throttle {
  readonly limit: number
  readonly periodMs: number
  readonly burst: number
  readonly key: string | null
}

/** Events beyond the limit start nothing. */
export interface RateLimit {
  readonly limit: number
  readonly periodMs: number
  readonly key: string | null
}

/** Only the last event of a quiet period starts a run. */
export interface Debounce {
  readonly periodMs: number
  readonly timeoutMs: number | null
  readonly key: string | null
}

/** Several events start one run. */
export interface Batch {
  readonly maxSize: number
  readonly timeoutMs: number
  readonly key: string | null
  readonly if: string | null
}

/** One run at a time, by key where there is one. */
export interface Singleton {
  readonly mode: 'skip' | 'cancel'
  readonly key: string | null
}

/** An event that cancels runs. */
export interface CancelRule {
  readonly event: string
  readonly if?: string
  /** Duration or ISO date, as it was sent; counted from the run's start. */
  readonly timeout?: string
}

/** All that the engine knows about a function. */
export interface FunctionConfig {
  /** `<app>-<function>`. */
  readonly slug: string
  readonly name: string
  /** Normalized; `fnId` and `stepId` stand in its query. */
  readonly url: string
  /** How the app said it is called. Failure handlers say `http` even under connect: route by the app. */
  readonly runtime: 'http' | 'connect'
  readonly triggers: readonly Trigger[]
  /** 0..20; attempts = retries + 1. */
  readonly retries: number
  readonly concurrency: readonly ConcurrencyLimit[]
  readonly throttle: Throttle | null
  /** `idempotency` is folded in here: limit 1 in 24 h by its key. */
  readonly rateLimit: RateLimit | null
  readonly debounce: Debounce | null
  readonly batch: Batch | null
  /** Expression that gives seconds. */
  readonly priority: string | null
  readonly singleton: Singleton | null
  /** The expression as configured; already contained in `rateLimit`. */
  readonly idempotency: string | null
  readonly timeouts: { readonly startMs: number | null; readonly finishMs: number | null }
  readonly cancel: readonly CancelRule[]
  readonly checkpoint: Json
}

/** One thing that is wrong with a function's configuration. */
export interface ConfigFault {
  /** Slug, or words that name the app when the function has none. */
  readonly function: string
  readonly code: ConfigFaultCode
  readonly message: string
  /** Where in the function's configuration, e.g. `concurrency[1].key`. */
  readonly path: string
}

/** Kinds of faults. */
export type ConfigFaultCode =
  | 'config_invalid'
  | 'combo_unsupported'
  | 'batch_size_invalid'
  | 'batch_timeout_invalid'
  | 'batch_key_expression_invalid'
  | 'batch_if_expression_invalid'
  | 'concurrency_limit_invalid'
  | 'event_name_invalid'
  | 'schedule_invalid'
  | 'invalid_expression'

/** Where an expression stands; decides which names and functions it may use. */
export type ExpressionPlace = 'condition' | 'key' | 'priority' | 'cancel'

/** What only the engine can check. Each gives null, or what is wrong in words. */
export interface FunctionChecks {
  readonly checkExpression: (text: string, where: ExpressionPlace) => string | null
  readonly checkCron: (text: string) => string | null
}
