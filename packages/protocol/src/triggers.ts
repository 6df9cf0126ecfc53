// Reads what starts a function and what cancels its runs.

import type { ConfigReader } from './config-reader.ts'
import { parseDuration, parseTimeOrDuration } from './duration.ts'
import { type Fields, fieldsOf } from './fields.ts'
import type { CancelRule, CronTrigger, EventTrigger, Trigger } from './function-config.ts'
import type { Json } from './json-value.ts'
import { LIMITS } from './limits.ts'

/** Reads the triggers of a function; none means that it runs only by invoke. */
export function readTriggers(reader: ConfigReader, value: Json | undefined): Trigger[] {
  const items = listOf(reader, value, 'triggers')
  const max = LIMITS.triggersMax.value
  if (items.length > max) reader.fault('config_invalid', 'triggers', `triggers has more than ${max} entries`)
  const triggers: Trigger[] = []
  const seen = new Set<string>()
  for (const [index, item] of items.slice(0, max).entries()) {
    const path = `triggers[${index}]`
    const trigger = readTrigger(reader, fieldsOf(item), path)
    if (trigger === null) continue
    // A schedule is the same whatever its jitter; an event with another condition is another trigger.
    const identity = 'cron' in trigger ? `cron ${trigger.cron}` : `event ${trigger.event} ${trigger.if ?? ''}`
    if (seen.has(identity)) reader.fault('config_invalid', path, `${path} repeats an earlier trigger`)
    seen.add(identity)
    triggers.push(trigger)
  }
  return triggers
}

/** Reads the rules that cancel a function's runs. */
export function readCancel(reader: ConfigReader, value: Json | undefined): CancelRule[] {
  const items = listOf(reader, value, 'cancel')
  const max = LIMITS.cancelMax.value
  if (items.length > max) reader.fault('config_invalid', 'cancel', `cancel has more than ${max} entries`)
  const rules: CancelRule[] = []
  for (const [index, item] of items.slice(0, max).entries()) {
    const rule = readCancelRule(reader, fieldsOf(item), `cancel[${index}]`)
    if (rule !== null) rules.push(rule)
  }
  return rules
}

function readTrigger(reader: ConfigReader, fields: Fields, path: string): Trigger | null {
  const event = fields('event') ?? ''
  const cron = fields('cron') ?? ''
  if (event !== '' && cron !== '') {
    reader.fault('config_invalid', path, `${path} has both an event and a cron`)
    return null
  }
  if (event === '' && cron === '') {
    reader.fault('config_invalid', path, `${path} has neither an event nor a cron`)
    return null
  }
  return cron === '' ? readEventTrigger(reader, fields, path) : readCronTrigger(reader, fields, path)
}

function readEventTrigger(reader: ConfigReader, fields: Fields, path: string): EventTrigger | null {
  const event = readEventName(reader, fields, path)
  const value = fields('expression') ?? fields('if')
  const condition = reader.expression({ value, path: `${path}.expression`, code: 'invalid_expression' }, 'condition')
  if (event === null) return null
  return condition === null ? { event } : { event, if: condition }
}

function readCronTrigger(reader: ConfigReader, fields: Fields, path: string): CronTrigger | null {
  const place = { value: fields('cron'), path: `${path}.cron`, code: 'schedule_invalid' } as const
  const cron = reader.name(place, LIMITS.cronCharactersMax.value)
  if (cron === null) return null
  const wrong = reader.checkCron(cron)
  if (wrong !== null) reader.fault('schedule_invalid', place.path, `${place.path} is no valid schedule: ${wrong}`)
  const range = { min: LIMITS.jitterMsMin.value, max: LIMITS.jitterMsMax.value }
  const jitterMs = reader.duration({ value: fields('jitter'), path: `${path}.jitter`, code: 'schedule_invalid' }, range)
  return jitterMs === null ? { cron } : { cron, jitterMs }
}

function readCancelRule(reader: ConfigReader, fields: Fields, path: string): CancelRule | null {
  const event = readEventName(reader, fields, path)
  const value = fields('if') ?? fields('expression')
  const condition = reader.expression({ value, path: `${path}.if`, code: 'invalid_expression' }, 'cancel')
  const timeout = readCancelTimeout(reader, fields, `${path}.timeout`)
  if (event === null) return null
  return {
    event,
    ...(condition === null ? {} : { if: condition }),
    ...(timeout === null ? {} : { timeout }),
  }
}

function readEventName(reader: ConfigReader, fields: Fields, path: string): string | null {
  const place = { value: fields('event'), path: `${path}.event`, code: 'event_name_invalid' } as const
  if ((place.value ?? '') === '') reader.fault(place.code, place.path, `${place.path} is empty`)
  return reader.name(place, LIMITS.triggerNameCharactersMax.value)
}

/** Kept as it was sent: a duration counts from the start of each run. */
function readCancelTimeout(reader: ConfigReader, fields: Fields, path: string): string | null {
  const value = fields('timeout') ?? ''
  if (value === '') return null
  const max = LIMITS.cancelTimeoutMsMax.value
  // Against time 0 a date lies far ahead and a duration is itself.
  const valid = typeof value === 'string' && parseTimeOrDuration(value, 0) !== null
  const ms = valid ? parseDuration(value) : null
  if (valid && (ms === null || (ms > 0 && ms <= max))) return value
  reader.fault('config_invalid', path, `${path} must be a duration of at most 365 days, or an ISO 8601 date`)
  return null
}

function listOf(reader: ConfigReader, value: Json | undefined, path: string): readonly Json[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  reader.fault('config_invalid', path, `${path} must be an array`)
  return []
}
