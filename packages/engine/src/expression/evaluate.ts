/**
 * Walks the tree of an expression over the values of one event. Missing paths, null and mixed types follow lenient
 * rules; whatever has no value at all is an `ExpressionError`, and nothing else is ever thrown. Pure: the instant comes
 * in as a value, and the steps of one evaluation are counted.
 */
import { calculate, negated } from './arithmetic.ts'
import { compares, equals } from './compare.ts'
import type { Expression } from './compile.ts'
import { ExpressionError, evaluationError, limitError } from './error.ts'
import { charge, checkLoop, type Meter, STEPS_MAX } from './meter.ts'
import { matchPattern } from './pattern.ts'
import { jsonOf, textOf } from './text.ts'
import type { Call, Logic, Loop, Node, Path } from './tree.ts'
import {
  fieldOf,
  isList,
  isMap,
  isTruthy,
  itemOf,
  type Json,
  keyName,
  type MapValue,
  typeOf,
  type Value,
} from './value.ts'

/** The values under the roots. One that is not given is missing, and so is every path below it. */
export type Variables = {
  readonly event?: Json | undefined
  readonly async?: Json | undefined
  readonly output?: Json | undefined
  readonly error?: Json | undefined
}

export interface Evaluation {
  /** The value as JSON: instants as RFC 3339 text, ints as numbers; null when missing. */
  readonly value: Json
  /** The value is a path that does not exist, or a function's answer to one. */
  readonly missing: boolean
}

export interface KeyText {
  /** The value as text; `false` when missing. */
  readonly text: string
  readonly missing: boolean
  /** The value is a boolean `false` that does not come from a missing path. */
  readonly isFalse: boolean
}

/** What one evaluation carries. `missed` is the last node whose `false` stands for a missing value. */
interface Frame extends Meter {
  readonly variables: MapValue
  readonly locals: Value[]
  missed: Node | null
}

/**
 * The value of an expression.
 *
 * @param options `now` is the instant of `now()`, in epoch milliseconds.
 * @throws ExpressionError `evaluation_failed` for types that do not go together, and past 10,000 steps.
 */
export function evaluate(expression: Expression, variables: Variables, options: { now: number }): Evaluation {
  return guarded(() => {
    const frame = openFrame(variables, options.now)
    const value = run(expression.tree, frame)
    return { value: jsonOf(value, frame), missing: isMissing(value, expression.tree, frame) }
  })
}

/**
 * Whether a condition holds. A missing value alone is false.
 *
 * @throws ExpressionError `evaluation_failed` like `evaluate`, and when the value is not a boolean.
 */
export function test(expression: Expression, variables: Variables, options: { now: number }): boolean {
  return guarded(() => {
    const value = run(expression.tree, openFrame(variables, options.now))
    if (typeof value === 'boolean') return value
    if (value === undefined) return false
    throw evaluationError(`a condition gave ${typeOf(value)}, not bool`)
  })
}

/**
 * The text of a flow-control key.
 *
 * @throws ExpressionError `evaluation_failed` like `evaluate`.
 */
export function keyText(expression: Expression, variables: Variables, options: { now: number }): KeyText {
  return guarded(() => {
    const frame = openFrame(variables, options.now)
    const value = run(expression.tree, frame)
    const missing = isMissing(value, expression.tree, frame)
    const text = missing ? 'false' : value === null ? 'null' : textOf(value, frame)
    return { text, missing, isFalse: value === false && !missing }
  })
}

/** Values of single nodes over one event, with one budget of steps for all of them; plain paths always have a value. */
export function openEvaluator(variables: Variables, options: { now: number }): (node: Node) => Value {
  const frame = openFrame(variables, options.now)
  return (node) => guarded(() => (node.kind === 'path' ? runPath(node, frame) : run(node, frame)))
}

function openFrame(variables: Variables, now: number): Frame {
  return { now, steps: STEPS_MAX, variables, locals: [], missed: null }
}

function isMissing(value: Value, tree: Node, frame: Frame): boolean {
  return value === undefined || (value === false && frame.missed === tree)
}

// Texts past the engine's own limits end in a RangeError; to the caller it is one more evaluation without result.
function guarded<T>(body: () => T): T {
  try {
    return body()
  } catch (error) {
    if (error instanceof ExpressionError) throw error
    throw limitError('the evaluation takes more memory than it may')
  }
}

function run(node: Node, frame: Frame): Value {
  charge(frame, 1)
  switch (node.kind) {
    case 'literal':
      return node.value
    case 'path':
      return runPath(node, frame)
    case 'compare':
      return compares(node.operator, [run(node.left, frame), run(node.right, frame)], frame)
    case 'and':
    case 'or':
      return runLogic(node, frame)
    case 'not':
      return !isTruthy(run(node.of, frame))
    case 'in':
      return contains(run(node.right, frame), run(node.left, frame), frame)
    case 'call':
      return runCall(node, frame)
    case 'loop':
      return runLoop(node, frame)
    case 'choose': {
      const branch = isTruthy(run(node.condition, frame)) ? node.whenTrue : node.whenFalse
      const value = run(branch, frame)
      passOn(frame, branch, node)
      return value
    }
    default:
      return runData(node, frame)
  }
}

function runData(node: Node, frame: Frame): Value {
  switch (node.kind) {
    case 'select':
      return fieldOf(run(node.of, frame), node.name)
    case 'index':
      return itemOf(run(node.of, frame), run(node.by, frame))
    case 'has':
      return itemOf(run(node.of, frame), node.name) !== undefined
    case 'negate':
      return negated(run(node.of, frame))
    case 'arithmetic':
      return calculate(node.operator, [run(node.left, frame), run(node.right, frame)], frame)
    case 'list':
      return node.items.map((item) => run(item, frame) ?? null)
    case 'map':
      return runMap(node.entries, frame)
    default:
      throw evaluationError(`no value for ${node.kind}`)
  }
}

function runPath(path: Path, frame: Frame): Value {
  let value = path.local < 0 ? fieldOf(frame.variables, path.root) : frame.locals[path.local]
  for (const step of path.steps) {
    if (value === undefined) return undefined
    value = typeof step === 'string' ? fieldOf(value, step) : itemOf(value, step)
  }
  return value
}

// As in CEL, a side that decides the answer makes an error of another side not matter; a met limit always does.
function runLogic(node: Logic, frame: Frame): Value {
  const decides = node.kind === 'or'
  let value: Value
  let failure: ExpressionError | undefined
  for (const part of node.parts) {
    try {
      value = run(part, frame)
      passOn(frame, part, node)
      if (isTruthy(value) === decides) return value
    } catch (error) {
      failure = absorbable(error)
    }
  }
  if (failure) throw failure
  return value
}

function absorbable(error: unknown): ExpressionError {
  if (error instanceof ExpressionError && !error.limit) return error
  throw error
}

// A `false` that stands for a missing value still does when another node hands it on.
function passOn(frame: Frame, child: Node, node: Node): void {
  if (frame.missed === child) frame.missed = node
}

function runCall(call: Call, frame: Frame): Value {
  const args = call.args.map((arg) => run(arg, frame))
  if (!call.spec.takesNothing && args.some(isNothing)) {
    frame.missed = call
    return false
  }
  const [text] = args
  if (call.pattern && typeof text === 'string') return matchPattern(call.pattern, text, frame)
  return call.spec.run(args, frame)
}

function isNothing(value: Value): boolean {
  return value === undefined || value === null
}

function runMap(entries: readonly (readonly [Node, Node])[], frame: Frame): Value {
  const map: { [key: string]: Value } = Object.create(null)
  for (const [key, value] of entries) {
    const name = keyName(run(key, frame))
    if (name === undefined) throw evaluationError('a map key is neither text, nor a number, nor bool')
    map[name] = run(value, frame) ?? null
  }
  return map
}

function contains(whole: Value, part: Value, frame: Frame): boolean {
  if (isNothing(whole)) return false
  if (isList(whole)) {
    checkLoop(whole.length)
    return whole.some((item) => {
      charge(frame, 1)
      return equals(item, part, frame)
    })
  }
  if (isMap(whole)) return itemOf(whole, part) !== undefined
  throw evaluationError(`in has no overload for ${typeOf(whole)}`)
}

function runLoop(loop: Loop, frame: Frame): Value {
  const over = run(loop.over, frame)
  if (over === undefined || over === null) return overNothing(loop, frame)
  const items = isList(over) ? over : isMap(over) ? Object.keys(over) : undefined
  if (!items) throw evaluationError(`${loop.name} has no overload for ${typeOf(over)}`)
  checkLoop(items.length)
  switch (loop.name) {
    case 'exists':
    case 'all':
      return runQuantifier(loop, items, frame)
    case 'exists_one':
      return items.filter((item) => isTruthy(runBody(loop.body, { loop, item }, frame))).length === 1
    case 'filter':
      return items.filter((item) => isTruthy(runBody(loop.body, { loop, item }, frame)))
    case 'map':
      return mapped(loop, items, frame)
  }
}

function overNothing(loop: Loop, frame: Frame): Value {
  if (loop.name === 'map' || loop.name === 'filter') return undefined
  frame.missed = loop
  return false
}

function runBody(body: Node, at: { loop: Loop; item: Value }, frame: Frame): Value {
  frame.locals[at.loop.local] = at.item
  return run(body, frame)
}

// `exists` is an `||` over the items and `all` an `&&`, errors included.
function runQuantifier(loop: Loop, items: readonly Value[], frame: Frame): boolean {
  const decides = loop.name === 'exists'
  let failure: ExpressionError | undefined
  for (const item of items) {
    try {
      if (isTruthy(runBody(loop.body, { loop, item }, frame)) === decides) return decides
    } catch (error) {
      failure = absorbable(error)
    }
  }
  if (failure) throw failure
  return !decides
}

function mapped(loop: Loop, items: readonly Value[], frame: Frame): Value {
  const { filter } = loop
  const kept = filter ? items.filter((item) => isTruthy(runBody(filter, { loop, item }, frame))) : items
  return kept.map((item) => runBody(loop.body, { loop, item }, frame) ?? null)
}
