// One pass over the bytes of a JSON text: strict validation within the limits of every body, whether the text is canonical already (RFC 8785),
// and where its outermost members stand. Large bodies are scanned before anything is parsed; parts that are canonical are never parsed at all.
// The bytes must be valid UTF-8. What is reported as canonical is so byte for byte; the reverse is not promised: a false alarm only costs a rewrite.
// Bytes, not text: a typed array is read four times as fast as the characters of a string (measured at 20 KiB).

import { JsonError, type JsonErrorCode } from './errors.ts'
import { LIMITS } from './limits.ts'

/** What one scan of a JSON text tells. `canonical` may be false for canonical text, never true for other text. */
export interface JsonScan {
  readonly canonical: boolean
  /** Whether a key has an escape. */
  readonly escapedKeys: boolean
  readonly keys: number
  readonly depth: number
}

/** Where a member or element of the outermost container stands. `keyStart`, `keyEnd` hold the quotes; 0 for elements. */
export interface ByteSlice {
  readonly keyStart: number
  readonly keyEnd: number
  readonly start: number
  readonly end: number
  readonly canonical: boolean
  readonly escapedKeys: boolean
}

interface Scan {
  readonly bytes: Uint8Array
  canonical: boolean
  /** Set by every escape; read after a key, whose order is compared undecoded. */
  escaped: boolean
  escapedKeys: boolean
  keys: number
  depth: number
}

const DEPTH_MAX = LIMITS.jsonDepthMax.value
const KEYS_MAX = LIMITS.jsonKeysMax.value

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const UNDERSCORE = 0x5f
/** Numbers with fewer digits before the point are finite, if they have no exponent. */
const EXPONENT_MAX = 308
const PROTO = Uint8Array.from('__proto__', (character) => character.charCodeAt(0))

const decoder = new TextDecoder()

/**
 * Validates a whole JSON text.
 *
 * @throws JsonError `invalid_json`, `json_too_deep` (more than 64 levels), `json_too_large` (more than 100,000 keys).
 */
export function scanBytes(bytes: Uint8Array): JsonScan {
  const scan = startScan(bytes)
  finish(scan, scanValue(scan, skipSpace(scan, 0), 0))
  return scan
}

/** Validates a whole JSON text and tells where the elements of its array, or the members of its object, stand. Null when it is neither. */
export function sliceBytes(bytes: Uint8Array): ByteSlice[] | null {
  const scan = startScan(bytes)
  const start = skipSpace(scan, 0)
  const open = peek(bytes, start)
  if (open !== OPEN_BRACE && open !== OPEN_BRACKET) {
    finish(scan, scanValue(scan, start, 0))
    return null
  }
  const slices: ByteSlice[] = []
  const end = open === OPEN_BRACE ? scanObject(scan, start, 1, slices) : scanArray(scan, start, 1, slices)
  finish(scan, end)
  return slices
}

/**
 * As `sliceBytes` one level deeper: the members of each object of an array, or of one object alone. Null for any other text.
 * One scan for both levels; the elements of an answer are not scanned twice.
 */
export function sliceRows(bytes: Uint8Array): ByteSlice[][] | null {
  const scan = startScan(bytes)
  let at = skipSpace(scan, 0)
  const rows: ByteSlice[][] = []
  if (peek(bytes, at) === OPEN_BRACE) {
    finish(scan, scanRow(scan, at, rows))
    return rows
  }
  if (peek(bytes, at) !== OPEN_BRACKET) return null
  at = skipSpace(scan, at + 1)
  if (peek(bytes, at) === CLOSE_BRACKET) {
    finish(scan, at + 1)
    return rows
  }
  for (;;) {
    if (peek(bytes, at) !== OPEN_BRACE) return null
    at = skipSpace(scan, scanRow(scan, at, rows))
    const code = peek(bytes, at)
    if (code === CLOSE_BRACKET) break
    if (code !== COMMA) throw fail(scan, at)
    at = skipSpace(scan, at + 1)
  }
  finish(scan, at + 1)
  return rows
}

function scanRow(scan: Scan, at: number, rows: ByteSlice[][]): number {
  const row: ByteSlice[] = []
  rows.push(row)
  return scanObject(scan, at, 2, row)
}

function startScan(bytes: Uint8Array): Scan {
  return { bytes, canonical: true, escaped: false, escapedKeys: false, keys: 0, depth: 0 }
}

function finish(scan: Scan, at: number): void {
  const end = skipSpace(scan, at)
  if (end < scan.bytes.length) throw fail(scan, end, 'unexpected text after the value')
}

/** 0, which no JSON holds, behind the end. */
function peek(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? (bytes[at] as number) : 0
}

function scanValue(scan: Scan, at: number, depth: number): number {
  const code = peek(scan.bytes, at)
  if (code === QUOTE) return scanString(scan, at + 1)
  if (code === OPEN_BRACE) return scanObject(scan, at, depth + 1)
  if (code === OPEN_BRACKET) return scanArray(scan, at, depth + 1)
  if (code === MINUS || (code >= ZERO && code <= NINE)) return scanNumber(scan, at)
  return scanLiteral(scan, at)
}

function scanObject(scan: Scan, start: number, depth: number, slices?: ByteSlice[]): number {
  enter(scan, start, depth)
  const bytes = scan.bytes
  let at = skipSpace(scan, start + 1)
  if (peek(bytes, at) === CLOSE_BRACE) return at + 1
  let lastStart = -1
  let lastEnd = -1
  let prototypes = 0
  for (;;) {
    const keyStart = at
    const keyEnd = scanKey(scan, at)
    if (isPrototypeKey(scan, at, keyEnd) && ++prototypes > 1) throw fail(scan, at, 'duplicate __proto__')
    if (scan.escaped) markEscapedKey(scan)
    if (scan.canonical && lastStart >= 0) scan.canonical = isAscending(bytes, { lastStart, lastEnd, keyStart, keyEnd })
    lastStart = keyStart
    lastEnd = keyEnd
    at = skipColon(scan, keyEnd)
    if (slices === undefined) at = scanValue(scan, at, depth)
    else {
      scan.canonical = true
      scan.escapedKeys = false
      const end = scanValue(scan, at, depth)
      slices.push({ keyStart, keyEnd, start: at, end, canonical: scan.canonical, escapedKeys: scan.escapedKeys })
      at = end
    }
    at = skipSpace(scan, at)
    const code = peek(bytes, at)
    if (code === CLOSE_BRACE) return at + 1
    if (code !== COMMA) throw fail(scan, at)
    at = skipSpace(scan, at + 1)
  }
}

function scanArray(scan: Scan, start: number, depth: number, slices?: ByteSlice[]): number {
  enter(scan, start, depth)
  const bytes = scan.bytes
  let at = skipSpace(scan, start + 1)
  if (peek(bytes, at) === CLOSE_BRACKET) return at + 1
  for (;;) {
    if (slices === undefined) at = scanValue(scan, at, depth)
    else {
      scan.canonical = true
      scan.escapedKeys = false
      const end = scanValue(scan, at, depth)
      slices.push({ keyStart: 0, keyEnd: 0, start: at, end, canonical: scan.canonical, escapedKeys: scan.escapedKeys })
      at = end
    }
    at = skipSpace(scan, at)
    const code = peek(bytes, at)
    if (code === CLOSE_BRACKET) return at + 1
    if (code !== COMMA) throw fail(scan, at)
    at = skipSpace(scan, at + 1)
  }
}

function enter(scan: Scan, at: number, depth: number): void {
  if (depth > scan.depth) {
    if (depth > DEPTH_MAX) throw error(at, 'json_too_deep', `JSON is nested more than ${DEPTH_MAX} levels deep`)
    scan.depth = depth
  }
}

function scanKey(scan: Scan, at: number): number {
  if (peek(scan.bytes, at) !== QUOTE) throw fail(scan, at)
  if (++scan.keys > KEYS_MAX) throw error(at, 'json_too_large', `JSON has more than ${KEYS_MAX} keys`)
  scan.escaped = false
  return scanString(scan, at + 1)
}

/** An escaped key may sort elsewhere once decoded; such keys are rare, so they simply count as not canonical. */
function markEscapedKey(scan: Scan): void {
  scan.canonical = false
  scan.escapedKeys = true
}

function skipColon(scan: Scan, end: number): number {
  const at = skipSpace(scan, end)
  if (peek(scan.bytes, at) !== COLON) throw fail(scan, at)
  return skipSpace(scan, at + 1)
}

function skipSpace(scan: Scan, from: number): number {
  const bytes = scan.bytes
  let at = from
  for (;;) {
    const code = peek(bytes, at)
    if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return at
    scan.canonical = false
    at++
  }
}

/** Scans from behind the opening quote to behind the closing one. */
function scanString(scan: Scan, start: number): number {
  const bytes = scan.bytes
  const length = bytes.length
  for (let at = start; at < length; at++) {
    const code = bytes[at] as number
    if (code === QUOTE) return at + 1
    if (code === BACKSLASH) at = scanEscape(scan, at + 1)
    else if (code < 0x20) throw fail(scan, at, 'control character in a string')
  }
  throw fail(scan, length)
}

/** Returns the last position of the escape whose backslash stands before `at`. */
function scanEscape(scan: Scan, at: number): number {
  scan.escaped = true
  switch (peek(scan.bytes, at)) {
    case QUOTE:
    case BACKSLASH:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at
    case 0x2f: // A slash may be escaped and never is in the canonical form.
      scan.canonical = false
      return at
    case 0x75: // u
      return scanUnicodeEscape(scan, at)
    default:
      throw fail(scan, at, 'unknown escape')
  }
}

function scanUnicodeEscape(scan: Scan, at: number): number {
  const digits = decoder.decode(scan.bytes.subarray(at + 1, at + 5))
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw fail(scan, at, 'bad unicode escape')
  // Only control characters without a short form stay escaped. Lone surrogates do too, but telling them from pairs is left to the writer.
  if (!/^00(?:0[0-7bef]|1[0-9a-f])$/.test(digits)) scan.canonical = false
  return at + 4
}

function scanNumber(scan: Scan, start: number): number {
  const bytes = scan.bytes
  const first = bytes[start] === MINUS ? start + 1 : start
  const wholeEnd = skipDigits(bytes, first)
  const whole = wholeEnd - first
  if (whole === 0 || (whole > 1 && bytes[first] === ZERO)) throw fail(scan, first, 'bad number')
  let at = wholeEnd
  if (peek(bytes, at) === DOT) {
    at = skipDigits(bytes, wholeEnd + 1)
    if (at === wholeEnd + 1) throw fail(scan, at, 'bad number')
  }
  if (!isPlainNumber(bytes, { start, first, wholeEnd, end: at })) scan.canonical = false
  if ((peek(bytes, at) | 0x20) !== 0x65 && whole < EXPONENT_MAX) return at
  return scanExponent(scan, start, at)
}

/**
 * Whether ECMAScript surely prints the number as it was written: up to 15 digits do, unless they end in zeros behind the point,
 * are below 1e-6 (printed with an exponent), or are -0.
 */
function isPlainNumber(
  bytes: Uint8Array,
  at: { start: number; first: number; wholeEnd: number; end: number },
): boolean {
  const { start, first, wholeEnd, end } = at
  if (end - first > 16) return false
  if (end === wholeEnd) return wholeEnd - first <= 15 && (start === first || bytes[first] !== ZERO)
  return bytes[end - 1] !== ZERO && (bytes[first] !== ZERO || end - wholeEnd <= 7)
}

/** Scans what is left of a number that may be too large for a double. */
function scanExponent(scan: Scan, start: number, from: number): number {
  const bytes = scan.bytes
  let at = from
  if ((peek(bytes, at) | 0x20) === 0x65) {
    scan.canonical = false
    const sign = peek(bytes, at + 1)
    const digits = sign === PLUS || sign === MINUS ? at + 2 : at + 1
    at = skipDigits(bytes, digits)
    if (at === digits) throw fail(scan, at, 'bad number')
  }
  if (!Number.isFinite(Number(decoder.decode(bytes.subarray(start, at)))))
    throw fail(scan, start, 'number out of range')
  return at
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    const code = peek(bytes, at)
    if (code < ZERO || code > NINE) return at
    at++
  }
}

function scanLiteral(scan: Scan, at: number): number {
  for (const literal of LITERALS) {
    if (startsWith(scan.bytes, literal, at)) return at + literal.length
  }
  throw fail(scan, at)
}

const LITERALS = ['true', 'null', 'false'].map((word) => Uint8Array.from(word, (character) => character.charCodeAt(0)))

function startsWith(bytes: Uint8Array, word: Uint8Array, at: number): boolean {
  for (let index = 0; index < word.length; index++) {
    if (peek(bytes, at + index) !== word[index]) return false
  }
  return true
}

/** A repeated `__proto__` is how one reader is shown another object than the next. */
function isPrototypeKey(scan: Scan, start: number, end: number): boolean {
  if (scan.escaped) return JSON.parse(decoder.decode(scan.bytes.subarray(start, end))) === '__proto__'
  return end - start === 11 && scan.bytes[start + 1] === UNDERSCORE && startsWith(scan.bytes, PROTO, start + 1)
}

/**
 * Whether two keys stand in strictly ascending order of UTF-16 code units. UTF-8 bytes sort alike, but for surrogate pairs (0xf0 and up)
 * against U+E000 and up (0xee, 0xef): there the answer is no.
 */
function isAscending(
  bytes: Uint8Array,
  keys: { lastStart: number; lastEnd: number; keyStart: number; keyEnd: number },
): boolean {
  const { lastStart, lastEnd, keyStart, keyEnd } = keys
  const shared = Math.min(lastEnd - lastStart, keyEnd - keyStart) - 2
  for (let index = 1; index <= shared; index++) {
    const a = bytes[lastStart + index] as number
    const b = bytes[keyStart + index] as number
    if (a !== b) return a < b && (a < 0xee || b < 0xf0)
  }
  return lastEnd - lastStart < keyEnd - keyStart
}

function fail(scan: Scan, at: number, reason?: string): JsonError {
  const what = reason ?? (at >= scan.bytes.length ? 'unexpected end' : 'unexpected character')
  return error(at, 'invalid_json', `Invalid JSON: ${what}`)
}

function error(offset: number, code: JsonErrorCode, message: string): JsonError {
  return new JsonError(code, `${message} at byte ${offset}`, { offset })
}
