// Patterns of schemas, on the linear-time engine that expressions use: a pattern is whatever its author wrote, and the text
// is whatever somebody answered.
import { RE2JS } from 're2js'

/** Longest pattern, in UTF-16 units. */
const PATTERN_MAX = 1_024
/** Compiled ones; a few hundred questions with the same schema compile it once. */
const CACHE_MAX = 200
const cache = new Map<string, RE2JS>()

/** @returns null when the text is no pattern. */
export function patternOf(text: string): RE2JS | null {
  const known = cache.get(text)
  if (known !== undefined) return known
  if (text.length > PATTERN_MAX) return null
  try {
    const pattern = RE2JS.compile(text)
    if (cache.size >= CACHE_MAX) cache.clear()
    cache.set(text, pattern)
    return pattern
  } catch {
    return null
  }
}

/** What one match may cost, in steps of `validate`: text length times pattern size. */
export function patternCost(pattern: RE2JS, text: string): number {
  return 1 + Math.floor((text.length * (32 + pattern.programSize())) / 2_048)
}
