// Small questions about parsed JSON that every reader of foreign values asks.
// Members are read by fixed names that no prototype has; names that come from outside are looked up with `Object.hasOwn`.

import { Buffer } from 'node:buffer'
import type { Json, JsonObject } from './json-value.ts'

const ECHO_BYTES_MAX = 200
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not reach a terminal or a log.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

/** Whether a value is an object, and neither null nor an array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value when it is a string, else null. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** The value when it is a string that says something, else null. */
export function wordOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** A copy of an object without one member. */
export function without(value: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
}

/** Counts characters, not code units, and only where the two may differ in the answer. */
export function isTooLong(text: string, charactersMax: number): boolean {
  return text.length > charactersMax && (text.length > 2 * charactersMax || [...text].length > charactersMax)
}

/** A piece of input for an error message: at most 200 bytes, control characters escaped. */
export function shorten(text: string): string {
  const visible = text
    .slice(0, ECHO_BYTES_MAX)
    .toWellFormed()
    .replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return cut(visible, ECHO_BYTES_MAX)
}

/** The longest beginning of a text that has at most so many bytes of UTF-8. */
export function cut(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= bytesMax) return text
  let end = bytesMax
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
