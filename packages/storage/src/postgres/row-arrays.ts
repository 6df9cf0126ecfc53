// Arrays of rows as PostgreSQL's binary format takes them: one parameter for all rows of a table, of a row type that the
// schema has. An array for each column would be as many parameters, each with a function scan of its own in the plan, which
// costs more than writing a small group.
import { COLUMN_OIDS, type ColumnType, type ColumnValue, integer, storedText, TWO_TO_32 } from './arrays.ts'
import type { Columns } from './columns.ts'
import { type Connection, statement } from './connection.ts'
import type { Placed } from './write-parts.ts'

/** Object IDs of the schema's row types, by their names. They are another database's after a restore. */
export type RowTypes = ReadonlyMap<string, number>

const ROW_TYPES = statement<[name: string, oid: number]>(
  'row_types',
  `SELECT typname::text, oid::int8 FROM pg_type
   WHERE typnamespace = current_schema()::regnamespace AND typtype = 'c' AND typname LIKE '%\\_rows'`,
)

/** Reads the row types of the connection's schema. */
export async function readRowTypes(connection: Connection): Promise<RowTypes> {
  return new Map(await connection.ask(ROW_TYPES))
}

const FIRST_BYTES = 65_536
/** What a column takes besides its text, with some to spare. */
const FIELD_BYTES = 16
/** UTF-8 bytes of a UTF-16 code unit, at most. */
const BYTES_OF_UNIT = 3

/** Written here and then copied out: how much a row takes is only known once its texts are encoded. */
let scratch = Buffer.allocUnsafeSlow(FIRST_BYTES)

function grow(bytes: number): void {
  const larger = Buffer.allocUnsafeSlow(Math.max(bytes, scratch.length * 2))
  scratch.copy(larger)
  scratch = larger
}

/**
 * Encodes the rows, each with its place in the group as the last column.
 *
 * @throws RangeError for a number that is no integer: a time with a fraction is a mistake of the caller's.
 */
export function encodeRowArray<Row>(oid: number, of: Columns<Row>, rows: readonly Placed<Row>[]): Buffer {
  let at = writeHeader(oid, rows.length)
  for (const { at: place, row } of rows) {
    const start = at
    if (at + 8 + FIELD_BYTES * (of.length + 1) > scratch.length) grow(at + 8 + FIELD_BYTES * (of.length + 1))
    at = scratch.writeInt32BE(of.length + 1, at + 4)
    for (const { type, value } of of) at = writeField(type, value(row), at)
    at = writeField('int4', place, at)
    scratch.writeInt32BE(at - start - 4, start)
  }
  const encoded = Buffer.allocUnsafe(at)
  scratch.copy(encoded, 0, 0, at)
  return encoded
}

function writeHeader(oid: number, length: number): number {
  scratch.writeInt32BE(1, 0)
  scratch.writeInt32BE(0, 4)
  scratch.writeUInt32BE(oid, 8)
  scratch.writeInt32BE(length, 12)
  return scratch.writeInt32BE(1, 16)
}

function writeField(type: ColumnType, value: ColumnValue, start: number): number {
  let at = scratch.writeInt32BE(COLUMN_OIDS[type], start)
  if (value === null) return scratch.writeInt32BE(-1, at)
  switch (type) {
    case 'int8': {
      const number = integer(value as number)
      const high = Math.floor(number / TWO_TO_32)
      at = scratch.writeInt32BE(8, at)
      at = scratch.writeInt32BE(high, at)
      return scratch.writeUInt32BE(number - high * TWO_TO_32, at)
    }
    case 'int4':
      return scratch.writeInt32BE(integer(value as number), scratch.writeInt32BE(4, at))
    case 'bool':
      return scratch.writeUInt8(value === true ? 1 : 0, scratch.writeInt32BE(1, at))
    case 'bytea':
      return writeText(value as string, 'hex', at)
    case 'text':
      return writeText(storedText(value as string), 'utf8', at)
  }
}

/** Leaves room for as many fields as any row has. */
const ROOM_BYTES = FIELD_BYTES * 64

function writeText(text: string, encoding: 'hex' | 'utf8', at: number): number {
  const most = at + text.length * BYTES_OF_UNIT + ROOM_BYTES
  if (most > scratch.length) grow(most)
  const written = scratch.write(text, at + 4, encoding)
  scratch.writeInt32BE(written, at)
  return at + 4 + written
}
