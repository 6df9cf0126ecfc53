// Reads large bodies of events one event after another, with a turn of the event loop in between: 8 MiB read in one go
// hold it for a fifth of a second (measured), and nothing may hold it for more than 50 ms.
import { Buffer } from 'node:buffer'
import { setImmediate as turn } from 'node:timers/promises'
import {
  decodeUtf8,
  EventError,
  type EventInput,
  LIMITS,
  parseJson,
  readEvent,
  readEvents,
  sliceArray,
} from '@pawl/protocol'

/** Below this a body is read at once: it takes less than 10 ms. */
const LARGE_BYTES = 256 * 1024
const TURN_MS = 8
const OPEN_BRACKET = 0x5b

/** As the protocol's `readEvents`, with the same errors; resolves at once for bodies that are not large. */
export function readEventsInTurns(bytes: Uint8Array): readonly EventInput[] | Promise<readonly EventInput[]> {
  if (bytes.length <= LARGE_BYTES || bytes.find((byte) => byte > 0x20) !== OPEN_BRACKET) return readEvents(bytes)
  return readOneByOne(sliceArray(decodeUtf8(bytes)))
}

async function readOneByOne(texts: readonly string[]): Promise<readonly EventInput[]> {
  const max = LIMITS.eventsMax.value
  if (texts.length > max) throw new EventError('too_many_events', `Cannot have more than ${max} events in a batch`)
  const events: EventInput[] = []
  let turnAt = performance.now() + TURN_MS
  for (const [index, text] of texts.entries()) {
    events.push(readOne(text, index))
    if (performance.now() < turnAt) continue
    await turn()
    turnAt = performance.now() + TURN_MS
  }
  return events
}

function readOne(text: string, index: number): EventInput {
  try {
    const [event] = text.startsWith('{') ? readEvents(Buffer.from(text)) : [readEvent(parseJson(text))]
    if (event === undefined) throw new Error('One event was read, and none came out')
    return event
  } catch (error) {
    throw error instanceof EventError ? new EventError(error.code, error.message, index) : error
  }
}
