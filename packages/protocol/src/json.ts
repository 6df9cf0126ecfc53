// The door to JSON: bytes to text, text to value, text to canonical text (RFC 8785), and slices of large texts.
// Bodies are brought into canonical form once, when they come in; whatever is stored or passed on is that text.
// Every way in holds the same limits: 64 levels, 100,000 keys, finite numbers, no byte order mark, no second `__proto__`.

import { Buffer, isAscii, isUtf8 } from 'node:buffer'
import { JsonError } from './errors.ts'
import { parseEscaped } from './json-escaped.ts'
import { type ByteSlice, type JsonScan, scanBytes, sliceBytes, sliceRows } from './json-scan.ts'
import type { Json } from './json-value.ts'
import { assertWritable, writeCanonical } from './json-write.ts'
import { LIMITS } from './limits.ts'

const DEPTH_MAX = LIMITS.jsonDepthMax.value

/**
 * Up to this many characters a text is parsed and written at once; above it is scanned first, since what is canonical is then done.
 * Measured: scanning costs 3 ns a byte, parsing and writing 7 to 14. At 1 KiB scanning first costs half as much again where members
 * must be sorted, and saves a third where they need not; from 3 KiB on it saves more than it costs.
 */
export const SMALL_TEXT_MAX = 2048

/** Part of a text, and whether it is canonical. */
export interface JsonSlice {
  /** Decoded; '' for elements of an array. */
  readonly key: string
  readonly text: string
  readonly canonical: boolean
  readonly escapedKeys: boolean
}

/**
 * Decodes UTF-8 strictly.
 *
 * @throws JsonError `invalid_utf8` with the offset of the first bad byte; `invalid_json` for a byte order mark.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes)
  if (isAscii(buffer)) return buffer.toString('latin1')
  if (!isUtf8(buffer)) {
    throw new JsonError('invalid_utf8', 'The body is not valid UTF-8', { offset: invalidUtf8At(buffer) })
  }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new JsonError('invalid_json', 'Invalid JSON: byte order mark at byte 0', { offset: 0 })
  }
  return buffer.toString('utf8')
}

/**
 * Parses a JSON text within the limits. Objects have the usual prototype: read foreign keys with `Object.hasOwn`.
 *
 * @throws JsonError as `scanJson`.
 */
export function parseJson(text: string): Json {
  const value = parseUnwalked(text)
  if (text.length <= SMALL_TEXT_MAX) assertWithin(text, value)
  return value
}

/** As `parseJson`, but in small texts leaves depth and numbers to the writer, which walks through every value that is kept. */
export function parseUnwalked(text: string): Json {
  if (text.length <= SMALL_TEXT_MAX) return parseSmall(text)
  return parseScanned(text, scanJson(text))
}

/** Brings a JSON text into canonical form; gives the text itself when it has that form already. Throws as `scanJson`. */
export function canonicalText(text: string): string {
  if (text.length > SMALL_TEXT_MAX) {
    const scan = scanJson(text)
    return scan.canonical ? text : writeCanonical(parseScanned(text, scan))
  }
  const value = parseSmall(text)
  try {
    return writeCanonical(value, DEPTH_MAX)
  } catch (cause) {
    throw withOffset(text, cause)
  }
}

/**
 * Validates a JSON text in one scan.
 *
 * @throws JsonError `invalid_json`, `json_too_deep`, `json_too_large`, with the offset in bytes.
 */
export function scanJson(text: string): JsonScan {
  const { canonical, escapedKeys, keys, depth } = scanBytes(Buffer.from(text))
  return { canonical: canonical && text.isWellFormed(), escapedKeys, keys, depth }
}

/** Texts of the elements of an array, as they stand. Throws as `scanJson`, and `invalid_json` when the text is no array. */
export function sliceArray(text: string): string[] {
  return slice(encode(text), '[').map((slice) => slice.text)
}

/** Texts of an object's members by decoded key, as they stand; of a repeated key the last. Throws as `sliceArray`. */
export function sliceObject(text: string, wanted?: ReadonlySet<string>): Map<string, string> {
  const members = new Map<string, string>()
  for (const member of sliceMembers(encode(text))) {
    if (wanted === undefined || wanted.has(member.key)) members.set(member.key, member.text)
  }
  return members
}

/** As `sliceObject`, from bytes that are valid UTF-8; all members, in the order of the text. */
export function sliceMembers(bytes: Uint8Array): JsonSlice[] {
  return slice(bytes, '{')
}

/** The members of each object of an array (or of one object alone) in one scan; null for any other text. */
export function sliceObjects(text: string): JsonSlice[][] | null {
  const buffer = encode(text)
  const rows = sliceRows(buffer)
  return rows === null ? null : rows.map((row) => copySlices(buffer, row))
}

/** The canonical text of a slice. */
export function canonicalSlice(part: JsonSlice): string {
  return part.canonical ? part.text : writeCanonical(parseSlice(part))
}

/** The value of a slice. */
export function parseSlice(part: JsonSlice): Json {
  return parseScanned(part.text, part)
}

function parseScanned(text: string, scan: { readonly escapedKeys: boolean }): Json {
  return scan.escapedKeys ? parseEscaped(text) : JSON.parse(text)
}

function slice(bytes: Uint8Array, open: '[' | '{'): JsonSlice[] {
  const buffer = asBuffer(bytes)
  const slices = sliceBytes(bytes)
  const start = bytes.findIndex((byte) => byte > 0x20)
  if (slices === null || String.fromCharCode(bytes[start] ?? 0) !== open) {
    const what = open === '[' ? 'an array' : 'an object'
    throw new JsonError('invalid_json', `Invalid JSON: expected ${what} at byte ${start}`, { offset: start })
  }
  return copySlices(buffer, slices)
}

/** Copies, not substrings: a substring would keep the whole body in memory as long as one event of it lives. */
function copySlices(buffer: Buffer, slices: readonly ByteSlice[]): JsonSlice[] {
  const encoding = isAscii(buffer) ? 'latin1' : 'utf8'
  return slices.map((part) => ({
    key: part.keyEnd === 0 ? '' : decodeKey(buffer, part),
    text: buffer.toString(encoding, part.start, part.end),
    canonical: part.canonical,
    escapedKeys: part.escapedKeys,
  }))
}

function decodeKey(buffer: Buffer, part: ByteSlice): string {
  const key = buffer.toString('utf8', part.keyStart + 1, part.keyEnd - 1)
  return key.includes('\\') ? String(JSON.parse(`"${key}"`)) : key
}

function parseSmall(text: string): Json {
  // Only a scan can see a key that came twice or has an escape; it is needed only where there may be one.
  if (text.includes('\\') || text.includes('__proto__')) return parseScanned(text, scanJson(text))
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw withOffset(text, cause)
  }
}

function assertWithin(text: string, value: Json): void {
  try {
    assertWritable(value, DEPTH_MAX)
  } catch (cause) {
    throw withOffset(text, cause)
  }
}

/** The scan finds what the parser or writer refused, and knows where it stands. */
function withOffset(text: string, cause: unknown): unknown {
  try {
    scanJson(text)
  } catch (precise) {
    return precise
  }
  return cause
}

/**
 * Lone surrogates have no UTF-8; within a valid text they stand in strings and are written as escapes there. Valid first: behind a
 * backslash the escape would turn into something else.
 */
function encode(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  scanJson(text)
  return Buffer.from(text.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Offset of the first byte that belongs to no valid sequence. Whole blocks first: a large body must not be walked character by character. */
function invalidUtf8At(buffer: Buffer): number {
  let start = 0
  while (start < buffer.length) {
    let end = Math.min(start + 4096, buffer.length)
    while (end < buffer.length && ((buffer[end] ?? 0) & 0xc0) === 0x80) end++
    if (!isUtf8(buffer.subarray(start, end))) break
    start = end
  }
  while (start < buffer.length) {
    const length = sequenceLength(buffer[start] ?? 0)
    if (length === 0 || !isUtf8(buffer.subarray(start, start + length))) break
    start += length
  }
  return start
}

/** Bytes of the sequence that a byte opens; 0 when it opens none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}
