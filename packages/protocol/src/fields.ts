// Looks up members of registrations in whatever spelling an SDK sends: `appName`, `appname`, `app_name`, `Singleton`.
// The exact spelling wins, and null never hides a value that another spelling has.

import type { Json, JsonObject } from './json-value.ts'
import { isObject } from './values.ts'

/** Looks a member up; undefined when it is absent or null. */
export type Fields = (name: string) => Exclude<Json, null> | undefined

/** Prepares the members of an object for look-ups; a value that is no object has none. */
export function fieldsOf(value: Json | undefined): Fields {
  if (!isObject(value)) return () => undefined
  const members = new Map<string, Exclude<Json, null>>()
  for (const [name, member] of Object.entries(value)) {
    const plain = plainName(name)
    if (member !== null && (!members.has(plain) || name === plain)) members.set(plain, member)
  }
  return (name) => exact(value, name) ?? members.get(plainName(name))
}

function exact(value: JsonObject, name: string): Exclude<Json, null> | undefined {
  return Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined
}

function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}
