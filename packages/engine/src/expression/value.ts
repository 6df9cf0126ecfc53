/**
 * The values an expression works on: JSON as it came in (every number a double), and what CEL adds. `undefined` stands
 * for a missing path at any depth. Data is only ever read by own property, so `__proto__` and `constructor` are names
 * like any other.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A double is a `number`, an int is a `bigint`; `undefined` is missing. */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | TypeName
  | readonly Value[]
  | MapValue

export interface MapValue {
  readonly [key: string]: Value
}

/** An unsigned integer, `1u`; kept apart from int because `type()` and the printed form tell them apart. */
export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** An instant in epoch milliseconds; parts of a millisecond are fractions. */
export class Timestamp {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

/** A length of time in milliseconds. */
export class Duration {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

/** What `type(x)` gives, and what the words `string`, `int`… mean where a value is wanted. */
export class TypeName {
  readonly type: string
  constructor(type: string) {
    this.type = type
  }
}

export const TYPE_NAMES: readonly string[] = [
  'bool',
  'bytes',
  'double',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
]

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isMap(value: Value): value is MapValue {
  return typeof value === 'object' && value !== null && isPlain(value)
}

// JSON maps come with Object's prototype (JSON.parse) or with none (our own reader); every other class is not a map.
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The name CEL gives to a value's type. */
export function typeOf(value: Value): string {
  switch (typeof value) {
    case 'undefined':
      return 'null_type'
    case 'boolean':
      return 'bool'
    case 'number':
      return 'double'
    case 'bigint':
      return 'int'
    case 'string':
      return 'string'
    default:
      return typeOfObject(value)
  }
}

function typeOfObject(value: Value): string {
  if (value === null) return 'null_type'
  if (isList(value)) return 'list'
  if (value instanceof Uint) return 'uint'
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp'
  if (value instanceof Duration) return 'google.protobuf.Duration'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof TypeName) return 'type'
  return 'map'
}

/** Truth as JavaScript sees it: false for missing, null, false, 0, NaN and the empty string. */
export function isTruthy(value: Value): boolean {
  return value instanceof Uint ? value.value !== 0n : Boolean(value)
}

/** The number behind int, uint or double; `undefined` for everything else. */
export function numberOf(value: Value): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return value instanceof Uint ? value.value : undefined
}

/** An own property of a map, missing for every other value. */
export function fieldOf(value: Value, name: string): Value {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return isMap(value) ? value[name] : undefined
}

/** The item of a list or the field of a map that a key names; missing when there is none. */
export function itemOf(value: Value, key: Value): Value {
  if (isList(value)) {
    const index = numberOf(key)
    const place = index === undefined ? -1 : Number(index)
    return Number.isInteger(place) && place >= 0 && place < value.length ? value[place] : undefined
  }
  const name = keyName(key)
  return name === undefined ? undefined : fieldOf(value, name)
}

/** Map keys are text, as in JSON: the key `1` of a map literal is `"1"`. */
export function keyName(key: Value): string | undefined {
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return String(key)
  const number = numberOf(key)
  return number === undefined ? undefined : String(number)
}
