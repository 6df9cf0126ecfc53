// Reads events as they come in, first station of every way in: checks them and brings them into the form that is stored and delivered.
// An array is all or nothing: the first bad event refuses the request, and the error names its index.
// Nothing here gives an event its ID or time of receipt; whoever commits it does.

import { EventError, JsonError } from './errors.ts'
import { decodeUtf8, parseJson } from './json.ts'
import { sliceBytes } from './json-scan.ts'
import type { Json, JsonObject } from './json-value.ts'
import { quote, writeCanonical } from './json-write.ts'
import { LIMITS } from './limits.ts'
import { readSessions } from './sessions.ts'
import { isObject, isTooLong, shorten, without } from './values.ts'

/** An event as it was sent, checked and brought into canonical form; without the server's ID and time. */
export interface EventInput {
  readonly name: string
  /** The sender's idempotency key. */
  readonly id: string | null
  /** Epoch milliseconds; null = the time of receipt. */
  readonly ts: number | null
  /** Parsed data, without `_inngest`. */
  readonly data: JsonObject
  /** Canonical text of `data`; `{}` when it was absent or null. */
  readonly dataText: string
  readonly v: string | null
  /** Canonical text of `{"sessions":{…}}`, inherited ones merged in; null when there are none. */
  readonly metaText: string | null
}

const BODY_EXPECTED = 'Request body must contain an event object or an array of event objects'
/** The channel between servers and SDKs inside `data`; never taken from outside. */
const PRIVATE_KEY = '_inngest'
const RESERVED = /^(?:inngest|pawl)\//i
const NO_DATA: JsonObject = Object.freeze({})

/**
 * Reads the body of a request that sends events: one event, or an array of at most 5,000.
 *
 * @throws EventError with the code, the text that SDK users know, and `index` for a bad event of an array.
 */
export function readEvents(bytes: Uint8Array): EventInput[] {
  const value = parseBody(bytes)
  if (isObject(value)) {
    assertSize(bytes.length)
    return [readEvent(value)]
  }
  if (!Array.isArray(value)) throw new EventError('invalid_event', BODY_EXPECTED)
  const max = LIMITS.eventsMax.value
  if (value.length > max) throw new EventError('too_many_events', `Cannot have more than ${max} events in a batch`)
  const sizes = bytes.length > LIMITS.eventBytesMax.value ? elementSizes(bytes) : []
  return value.map((item: Json, index) => {
    try {
      assertSize(sizes[index] ?? 0)
      return readEvent(item)
    } catch (error) {
      if (error instanceof EventError) throw new EventError(error.code, error.message, index)
      throw error
    }
  })
}

/**
 * Reads one event that is parsed already.
 *
 * @param name  Stands for the event's own name and is not checked: bodies of invokes have none, and the server names them.
 * @throws EventError `invalid_event`, `invalid_timestamp`.
 */
export function readEvent(value: Json, name?: string): EventInput {
  if (!isObject(value)) throw new EventError('invalid_event', BODY_EXPECTED)
  const data = readData(value.data)
  return {
    name: name ?? readName(value.name),
    id: readText(value.id, 'id'),
    ts: readTs(value.ts),
    data,
    dataText: data === NO_DATA ? '{}' : writeCanonical(data),
    v: readText(value.v, 'v'),
    metaText: value.meta === undefined || value.meta === null ? null : readSessions(value.meta),
  }
}

/** Writes an event as it is delivered to apps, in canonical form. `id` is what functions see as `event.id`. */
export function eventText(input: EventInput, id: string, ts: number): string {
  const meta = input.metaText === null ? '' : `"meta":${input.metaText},`
  const v = input.v === null ? '' : `,"v":${quote(input.v)}`
  return `{"data":${input.dataText},"id":${quote(id)},${meta}"name":${quote(input.name)},"ts":${ts},"user":{}${v}}`
}

/** True for names that only the server may give: `inngest/…` and `pawl/…`, in any case. */
export function isReservedName(name: string): boolean {
  return RESERVED.test(name)
}

function parseBody(bytes: Uint8Array): Json {
  if (bytes.length === 0) throw new EventError('invalid_json', BODY_EXPECTED)
  try {
    return parseJson(decodeUtf8(bytes))
  } catch (error) {
    if (error instanceof JsonError) throw new EventError(error.code, error.message)
    throw error
  }
}

/** Sizes as they were sent, which is what a sender can know. */
function elementSizes(bytes: Uint8Array): number[] {
  return (sliceBytes(bytes) ?? []).map((slice) => slice.end - slice.start)
}

function assertSize(size: number): void {
  const max = LIMITS.eventBytesMax.value
  if (size <= max) return
  throw new EventError('event_too_large', `Event is over the max size: Max ${max} bytes / Size ${size} bytes`)
}

function readName(value: Json | undefined): string {
  if (value === undefined || value === null || value === '')
    throw new EventError('invalid_event', 'event name is empty')
  if (typeof value !== 'string') throw new EventError('invalid_event', 'event name must be a string')
  if (isReservedName(value)) {
    throw new EventError('invalid_event', `event name is reserved for internal use: ${shorten(value)}`)
  }
  const max = LIMITS.eventNameCharactersMax.value
  if (isTooLong(value, max)) throw new EventError('invalid_event', `event name is longer than ${max} characters`)
  return value
}

function readData(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return NO_DATA
  if (!isObject(value)) throw new EventError('invalid_event', 'event data must be an object')
  return Object.hasOwn(value, PRIVATE_KEY) ? without(value, PRIVATE_KEY) : value
}

/** '' counts as absent, as it does for a Go sender. */
function readText(value: Json | undefined, field: 'id' | 'v'): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') throw new EventError('invalid_event', `event ${field} must be a string`)
  const max = LIMITS.eventIdCharactersMax.value
  if (field === 'id' && isTooLong(value, max)) {
    throw new EventError('invalid_event', `event id is longer than ${max} characters`)
  }
  return value
}

function readTs(value: Json | undefined): number | null {
  if (value === undefined || value === null || value === 0) return null
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new EventError('invalid_timestamp', 'event ts must be a whole number of milliseconds')
  }
  if (value < LIMITS.eventTsMin.value) throw new EventError('invalid_timestamp', 'timestamp is before Jan 1, 1980')
  if (value > LIMITS.eventTsMax.value) throw new EventError('invalid_timestamp', 'timestamp is after Jan 1, 2100')
  return value
}
