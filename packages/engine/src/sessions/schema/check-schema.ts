// Looks a JSON Schema over when a question is asked with it: every keyword has its shape, patterns compile, references lead
// somewhere inside the schema. What passes here can be used by `validate` without further question.
import type { Json } from '@pawl/protocol'
import { KEYWORDS, REFUSED, type Shape, TYPES } from './keywords.ts'
import { patternOf } from './pattern.ts'
import { isObject, resolvePointer } from './pointer.ts'

/** What is wrong, and where: a JSON pointer into the schema or the value. */
export interface Fault {
  readonly path: string
  readonly says: string
}

/** Schemas inside a schema, at most: a form for a person has a few dozen. */
const NODES_MAX = 2_000
/** Segments of the pointer to a schema, at most: some thirty levels. */
const SEGMENTS_MAX = 64

interface Walk {
  readonly root: Json
  nodes: number
}

/** @returns the first fault, or null when the schema can be used. */
export function checkSchema(schema: Json): Fault | null {
  return checkNode(schema, '', { root: schema, nodes: 0 })
}

function checkNode(schema: Json, path: string, walk: Walk): Fault | null {
  walk.nodes += 1
  if (walk.nodes > NODES_MAX) return { path, says: `holds more than ${NODES_MAX} schemas` }
  if (path.split('/').length > SEGMENTS_MAX) return { path, says: 'is nested too deep' }
  if (typeof schema === 'boolean') return null
  if (!isObject(schema)) return { path, says: 'must be an object or a boolean' }
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}/${escapePointer(keyword)}`
    if (REFUSED.has(keyword)) return { path: at, says: 'is a keyword that is not understood here' }
    const shape = KEYWORDS.get(keyword)
    const fault = shape === undefined ? null : checkShape(shape, value, { at, walk })
    if (fault !== null) return fault
  }
  return null
}

function checkShape(shape: Shape, value: Json, where: { readonly at: string; readonly walk: Walk }): Fault | null {
  const { at, walk } = where
  switch (shape) {
    case 'schema':
      return checkNode(value, at, walk)
    case 'schemas':
      if (!Array.isArray(value) || value.length === 0) return { path: at, says: 'must be a list of schemas' }
      return firstFault(value.entries(), (index, node) => checkNode(node, `${at}/${index}`, walk))
    case 'schemaMap':
    case 'patternMap':
      if (!isObject(value)) return { path: at, says: 'must be an object of schemas' }
      return firstFault(Object.entries(value), (name, node) => checkMember(shape, name, node, where))
    case 'textsMap':
      if (!isObject(value) || !Object.values(value).every(isTextList))
        return { path: at, says: 'must be an object of lists of names' }
      return null
    case 'reference':
      if (typeof value !== 'string' || resolvePointer(walk.root, value) === undefined)
        return { path: at, says: 'must be a pointer to a schema inside this one, such as #/$defs/name' }
      return null
    default:
      return plainFault(shape, value, at)
  }
}

function checkMember(
  shape: 'schemaMap' | 'patternMap',
  name: string,
  node: Json,
  { at, walk }: { readonly at: string; readonly walk: Walk },
): Fault | null {
  const path = `${at}/${escapePointer(name)}`
  if (shape === 'patternMap' && patternOf(name) === null) return { path, says: 'is no pattern (RE2 syntax)' }
  return checkNode(node, path, walk)
}

type PlainShape = Exclude<Shape, 'schema' | 'schemas' | 'schemaMap' | 'patternMap' | 'textsMap' | 'reference'>

const PLAIN: { readonly [S in PlainShape]: { readonly holds: (value: Json) => boolean; readonly says: string } } = {
  any: { holds: () => true, says: '' },
  flag: { holds: (value) => typeof value === 'boolean', says: 'must be true or false' },
  text: { holds: (value) => typeof value === 'string', says: 'must be a text' },
  texts: { holds: isTextList, says: 'must be a list of names' },
  list: { holds: (value) => Array.isArray(value) && value.length > 0, says: 'must be a list of values' },
  number: { holds: (value) => typeof value === 'number', says: 'must be a number' },
  positive: { holds: (value) => typeof value === 'number' && value > 0, says: 'must be a number over 0' },
  count: { holds: (value) => Number.isInteger(value) && Number(value) >= 0, says: 'must be a whole number' },
  pattern: {
    holds: (value) => typeof value === 'string' && patternOf(value) !== null,
    says: 'must be a pattern (RE2 syntax)',
  },
  type: { holds: isType, says: `must be of ${[...TYPES].join(', ')}, or a list of these` },
}

function plainFault(shape: PlainShape, value: Json, path: string): Fault | null {
  const { holds, says } = PLAIN[shape]
  return holds(value) ? null : { path, says }
}

function isTextList(value: Json): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

function isType(value: Json): boolean {
  const names = Array.isArray(value) ? value : [value]
  return names.length > 0 && names.every((name) => typeof name === 'string' && TYPES.has(name))
}

function firstFault<K>(members: Iterable<readonly [K, Json]>, check: (name: K, node: Json) => Fault | null) {
  for (const [name, node] of members) {
    const fault = check(name, node)
    if (fault !== null) return fault
  }
  return null
}

/** A member's name as a segment of a JSON pointer (RFC 6901). */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
