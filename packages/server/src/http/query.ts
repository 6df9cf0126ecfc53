// Query strings for schemas: names in snake_case or camelCase are the schema's own, a parameter that may be repeated is
// always a list, and one that may not be is never one. The kinds of parameters that many routes share stand here.
import { z } from 'zod'
import { HttpError } from './http-errors.ts'

/** The query under the names of the schema. Parameters that it does not know are left out. */
export function queryNames(schema: z.ZodType, raw: unknown): Record<string, unknown> {
  const shape = schema instanceof z.ZodObject ? schema.shape : {}
  const given = raw as Readonly<Record<string, string | readonly string[]>>
  const query: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(shape)) {
    const values = [...new Set([name, snakeCase(name), camelCase(name)])].flatMap((alias) => given[alias] ?? [])
    if (values.length === 0) continue
    if (isList(field)) query[name] = values
    else if (values.length === 1) query[name] = values[0]
    else throw new HttpError('invalid_parameter', `${name} is given more than once`, { path: name })
  }
  return query
}

function isList(field: unknown): boolean {
  if (field instanceof z.ZodArray) return true
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault ? isList(field.unwrap()) : false
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** `true` or `false`; absent is false. */
export const flagParameter = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((text) => text === 'true' || text === '1')
  .meta({ type: 'boolean', enum: undefined })
  .optional()

/** Rows of a page. */
export function limitParameter(max: number, usual = 20) {
  return z
    .string()
    .regex(/^[0-9]{1,6}$/, 'must be a whole number')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= max, `must be between 1 and ${max}`)
    .meta({ type: 'integer', minimum: 1, maximum: max, description: `${usual} by default.`, pattern: undefined })
    .optional()
}

/** Where a page begins: the `cursor` of the page before it. */
export const cursorParameter = z.string().max(1_000).meta({ description: 'From the page before.' }).optional()
