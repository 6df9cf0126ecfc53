/**
 * Equality and order of values. Equality never converts: numbers compare across int, uint and double, and missing
 * equals null; everything else of different types is unequal. Order exists within one type only, with null as that
 * type's zero value and missing below everything.
 */
import { evaluationError, limitError } from './error.ts'
import { charge, chargeText, type Meter } from './meter.ts'
import type { CompareOperator } from './tree.ts'
import { Duration, isList, isMap, type MapValue, numberOf, Timestamp, TypeName, typeOf, type Value } from './value.ts'

// JSON is at most 64 deep where it comes in; the rest is for lists and maps that an expression wraps around it.
const DEPTH_MAX = 128

/** Whether an operator holds between two values. */
export function compares(operator: CompareOperator, pair: readonly [Value, Value], meter: Meter): boolean {
  const [left, right] = pair
  switch (operator) {
    case '==':
      return equals(left, right, meter)
    case '!=':
      return !equals(left, right, meter)
    case '<':
      return order(left, right, meter) < 0
    case '<=':
      return order(left, right, meter) <= 0
    case '>':
      return order(left, right, meter) > 0
    case '>=':
      return order(left, right, meter) >= 0
  }
}

/** Deep equality; `null` and missing are equal. */
export function equals(left: Value, right: Value, meter: Meter): boolean {
  return equalsAt(left, right, { meter, depth: 0 })
}

interface Place {
  readonly meter: Meter
  readonly depth: number
}

function equalsAt(left: Value, right: Value, place: Place): boolean {
  if (typeof left === 'string' || typeof right === 'string') {
    if (typeof left === 'string') chargeText(place.meter, left.length)
    return left === right
  }
  if (left === right) return true
  const leftNumber = numberOf(left)
  if (leftNumber !== undefined) return sameNumber(leftNumber, numberOf(right))
  if (left === null || left === undefined) return right === null || right === undefined
  if (typeof left !== 'object' || typeof right !== 'object' || right === null) return false
  return sameObject(left, right, place)
}

function sameNumber(left: number | bigint, right: number | bigint | undefined): boolean {
  if (right === undefined) return false
  // Mixed comparison is exact in JavaScript, where converting either side would round.
  return left <= right && left >= right
}

function sameObject(left: Value & object, right: Value & object, place: Place): boolean {
  if (place.depth > DEPTH_MAX) throw limitError(`a comparison goes deeper than ${DEPTH_MAX} levels`)
  if (isList(left)) return isList(right) && sameList(left, right, place)
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0
  if (left instanceof Timestamp) return right instanceof Timestamp && left.ms === right.ms
  if (left instanceof Duration) return right instanceof Duration && left.ms === right.ms
  if (left instanceof TypeName) return right instanceof TypeName && left.type === right.type
  return isMap(left) && isMap(right) && sameMap(left, right, place)
}

function sameList(left: readonly Value[], right: readonly Value[], place: Place): boolean {
  if (left.length !== right.length) return false
  charge(place.meter, left.length)
  const below = { meter: place.meter, depth: place.depth + 1 }
  return left.every((item, index) => equalsAt(item, right[index], below))
}

function sameMap(left: MapValue, right: MapValue, place: Place): boolean {
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  charge(place.meter, names.length)
  const below = { meter: place.meter, depth: place.depth + 1 }
  return names.every((name) => Object.hasOwn(right, name) && equalsAt(left[name], right[name], below))
}

/**
 * Below zero, zero or above it; NaN when a number is not comparable.
 *
 * @throws ExpressionError `evaluation_failed` when the types have no common order.
 */
function order(left: Value, right: Value, meter: Meter): number {
  if (typeof left === 'number' && typeof right === 'number') return orderNumbers(left, right)
  if (left === undefined || right === undefined) return orderMissing(left, right)
  if (left === null) return right === null ? 0 : orderSame(zeroOf(right), right, meter)
  if (right === null) return orderSame(left, zeroOf(left), meter)
  return orderSame(left, right, meter)
}

function orderMissing(left: Value, right: Value): number {
  const leftIsNothing = left === undefined || left === null
  const rightIsNothing = right === undefined || right === null
  if (leftIsNothing && rightIsNothing) return 0
  return left === undefined ? -1 : 1
}

function orderNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1
  if (left > right) return 1
  return left >= right ? 0 : Number.NaN
}

function orderSame(left: Value, right: Value, meter: Meter): number {
  if (typeof left === 'string' && typeof right === 'string') return orderText(left, right, meter)
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  const leftNumber = numberOf(left)
  const rightNumber = numberOf(right)
  if (leftNumber !== undefined && rightNumber !== undefined) return orderNumbers(leftNumber, rightNumber)
  if (left instanceof Timestamp && right instanceof Timestamp) return orderNumbers(left.ms, right.ms)
  if (left instanceof Duration && right instanceof Duration) return orderNumbers(left.ms, right.ms)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  throw evaluationError(`no order between ${typeOf(left)} and ${typeOf(right)}`)
}

// The zero instant lies before every other one.
function zeroOf(value: Value): Value {
  if (typeof value === 'string') return ''
  if (typeof value === 'boolean') return false
  if (value instanceof Timestamp) return new Timestamp(Number.NEGATIVE_INFINITY)
  if (value instanceof Duration) return new Duration(0)
  if (value instanceof Uint8Array) return new Uint8Array()
  return numberOf(value) === undefined ? null : 0
}

// CEL orders text by code point. UTF-16 units agree, except that surrogates must sort above the units after them.
function orderText(left: string, right: string, meter: Meter): number {
  const shared = Math.min(left.length, right.length)
  chargeText(meter, shared)
  for (let index = 0; index < shared; index += 1) {
    const leftUnit = left.charCodeAt(index)
    const rightUnit = right.charCodeAt(index)
    if (leftUnit !== rightUnit) return rank(leftUnit) - rank(rightUnit)
  }
  return left.length - right.length
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
