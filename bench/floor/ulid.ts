// ULIDs for the floor: the time, five random bytes of this process, and a counter, so that they never repeat here.
// They are made for speed and carry no promise beyond being unique and in order within one process.

import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PROCESS_PART = base32(randomBytes(5).readUIntBE(0, 5), 8)

let counter = 0
let timePart = ''
let timePartOf = -1

/** The next ULID at `now`, in epoch milliseconds. */
export function nextUlid(now: number): string {
  if (now !== timePartOf) {
    timePartOf = now
    timePart = base32(now, 10)
  }
  counter += 1
  return timePart + PROCESS_PART + base32(counter, 8)
}

function base32(value: number, length: number): string {
  let rest = value
  let text = ''
  for (let index = 0; index < length; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}
