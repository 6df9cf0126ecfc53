/**
 * The functions of the dialect: CEL's standard ones without its optional string extension, and what is added for dates
 * and texts. A function over a missing or null value gives `false` instead of being called, except where its entry
 * says that it takes such a value.
 */
import { offsetAt, zoneOf } from '../cron/zone.ts'
import { intOf, uintOf } from './arithmetic.ts'
import { evaluationError } from './error.ts'
import { dateFromNumber, inRange, parseDate, parseDuration, parseTimestamp } from './instant.ts'
import { chargeText, type Meter } from './meter.ts'
import { compilePattern, matchPattern } from './pattern.ts'
import { textOf } from './text.ts'
import { Duration, isList, isMap, numberOf, Timestamp, TypeName, typeOf, type Value } from './value.ts'

/** How many arguments a function takes; a method's receiver counts as the first. */
type Count = readonly [least: number, most: number]

export interface FunctionSpec {
  /** Arguments when written `name(…)`; absent when it cannot be. */
  readonly free?: Count
  /** Arguments when written `value.name(…)`; absent when it cannot be. */
  readonly method?: Count
  /** The result is always a boolean. */
  readonly boolean?: true
  /** The result depends on when it is asked for. */
  readonly live?: true
  /** Allowed in the `if` of a cancel rule. */
  readonly inCancel?: true
  /** Called over missing and null too. */
  readonly takesNothing?: true
  readonly run: (args: readonly Value[], meter: Meter) => Value
}

const ONE: Count = [1, 1]
const TWO: Count = [2, 2]

/** Finds a function by its name. */
export function functionNamed(name: string): FunctionSpec | undefined {
  return FUNCTIONS.get(name)
}

function noOverload(name: string, args: readonly Value[]): never {
  throw evaluationError(`${name} has no overload for ${args.map(typeOf).join(', ')}`)
}

function textTest(name: string, holds: (text: string, part: string) => boolean): FunctionSpec {
  return {
    method: TWO,
    boolean: true,
    run: (args, meter) => {
      const [text, part] = args
      if (typeof text !== 'string' || typeof part !== 'string') return noOverload(name, args)
      chargeText(meter, text.length)
      return holds(text, part)
    },
  }
}

function textChange(name: string, change: (text: string, meter: Meter) => Value): FunctionSpec {
  return {
    free: ONE,
    run: (args, meter) => {
      const [text] = args
      if (typeof text !== 'string') return noOverload(name, args)
      chargeText(meter, text.length)
      return change(text, meter)
    },
  }
}

function conversion(convert: (value: Value, meter: Meter) => Value, more: Partial<FunctionSpec> = {}): FunctionSpec {
  return { free: ONE, ...more, run: ([value], meter) => convert(value, meter) }
}

function sizeOf(value: Value): Value {
  if (value === undefined || value === null) return 0n
  if (typeof value === 'string') return BigInt(codePoints(value))
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length)
  return isMap(value) ? BigInt(Object.keys(value).length) : noOverload('size', [value])
}

function codePoints(text: string): number {
  let count = text.length
  for (let index = 1; index < text.length; index += 1) {
    const isPair = (text.charCodeAt(index - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(index) & 0xfc00) === 0xdc00
    if (isPair) count -= 1
  }
  return count
}

function toInt(value: Value): Value {
  if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)) return intOf(BigInt(value.replace(/^\+/, '')))
  if (value instanceof Timestamp) return BigInt(Math.floor(value.ms / 1000))
  const number = numberOf(value)
  return number === undefined ? noOverload('int', [value]) : intOf(number)
}

function toUint(value: Value): Value {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return uintOf(BigInt(value))
  const number = numberOf(value)
  return number === undefined ? noOverload('uint', [value]) : uintOf(number)
}

function toDouble(value: Value): Value {
  if (typeof value === 'string' && /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:e[+-]?\d{1,4})?$/i.test(value)) {
    return Number(value)
  }
  const number = numberOf(value)
  return number === undefined ? noOverload('double', [value]) : Number(number)
}

function toBool(value: Value): Value {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && /^(?:true|True|TRUE|t|1)$/.test(value)) return true
  if (typeof value === 'string' && /^(?:false|False|FALSE|f|0)$/.test(value)) return false
  return noOverload('bool', [value])
}

function toBytes(value: Value): Value {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  return value instanceof Uint8Array ? value : noOverload('bytes', [value])
}

function toDuration(value: Value): Value {
  if (typeof value === 'string') return new Duration(parseDuration(value))
  return value instanceof Duration ? value : noOverload('duration', [value])
}

function toTimestamp(value: Value): Value {
  if (typeof value === 'string') return new Timestamp(parseTimestamp(value))
  if (typeof value === 'bigint') return new Timestamp(inRange(Number(value) * 1000))
  return value instanceof Timestamp ? value : noOverload('timestamp', [value])
}

// Doubles count too, because `event.ts` is one.
function toDate(value: Value): Value {
  if (typeof value === 'string') return new Timestamp(parseDate(value))
  if (value instanceof Timestamp) return value
  const number = numberOf(value)
  return number === undefined ? noOverload('date', [value]) : new Timestamp(dateFromNumber(Number(number)))
}

function fromNow(name: string, sign: 1 | -1): FunctionSpec {
  return {
    free: ONE,
    live: true,
    run: (args, meter) => {
      const [length] = args
      const ms = typeof length === 'string' ? parseDuration(length) : length instanceof Duration ? length.ms : undefined
      return ms === undefined ? noOverload(name, args) : new Timestamp(inRange(meter.now + sign * ms))
    },
  }
}

function decodeBase64(text: string): Value {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw evaluationError('the text is not base64')
  return Buffer.from(text, 'base64').toString('utf8')
}

function parseJson(text: string): Value {
  let value: Value
  try {
    value = JSON.parse(text)
  } catch {
    throw evaluationError('the text is not JSON')
  }
  return isMap(value) ? value : noOverload('json_parse', [value])
}

function matches(args: readonly Value[], meter: Meter): Value {
  const [text, pattern] = args
  if (typeof text !== 'string' || typeof pattern !== 'string') return noOverload('matches', args)
  return matchPattern(compilePattern(pattern, meter), text, meter)
}

/** A part of an instant in a zone, or of a length of time. */
function timePart(
  name: string,
  parts: { date: (date: Date) => number; length?: (ms: number) => number },
): FunctionSpec {
  return {
    method: [1, 2],
    run: (args) => {
      const [value, zone] = args
      if (value instanceof Timestamp && (zone === undefined || typeof zone === 'string')) {
        return BigInt(parts.date(new Date(Math.floor(value.ms) + zoneOffset(zone, value.ms))))
      }
      if (value instanceof Duration && parts.length && args.length === 1)
        return BigInt(Math.trunc(parts.length(value.ms)))
      return noOverload(name, args)
    },
  }
}

// A zone is a name of the IANA list or a fixed offset such as "+05:30"; none is UTC.
function zoneOffset(zone: string | undefined, ms: number): number {
  if (zone === undefined) return 0
  const fixed = /^([+-])?(\d\d?):(\d\d)$/.exec(zone)
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000
  const named = zoneOf(zone)
  if (!named) throw evaluationError('the time zone is unknown')
  return offsetAt(named, ms)
}

const DAY_MS = 86_400_000

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - new Date(date).setUTCMonth(0, 1)) / DAY_MS)
}

const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map<string, FunctionSpec>([
  ['size', { free: ONE, method: ONE, takesNothing: true, run: ([value], meter) => chargedSize(value, meter) }],
  ['type', conversion((value) => new TypeName(typeOf(value)), { takesNothing: true })],
  ['dyn', conversion((value) => value, { takesNothing: true })],
  ['int', conversion(toInt, { inCancel: true })],
  ['uint', conversion(toUint, { inCancel: true })],
  ['double', conversion(toDouble, { inCancel: true })],
  ['bool', conversion(toBool, { boolean: true })],
  ['string', conversion(textOf)],
  ['bytes', conversion(toBytes)],
  ['duration', conversion(toDuration)],
  ['timestamp', conversion(toTimestamp)],
  ['date', conversion(toDate)],
  ['now', { free: [0, 0], live: true, run: (_args, meter) => new Timestamp(meter.now) }],
  ['now_plus', fromNow('now_plus', 1)],
  ['now_minus', fromNow('now_minus', -1)],
  ['contains', textTest('contains', (text, part) => text.includes(part))],
  ['startsWith', textTest('startsWith', (text, part) => text.startsWith(part))],
  ['endsWith', textTest('endsWith', (text, part) => text.endsWith(part))],
  ['matches', { free: TWO, method: TWO, boolean: true, run: matches }],
  ['lowercase', textChange('lowercase', (text) => text.toLowerCase())],
  ['uppercase', textChange('uppercase', (text) => text.toUpperCase())],
  ['b64decode', textChange('b64decode', decodeBase64)],
  ['json_parse', textChange('json_parse', parseJson)],
  ['getFullYear', timePart('getFullYear', { date: (date) => date.getUTCFullYear() })],
  ['getMonth', timePart('getMonth', { date: (date) => date.getUTCMonth() })],
  ['getDate', timePart('getDate', { date: (date) => date.getUTCDate() })],
  ['getDayOfMonth', timePart('getDayOfMonth', { date: (date) => date.getUTCDate() - 1 })],
  ['getDayOfWeek', timePart('getDayOfWeek', { date: (date) => date.getUTCDay() })],
  ['getDayOfYear', timePart('getDayOfYear', { date: dayOfYear })],
  ['getHours', timePart('getHours', { date: (date) => date.getUTCHours(), length: (ms) => ms / 3_600_000 })],
  ['getMinutes', timePart('getMinutes', { date: (date) => date.getUTCMinutes(), length: (ms) => ms / 60_000 })],
  ['getSeconds', timePart('getSeconds', { date: (date) => date.getUTCSeconds(), length: (ms) => ms / 1_000 })],
  [
    'getMilliseconds',
    timePart('getMilliseconds', { date: (date) => date.getUTCMilliseconds(), length: (ms) => ms % 1_000 }),
  ],
])

function chargedSize(value: Value, meter: Meter): Value {
  if (typeof value === 'string') chargeText(meter, value.length)
  return sizeOf(value)
}
