/**
 * From the tree back to text, with no more parentheses than the grammar needs. Reading the text again gives a tree with
 * the same meaning: values are written as literals, and a missing value as a path that no event has.
 */
import { invalidExpression } from './error.ts'
import type { Node, Path, Step } from './tree.ts'
import { isList, isMap, TypeName, Uint, type Value } from './value.ts'

// How tightly a form binds, from `?:` to `.`; as in the CEL grammar.
const CHOOSE = 1
const OR = 2
const AND = 3
const EQUALITY = 4
const RELATION = 5
const SUM = 6
const PRODUCT = 7
const UNARY = 8
const POSTFIX = 9

// Names that the lexer reads as something else.
const WORDS = new Set(['in', 'true', 'false', 'null'])

/** Writes a tree as CEL. @throws ExpressionError `invalid_expression` for a value that has no literal. */
export function print(node: Node): string {
  return printAt(node, CHOOSE)
}

/** Writes the steps of a path as they stand behind its root's dot: `data.items[0]["a-b"]`. */
export function printSteps(steps: readonly Step[]): string {
  return steps.map(printStep).join('').replace(/^\./, '')
}

function printStep(step: Step): string {
  if (typeof step === 'number') return `[${step}]`
  return /^[A-Za-z_]\w*$/.test(step) && !WORDS.has(step) ? `.${step}` : `[${printText(step)}]`
}

function printPath(path: Path): string {
  return path.root + path.steps.map(printStep).join('')
}

function printAt(node: Node, least: number): string {
  const [text, binding] = printed(node)
  return binding < least ? `(${text})` : text
}

function printed(node: Node): readonly [text: string, binding: number] {
  switch (node.kind) {
    case 'literal':
      return printValue(node.value)
    case 'path':
      return [printPath(node), POSTFIX]
    case 'or':
      return [node.parts.map((part) => printAt(part, AND)).join(' || '), OR]
    case 'and':
      return [node.parts.map((part) => printAt(part, EQUALITY)).join(' && '), AND]
    case 'choose':
      return [
        `${printAt(node.condition, OR)} ? ${printAt(node.whenTrue, CHOOSE)} : ${printAt(node.whenFalse, CHOOSE)}`,
        CHOOSE,
      ]
    case 'not':
      return [`!${printAt(node.of, UNARY)}`, UNARY]
    case 'negate':
      return [`-${printAt(node.of, UNARY)}`, UNARY]
    case 'compare':
      return printBinary(node, node.operator, node.operator === '==' || node.operator === '!=' ? EQUALITY : RELATION)
    case 'in':
      return printBinary(node, 'in', RELATION)
    case 'arithmetic':
      return printBinary(node, node.operator, node.operator === '+' || node.operator === '-' ? SUM : PRODUCT)
    default:
      return [printPostfix(node), POSTFIX]
  }
}

function printBinary(node: { left: Node; right: Node }, operator: string, binding: number): readonly [string, number] {
  return [`${printAt(node.left, binding)} ${operator} ${printAt(node.right, binding + 1)}`, binding]
}

function printPostfix(node: Node): string {
  switch (node.kind) {
    case 'select':
      return printAt(node.of, POSTFIX) + printStep(node.name)
    case 'index':
      return `${printAt(node.of, POSTFIX)}[${print(node.by)}]`
    case 'has':
      return `has(${printAt(node.of, POSTFIX)}${printStep(node.name)})`
    case 'call': {
      const [receiver, ...args] = node.method ? node.args : [undefined, ...node.args]
      return `${receiver ? `${printAt(receiver, POSTFIX)}.` : ''}${node.name}(${args.map((arg) => (arg ? print(arg) : '')).join(', ')})`
    }
    case 'loop': {
      const steps = [node.variable, ...(node.filter ? [print(node.filter)] : []), print(node.body)]
      return `${printAt(node.over, POSTFIX)}.${node.name}(${steps.join(', ')})`
    }
    case 'list':
      return `[${node.items.map(print).join(', ')}]`
    case 'map':
      return `{${node.entries.map(([key, value]) => `${print(key)}: ${print(value)}`).join(', ')}}`
    default:
      return print(node)
  }
}

// A number is put in parentheses before a dot, so that `1.0.x` is never written.
function printValue(value: Value): readonly [string, number] {
  switch (typeof value) {
    case 'undefined':
      return ['vars.missing', POSTFIX]
    case 'string':
      return [printText(value), POSTFIX]
    case 'number':
      return [printDouble(value), UNARY]
    case 'bigint':
      return [String(value), UNARY]
    case 'boolean':
      return [String(value), POSTFIX]
    default:
      return [printObject(value), POSTFIX]
  }
}

function printDouble(value: number): string {
  if (!Number.isFinite(value)) throw invalidExpression(`${value} has no literal`)
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function printObject(value: Value): string {
  if (value === null) return 'null'
  if (isList(value)) return `[${value.map((item) => printValue(item)[0]).join(', ')}]`
  if (value instanceof Uint) return `${value.value}u`
  if (value instanceof TypeName) return value.type
  if (value instanceof Uint8Array)
    return `b"${[...value].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`
  if (!isMap(value)) throw invalidExpression('a value has no literal')
  return `{${Object.keys(value)
    .map((name) => `${printText(name)}: ${printValue(value[name])[0]}`)
    .join(', ')}}`
}

// Half a surrogate pair has no escape in CEL and does not survive UTF-8, so it travels inside JSON text.
function printText(text: string): string {
  if (!text.isWellFormed()) return `json_parse(${quote(`{"text":${JSON.stringify(text)}}`)}).text`
  return quote(text)
}

function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped.
  const escaped = text.replace(/[\\"\u0000-\u001f\u007f]/g, (char) => {
    return char === '\\' || char === '"' ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}
