// A part of the statement that writes a group: what it does to the rows of one kind of change. Each table brings its own.
import { type ColumnValue, encodeArray } from './arrays.ts'
import { type Columns, encodeRows, list, unnest } from './columns.ts'
import { encodeRowArray, type RowTypes } from './row-arrays.ts'

/** A row to write, with the place in its group of the operation that writes it. */
export interface Placed<Row> {
  readonly at: number
  readonly row: Row
}

export interface Part<Row> {
  /** The name of its common table expression. */
  readonly name: string
  readonly columns: Columns<Row>
  /** The row type of the schema that has these columns and `at`, so that all rows go out as one array. */
  readonly type?: string
  /** Parts that have to be done before, for this one takes what they free. */
  readonly after?: readonly string[]
  /** The statement over the rows `u`; returns a row for each that it wrote. */
  sql(source: Source): string
  /** For parts that must write every row they were given. */
  readonly check?: Check
  /** Whether it needs no check where the group is hoped to fit. */
  readonly isHopeful?: boolean
  /** How many rows it has written of those that were to be as the writer knew them, as an expression. */
  readonly held?: string
}

export interface Source {
  /** The rows as `u`. */
  readonly from: string
  /** What must hold for a row to be written. */
  readonly where: string
  /** Whether the statement has checked leases and revisions before. */
  readonly isGuarded: boolean
  /** Whether whatever does not fit refuses the group, which is then written again with all checks. */
  readonly isHoped: boolean
}

export interface Check {
  /** Columns of `u` that find the row again, returned by the part. */
  readonly identity: readonly string[]
  /** What is wrong with a row of `u` that was not written, as an expression. */
  readonly says: string
}

export function insertSql<Row>(table: string, columns: Columns<Row>, ending = ''): (source: Source) => string {
  return ({ from, where }) =>
    `INSERT INTO ${table} (${list(columns)}) SELECT ${list(columns, 'u.')} FROM ${from} WHERE ${where} ${ending} RETURNING 1`
}

/** The same for a table in parts, whose row goes into the newest. */
export function insertIntoPartSql<Row>(table: string, columns: Columns<Row>): (source: Source) => string {
  return ({ from, where }) =>
    `INSERT INTO ${table} (${list(columns)}, part) SELECT ${list(columns, 'u.')}, t.part FROM ${from}, t WHERE ${where}
     RETURNING 1`
}

/** Deletes the rows whose `column` is named. */
export function deletePart(name: string, table: string, column: string): Part<number> {
  return {
    name,
    columns: [{ name: 'key', type: 'int8', value: (key) => key }],
    sql: ({ from, where }) => `DELETE FROM ${table} d USING ${from} WHERE d.${column} = u.key AND ${where} RETURNING 1`,
  }
}

/** The parameters of a part: whose operation each row is, where that matters, and the columns. */
export function partValues<Row>(
  part: Part<Row>,
  rows: readonly Placed<Row>[],
  { isGuarded, types }: { readonly isGuarded: boolean; readonly types: RowTypes },
): Buffer[] {
  if (part.type !== undefined) return [encodeRowArray(typeOf(types, part.type), part.columns, rows)]
  const values = encodeRows(
    part.columns,
    rows.map(({ row }) => row),
  )
  if (isGuarded)
    values.push(
      encodeArray(
        'int4',
        rows.map(({ at }): ColumnValue => at),
      ),
    )
  return values
}

function typeOf(types: RowTypes, name: string): number {
  const oid = types.get(name)
  if (oid === undefined) throw new Error(`The schema has no type ${name}`)
  return oid
}

export interface PartPlace {
  /** The number of the part's first parameter. */
  readonly first: number
  readonly isGuarded: boolean
  readonly isHoped: boolean
  /** Names of all parts of the statement. */
  readonly present: ReadonlySet<string>
}

/** The part's common table expression, and the expression that refuses what it left undone. */
export function partSql<Row>(part: Part<Row>, { first, isGuarded, isHoped, present }: PartPlace) {
  const columns: Columns<Row> = isGuarded ? [...part.columns, PLACE] : part.columns
  const isAllowed = isGuarded ? "substr((SELECT results FROM verdict), u.at, 1) = 'd'" : 'true'
  const before = (part.after ?? [])
    .filter((name) => present.has(name))
    .map((name) => ` AND (SELECT count(*) FROM ${name}) >= 0`)
  const from = (names?: readonly string[]) =>
    part.type === undefined ? unnest(columns, first, names) : `unnest($${first}::${part.type}[]) AS u`
  const sql = part.sql({ from: from(), where: isAllowed + before.join(''), isGuarded, isHoped })
  return {
    expression: `${part.name} AS (${sql})`,
    check:
      part.check === undefined || (isHoped && part.isHopeful === true)
        ? null
        : checkSql(part, part.check, { from, isAllowed }),
    held: part.held ?? null,
    count: part.type === undefined ? columns.length : 1,
  }
}

function checkSql<Row>(
  { name }: Part<Row>,
  { identity, says }: Check,
  { from: fromNames, isAllowed }: { readonly from: (names: readonly string[]) => string; readonly isAllowed: string },
): string {
  const from = fromNames([...identity, 'at'])
  const same = identity.map((column) => `w.${column} = u.${column}`).join(' AND ')
  return `CASE WHEN (SELECT count(*) FROM ${name}) <> (SELECT count(*) FROM ${from} WHERE ${isAllowed})
    THEN (SELECT refuse('PW001', ${says}) FROM ${from}
      WHERE ${isAllowed} AND NOT EXISTS (SELECT FROM ${name} w WHERE ${same}) LIMIT 1) END`
}

// Its values are added beside the rows' own.
const PLACE = { name: 'at', type: 'int4' as const, value: () => 0 }
