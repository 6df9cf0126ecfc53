// The columns of a table as values of rows, so that many rows go out as one array for each column. Each table says once
// what stands in its columns, for writing here and for reading in its own file.
import { type ColumnType, type ColumnValue, encodeArray } from './arrays.ts'

export interface Column<Row> {
  readonly name: string
  readonly type: ColumnType
  readonly value: (row: Row) => ColumnValue
}

export type Columns<Row> = readonly Column<Row>[]

type Names<Row> = Readonly<Record<string, readonly [ColumnType, (row: Row) => ColumnValue]>>

/** Columns by their names, in the order in which they are given. */
export function columns<Row>(names: Names<Row>): Columns<Row> {
  return Object.entries(names).map(([name, [type, value]]) => ({ name, type, value }))
}

/** One array for each column. */
export function encodeRows<Row>(of: Columns<Row>, rows: readonly Row[]): Buffer[] {
  return of.map(({ type, value }) => encodeArray(type, rows.map(value)))
}

/**
 * The rows of arrays that are the parameters from `$first` on, as a table expression named `u`.
 *
 * @param names  The columns that are needed, or all.
 */
export function unnest<Row>(of: Columns<Row>, first: number, names?: readonly string[]): string {
  const wanted = of
    .map(({ name, type }, index) => ({ name, array: `$${first + index}::${type}[]` }))
    .filter(({ name }) => names === undefined || names.includes(name))
  return `unnest(${wanted.map(({ array }) => array).join(', ')}) AS u (${wanted.map(({ name }) => name).join(', ')})`
}

/** `key, id, …`, each behind `prefix`. */
export function list<Row>(of: Columns<Row>, prefix = ''): string {
  return of.map(({ name }) => `${prefix}${name}`).join(', ')
}

/** `a = u.a, b = u.b, …` */
export function assignments<Row>(of: Columns<Row>): string {
  return of.map(({ name }) => `${name} = u.${name}`).join(', ')
}
