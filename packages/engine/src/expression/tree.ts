/**
 * The checked tree an expression is kept as. Paths of fixed names are one node, and chains of `&&` and `||` are flat:
 * both are what matching walks most. Loop variables are numbered by the depth of their loop.
 */
import type { RE2JS } from 're2js'
import type { FunctionSpec } from './functions.ts'
import type { Value } from './value.ts'

export type Step = string | number
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'
export type LoopName = 'all' | 'exists' | 'exists_one' | 'map' | 'filter'

export interface Literal {
  readonly kind: 'literal'
  readonly value: Value
}

/** `event.data.items[0].id`. `local` is a loop variable's number, or -1 when `root` is a root. */
export interface Path {
  readonly kind: 'path'
  readonly root: string
  readonly local: number
  readonly steps: readonly Step[]
}

export interface Compare {
  readonly kind: 'compare'
  readonly operator: CompareOperator
  readonly left: Node
  readonly right: Node
}

export interface Logic {
  readonly kind: 'and' | 'or'
  readonly parts: readonly Node[]
}

export interface Call {
  readonly kind: 'call'
  readonly name: string
  readonly spec: FunctionSpec
  /** Written as `receiver.name(…)`; the receiver is the first argument. */
  readonly method: boolean
  readonly args: readonly Node[]
  /** The pattern of `matches` when it is a literal, compiled once. */
  readonly pattern?: RE2JS
}

export interface Loop {
  readonly kind: 'loop'
  readonly name: LoopName
  readonly over: Node
  readonly variable: string
  readonly local: number
  readonly filter?: Node
  readonly body: Node
}

export type Node =
  | Literal
  | Path
  | Compare
  | Logic
  | Call
  | Loop
  | { readonly kind: 'select'; readonly of: Node; readonly name: string }
  | { readonly kind: 'index'; readonly of: Node; readonly by: Node }
  | { readonly kind: 'has'; readonly of: Node; readonly name: Step }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'negate'; readonly of: Node }
  | { readonly kind: 'in'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'arithmetic'; readonly operator: ArithmeticOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choose'; readonly condition: Node; readonly whenTrue: Node; readonly whenFalse: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Node, Node])[] }

/** The nodes directly below one, in reading order. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'path':
      return []
    case 'and':
    case 'or':
      return node.parts
    case 'compare':
    case 'in':
    case 'arithmetic':
      return [node.left, node.right]
    case 'choose':
      return [node.condition, node.whenTrue, node.whenFalse]
    case 'index':
      return [node.of, node.by]
    case 'loop':
      return node.filter ? [node.over, node.filter, node.body] : [node.over, node.body]
    case 'call':
      return node.args
    case 'list':
      return node.items
    case 'map':
      return node.entries.flat()
    default:
      return [node.of]
  }
}

/** Whether any path in the tree starts at `root`. */
export function reads(node: Node, root: string): boolean {
  if (node.kind === 'path') return node.local < 0 && node.root === root
  return childrenOf(node).some((child) => reads(child, root))
}

/** Whether a node's value, if it has one, is always a boolean. */
export function isBoolean(node: Node): boolean {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'boolean'
    case 'compare':
    case 'in':
    case 'not':
    case 'has':
      return true
    case 'and':
    case 'or':
      return node.parts.every(isBoolean)
    case 'choose':
      return isBoolean(node.whenTrue) && isBoolean(node.whenFalse)
    case 'loop':
      return node.name !== 'map' && node.name !== 'filter'
    case 'call':
      return node.spec.boolean === true
    default:
      return false
  }
}

/** The same node over other children. */
export function withChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.kind) {
    case 'literal':
    case 'path':
      return node
    case 'and':
    case 'or':
      return { ...node, parts: node.parts.map(change) }
    case 'compare':
    case 'in':
    case 'arithmetic':
      return { ...node, left: change(node.left), right: change(node.right) }
    case 'choose':
      return withBranches(node, change)
    case 'index':
      return { ...node, of: change(node.of), by: change(node.by) }
    case 'loop':
      return {
        ...node,
        over: change(node.over),
        body: change(node.body),
        ...(node.filter && { filter: change(node.filter) }),
      }
    case 'call':
      return { ...node, args: node.args.map(change) }
    case 'list':
      return { ...node, items: node.items.map(change) }
    case 'map':
      return { ...node, entries: node.entries.map(([key, value]) => [change(key), change(value)] as const) }
    default:
      return { ...node, of: change(node.of) }
  }
}

function withBranches(node: Extract<Node, { kind: 'choose' }>, change: (child: Node) => Node): Node {
  return {
    ...node,
    condition: change(node.condition),
    whenTrue: change(node.whenTrue),
    whenFalse: change(node.whenFalse),
  }
}

/**
 * A literal int as the equal double, where there is one. Numbers compare by value across types and JSON has doubles
 * only, so operands of comparisons are kept in the form that compares fastest.
 */
export function asDouble(node: Node): Node {
  if (node.kind !== 'literal' || typeof node.value !== 'bigint') return node
  const double = Number(node.value)
  return BigInt(double) === node.value ? { kind: 'literal', value: double } : node
}
