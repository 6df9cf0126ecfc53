/**
 * From text to a checked tree: limits, grammar, known names, and the smaller language of cancel rules. The grammar is
 * that of `@marcbachmann/cel-js`, of which only the parser is used: its evaluator is strict where this dialect is
 * lenient, and walks prototypes where we must not. Keeping compiled expressions is the caller's business.
 */
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js'
import { convert, type Scope } from './convert.ts'
import { ExpressionError, invalidExpression } from './error.ts'
import { childrenOf, type Node } from './tree.ts'

/** Longest text, in UTF-16 units (4 KiB for the ASCII that expressions are made of). */
const EXPRESSION_LENGTH_MAX = 4_096
const NODES_MAX = 512
const DEPTH_MAX = 32

/**
 * Longest rest of a wait. It is an expression with values of an event written into it, so it may be as long as a list
 * of some thousand entries; and as deep as the expression and JSON together.
 */
export const REST_LENGTH_MAX = 262_144
const REST_NODES_MAX = 20_000
const REST_DEPTH_MAX = 160

/** A compiled expression. The tree is for this room only. */
export interface Expression {
  readonly text: string
  readonly tree: Node
}

export interface CompileOptions {
  /** Names that values may start with; `event`, `async` and `vars` by default. */
  readonly roots?: readonly string[]
  /** `cancel`: only comparison, logic, `in`, index, and `int`, `uint`, `double`. */
  readonly subset?: 'cancel'
}

const DEFAULT_ROOTS = ['event', 'async', 'vars']

// Lists and calls are bounded by the count of nodes; the parser's own narrower limits are lifted to it.
const parser = new Environment({
  limits: { maxAstNodes: NODES_MAX, maxDepth: DEPTH_MAX, maxListElements: NODES_MAX, maxMapEntries: NODES_MAX },
})
const restParser = new Environment({
  limits: {
    maxAstNodes: REST_NODES_MAX,
    maxDepth: REST_DEPTH_MAX,
    maxListElements: REST_NODES_MAX,
    maxMapEntries: REST_NODES_MAX,
  },
})

/**
 * Compiles an expression.
 *
 * @throws ExpressionError `invalid_expression` with the column where one place is to blame: not in the grammar, an
 *   unknown name or function, past 4 KiB, 512 nodes or 32 levels, or outside the asked subset.
 */
export function compileExpression(text: string, options: CompileOptions = {}): Expression {
  checkLength(text, EXPRESSION_LENGTH_MAX)
  const roots = new Set(options.roots ?? DEFAULT_ROOTS)
  const tree = treeOf(() => parser.parse(text).ast, { roots, depthMax: DEPTH_MAX })
  if (options.subset === 'cancel') checkCancel(tree)
  return { text, tree }
}

/**
 * Compiles the rest that `bindWait` left of an expression; its limits leave room for the values written into it.
 *
 * @throws ExpressionError `invalid_expression`
 */
export function compileRest(text: string): Expression {
  checkLength(text, REST_LENGTH_MAX)
  const roots = new Set(['async', 'vars'])
  return { text, tree: treeOf(() => restParser.parse(text).ast, { roots, depthMax: REST_DEPTH_MAX }) }
}

function checkLength(text: string, most: number): void {
  if (text.length > most) throw invalidExpression(`the expression is longer than ${most} characters`)
  if (!text.isWellFormed()) throw invalidExpression('the expression has half a surrogate pair in it')
}

function treeOf(parse: () => ASTNode, scope: Pick<Scope, 'roots' | 'depthMax'>): Node {
  try {
    return convert(parse(), { ...scope, locals: [], depth: 0 })
  } catch (error) {
    if (error instanceof ExpressionError) throw error
    if (error instanceof ParseError) throw invalidExpression(printable(error.summary), error.range?.start)
    throw invalidExpression('the expression is too deep')
  }
}

// The parser quotes the character it stumbled over, which may be a control character.
function printable(message: string): string {
  const safe = message.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return safe.slice(0, 200)
}

const CANCEL_KINDS: ReadonlySet<Node['kind']> = new Set([
  'literal',
  'path',
  'select',
  'index',
  'compare',
  'in',
  'and',
  'or',
  'not',
  'choose',
  'list',
  'map',
])

function checkCancel(node: Node): void {
  const allowed = CANCEL_KINDS.has(node.kind) || (node.kind === 'call' && node.spec.inCancel === true)
  if (!allowed) {
    const what = node.kind === 'call' || node.kind === 'loop' ? node.name : node.kind
    throw invalidExpression(
      `${what} is not allowed in a cancel rule: only comparison, logic, in, index, int(), uint() and double()`,
    )
  }
  for (const child of childrenOf(node)) checkCancel(child)
}
