// Sessions of an event: keys with values that an event carries and hands on to the runs it starts.
// What was set on the event itself wins over what it inherited; null takes an inherited one away.

import { Buffer } from 'node:buffer'
import { EventError } from './errors.ts'
import type { Json } from './json-value.ts'
import { writeCanonical } from './json-write.ts'
import { LIMITS } from './limits.ts'
import { isObject } from './values.ts'

/**
 * Merges the sessions of an event's `meta`.
 *
 * @returns Canonical text of `{"sessions":{…}}`; null when none are left. Other members of `meta` are dropped.
 * @throws EventError `invalid_event` beyond 5 sessions, 128 bytes a key, 512 bytes a value, 32 KiB of `meta`.
 */
export function readSessions(meta: Json): string | null {
  if (!isObject(meta)) throw new EventError('invalid_event', 'event meta must be an object')
  assertBytes(writeCanonical(meta), LIMITS.eventMetaBytesMax.value, 'event meta')
  const sessions = new Map<string, string>()
  addSessions(sessions, meta.propagated_sessions)
  addSessions(sessions, meta.sessions)
  if (sessions.size === 0) return null
  const max = LIMITS.eventSessionsMax.value
  if (sessions.size > max) throw new EventError('invalid_event', `event has more than ${max} sessions`)
  return writeCanonical({ sessions: Object.fromEntries(sessions) })
}

function addSessions(sessions: Map<string, string>, value: Json | undefined): void {
  if (value === undefined || value === null) return
  if (!isObject(value)) throw new EventError('invalid_event', 'event sessions must be an object')
  for (const [key, id] of Object.entries(value)) {
    if (id === null) sessions.delete(key)
    else sessions.set(key, readSession(key, id))
  }
}

function readSession(key: string, id: Json): string {
  if (typeof id !== 'string' && typeof id !== 'number') {
    throw new EventError('invalid_event', 'event session must be a string or a number')
  }
  const text = `${id}`
  assertBytes(key, LIMITS.sessionKeyBytesMax.value, 'event session key')
  assertBytes(text, LIMITS.sessionIdBytesMax.value, 'event session')
  return text
}

function assertBytes(text: string, max: number, what: string): void {
  if (Buffer.byteLength(text) > max) throw new EventError('invalid_event', `${what} is over ${max} bytes`)
}
