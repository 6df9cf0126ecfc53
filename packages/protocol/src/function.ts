// Reads the configuration of functions as SDKs register them, with all their differences, into the one form that the engine works by.
// Every fault is reported with its place; a sync with any fault changes nothing (all functions or none).
// What takes a compiler, expressions and schedules, is checked by functions that are passed in.

import { type ConfigReader, createConfigReader } from './config-reader.ts'
import { type Fields, fieldsOf } from './fields.ts'
import {
  readBatch,
  readConcurrency,
  readDebounce,
  readPriority,
  readRateLimit,
  readSingleton,
  readThrottle,
  readTimeouts,
} from './flow-control.ts'
import type { ConfigFault, FunctionChecks, FunctionConfig, RateLimit } from './function-config.ts'
import type { Json } from './json-value.ts'
import { LIMITS } from './limits.ts'
import { readCancel, readTriggers } from './triggers.ts'
import { normalizeUrl } from './url.ts'
import { isObject, wordOf } from './values.ts'

/** A function's configuration, usable only when it has no faults. */
export interface FunctionReading {
  readonly config: FunctionConfig
  readonly faults: readonly ConfigFault[]
  /** What is accepted and yet not as its author may think; a sentence each, with the slug. */
  readonly warnings: readonly string[]
}

/** Reads all functions of an app; two with the same slug are a fault too. */
export function readFunctions(
  functions: readonly Json[],
  appName: string,
  checks: FunctionChecks,
): { configs: FunctionConfig[]; faults: ConfigFault[] } {
  const readings = functions.map((raw) => readFunction(raw, appName, checks))
  const faults = readings.flatMap((reading) => reading.faults)
  const seen = new Set<string>()
  for (const { config } of readings) {
    if (seen.has(config.slug)) {
      const message = `Two functions have the ID ${config.slug}`
      faults.push({ function: config.slug, code: 'config_invalid', message, path: 'id' })
    }
    seen.add(config.slug)
  }
  return { configs: readings.map((reading) => reading.config), faults }
}

/** Reads one function of an app. A function without an ID, as written by hand, gets its slug from its name. */
export function readFunction(raw: Json, appName: string, checks: FunctionChecks): FunctionReading {
  const fields = fieldsOf(raw)
  const slug = wordOf(fields('id') ?? fields('slug')) ?? slugify(wordOf(fields('name')) ?? '')
  const reader = createConfigReader(slug === '' ? `${appName}: unnamed` : slug, checks)
  if (!isObject(raw)) reader.fault('config_invalid', '', 'A function must be an object')
  else if (slug === '') reader.fault('config_invalid', 'id', 'id is missing')
  reader.name({ value: slug, path: 'id', code: 'config_invalid' }, LIMITS.slugCharactersMax.value)
  const step = readStep(reader, fields)
  const idempotency = readIdempotency(reader, fields)
  const rateLimit = readRateLimit(reader, fields('rateLimit'))
  const namePlace = { value: fields('name'), path: 'name', code: 'config_invalid' } as const
  const config: FunctionConfig = {
    slug,
    name: reader.name(namePlace, LIMITS.slugCharactersMax.value) ?? slug,
    ...step,
    triggers: readTriggers(reader, fields('triggers')),
    concurrency: readConcurrency(reader, fields('concurrency')),
    throttle: readThrottle(reader, fields('throttle')),
    rateLimit: idempotency === null ? rateLimit : oncePerKey(idempotency),
    debounce: readDebounce(reader, fields('debounce')),
    batch: readBatch(reader, fields('batchEvents')),
    priority: readPriority(reader, fields('priority')),
    singleton: readSingleton(reader, fields('singleton')),
    idempotency,
    timeouts: readTimeouts(reader, fields('timeouts')),
    cancel: readCancel(reader, fields('cancel')),
    checkpoint: fields('checkpoint') ?? null,
  }
  checkCombinations(reader, fields)
  const isReplaced = idempotency !== null && rateLimit !== null
  return {
    config,
    faults: reader.faults,
    warnings: isReplaced ? [`${slug}: idempotency takes the place of rateLimit, which is ignored`] : [],
  }
}

function oncePerKey(key: string): RateLimit {
  return { limit: 1, periodMs: LIMITS.idempotencyMs.value, key }
}

function readIdempotency(reader: ConfigReader, fields: Fields): string | null {
  const place = { value: fields('idempotency'), path: 'idempotency', code: 'invalid_expression' } as const
  return reader.expression(place, 'key')
}

/** A function has exactly one step on the wire, which tells where it is served. */
function readStep(reader: ConfigReader, fields: Fields): Pick<FunctionConfig, 'url' | 'runtime' | 'retries'> {
  const steps = fields('steps')
  const names = isObject(steps) ? Object.keys(steps) : []
  if (names.length !== 1 || names[0] !== 'step') {
    reader.fault('config_invalid', 'steps', 'steps must hold exactly one step, named step')
  }
  if (!names.includes('step')) return { url: '', runtime: 'http', retries: LIMITS.retriesDefault.value }
  const step = fieldsOf(fieldsOf(steps)('step'))
  const runtime = fieldsOf(step('runtime'))
  const retries = fieldsOf(step('retries'))('attempts') ?? fields('retries')
  return { ...readRuntime(reader, runtime), retries: readRetries(reader, retries) }
}

function readRuntime(reader: ConfigReader, runtime: Fields): Pick<FunctionConfig, 'url' | 'runtime'> {
  const type = runtime('type') ?? 'http'
  if (type !== 'http' && type !== 'ws') {
    reader.fault('config_invalid', 'steps.step.runtime.type', 'steps.step.runtime.type must be http or ws')
  }
  const sent = runtime('url')
  const url = typeof sent === 'string' ? normalizeUrl(sent) : null
  if (url === null) {
    const path = 'steps.step.runtime.url'
    reader.fault('config_invalid', path, `${path} must be an http, https, ws or wss URL`)
    return { url: '', runtime: 'http' }
  }
  return { url, runtime: type === 'ws' || url.startsWith('ws') ? 'connect' : 'http' }
}

/** More than 20 are clamped, as SDKs document. */
function readRetries(reader: ConfigReader, value: Json | undefined): number {
  if (value === undefined) return LIMITS.retriesDefault.value
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    reader.fault('config_invalid', 'steps.step.retries.attempts', 'retries must be a whole number')
    return LIMITS.retriesDefault.value
  }
  return Math.min(Math.max(value, 0), LIMITS.retriesMax.value)
}

/** A batch has no single event that these controls could look at. */
const NOT_WITH_BATCH = ['cancel', 'debounce', 'singleton', 'priority', 'rateLimit', 'idempotency'] as const

function checkCombinations(reader: ConfigReader, fields: Fields): void {
  if (fields('batchEvents') === undefined) return
  for (const name of NOT_WITH_BATCH) {
    const value = fields(name)
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue
    const why = 'a batch has no single event by which it could be decided'
    reader.fault('combo_unsupported', name, `batchEvents cannot be combined with ${name}: ${why}`)
  }
}

function slugify(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
}
