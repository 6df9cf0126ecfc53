// The kinds of IDs that go over the wire, as brands, and the ones that are computed from names.
// Computed IDs are the same on every process and after every restart; nothing here is random.

import { createHash, hash } from 'node:crypto'

/** The server's own ULID of an event. */
export type EventId = string & { readonly __id: 'event' }
/** The ULID of a run. */
export type RunId = string & { readonly __id: 'run' }
/** The hashed ID of a step: 40 lower-case hex digits. */
export type StepId = string & { readonly __id: 'step' }
/** The UUID of an app. */
export type AppId = string & { readonly __id: 'app' }
/** The UUID of a function. */
export type FunctionId = string & { readonly __id: 'function' }

/**
 * Makes a UUID from names (RFC 9562, version 5, with the hash of the namespace's text as its namespace), so that an app or function
 * keeps its UUID over restarts and changes of its URL.
 */
export function uuidFrom(namespaceText: string, name: string): string {
  const namespace = createHash('sha1').update(namespaceText).digest().subarray(0, 16)
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Hashes a step's ID as SDKs do before it goes over the wire: SHA-1, lower-case hex. */
export function hashStepId(text: string): StepId {
  return hash('sha1', text, 'hex') as StepId
}
