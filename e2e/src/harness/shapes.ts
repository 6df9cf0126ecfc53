/**
 * Readers of JSON that came over HTTP: they check what they read and throw when it is something else.
 * Tests use them in place of casts, so that an answer of another shape fails where it is read.
 */

/** A JSON object whose values are not known yet. */
export type Fields = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object (no array, no null). */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a JSON object, or throws with the name of what was expected. */
export function fields(value: unknown, what = 'an object'): Fields {
  if (isFields(value)) return value
  throw new Error(`Expected ${what}, got ${shown(value)}`)
}

/** Reads an array. */
export function list(value: unknown, what = 'an array'): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`Expected ${what}, got ${shown(value)}`)
}

/** Reads a string. */
export function text(value: unknown, what = 'a string'): string {
  if (typeof value === 'string') return value
  throw new Error(`Expected ${what}, got ${shown(value)}`)
}

/** Reads a number. */
export function number(value: unknown, what = 'a number'): number {
  if (typeof value === 'number') return value
  throw new Error(`Expected ${what}, got ${shown(value)}`)
}

/** Follows a path of keys and positions into JSON; `undefined` where it ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const key of path) {
    if (Array.isArray(here) && typeof key === 'number') here = here[key]
    else if (isFields(here)) here = here[key]
    else return undefined
  }
  return here
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 300)
}
