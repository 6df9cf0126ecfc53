/**
 * From the parser's tree to ours: names are checked, paths and chains are made flat, lists of literals become one
 * literal, and literal patterns are compiled. Whatever the dialect does not have is refused here.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { ExpressionError, invalidExpression } from './error.ts'
import { functionNamed } from './functions.ts'
import { compilePattern } from './pattern.ts'
import { type ArithmeticOperator, asDouble, type LoopName, type Node, type Step } from './tree.ts'
import { keyName, TYPE_NAMES, TypeName, Uint, type Value } from './value.ts'

export interface Scope {
  readonly roots: ReadonlySet<string>
  /** Loop variables, outermost first. */
  readonly locals: readonly string[]
  readonly depth: number
  readonly depthMax: number
}

type Ast<Op extends ASTNode['op']> = Extract<ASTNode, { readonly op: Op }>

const INT_MIN = -(2n ** 63n)
const INT_MAX = 2n ** 63n - 1n

/** Converts and checks a parsed expression. @throws ExpressionError `invalid_expression` */
export function convert(ast: ASTNode, outer: Scope): Node {
  const scope = { ...outer, depth: outer.depth + 1 }
  if (scope.depth > scope.depthMax)
    throw invalidExpression(`the expression is deeper than ${scope.depthMax} levels`, ast.pos)
  switch (ast.op) {
    case 'value':
      return literal(ast)
    case 'id':
      return named(ast, scope)
    case '.':
      return select(convert(ast.args[0], outer), ast.args[1])
    case '[]':
      return index(convert(ast.args[0], outer), convert(ast.args[1], scope))
    case '||':
    case '&&':
      return logic(ast, scope)
    case '!_':
      return { kind: 'not', of: convert(ast.args, scope) }
    case '-_':
      return negate(ast, scope)
    case '?:':
      return choose(ast, scope)
    case 'list':
      return list(ast.args.map((item) => convert(item, scope)))
    case 'map':
      return map(ast.args.map(([key, value]) => [convert(key, scope), convert(value, scope)] as const))
    case 'call':
      return ast.args[0] === 'has' ? has(ast, scope) : call(ast, { name: ast.args[0], args: ast.args[1] }, scope)
    case 'rcall':
      return method(ast, scope)
    case 'in':
      return { kind: 'in', left: asDouble(convert(ast.args[0], scope)), right: convert(ast.args[1], scope) }
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(ast, scope)
    case '.?':
    case '[?]':
      throw invalidExpression(`${ast.op} is not part of the language`, ast.pos)
    default:
      return {
        kind: 'compare',
        operator: ast.op,
        left: asDouble(convert(ast.args[0], scope)),
        right: asDouble(convert(ast.args[1], scope)),
      }
  }
}

function choose(ast: Ast<'?:'>, scope: Scope): Node {
  const [condition, whenTrue, whenFalse] = ast.args
  return {
    kind: 'choose',
    condition: convert(condition, scope),
    whenTrue: convert(whenTrue, scope),
    whenFalse: convert(whenFalse, scope),
  }
}

function literal(ast: Ast<'value'>): Node {
  const value = ast.args
  if (typeof value === 'bigint' && value > INT_MAX)
    throw invalidExpression('the int does not fit into 64 bits', ast.pos)
  if (value instanceof UnsignedInt) return { kind: 'literal', value: new Uint(value.value) }
  return { kind: 'literal', value }
}

function named(ast: Ast<'id'>, scope: Scope): Node {
  const root = ast.args
  const local = scope.locals.lastIndexOf(root)
  if (local >= 0 || scope.roots.has(root)) return { kind: 'path', root, local, steps: [] }
  if (TYPE_NAMES.includes(root)) return { kind: 'literal', value: new TypeName(root) }
  throw invalidExpression(
    `unknown name ${root.slice(0, 64)}: values start with ${[...scope.roots].join(', ')}`,
    ast.pos,
  )
}

function select(of: Node, name: string): Node {
  return of.kind === 'path' ? { ...of, steps: [...of.steps, name] } : { kind: 'select', of, name }
}

function index(of: Node, by: Node): Node {
  const step = by.kind === 'literal' ? stepOf(by.value) : undefined
  if (of.kind === 'path' && step !== undefined) return { ...of, steps: [...of.steps, step] }
  return { kind: 'index', of, by }
}

function stepOf(value: Value): Step | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'bigint' && value >= 0n && value <= 0xffff_ffffn ? Number(value) : undefined
}

// Chains are walked along their left side: they are as deep as they are long, and still one level to the reader.
function logic(ast: Ast<'||' | '&&'>, scope: Scope): Node {
  const kind = ast.op === '||' ? 'or' : 'and'
  const parts: Node[] = []
  let left: ASTNode = ast
  while (left.op === ast.op) {
    parts.unshift(convert(left.args[1], scope))
    left = left.args[0]
  }
  parts.unshift(convert(left, scope))
  return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) }
}

function negate(ast: Ast<'-_'>, scope: Scope): Node {
  const inner = ast.args
  // The smallest int has no positive twin, so the sign belongs to the literal.
  const of = inner.op === 'value' && inner.args === -INT_MIN ? undefined : convert(inner, scope)
  if (!of) return { kind: 'literal', value: INT_MIN }
  const value = of.kind === 'literal' ? of.value : undefined
  if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'literal', value: -value }
  return { kind: 'negate', of }
}

function list(items: readonly Node[]): Node {
  const values = items.flatMap((item) => (item.kind === 'literal' ? [item.value] : []))
  return values.length === items.length ? { kind: 'literal', value: values } : { kind: 'list', items }
}

function map(entries: readonly (readonly [Node, Node])[]): Node {
  const value: { [key: string]: Value } = Object.create(null)
  for (const [key, item] of entries) {
    const name = key.kind === 'literal' ? keyName(key.value) : undefined
    if (name === undefined || item.kind !== 'literal') return { kind: 'map', entries }
    value[name] = item.value
  }
  return { kind: 'literal', value }
}

function arithmetic(ast: Ast<ArithmeticOperator>, scope: Scope): Node {
  const spine: Ast<ArithmeticOperator>[] = []
  let left: ASTNode = ast
  while (isArithmetic(left)) {
    spine.push(left)
    left = left.args[0]
  }
  return spine.reduceRight<Node>(
    (sum, step) => ({ kind: 'arithmetic', operator: step.op, left: sum, right: convert(step.args[1], scope) }),
    convert(left, scope),
  )
}

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%'])

function isArithmetic(ast: ASTNode): ast is Ast<ArithmeticOperator> {
  return ARITHMETIC.has(ast.op)
}

// CEL has `has(a.b)`; `has(a["b-c"])` and `has(a[0])` are ours, for names that cannot follow a dot.
function has(ast: Ast<'call'>, scope: Scope): Node {
  const [arg, ...more] = ast.args[1]
  const step = arg && more.length === 0 ? lastStep(arg) : undefined
  if (!step) throw invalidExpression('has() takes one field, as in has(event.data.name)', ast.pos)
  return { kind: 'has', of: convert(step.of, scope), name: step.name }
}

function lastStep(ast: ASTNode): { of: ASTNode; name: Step } | undefined {
  if (ast.op === '.') return { of: ast.args[0], name: ast.args[1] }
  if (ast.op !== '[]' || ast.args[1].op !== 'value') return undefined
  const [of, { args: value }] = ast.args
  const name = typeof value === 'string' || typeof value === 'bigint' ? stepOf(value) : undefined
  return name === undefined ? undefined : { of, name }
}

const LOOPS: ReadonlyMap<string, LoopName> = new Map(
  (['all', 'exists', 'exists_one', 'map', 'filter'] as const).map((name) => [name, name]),
)

function method(ast: Ast<'rcall'>, scope: Scope): Node {
  const [name, receiver, args] = ast.args
  const loop = LOOPS.get(name)
  if (loop) return loopOver(ast, loop, scope)
  return call(ast, { name, args: [receiver, ...args], method: true }, scope)
}

function loopOver(ast: Ast<'rcall'>, name: LoopName, scope: Scope): Node {
  const [, receiver, [variable, ...steps]] = ast.args
  const [first, second] = steps
  const fits = first && (steps.length === 1 || (steps.length === 2 && name === 'map'))
  if (variable?.op !== 'id' || !fits) throw invalidExpression(`${name} takes a variable and an expression`, ast.pos)
  if (scope.roots.has(variable.args))
    throw invalidExpression(`the variable ${variable.args} hides a root`, variable.pos)
  const inner = { ...scope, locals: [...scope.locals, variable.args] }
  return {
    kind: 'loop',
    name,
    over: convert(receiver, scope),
    variable: variable.args,
    local: scope.locals.length,
    body: convert(second ?? first, inner),
    ...(second && { filter: convert(first, inner) }),
  }
}

interface Written {
  readonly name: string
  readonly args: readonly ASTNode[]
  readonly method?: true
}

function call(ast: ASTNode, written: Written, scope: Scope): Node {
  const { name } = written
  const spec = functionNamed(name)
  const count = written.method ? spec?.method : spec?.free
  if (!spec || !count) throw invalidExpression(`unknown function ${name.slice(0, 64)}`, ast.pos)
  const [least, most] = count
  if (written.args.length < least || written.args.length > most) {
    throw invalidExpression(
      `${name} does not take ${written.args.length - (written.method ? 1 : 0)} arguments`,
      ast.pos,
    )
  }
  const args = written.args.map((arg) => convert(arg, scope))
  const node = { kind: 'call', name, spec, method: written.method ?? false, args } as const
  const pattern = args[1]
  if (name !== 'matches' || pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return node
  return { ...node, pattern: patternOf(pattern.value, ast.pos) }
}

function patternOf(text: string, column: number): ReturnType<typeof compilePattern> {
  try {
    return compilePattern(text, { now: 0, steps: Number.POSITIVE_INFINITY })
  } catch (error) {
    throw error instanceof ExpressionError ? invalidExpression(error.message, column) : error
  }
}
