// What stands between an event and a run of one function, worked out before the operation that decides: keys of every flow
// control, from the first event. What the store says of them is looked up inside the operation. Pure.

import type { Needs } from '@pawl/storage'
import { ExpressionError, test } from '../expression/index.ts'
import type { Incoming } from '../incoming.ts'
import { clampedSeconds } from '../lines/priority.ts'
import { limitName } from '../lines/rules.ts'
import { bypassableKey, runLimits, sharedKey, startLimits, type Warn } from '../lines/run-limits.ts'
import type { FunctionEntry } from '../registry-cache.ts'
import type { RunKeys } from '../runs/schedule-run.ts'

/**
 * What brings the event: each passes other stations. `fired` is a debounce or batch whose time has come, `again` a rerun.
 */
export type Source = 'event' | 'invoke' | 'cron' | 'fired' | 'again'

export interface Admission {
  readonly fn: FunctionEntry
  readonly source: Source
  readonly run: RunKeys
  /** Keys that must be new for the function to start. */
  readonly idempotency: readonly string[]
  readonly rateLimit: { readonly name: string; readonly periodMs: number; readonly limit: number } | null
  readonly debounce: { readonly name: string; readonly periodMs: number; readonly timeoutMs: number | null } | null
  readonly batch: { readonly name: string; readonly maxSize: number; readonly timeoutMs: number } | null
}

export function prepareAdmission(
  fn: FunctionEntry,
  event: Pick<Incoming, 'value' | 'senderId'>,
  how: { readonly now: number; readonly source: Source },
): Admission {
  const work: Work = { fn, event, now: how.now }
  const isNew = how.source === 'event' || how.source === 'invoke' || how.source === 'cron'
  // A batch is filled by events alone: who invokes waits for an answer of its own.
  const batch = how.source === 'event' ? batchOf(work) : null
  return {
    fn,
    source: how.source,
    run: runKeys(work),
    idempotency: isNew ? idempotencyKeys(work) : [],
    rateLimit: isNew && batch === null ? rateLimitOf(work) : null,
    debounce: isNew && batch === null ? debounceOf(work) : null,
    batch,
  }
}

/** Heads of a line that are brought along: one who may be let in, and one who shows whether there are more. */
const HEADS = 2

/** What decisions on these must read. */
export function admissionNeeds(admissions: readonly Admission[]): Needs {
  return {
    idempotency: admissions.flatMap(({ fn, idempotency }) => idempotency.map((key) => ({ fn: fn.row.key, key }))),
    backlog: [...new Set(admissions.map(({ fn }) => fn.row.key))],
    limits: distinct(admissions.flatMap(({ run }) => startLimits(run.limits))).map((name) => ({ name, take: HEADS })),
    named: distinct(admissions.flatMap(({ debounce, batch }) => [debounce?.name ?? [], batch?.name ?? []].flat())),
    windows: admissions.flatMap(({ rateLimit }) => rateLimit ?? []),
    singletons: distinct(admissions.flatMap(({ run }) => run.singleton ?? [])),
  }
}

function distinct(names: readonly string[]): readonly string[] {
  return names.length < 2 ? names : [...new Set(names)]
}

interface Work {
  readonly fn: FunctionEntry
  readonly event: Pick<Incoming, 'value' | 'senderId'>
  readonly now: number
}

function warner(fn: FunctionEntry, control: string, expression?: string | null): Warn {
  return (warning) => {
    fn.warning = `${control}: ${expression == null ? '' : `${expression}: `}${warning}`
  }
}

function runKeys({ fn, event, now }: Work): RunKeys {
  const { rules, config } = fn
  const limits = runLimits(rules, event.value, { now, warn: warner(fn, 'concurrency or throttle key') })
  const priorityMs =
    clampedSeconds(rules.priority, event.value, { now, warn: warner(fn, 'priority', config.priority) }) * 1_000
  return { limits, priorityMs, singleton: config.singleton === null ? null : singletonOf({ fn, event, now }) }
}

function singletonOf({ fn, event, now }: Work): string | null {
  const key = bypassableKey(fn.rules.singleton, event.value, {
    now,
    warn: warner(fn, 'singleton', fn.config.singleton?.key),
  })
  return key === null ? null : limitName(`singleton:${fn.row.key}:`, key)
}

function idempotencyKeys({ fn, event, now }: Work): readonly string[] {
  const keys: string[] = []
  // A debounce takes the newest of several, also of the same ID.
  if (event.senderId !== null && fn.config.debounce === null) keys.push(`event:${event.senderId}`)
  if (fn.idempotency === null) return keys
  const key = bypassableKey(fn.idempotency, event.value, {
    now,
    warn: warner(fn, 'idempotency', fn.config.idempotency),
  })
  return key === null ? keys : [...keys, `key:${key}`]
}

function rateLimitOf({ fn, event, now }: Work): Admission['rateLimit'] {
  const { rateLimit, idempotency } = fn.config
  // Idempotency is a limit of one a day, told by its own key.
  if (rateLimit === null || idempotency !== null) return null
  const key = bypassableKey(fn.rules.rateLimit, event.value, { now, warn: warner(fn, 'rateLimit', rateLimit.key) })
  if (key === null) return null
  return { name: limitName(`rate:${fn.row.key}:`, key), periodMs: rateLimit.periodMs, limit: rateLimit.limit }
}

function debounceOf({ fn, event, now }: Work): Admission['debounce'] {
  const { debounce } = fn.config
  if (debounce === null) return null
  const key = sharedKey(
    fn.rules.debounce,
    event.value,
    { now, warn: warner(fn, 'debounce', debounce.key) },
    '<invalid>',
  )
  return { name: limitName(`debounce:${fn.row.key}:`, key), periodMs: debounce.periodMs, timeoutMs: debounce.timeoutMs }
}

/** null: the event runs by itself, at once. */
function batchOf({ fn, event, now }: Work): Admission['batch'] {
  const { batch } = fn.config
  if (batch === null) return null
  try {
    if (fn.rules.batchIf !== null && !test(fn.rules.batchIf, { event: event.value }, { now })) return null
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    warner(fn, 'batchEvents.if', batch.if)(error.message)
    return null
  }
  let isFailed = false
  const warn = (warning: string) => {
    isFailed = true
    warner(fn, 'batchEvents.key', batch.key)(warning)
  }
  const key = sharedKey(fn.rules.batch, event.value, { now, warn })
  return isFailed
    ? null
    : { name: limitName(`batch:${fn.row.key}:`, key), maxSize: batch.maxSize, timeoutMs: batch.timeoutMs }
}
