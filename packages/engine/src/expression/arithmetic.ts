/**
 * `+ - * / %` and the sign. A text on either side of `+` makes it join; a missing part adds nothing and makes every
 * other operation missing. JSON numbers are doubles and literals such as `1` are ints: the two mix, except in `/`.
 */
import { evaluationError } from './error.ts'
import { inRange } from './instant.ts'
import { charge, type Meter } from './meter.ts'
import { joinText, textOf } from './text.ts'
import type { ArithmeticOperator } from './tree.ts'
import { Duration, isList, numberOf, Timestamp, typeOf, Uint, type Value } from './value.ts'

const INT_MIN = -(2n ** 63n)
const INT_MAX = 2n ** 63n - 1n
const UINT_MAX = 2n ** 64n - 1n

/**
 * The value of `left operator right`.
 *
 * @throws ExpressionError `evaluation_failed` when the operator has no meaning for the two types.
 */
export function calculate(operator: ArithmeticOperator, pair: readonly [Value, Value], meter: Meter): Value {
  const [left, right] = pair
  if (left === undefined || left === null || right === undefined || right === null) {
    return operator === '+' ? (left ?? right ?? undefined) : undefined
  }
  const leftNumber = numberOf(left)
  const rightNumber = numberOf(right)
  if (leftNumber !== undefined && rightNumber !== undefined) {
    const value = withNumbers(operator, leftNumber, rightNumber)
    return left instanceof Uint && right instanceof Uint ? uintOf(value) : value
  }
  const value = operator === '+' ? joined(left, right, meter) : undefined
  return value ?? withTimes(operator, left, right)
}

function joined(left: Value, right: Value, meter: Meter): Value {
  if (typeof left === 'string' || typeof right === 'string') {
    return joinText(textOf(left, meter), textOf(right, meter), meter)
  }
  if (isList(left) && isList(right)) {
    charge(meter, left.length + right.length)
    return [...left, ...right]
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return new Uint8Array(Buffer.concat([left, right]))
  return undefined
}

function withNumbers(operator: ArithmeticOperator, left: number | bigint, right: number | bigint): number | bigint {
  if (typeof left === 'bigint' && typeof right === 'bigint') return intOf(wholes(operator, left, right))
  if (operator === '/' && typeof left !== typeof right) {
    // Whether `1.0 / 2` cuts off would be a guess, and a silent one.
    throw evaluationError('no division between a double and an int: write 2.0, or int(…)')
  }
  return doubles(operator, Number(left), Number(right))
}

function wholes(operator: ArithmeticOperator, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    default:
      if (right === 0n) throw evaluationError('division by zero')
      return operator === '/' ? left / right : left % right
  }
}

function doubles(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      if (!Number.isInteger(left) || !Number.isInteger(right)) throw evaluationError('% needs whole numbers')
      if (right === 0) throw evaluationError('division by zero')
      return left % right
  }
}

/** An int, checked against 64 bits. @throws ExpressionError `evaluation_failed` */
export function intOf(value: number | bigint): bigint {
  if (typeof value === 'number' && !Number.isFinite(value)) throw evaluationError('the number is not an int')
  const whole = typeof value === 'number' ? BigInt(Math.trunc(value)) : value
  if (whole < INT_MIN || whole > INT_MAX) throw evaluationError('the number does not fit into an int')
  return whole
}

/** A uint, checked against 64 bits and the sign. @throws ExpressionError `evaluation_failed` */
export function uintOf(value: number | bigint): Uint {
  if (typeof value === 'number' && !Number.isFinite(value)) throw evaluationError('the number is not a uint')
  const whole = typeof value === 'number' ? BigInt(Math.trunc(value)) : value
  if (whole < 0n || whole > UINT_MAX) throw evaluationError('the number does not fit into a uint')
  return new Uint(whole)
}

function withTimes(operator: ArithmeticOperator, left: Value, right: Value): Value {
  if (right instanceof Duration && (operator === '+' || operator === '-')) {
    const ms = operator === '+' ? right.ms : -right.ms
    if (left instanceof Timestamp) return new Timestamp(inRange(left.ms + ms))
    if (left instanceof Duration) return new Duration(left.ms + ms)
  }
  if (operator === '+' && left instanceof Duration && right instanceof Timestamp) {
    return new Timestamp(inRange(left.ms + right.ms))
  }
  if (operator === '-' && left instanceof Timestamp && right instanceof Timestamp) {
    return new Duration(left.ms - right.ms)
  }
  throw evaluationError(`no ${operator} between ${typeOf(left)} and ${typeOf(right)}`)
}

/** The value with its sign turned; missing stays missing. */
export function negated(value: Value): Value {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number') return -value
  if (typeof value === 'bigint') return intOf(-value)
  if (value instanceof Duration) return new Duration(-value.ms)
  throw evaluationError(`no sign for ${typeOf(value)}`)
}
