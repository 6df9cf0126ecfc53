// Reads the flow controls of a function: concurrency, throttle, rate limit, debounce, batch, singleton, timeouts.
// Bounds are those of the limits page; what cannot be combined is checked where all of them are known.

import type { ConfigReader } from './config-reader.ts'
import { type Fields, fieldsOf } from './fields.ts'
import type { Batch, ConcurrencyLimit, Debounce, RateLimit, Singleton, Throttle } from './function-config.ts'
import type { Json } from './json-value.ts'
import { LIMITS } from './limits.ts'
import { isObject } from './values.ts'

type Value = Exclude<Json, null> | undefined

/** Reads concurrency in all its forms: a number, one limit, a list of limits, or Go's `{fn, step}`. */
export function readConcurrency(reader: ConfigReader, value: Value): ConcurrencyLimit[] {
  if (value === undefined) return []
  const fields = fieldsOf(value)
  const runs = fields('fn')
  const steps = fields('step')
  const split = isObject(value) && (runs !== undefined || steps !== undefined)
  const limits = split
    ? [
        ...readLimits(reader, listOf(runs), { path: 'concurrency.fn', counts: 'runs' }),
        ...readLimits(reader, listOf(steps), { path: 'concurrency.step', counts: 'steps' }),
      ]
    : readLimits(reader, listOf(value), { path: 'concurrency', counts: 'steps' })
  const max = LIMITS.concurrencyMax.value
  if (limits.length > max) {
    reader.fault('concurrency_limit_invalid', 'concurrency', `concurrency has more than ${max} limits`)
  }
  if (limits.filter((limit) => limit.counts === 'runs').length > 1) {
    reader.fault('concurrency_limit_invalid', 'concurrency.fn', 'concurrency.fn has more than one limit')
  }
  return limits
}

/** Reads a throttle; null when there is none, or a faulty one. */
export function readThrottle(reader: ConfigReader, value: Value): Throttle | null {
  const fields = section(reader, value, 'throttle')
  if (fields === null) return null
  const limit = readCount(reader, fields, { path: 'throttle.limit', min: 1 })
  const periodMs = readPeriod(reader, fields, {
    path: 'throttle.period',
    min: LIMITS.throttlePeriodMsMin.value,
    max: LIMITS.throttlePeriodMsMax.value,
  })
  const burst = reader.count({ value: fields('burst'), path: 'throttle.burst', code: 'config_invalid' }, NOT_NEGATIVE)
  const key = readKey(reader, fields, 'throttle.key')
  return limit === null || periodMs === null ? null : { limit, periodMs, burst: burst ?? 0, key }
}

/** Reads a rate limit; null when there is none, or a faulty one. */
export function readRateLimit(reader: ConfigReader, value: Value): RateLimit | null {
  const fields = section(reader, value, 'rateLimit')
  if (fields === null) return null
  const limit = readCount(reader, fields, { path: 'rateLimit.limit', min: 1 })
  const periodMs = readPeriod(reader, fields, {
    path: 'rateLimit.period',
    min: LIMITS.rateLimitPeriodMsMin.value,
    max: LIMITS.rateLimitPeriodMsMax.value,
  })
  const key = readKey(reader, fields, 'rateLimit.key')
  return limit === null || periodMs === null ? null : { limit, periodMs, key }
}

/** Reads a debounce; null when there is none, or a faulty one. */
export function readDebounce(reader: ConfigReader, value: Value): Debounce | null {
  const fields = section(reader, value, 'debounce')
  if (fields === null) return null
  const range = { min: LIMITS.debouncePeriodMsMin.value, max: LIMITS.debouncePeriodMsMax.value }
  const periodMs = readPeriod(reader, fields, { path: 'debounce.period', ...range })
  const timeout = { value: fields('timeout'), path: 'debounce.timeout', code: 'config_invalid' } as const
  const timeoutMs = reader.duration(timeout, POSITIVE)
  const key = readKey(reader, fields, 'debounce.key')
  return periodMs === null ? null : { periodMs, timeoutMs, key }
}

/** Reads a batch; null when there is none, or a faulty one. */
export function readBatch(reader: ConfigReader, value: Value): Batch | null {
  const fields = section(reader, value, 'batchEvents')
  if (fields === null) return null
  const size = { value: fields('maxSize'), path: 'batchEvents.maxSize', code: 'batch_size_invalid' } as const
  if (size.value === undefined) reader.fault(size.code, size.path, `${size.path} is missing`)
  const maxSize = reader.count(size, { min: LIMITS.batchSizeMin.value, max: LIMITS.batchSizeMax.value })
  const timeoutMs = reader.duration(
    { value: fields('timeout'), path: 'batchEvents.timeout', code: 'batch_timeout_invalid' },
    { min: LIMITS.batchTimeoutMsMin.value, max: LIMITS.batchTimeoutMsMax.value },
  )
  const keyPlace = { value: fields('key'), path: 'batchEvents.key', code: 'batch_key_expression_invalid' } as const
  const ifPlace = { value: fields('if'), path: 'batchEvents.if', code: 'batch_if_expression_invalid' } as const
  const key = reader.expression(keyPlace, 'key')
  const condition = reader.expression(ifPlace, 'condition')
  if (maxSize === null) return null
  return { maxSize, timeoutMs: timeoutMs ?? LIMITS.batchTimeoutMsDefault.value, key, if: condition }
}

/** Reads a singleton; null when there is none, or a faulty one. */
export function readSingleton(reader: ConfigReader, value: Value): Singleton | null {
  const fields = section(reader, value, 'singleton')
  if (fields === null) return null
  const mode = fields('mode')
  const key = readKey(reader, fields, 'singleton.key')
  if (mode === 'skip' || mode === 'cancel') return { mode, key }
  reader.fault('config_invalid', 'singleton.mode', 'singleton.mode must be skip or cancel')
  return null
}

/** Reads the priority: an expression that gives seconds. */
export function readPriority(reader: ConfigReader, value: Value): string | null {
  const fields = section(reader, value, 'priority')
  if (fields === null) return null
  return reader.expression({ value: fields('run'), path: 'priority.run', code: 'invalid_expression' }, 'priority')
}

/** Reads how long a run may wait for its start, and how long it may take. */
export function readTimeouts(reader: ConfigReader, value: Value): { startMs: number | null; finishMs: number | null } {
  const fields = section(reader, value, 'timeouts')
  if (fields === null) return { startMs: null, finishMs: null }
  const start = { value: fields('start'), path: 'timeouts.start', code: 'config_invalid' } as const
  const finish = { value: fields('finish'), path: 'timeouts.finish', code: 'config_invalid' } as const
  return { startMs: reader.duration(start, POSITIVE), finishMs: reader.duration(finish, POSITIVE) }
}

const NOT_NEGATIVE = { min: 0, max: Number.MAX_SAFE_INTEGER }
const POSITIVE = { min: 1, max: Number.MAX_SAFE_INTEGER }

function readLimits(
  reader: ConfigReader,
  items: readonly Json[],
  of: { path: string; counts: 'steps' | 'runs' },
): ConcurrencyLimit[] {
  const limits = items.map((item, index) => readLimit(reader, item, { ...of, path: `${of.path}[${index}]` }))
  // No number and no key: the server's default, which needs no limit of the function's own.
  return limits.filter((limit) => limit !== null && (limit.limit > 0 || limit.key !== null)) as ConcurrencyLimit[]
}

function readLimit(
  reader: ConfigReader,
  item: Json,
  of: { path: string; counts: 'steps' | 'runs' },
): ConcurrencyLimit | null {
  const { path, counts } = of
  const code = 'concurrency_limit_invalid'
  const fields = isObject(item) ? fieldsOf(item) : () => undefined
  const value = isObject(item) ? fields('limit') : (item ?? undefined)
  const min = counts === 'runs' ? 1 : 0
  const limit = reader.count({ value, path: `${path}.limit`, code }, { min, max: Number.MAX_SAFE_INTEGER })
  const key = readKey(reader, fields, `${path}.key`)
  const scope = readScope(fields('scope'))
  if (scope === null) {
    reader.fault(code, `${path}.scope`, `${path}.scope must be fn, env or account`)
    return null
  }
  if (scope !== 'fn' && (fields('key') ?? '') === '') {
    reader.fault(code, `${path}.key`, `${path} has the scope ${scope}, which needs a key`)
  }
  return { limit: limit ?? 0, key, scope, counts }
}

function readScope(value: Value): ConcurrencyLimit['scope'] | null {
  if (value === undefined || value === '') return 'fn'
  return value === 'fn' || value === 'env' || value === 'account' ? value : null
}

function readCount(reader: ConfigReader, fields: Fields, at: { path: string; min: number }): number | null {
  const value = fields('limit')
  if (value === undefined) reader.fault('config_invalid', at.path, `${at.path} is missing`)
  return reader.count({ value, path: at.path, code: 'config_invalid' }, { min: at.min, max: Number.MAX_SAFE_INTEGER })
}

function readPeriod(
  reader: ConfigReader,
  fields: Fields,
  at: { path: string; min: number; max: number },
): number | null {
  const value = fields('period')
  if ((value ?? '') === '') reader.fault('config_invalid', at.path, `${at.path} is missing`)
  return reader.duration({ value, path: at.path, code: 'config_invalid' }, at)
}

function readKey(reader: ConfigReader, fields: Fields, path: string): string | null {
  return reader.expression({ value: fields('key'), path, code: 'invalid_expression' }, 'key')
}

function section(reader: ConfigReader, value: Value, path: string): Fields | null {
  if (value === undefined) return null
  if (isObject(value)) return fieldsOf(value)
  reader.fault('config_invalid', path, `${path} must be an object`)
  return null
}

function listOf(value: Value): readonly Json[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
