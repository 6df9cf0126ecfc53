/**
 * The ID by which the protocol knows a step: SDKs hash the name that the code gave it.
 */
import { createHash } from 'node:crypto'

/** The ID of a step on the wire. */
export function hashedId(name: string): string {
  return createHash('sha1').update(name).digest('hex')
}
