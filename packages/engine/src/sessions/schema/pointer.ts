// Pointers inside one schema (RFC 6901 in a URI fragment): `#`, `#/$defs/money`.
import type { Json, JsonObject } from '@pawl/protocol'

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns undefined when the reference leads nowhere, or outside of the schema. */
export function resolvePointer(root: Json, reference: string): Json | undefined {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  let found: Json | undefined = root
  for (const part of reference.slice(2).split('/')) {
    const name = unescaped(part)
    if (name === null) return undefined
    if (Array.isArray(found)) found = /^\d{1,6}$/.test(name) ? (found[Number(name)] as Json | undefined) : undefined
    else found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
    if (found === undefined) return undefined
  }
  return isObject(found) || typeof found === 'boolean' ? found : undefined
}

function unescaped(part: string): string | null {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return null
  }
}
