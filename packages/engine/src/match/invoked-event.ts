// The event that starts one function, and that no client may send.
import { type JsonObject, writeCanonical } from '@pawl/protocol'
import { eventValue } from '../event-value.ts'
import type { Incoming } from '../incoming.ts'
import { INVOKED_EVENT } from '../runs/finish-events.ts'

/** Puts an invoke event together; `data` holds the caller's data and, under `_inngest`, what the server knows of the call. */
export function invokedIncoming(parts: {
  readonly id: string
  readonly now: number
  readonly data: JsonObject
  readonly v: string | null
}): Incoming {
  const { id, now, data, v } = parts
  const text = writeCanonical({ data, id, name: INVOKED_EVENT, ts: now, user: {}, ...(v === null ? {} : { v }) })
  return {
    row: { id, eventId: id, name: INVOKED_EVENT, ts: now, ofRun: null },
    senderId: null,
    text,
    value: eventValue(text),
  }
}
