// Whether a value satisfies a JSON Schema that `checkSchema` has passed. Interpreted, never compiled to code; every look costs
// a step, so that neither a schema that turns in circles nor a large answer can hold the server.
import { type Json, type JsonObject, writeCanonical } from '@pawl/protocol'
import { escapePointer, type Fault } from './check-schema.ts'
import { FORMATS } from './formats.ts'
import { patternCost, patternOf } from './pattern.ts'
import { isObject, resolvePointer } from './pointer.ts'

/** Looks at a value with a schema; some 40 ms at worst, measured. */
const STEPS_MAX = 50_000
/** Schemas in each other, `$ref` included. */
const DEPTH_MAX = 128
/** Units of text that are compared for one step. */
const TEXT_PER_STEP = 256

/** Where a look stands. */
interface Place {
  readonly root: Json
  readonly budget: { steps: number }
  readonly path: string
  readonly depth: number
  /** The schema whose keyword is looked at. */
  readonly schema: JsonObject
}

type Rule = (rule: Json, value: Json, at: Place) => Fault | null

/** @returns the first fault, its path into the value; null when the value satisfies the schema. */
export function validate(schema: Json, value: Json): Fault | null {
  return look(schema, value, { root: schema, budget: { steps: STEPS_MAX }, path: '', depth: 0, schema: {} })
}

const EXHAUSTED = 'cannot be checked: schema and answer together are too complex'

function look(schema: Json, value: Json, from: Place): Fault | null {
  const { budget, path } = from
  if (!spend(from, 1) || from.depth > DEPTH_MAX) {
    budget.steps = 0
    return { path, says: EXHAUSTED }
  }
  if (schema === true) return null
  if (!isObject(schema)) return { path, says: 'is not allowed' }
  const at = { ...from, schema, depth: from.depth + 1 }
  for (const keyword of Object.keys(schema)) {
    const fault = RULES.get(keyword)?.(schema[keyword] ?? null, value, at) ?? null
    if (fault !== null) return fault
  }
  // What a rule could not pay for is no yes.
  return budget.steps <= 0 ? { path, says: EXHAUSTED } : null
}

function spend({ budget }: Place, steps: number): boolean {
  budget.steps -= steps
  return budget.steps > 0
}

function under(at: Place, name: string | number): Place {
  return { ...at, path: `${at.path}/${typeof name === 'number' ? name : escapePointer(name)}` }
}

function fault(at: Place, says: string): Fault {
  return { path: at.path, says }
}

/** Whether a schema holds. Where nothing can be paid for any more, the look that asks says so itself. */
function holds(schema: Json, value: Json, at: Place): boolean {
  return look(schema, value, at) === null
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function hasType(name: Json, value: Json): boolean {
  return name === 'integer' ? Number.isInteger(value) : typeOf(value) === name
}

function textOf(value: Json, at: Place): string {
  const text = writeCanonical(value)
  spend(at, Math.floor(text.length / TEXT_PER_STEP))
  return text
}

const numbers =
  (isFault: (value: number, bound: number) => boolean, says: string): Rule =>
  (bound, value, at) =>
    typeof value === 'number' && isFault(value, Number(bound)) ? fault(at, `${says} ${Number(bound)}`) : null

const counts =
  (count: (value: Json) => number | null, isFault: (count: number, bound: number) => boolean, says: string): Rule =>
  (bound, value, at) => {
    const counted = count(value)
    return counted !== null && isFault(counted, Number(bound)) ? fault(at, says.replace('#', String(bound))) : null
  }

/** Characters are code points, as the standard counts them. */
const characters = (value: Json) => (typeof value === 'string' ? [...value].length : null)
const members = (value: Json) => (isObject(value) ? Object.keys(value).length : null)
const elements = (value: Json) => (Array.isArray(value) ? value.length : null)
const over = (value: number, bound: number) => value > bound
const below = (value: number, bound: number) => value < bound

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['type', checkType],
  ['enum', checkEnum],
  ['const', (rule, value, at) => checkEnum([rule], value, at)],
  ['properties', checkProperties],
  ['required', checkRequired],
  ['additionalProperties', checkAdditional],
  ['patternProperties', checkPatternProperties],
  ['propertyNames', checkNames],
  ['dependentRequired', checkDependent],
  ['minProperties', counts(members, below, 'must have at least # members')],
  ['maxProperties', counts(members, over, 'must have at most # members')],
  ['items', checkItems],
  ['prefixItems', checkPrefix],
  ['contains', checkContains],
  ['minItems', counts(elements, below, 'must have at least # elements')],
  ['maxItems', counts(elements, over, 'must have at most # elements')],
  ['uniqueItems', checkUnique],
  ['minLength', counts(characters, below, 'must have at least # characters')],
  ['maxLength', counts(characters, over, 'must have at most # characters')],
  ['pattern', checkPattern],
  ['format', checkFormat],
  ['minimum', numbers(below, 'must not be below')],
  ['maximum', numbers(over, 'must not be over')],
  ['exclusiveMinimum', numbers((value, bound) => value <= bound, 'must be over')],
  ['exclusiveMaximum', numbers((value, bound) => value >= bound, 'must be below')],
  ['multipleOf', numbers((value, bound) => !isMultiple(value, bound), 'must be a multiple of')],
  ['allOf', (rule, value, at) => firstOf(list(rule), (schema) => look(schema, value, at))],
  ['anyOf', checkAny],
  ['oneOf', checkOne],
  ['not', (rule, value, at) => (holds(rule, value, at) ? fault(at, 'is not allowed') : null)],
  ['if', checkIf],
  ['$ref', (rule, value, at) => look(resolvePointer(at.root, String(rule)) ?? false, value, at)],
])

function list(rule: Json): readonly Json[] {
  return Array.isArray(rule) ? rule : []
}

function firstOf<T>(values: Iterable<T>, check: (value: T) => Fault | null): Fault | null {
  for (const value of values) {
    const found = check(value)
    if (found !== null) return found
  }
  return null
}

function checkType(rule: Json, value: Json, at: Place): Fault | null {
  const names = Array.isArray(rule) ? rule : [rule]
  return names.some((name) => hasType(name, value)) ? null : fault(at, `must be of type ${names.join(' or ')}`)
}

function checkEnum(rule: Json, value: Json, at: Place): Fault | null {
  const text = textOf(value, at)
  const isOne = list(rule).some((option) => typeOf(option) === typeOf(value) && textOf(option, at) === text)
  return isOne ? null : fault(at, 'is not one of the allowed values')
}

function checkProperties(rule: Json, value: Json, at: Place): Fault | null {
  if (!isObject(value) || !isObject(rule)) return null
  return firstOf(Object.entries(rule), ([name, schema]) =>
    Object.hasOwn(value, name) ? look(schema, value[name] ?? null, under(at, name)) : null,
  )
}

function checkRequired(rule: Json, value: Json, at: Place): Fault | null {
  if (!isObject(value)) return null
  return firstOf(list(rule), (name) =>
    Object.hasOwn(value, String(name)) ? null : fault(under(at, String(name)), 'is required'),
  )
}

/** Members that neither `properties` nor `patternProperties` of the same schema speaks of. */
function checkAdditional(rule: Json, value: Json, at: Place): Fault | null {
  if (!isObject(value)) return null
  const { properties, patternProperties } = at.schema
  const patterns = isObject(patternProperties) ? Object.keys(patternProperties) : []
  return firstOf(Object.entries(value), ([name, member]) => {
    if (isObject(properties) && Object.hasOwn(properties, name)) return null
    if (patterns.some((pattern) => matches(pattern, name, at))) return null
    return look(rule, member, under(at, name))
  })
}

function checkPatternProperties(rule: Json, value: Json, at: Place): Fault | null {
  if (!isObject(value) || !isObject(rule)) return null
  return firstOf(Object.entries(rule), ([pattern, schema]) =>
    firstOf(Object.entries(value), ([name, member]) =>
      matches(pattern, name, at) ? look(schema, member, under(at, name)) : null,
    ),
  )
}

function checkNames(rule: Json, value: Json, at: Place): Fault | null {
  if (!isObject(value)) return null
  return firstOf(Object.keys(value), (name) => look(rule, name, under(at, name)))
}

function checkDependent(rule: Json, value: Json, at: Place): Fault | null {
  if (!isObject(value) || !isObject(rule)) return null
  return firstOf(Object.entries(rule), ([name, needed]) =>
    Object.hasOwn(value, name) ? checkRequired(needed, value, at) : null,
  )
}

function checkItems(rule: Json, value: Json, at: Place): Fault | null {
  if (!Array.isArray(value)) return null
  const first = list(at.schema.prefixItems ?? null).length
  return firstOf(value.slice(first).entries(), ([index, element]) => look(rule, element, under(at, first + index)))
}

function checkPrefix(rule: Json, value: Json, at: Place): Fault | null {
  if (!Array.isArray(value)) return null
  return firstOf(list(rule).slice(0, value.length).entries(), ([index, schema]) =>
    look(schema, value[index] ?? null, under(at, index)),
  )
}

function checkContains(rule: Json, value: Json, at: Place): Fault | null {
  if (!Array.isArray(value) || value.some((element) => holds(rule, element, at))) return null
  return fault(at, 'has no element of the kind that it needs')
}

function checkUnique(rule: Json, value: Json, at: Place): Fault | null {
  if (rule !== true || !Array.isArray(value)) return null
  const texts = value.map((element) => textOf(element, at))
  return new Set(texts).size === texts.length ? null : fault(at, 'must not have an element twice')
}

function checkPattern(rule: Json, value: Json, at: Place): Fault | null {
  if (typeof value !== 'string' || matches(String(rule), value, at)) return null
  return fault(at, 'does not have the form that it needs')
}

function matches(pattern: string, text: string, at: Place): boolean {
  const compiled = patternOf(pattern)
  // What costs too much is not begun; the budget is spent then, which is told as such.
  return compiled !== null && spend(at, patternCost(compiled, text)) && compiled.test(text)
}

function checkFormat(rule: Json, value: Json, at: Place): Fault | null {
  if (typeof value !== 'string' || FORMATS.get(String(rule))?.(value) !== false) return null
  return fault(at, `is no ${String(rule)}`)
}

function checkAny(rule: Json, value: Json, at: Place): Fault | null {
  return list(rule).some((schema) => holds(schema, value, at)) ? null : fault(at, 'fits none of the allowed forms')
}

function checkOne(rule: Json, value: Json, at: Place): Fault | null {
  const count = list(rule).filter((schema) => holds(schema, value, at)).length
  return count === 1 ? null : fault(at, count === 0 ? 'fits none of the allowed forms' : 'fits several forms at once')
}

function checkIf(rule: Json, value: Json, at: Place): Fault | null {
  const branch = holds(rule, value, at) ? at.schema.then : at.schema.else
  return branch === undefined ? null : look(branch, value, at)
}

/** Binary fractions: 0.3 is a multiple of 0.1 to whoever wrote the schema. */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of
  return Number.isFinite(quotient) && Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient))
}
