// A form for a JSON value: its fields from the JSON Schema, and where that says nothing, from the value itself. What is not
// touched keeps its value exactly; what no field can show is a field for JSON. Pure; the server judges the answer by the schema.

import { messages } from './messages.ts'

export type FieldKind = 'text' | 'long' | 'number' | 'integer' | 'boolean' | 'choice' | 'json'

export interface FormField {
  /** Key in the object; empty: the value as a whole. */
  readonly name: string
  readonly label: string
  readonly kind: FieldKind
  readonly hint?: string
  readonly isRequired: boolean
  /** An empty field is null. */
  readonly isNullable: boolean
  /** Of a choice: each value as JSON. */
  readonly choices: readonly string[]
  readonly schema: Schema
}

export type Schema = Readonly<Record<string, unknown>>
/** What stands in the fields, by name; values of choices, booleans and JSON fields as JSON. */
export type Drafts = Readonly<Record<string, string>>

const t = messages.form
/** A text is given several lines from so many characters on. */
const LONG_FROM = 60

/** The fields of a value; undefined when it can only be shown as JSON. */
export function fieldsOf(schema: Schema | undefined, value: unknown): readonly FormField[] | undefined {
  if (isCombined(schema)) return undefined
  if (isObject(value) || (value === undefined && typeOf(schema ?? {}) === 'object')) {
    const fields = objectFields(schema ?? {}, isObject(value) ? value : {})
    return fields.length === 0 ? undefined : fields
  }
  if (value === undefined && (schema === undefined || typeOf(schema) === undefined) && !hasEnum(schema))
    return undefined
  const field = fieldOf('', schema ?? {}, { value, isRequired: true })
  return field.kind === 'json' ? undefined : [field]
}

function objectFields(schema: Schema, value: Readonly<Record<string, unknown>>): readonly FormField[] {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  const names = new Set([...Object.keys(properties), ...Object.keys(value)])
  return [...names].map((name) => {
    const own = properties[name]
    return fieldOf(name, isObject(own) ? own : {}, { value: value[name], isRequired: required.includes(name) })
  })
}

interface Of {
  readonly value: unknown
  readonly isRequired: boolean
}

function fieldOf(name: string, schema: Schema, { value, isRequired }: Of): FormField {
  const hint = typeof schema.description === 'string' ? schema.description : undefined
  return {
    name,
    label: typeof schema.title === 'string' && schema.title !== '' ? schema.title : name === '' ? t.value : name,
    kind: kindOf(schema, value),
    ...(hint === undefined ? {} : { hint }),
    isRequired,
    isNullable: Array.isArray(schema.type) ? schema.type.includes('null') : value === null,
    choices: choicesOf(schema, value),
    schema,
  }
}

function kindOf(schema: Schema, value: unknown): FieldKind {
  if (hasEnum(schema)) return 'choice'
  if (isCombined(schema)) return 'json'
  const type = typeOf(schema) ?? jsonType(value)
  if (type === 'number' || type === 'integer' || type === 'boolean') return isOfType(value, type) ? type : 'json'
  if (type !== 'string' || !isOfType(value, 'string')) return 'json'
  const text = typeof value === 'string' ? value : ''
  const max = typeof schema.maxLength === 'number' ? schema.maxLength : 0
  return text.length > LONG_FROM || text.includes('\n') || max > 200 ? 'long' : 'text'
}

/** A value that is there must be shown as what it is, whatever the schema wants it to be. */
function isOfType(value: unknown, type: string): boolean {
  if (value === undefined || value === null) return true
  return jsonType(value) === (type === 'integer' ? 'number' : type)
}

function jsonType(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return Array.isArray(value) ? 'array' : typeof value
}

/** The one type that is not null. */
function typeOf(schema: Schema): string | undefined {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== 'null')
  if (types.length === 1 && typeof types[0] === 'string') return types[0]
  return types.length === 0 || types[0] === undefined ? (isObject(schema.properties) ? 'object' : undefined) : 'any'
}

function hasEnum(schema: Schema | undefined): boolean {
  return schema !== undefined && (Array.isArray(schema.enum) || 'const' in schema)
}

function choicesOf(schema: Schema, value: unknown): readonly string[] {
  if (!hasEnum(schema)) return []
  const allowed: readonly unknown[] = Array.isArray(schema.enum) ? schema.enum : [schema.const]
  const all = value === undefined ? allowed : [...allowed, value]
  return [...new Set(all.map((each) => JSON.stringify(each)))]
}

function isCombined(schema: Schema | undefined): boolean {
  if (schema === undefined) return false
  return ['$ref', 'oneOf', 'anyOf', 'allOf', 'if', 'not'].some((keyword) => keyword in schema) && !hasEnum(schema)
}

/** What the fields show of a value. */
export function draftsOf(fields: readonly FormField[], value: unknown): Drafts {
  const isNew = value === undefined
  return Object.fromEntries(fields.map((field) => [field.name, draftOf(field, partOf(field, value), isNew)]))
}

/** Defaults are for values that are yet to be typed: what somebody left out of a given one is left out. */
function draftOf({ kind, schema, isRequired }: FormField, value: unknown, isNew: boolean): string {
  if (value === undefined) {
    if ('default' in schema && (isNew || isRequired)) return textOf(kind, schema.default)
    // Of a boolean that must be there, no is what nobody has said yes to.
    return kind === 'boolean' && isRequired ? 'false' : ''
  }
  return textOf(kind, value)
}

function textOf(kind: FieldKind, value: unknown): string {
  if (kind === 'json') return JSON.stringify(value, null, 2)
  if (kind === 'choice') return JSON.stringify(value)
  return value === null ? '' : String(value)
}

export interface FormRead {
  readonly value: unknown
  /** By name of the field. */
  readonly faults: ReadonlyMap<string, string>
}

/** The value that stands in the fields. `before`: the value they were made from. */
export function readForm(fields: readonly FormField[], drafts: Drafts, before: unknown): FormRead {
  const faults = new Map<string, string>()
  const read = fields.map((field) => {
    const draft = drafts[field.name] ?? ''
    const known = partOf(field, before)
    if (known !== undefined && draft === draftOf(field, known, false)) return [field.name, known] as const
    const part = readField(field, draft, known !== undefined)
    if ('fault' in part) faults.set(field.name, part.fault)
    return [field.name, 'fault' in part ? known : part.value] as const
  })
  const only = fields[0]
  if (fields.length === 1 && only?.name === '') return { value: read[0]?.[1], faults }
  return { value: Object.fromEntries(read.filter(([, value]) => value !== undefined)), faults }
}

type Part = { readonly value: unknown } | { readonly fault: string }

function readField(field: FormField, draft: string, wasThere: boolean): Part {
  const { kind, isRequired, isNullable, schema } = field
  const isText = kind === 'text' || kind === 'long'
  if (draft.trim() === '' && (!isText || draft === '')) {
    if (isNullable) return { value: null }
    // A text that was there and is emptied is an empty text; anything else that is emptied is left out.
    if (!isRequired && !(isText && wasThere)) return { value: undefined }
    if (!isText || Number(schema.minLength ?? 0) > 0) return { fault: t.missing }
  }
  if (isText) return readText(draft, schema)
  if (kind === 'number' || kind === 'integer') return readNumber(draft, field)
  try {
    return { value: JSON.parse(draft) }
  } catch (error) {
    return { fault: t.json(error instanceof Error ? error.message : '') }
  }
}

function readText(draft: string, { minLength, maxLength }: Schema): Part {
  const length = [...draft].length
  if (typeof minLength === 'number' && length < minLength) return { fault: t.atLeastCharacters(minLength) }
  if (typeof maxLength === 'number' && length > maxLength) return { fault: t.atMostCharacters(maxLength) }
  return { value: draft }
}

function readNumber(draft: string, { kind, schema }: FormField): Part {
  const value = Number(draft.trim().replace(',', '.'))
  if (!Number.isFinite(value)) return { fault: t.number }
  if (kind === 'integer' && !Number.isInteger(value)) return { fault: t.integer }
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (typeof minimum === 'number' && value < minimum) return { fault: t.atLeast(minimum) }
  if (typeof maximum === 'number' && value > maximum) return { fault: t.atMost(maximum) }
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return { fault: t.over(exclusiveMinimum) }
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return { fault: t.under(exclusiveMaximum) }
  return { value }
}

/** The field that a path of the server is about, such as `arguments/order/amount`; undefined: none of them. */
export function fieldOfPath(fields: readonly FormField[], path: string | undefined): string | undefined {
  const [, first] = path?.split('/') ?? []
  const name = first?.replaceAll('~1', '/').replaceAll('~0', '~')
  return fields.find((field) => field.name === (name ?? ''))?.name
}

function partOf({ name }: FormField, value: unknown): unknown {
  return name === '' ? value : isObject(value) ? value[name] : undefined
}

export interface Change {
  /** Empty: the whole value. */
  readonly name: string
  readonly from: unknown
  readonly to: unknown
}

/** What differs between two values, by their keys. */
export function changesOf(from: unknown, to: unknown): readonly Change[] {
  if (isSame(from, to)) return []
  if (!isObject(from) || !isObject(to)) return [{ name: '', from, to }]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((name) => !isSame(from[name], to[name]))
    .map((name) => ({ name, from: from[name], to: to[name] }))
}

/** Whether two JSON values are the same; the order of keys does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isSame(each, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
