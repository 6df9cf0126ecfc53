// ULIDs: 48 bits of time and 80 bits of entropy, in 26 characters that sort by time.
// The IDs of events sent with a seed are computed from it, so that a send that is repeated gives the same IDs (SDK spec, "event ID seed").
// Never order events by ULID: a seed carries its sender's clock.

import { Buffer } from 'node:buffer'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_CHARACTERS = 10
const ENTROPY_BYTES = 10
const TIME_MAX = 2 ** 48 - 1

/** Two characters for ten bits: half the look-ups. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => `${ALPHABET[bits >> 5]}${ALPHABET[bits & 31]}`)

/** Makes a ULID from epoch milliseconds and 10 bytes of entropy. */
export function ulid(timeMs: number, entropy: Uint8Array): string {
  return timeText(timeMs) + half(entropy, 0) + half(entropy, 5)
}

/** Epoch milliseconds of a ULID; NaN for a text that is none. */
export function ulidTime(id: string): number {
  if (!isUlid(id)) return Number.NaN
  let time = 0
  for (const character of id.slice(0, TIME_CHARACTERS)) time = time * 32 + ALPHABET.indexOf(character)
  return time
}

/** Whether a text is a ULID in its one written form: upper case, no I, L, O or U, at most 48 bits of time. */
export function isUlid(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text)
}

/**
 * Makes a source of ULIDs that ascend within a millisecond.
 *
 * @param random  Gives that many random bytes; asked once a millisecond.
 */
export function createUlidFactory(random: (bytes: number) => Uint8Array): (timeMs: number) => string {
  let lastTime = -1
  let prefix = ''
  let low = 0
  let high = 0
  return (timeMs) => {
    if (timeMs === lastTime) {
      low += 1
    } else {
      const entropy = random(ENTROPY_BYTES)
      lastTime = timeMs
      high = number40(entropy, 0)
      low = number40(entropy, 5)
      prefix = timeText(timeMs) + text40(high)
    }
    if (low >= 2 ** 40) {
      low = 0
      high = (high + 1) % 2 ** 40
      prefix = timeText(timeMs) + text40(high)
    }
    return prefix + text40(low)
  }
}

/**
 * Reads the header `x-inngest-event-id-seed`: `<milliseconds>,<base64 of 10 bytes>`.
 *
 * @returns The ID of the event at a place of the request, counted from 1; null for a malformed header, which is ignored.
 */
export function seededUlids(seedHeader: string): ((index1: number) => string) | null {
  const [, millis = '', base64 = ''] = /^(\d{1,15}),([A-Za-z0-9+/]{14}(?:==)?)$/.exec(seedHeader) ?? []
  const time = Number(millis)
  const entropy = Buffer.from(base64, 'base64')
  if (entropy.length !== ENTROPY_BYTES || time > TIME_MAX) return null
  const prefix = timeText(time) + half(entropy, 0)
  const first = (entropy[5] ?? 0) * 2 ** 32
  const counter = entropy.readUInt32BE(6)
  return (index1) => prefix + text40(first + ((counter + index1) >>> 0))
}

/** The ID of one event of a request sent with a seed; null for a malformed header. */
export function seededUlid(seedHeader: string, index1: number): string | null {
  return seededUlids(seedHeader)?.(index1) ?? null
}

function timeText(timeMs: number): string {
  const high = Math.floor(timeMs / 2 ** 30)
  const low = timeMs % 2 ** 30
  return pair(high >> 10) + pair(high) + pair(low >> 20) + pair(low >> 10) + pair(low)
}

function half(bytes: Uint8Array, from: number): string {
  return text40(number40(bytes, from))
}

function number40(bytes: Uint8Array, from: number): number {
  let number = 0
  for (let index = from; index < from + 5; index++) number = number * 256 + (bytes[index] ?? 0)
  return number
}

/** Eight characters of 40 bits; bit operators reach only 32. */
function text40(number: number): string {
  const high = Math.floor(number / 2 ** 20)
  const low = number % 2 ** 20
  return pair(high >> 10) + pair(high) + pair(low >> 10) + pair(low)
}

/** The lowest ten bits. */
function pair(bits: number): string {
  return PAIRS[bits & 1023] as string
}
