/**
 * Values as text: what `string(x)` and joining with `+` give, what flow-control keys are made of, and the JSON that
 * leaves this room. The JSON is in canonical form (RFC 8785), so equal values have equal text.
 */
import { evaluationError, limitError } from './error.ts'
import { formatDuration, formatTimestamp } from './instant.ts'
import { charge, chargeText, type Meter } from './meter.ts'
import { Duration, isList, isMap, type Json, Timestamp, TypeName, Uint, type Value } from './value.ts'

const DEPTH_MAX = 128

/** A value as text: scalars as they are written, lists and maps as canonical JSON, missing as nothing. */
export function textOf(value: Value, meter: Meter): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'undefined':
      return ''
    case 'number':
      return numberText(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return objectText(value, meter)
  }
}

function objectText(value: Value, meter: Meter): string {
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Timestamp) return formatTimestamp(value.ms)
  if (value instanceof Duration) return formatDuration(value.ms)
  if (value instanceof TypeName) return value.type
  if (value instanceof Uint8Array) return utf8Text(value)
  return canonicalText(jsonOf(value, meter))
}

// A double never takes the exponent form below 1e21, so an id kept as a number reads as its digits.
function numberText(value: number): string {
  return Object.is(value, -0) ? '0' : String(value)
}

function utf8Text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw evaluationError('the bytes are not UTF-8 text')
  }
}

/**
 * A value as JSON. Int and uint become numbers, or text beyond 2^53; instants and durations become text, bytes become
 * base64, missing becomes null.
 */
export function jsonOf(value: Value, meter: Meter, depth = 0): Json {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'string') {
    return value ?? null
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return wholeJson(value)
  if (value instanceof Uint) return wholeJson(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (depth > DEPTH_MAX) throw limitError(`a value goes deeper than ${DEPTH_MAX} levels`)
  if (isList(value)) {
    charge(meter, value.length)
    return value.map((item) => jsonOf(item, meter, depth + 1))
  }
  return isMap(value) ? mapJson(value, meter, depth + 1) : objectText(value, meter)
}

function mapJson(value: { readonly [key: string]: Value }, meter: Meter, depth: number): Json {
  const names = Object.keys(value)
  charge(meter, names.length)
  const json: Record<string, Json> = Object.create(null)
  for (const name of names) json[name] = jsonOf(value[name], meter, depth)
  return json
}

function wholeJson(value: bigint): Json {
  return BigInt(Number(value)) === value ? Number(value) : String(value)
}

/** JSON in canonical form (RFC 8785): names sorted by UTF-16 units, no white space, numbers as JavaScript writes them. */
export function canonicalText(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isJsonList(value)) return `[${value.map(canonicalText).join(',')}]`
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] ?? null)}`).join(',')}}`
}

function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Joins two texts and pays for the copy. */
export function joinText(left: string, right: string, meter: Meter): string {
  chargeText(meter, left.length + right.length)
  return left + right
}
