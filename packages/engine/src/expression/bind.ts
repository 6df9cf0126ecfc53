/**
 * Makes a wait's condition ready to be stored: every reference to the run's own event is replaced by its value, on the
 * tree, which leaves a predicate over the incoming event alone. One equality of it becomes the key that events look
 * waits up by; what remains is written back as text. Key and rest together hold exactly when the expression would.
 */
import { compileRest, type Expression, REST_LENGTH_MAX } from './compile.ts'
import { ExpressionError, invalidExpression } from './error.ts'
import { openEvaluator } from './evaluate.ts'
import { keySide, pathsOf, scalarKey } from './key.ts'
import { print } from './print.ts'
import {
  asDouble,
  type Compare,
  childrenOf,
  isBoolean,
  type Literal,
  type Logic,
  type Node,
  type Path,
  reads,
  withChildren,
} from './tree.ts'
import { isList, isMap, isTruthy, type Json, TypeName, Uint, type Value } from './value.ts'

/** A condition with the run's event taken in. A wait matches when the key's value is equal and the rest is true. */
export interface BoundWait {
  /** No event can match; `key` and `rest` are null. */
  readonly never: boolean
  /** Path below the incoming event, such as `data.userId`, and the value there in the form of `scalarKey`. */
  readonly key: { readonly path: string; readonly value: string } | null
  /** The remaining condition over `async`, for `compileRest`; null when there is none. */
  readonly rest: string | null
}

const NEVER: BoundWait = { never: true, key: null, rest: null }

interface Part {
  readonly node: Node
  /** The part compared the run's event before its values were written in. */
  readonly fromEvent: boolean
}

type Evaluator = (node: Node) => Value

/**
 * Takes the run's first event into a wait's expression.
 *
 * @param options `now` is the instant of the binding. `now()` itself is left for the moment an event comes in.
 * @throws ExpressionError `invalid_expression` when the values written in make the rest longer than 256 KiB.
 */
export function bindWait(expression: Expression, event: Json, options: { now: number }): BoundWait {
  const { tree } = expression
  const value = openEvaluator({ event }, options)
  const paths = pathsOf(expression)
  if (isMatchForm(tree)) return bindMatch(tree, value, paths)
  const parts = (tree.kind === 'and' ? tree.parts : [tree]).flatMap((part): Part[] => {
    const fromEvent = reads(part, 'event')
    const bound = bind(part, value)
    return (bound.kind === 'and' ? bound.parts : [bound]).map((node) => ({ node, fromEvent }))
  })
  if (parts.some((part) => neverHolds(part.node, value))) return NEVER
  return split(parts, paths)
}

// The SDK writes its option `match: "data.id"` as exactly this. Written by hand, the other order means the same but
// for absent values: there null equals absent, and here an absent value on either side never matches.
function isMatchForm(tree: Node): tree is Node & { left: Path; right: Path } {
  if (tree.kind !== 'compare' || tree.operator !== '==') return false
  const { left, right } = tree
  if (left.kind !== 'path' || right.kind !== 'path' || left.root !== 'event' || right.root !== 'async') return false
  return left.steps.length > 0 && print({ ...left, root: 'async' }) === print(right)
}

function bindMatch(tree: Node & { left: Path; right: Path }, value: Evaluator, paths: readonly string[]): BoundWait {
  const own = literal(value(tree.left))
  if (own.value === undefined) return NEVER
  const equality: Node = { kind: 'compare', operator: '==', left: own, right: tree.right }
  if (own.value !== null) return split([{ node: equality, fromEvent: true }], paths)
  const name = tree.right.steps.at(-1)
  const present: Node = { kind: 'has', of: { ...tree.right, steps: tree.right.steps.slice(0, -1) }, name: name ?? '' }
  const parts = [equality, present].map((node) => ({ node, fromEvent: true }))
  return split(parts, paths)
}

// A part that is false, or has no value whatever comes in, keeps the whole from ever being true.
function neverHolds(node: Node, value: Evaluator): boolean {
  if (!isClosed(node, [])) return false
  try {
    return !isTruthy(value(node))
  } catch (error) {
    return error instanceof ExpressionError && !error.limit
  }
}

function split(parts: readonly Part[], paths: readonly string[]): BoundWait {
  const index = keyIndex(parts, paths)
  const key = index < 0 ? null : keyOf(parts[index]?.node)
  const rest = joinAnd(parts.map((part, at) => (at === index ? TRUE : part.node)))
  if (rest.kind !== 'literal') return { never: false, key, rest: printRest(rest) }
  return rest.value === true ? { never: false, key, rest: null } : NEVER
}

// What the run's event gives is as good as unique; `async.data.type == "paid"` is shared by every wait of its kind.
function keyIndex(parts: readonly Part[], paths: readonly string[]): number {
  const canBeKey = ({ node }: Part): boolean => paths.includes(keyOf(node)?.path ?? '')
  const own = parts.findIndex((part) => part.fromEvent && canBeKey(part))
  return own >= 0 ? own : parts.findIndex(canBeKey)
}

function keyOf(node: Node | undefined): BoundWait['key'] {
  const side = node ? keySide(node) : null
  if (side?.other.kind !== 'literal') return null
  const { value } = side.other
  // An int beyond 2^53 equals no double, and a key must not say otherwise; the rest does it right.
  const text = scalarKey(value)
  return text === null ? null : { path: side.path, value: text }
}

function printRest(node: Node): string {
  const text = print(node)
  if (text.length > REST_LENGTH_MAX) throw invalidExpression('the values the expression compares with are too large')
  // Only a long rest can be past the limits of count and depth.
  if (text.length > 4_096) compileRest(text)
  return text
}

const TRUE: Literal = { kind: 'literal', value: true }

function literal(value: Value): Literal {
  return { kind: 'literal', value }
}

function bind(node: Node, value: Evaluator): Node {
  if (node.kind === 'path' && node.local < 0 && node.root === 'event') return literal(value(node))
  const bound = withChildren(node, (child) => bind(child, value))
  switch (bound.kind) {
    case 'literal':
    case 'path':
      return bound
    case 'and':
      return joinAnd(bound.parts)
    case 'or':
      return joinOr(bound.parts)
    case 'choose':
      if (bound.condition.kind === 'literal') return isTruthy(bound.condition.value) ? bound.whenTrue : bound.whenFalse
      break
    case 'compare':
      return folded(
        withChildren(bound, (side) => asDouble(nullFor(bound, side))),
        value,
      )
  }
  return folded(bound, value)
}

// Missing equals null, and `null` is what a reader expects to see; only in an order the two differ.
function nullFor(compare: Compare, side: Node): Node {
  const isEquality = compare.operator === '==' || compare.operator === '!='
  return isEquality && side.kind === 'literal' && side.value === undefined ? literal(null) : side
}

// What depends on nothing but the run's event becomes its value. Without a value it stays, to fail where it did.
function folded(node: Node, value: Evaluator): Node {
  if (!isClosed(node, [])) return node
  try {
    const result = value(node)
    return isPrintable(result) ? literal(result) : node
  } catch (error) {
    if (error instanceof ExpressionError) return node
    throw error
  }
}

/** Whether a node depends on neither the incoming event, nor the clock, nor a loop around it. */
function isClosed(node: Node, locals: readonly number[]): boolean {
  if (node.kind === 'path') return node.local < 0 ? node.root === 'event' : locals.includes(node.local)
  if (node.kind === 'call' && node.spec.live) return false
  const inner = node.kind === 'loop' ? [...locals, node.local] : locals
  return childrenOf(node).every((child) => isClosed(child, inner))
}

function isPrintable(value: Value): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (isList(value)) return value.every(isPrintable)
  return isMap(value) ? Object.values(value).every(isPrintable) : value instanceof Uint || value instanceof TypeName
}

function joinAnd(nodes: readonly Node[]): Node {
  return join({ kind: 'and', parts: nodes })
}

function joinOr(nodes: readonly Node[]): Node {
  return join({ kind: 'or', parts: nodes })
}

// Leaves out literal parts that decide nothing, and ends at one that decides. The last part is special: it is the
// value of the whole, so it may only go when the part before it gives the same value.
function join(node: Logic): Node {
  const decides = node.kind === 'or'
  const flat = node.parts.flatMap((part) => (part.kind === node.kind ? part.parts : [part]))
  const end = flat.findIndex((part) => part.kind === 'literal' && isTruthy(part.value) === decides)
  const reached = end < 0 ? flat : flat.slice(0, end + 1)
  const last = reached.at(-1) ?? literal(!decides)
  const kept = reached.slice(0, -1).filter((part) => part.kind !== 'literal')
  const before = kept.at(-1)
  if (!before) return last
  // `x || true` is true, and `x && true` is x, when x can only be a boolean.
  if (last.kind !== 'literal' || typeof last.value !== 'boolean' || !kept.every(isBoolean)) {
    return { kind: node.kind, parts: [...kept, last] }
  }
  if (end >= 0) return last
  return kept.length === 1 ? before : { kind: node.kind, parts: kept }
}
