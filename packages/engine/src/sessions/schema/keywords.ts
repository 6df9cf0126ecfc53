// Which JSON Schema (2020-12) keywords are understood, and what stands under each. What would restrict an answer and is not
// understood is refused when the question is asked, for to ignore it would let a wrong answer through.

/** What the value of a keyword must be. */
export type Shape =
  | 'schema'
  | 'schemas'
  | 'schemaMap'
  | 'number'
  | 'positive'
  | 'count'
  | 'text'
  | 'texts'
  | 'list'
  | 'flag'
  | 'pattern'
  | 'patternMap'
  | 'type'
  | 'reference'
  | 'textsMap'
  | 'any'

/** Own keys only: a Map, since names come from outside. */
export const KEYWORDS: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['type', 'type'],
  ['enum', 'list'],
  ['const', 'any'],
  ['properties', 'schemaMap'],
  ['required', 'texts'],
  ['additionalProperties', 'schema'],
  ['patternProperties', 'patternMap'],
  ['propertyNames', 'schema'],
  ['minProperties', 'count'],
  ['maxProperties', 'count'],
  ['dependentRequired', 'textsMap'],
  ['items', 'schema'],
  ['prefixItems', 'schemas'],
  ['contains', 'schema'],
  ['minItems', 'count'],
  ['maxItems', 'count'],
  ['uniqueItems', 'flag'],
  ['minLength', 'count'],
  ['maxLength', 'count'],
  ['pattern', 'pattern'],
  ['format', 'text'],
  ['minimum', 'number'],
  ['maximum', 'number'],
  ['exclusiveMinimum', 'number'],
  ['exclusiveMaximum', 'number'],
  ['multipleOf', 'positive'],
  ['anyOf', 'schemas'],
  ['oneOf', 'schemas'],
  ['allOf', 'schemas'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['$ref', 'reference'],
  ['$defs', 'schemaMap'],
  ['definitions', 'schemaMap'],
])

/** Keywords of this or an older draft that restrict, and are not understood. All others are notes, which restrict nothing. */
export const REFUSED: ReadonlySet<string> = new Set([
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveAnchor',
  '$recursiveRef',
  'additionalItems',
  'dependencies',
  'dependentSchemas',
  'disallow',
  'divisibleBy',
  'extends',
  'maxContains',
  'minContains',
  'unevaluatedItems',
  'unevaluatedProperties',
])

export const TYPES: ReadonlySet<string> = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'])
