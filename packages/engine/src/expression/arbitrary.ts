/**
 * Random expressions and events for the property tests of this room; nothing else imports it. Names and values are few,
 * so that the two sides of a comparison often meet.
 */
import fc from 'fast-check'
import type { Json } from './value.ts'

const NAMES = ['s', 'n', 'b', 'nul', 'list', 'map', 'missing', 'constructor', '__proto__']
const SCALARS: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  -1,
  2.5,
  1e21,
  '',
  'abc',
  'x',
  '1',
  'a"b\\\u0000é',
  '\ud800',
]
const LITERALS = [
  ...['null', 'true', 'false', '0', '1', '2u', '-1', '2.5', '""', "'abc'", "'x'", "r'a.c'", "'1'", '[]', "['x', 1]"],
  ...["{'k': 1}", "b'abc'", 'string', "'1h'", "'2026-01-31'", '1.0', '9007199254740993', 'vars.nothing', '[[1], null]'],
]
const SIGNS = ['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%', '&&', '||']
const CALLS = [
  ...['size', 'type', 'int', 'uint', 'double', 'string', 'bool', 'bytes', 'date', 'timestamp', 'duration', 'dyn'],
  ...['lowercase', 'uppercase', 'b64decode', 'json_parse', 'now_plus', 'now_minus'],
]
const METHODS = ['contains', 'startsWith', 'endsWith', 'matches']
const GETTERS = ['getFullYear', 'getMonth', 'getDate', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMilliseconds']
const LOOPS = ['all', 'exists', 'exists_one', 'map', 'filter']

/** The data of an event: a few of the names, with scalars, lists and maps below them. */
export const anyData: fc.Arbitrary<Json> = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...SCALARS) },
    fc.array(fc.constantFrom(...SCALARS), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('k', 's', '__proto__'), fc.constantFrom(...SCALARS), { maxKeys: 2 }),
  ),
  { noNullPrototype: false },
)

/** An event with such data. */
export const anyEvent: fc.Arbitrary<Json> = anyData.map((data) => ({ name: 'test/event', user: {}, ts: 1.7e12, data }))

const path = fc
  .tuple(fc.constantFrom('event', 'async'), fc.constantFrom(...NAMES), fc.constantFrom('', '', '.k', '[0]', "['s']"))
  .map(([root, name, step]) => `${root}.data.${name === '__proto__' ? 's' : name}${step}`)

const literal = fc.constantFrom(...LITERALS)

/** An expression of the whole dialect, over `event` and `async`; it always compiles. */
export const anyExpression: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => {
  const node = tie('node')
  const pair = fc.tuple(node, node)
  return {
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(path, path, literal),
      fc.tuple(pair, fc.constantFrom(...SIGNS)).map(([[left, right], sign]) => `(${left}) ${sign} (${right})`),
      fc.tuple(pair, fc.constantFrom('==', 'in', '&&')).map(([[left, right], sign]) => `(${left} ${sign} ${right})`),
      pair.map(([left, right]) => `((${left}) == (${right}) && (${right}) != (${left}))`),
      fc.tuple(pair, node).map(([[left, right], condition]) => `((${condition}) ? (${left}) : (${right}))`),
      node.map((inner) => `!(${inner})`),
      node.map((inner) => `-(${inner})`),
      path.map((inner) => `has(${inner.replace(/\[\d\]$/, '')})`),
      fc.tuple(node, fc.constantFrom(...CALLS)).map(([inner, name]) => `${name}(${inner})`),
      fc.tuple(pair, fc.constantFrom(...METHODS)).map(([[left, right], name]) => `(${left}).${name}(${right})`),
      fc.tuple(node, fc.constantFrom(...GETTERS)).map(([inner, name]) => `date(${inner}).${name}('Europe/Paris')`),
      fc.tuple(pair, fc.constantFrom(...LOOPS)).map(([[over, body], name]) => `(${over}).${name}(i, i == (${body}))`),
      fc.tuple(node, fc.constantFrom(...LOOPS)).map(([over, name]) => `(${over}).${name}(i, i)`),
      pair.map(([left, right]) => `[${left}, ${right}]`),
      pair.map(([left, right]) => `{'k': ${left}, 's': ${right}}`),
      fc.tuple(node, fc.constantFrom('.k', '[0]', "['s']")).map(([inner, step]) => `(${inner})${step}`),
      fc.constantFrom('now()', 'now() < date(async.data.n)'),
    ),
  }
}).node

/** Conditions of the kind people write: comparisons joined by `&&`. */
export const anyCondition: fc.Arbitrary<string> = fc.oneof(
  anyExpression,
  fc.array(anyExpression, { minLength: 1, maxLength: 4 }).map((parts) => parts.map((part) => `(${part})`).join(' && ')),
  fc
    .array(fc.tuple(path, fc.constantFrom('==', '==', '!=', '<', 'in'), fc.oneof(path, literal)), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.map((part) => part.join(' ')).join(' && ')),
)
