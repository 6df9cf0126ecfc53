// Arrays as PostgreSQL's binary format takes them. A group is written from arrays, one for each column: in text they
// would be quoted here and parsed again there, which costs more than all the rest of a small step.

export type ColumnType = 'int8' | 'int4' | 'text' | 'bool' | 'bytea'
export type ColumnValue = number | string | boolean | null

/** Object IDs of the element types, fixed in pg_type. */
export const COLUMN_OIDS: Readonly<Record<ColumnType, number>> = { int8: 20, int4: 23, text: 25, bool: 16, bytea: 17 }
const HEADER_BYTES = 20
const LENGTH_BYTES = 4
export const TWO_TO_32 = 4_294_967_296

/**
 * Encodes one column.
 *
 * @param values  Integers, texts, booleans; for `bytea` hex digits. Null is NULL.
 * @throws RangeError for a number that is no integer: a time with a fraction is a mistake of the caller's.
 */
export function encodeArray(type: ColumnType, values: readonly ColumnValue[]): Buffer {
  const texts = type === 'text' ? values.map((value) => (value === null ? null : storedText(value as string))) : values
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + texts.reduce((sum: number, value) => sum + bytesOf(type, value), 0))
  let at = writeHeader(buffer, type, values)
  for (const value of texts) {
    if (value === null) at = buffer.writeInt32BE(-1, at)
    else at = writeValue(buffer, type, { at, value })
  }
  return buffer
}

function writeHeader(buffer: Buffer, type: ColumnType, values: readonly ColumnValue[]): number {
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  buffer.writeInt32BE(COLUMN_OIDS[type], 8)
  buffer.writeInt32BE(values.length, 12)
  return buffer.writeInt32BE(1, 16)
}

function bytesOf(type: ColumnType, value: ColumnValue): number {
  if (value === null) return LENGTH_BYTES
  switch (type) {
    case 'int8':
      return LENGTH_BYTES + 8
    case 'int4':
      return LENGTH_BYTES + 4
    case 'bool':
      return LENGTH_BYTES + 1
    case 'bytea':
      return LENGTH_BYTES + (value as string).length / 2
    case 'text':
      return LENGTH_BYTES + Buffer.byteLength(value as string)
  }
}

interface Place {
  readonly at: number
  readonly value: number | string | boolean
}

function writeValue(buffer: Buffer, type: ColumnType, { at, value }: Place): number {
  switch (type) {
    case 'int8':
      return writeInt8(buffer, at, value as number)
    case 'int4':
      return buffer.writeInt32BE(integer(value as number), buffer.writeInt32BE(4, at))
    case 'bool':
      return buffer.writeUInt8(value === true ? 1 : 0, buffer.writeInt32BE(1, at))
    case 'bytea':
    case 'text': {
      const start = at + LENGTH_BYTES
      const written = buffer.write(value as string, start, type === 'bytea' ? 'hex' : 'utf8')
      buffer.writeInt32BE(written, at)
      return start + written
    }
  }
}

/** In two halves: a bigint for each number would cost ten times that. */
function writeInt8(buffer: Buffer, at: number, value: number): number {
  const high = Math.floor(integer(value) / TWO_TO_32)
  buffer.writeInt32BE(8, at)
  buffer.writeInt32BE(high, at + 4)
  return buffer.writeUInt32BE(value - high * TWO_TO_32, at + 8)
}

export function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`${value} is no integer`)
}

// PostgreSQL's text has no character 0, JavaScript's strings (an event's name, an ID) may have one. It is kept behind a
// character of the private use area, which is itself doubled.
const ESCAPE = '\ue000'

/** A text as it is stored. */
export function storedText(text: string): string {
  if (!text.includes('\0') && !text.includes(ESCAPE)) return text
  return text.replaceAll(ESCAPE, `${ESCAPE}1`).replaceAll('\0', `${ESCAPE}0`)
}

/** The text that was stored. */
export function readText(stored: string): string {
  if (!stored.includes(ESCAPE)) return stored
  return stored.replaceAll(`${ESCAPE}0`, '\0').replaceAll(`${ESCAPE}1`, ESCAPE)
}
