// Errors as SDKs send them, brought into the one shape that is stored and sent back: name, message, stack, cause, data.
// Everything else an SDK adds for itself is dropped; a value that is no error object becomes the message.

import type { Json } from './json-value.ts'
import { writeCanonical } from './json-write.ts'
import { errorText } from './memo.ts'
import { isObject, wordOf } from './values.ts'

/** Marks errors that the JavaScript SDK serialized, at every level. */
const MARK = '__serialized'
/** SDKs stop at five causes; a few more are kept as they come. */
const CAUSES_MAX = 10

/** Canonical text of an error that an SDK sent. */
export function readError(value: Json | undefined): string {
  if (!isObject(value)) return errorText({ name: 'Error', message: messageOf(value) })
  const { cause, data } = value
  const stack = wordOf(value.stack)
  return errorText({
    name: wordOf(value.name) ?? 'Error',
    message: wordOf(value.message) ?? wordOf(value.error) ?? '',
    ...(stack === null ? {} : { stack }),
    ...(cause === undefined || cause === null ? {} : { cause: cleanCause(cause, CAUSES_MAX) }),
    ...(data === undefined || data === null ? {} : { data }),
  })
}

function messageOf(value: Json | undefined): string {
  if (value === undefined || value === null) return 'Unknown error'
  return typeof value === 'string' ? value : writeCanonical(value)
}

/** Keeps what a cause carries besides the mark: user code may look at its own members. */
function cleanCause(cause: Json, room: number): Json {
  if (!isObject(cause) || room === 0) return cause
  const clean: Record<string, Json> = {}
  for (const [key, value] of Object.entries(cause)) {
    if (key !== MARK) define(clean, key, key === 'cause' ? cleanCause(value, room - 1) : value)
  }
  return clean
}

/** Plain assignment to `__proto__` would change the prototype. */
function define(target: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}
