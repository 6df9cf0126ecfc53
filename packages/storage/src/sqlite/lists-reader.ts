// What the list queries are built from: prepared statements by their text, conditions with their parameters, and one page
// of keys in a total order (the sort value, ties broken by the key).
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Key } from '../contract/rows.ts'
import { number, numberOrNull, type Row } from './lists-rows.ts'

/** A place in a list: the sort value and the key that breaks ties. */
export interface Head {
  readonly value: number
  readonly key: Key
}

/** Conditions of a query with their parameters, in order. */
export interface Where {
  readonly terms: readonly string[]
  readonly values: readonly SQLInputValue[]
}

const STATEMENTS_MAX = 200

/** Prepared statements by their text, bounded: some texts depend on how many filters are given. */
export class Reader {
  readonly #db: Pick<DatabaseSync, 'prepare'>
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: Pick<DatabaseSync, 'prepare'>) {
    this.#db = db
  }

  all(sql: string, values: readonly SQLInputValue[] = []): Row[] {
    return this.#statement(sql).all(...values)
  }

  one(sql: string, values: readonly SQLInputValue[] = []): Row | undefined {
    return this.#statement(sql).get(...values)
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear()
    const made = this.#db.prepare(sql)
    this.#statements.set(sql, made)
    return made
  }
}

export const NONE: Where = { terms: [], values: [] }

export function and(...parts: readonly Where[]): Where {
  return { terms: parts.flatMap((part) => part.terms), values: parts.flatMap((part) => part.values) }
}

export function among(column: string, values: readonly (string | number)[]): Where {
  return { terms: [`${column} IN (SELECT value FROM json_each(?))`], values: [JSON.stringify(values)] }
}

export function windowOf(
  field: string,
  query: { readonly from?: number | undefined; readonly until?: number | undefined },
): Where {
  const from: Where = query.from === undefined ? NONE : { terms: [`${field} >= ?`], values: [query.from] }
  return query.until === undefined ? from : and(from, { terms: [`${field} <= ?`], values: [query.until] })
}

export interface Page {
  readonly field: string
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly after: Head | undefined
}

export function heads(reader: Reader, table: string, page: Page, where: Where): Head[] {
  const { field, order, after } = page
  const beyond: Where =
    after === undefined
      ? NONE
      : { terms: [`(${field}, key) ${order === 'asc' ? '>' : '<'} (?, ?)`], values: [after.value, after.key] }
  const { terms, values } = and(where, beyond)
  const filter = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`
  const sql = `SELECT key, ${field} AS value FROM ${table} ${filter} ORDER BY ${field} ${order}, key ${order} LIMIT ?`
  return reader
    .all(sql, [...values, page.limit])
    .map((row) => ({ key: number(row.key), value: numberOrNull(row.value) ?? 0 }))
}

/** The first `limit` of several sorted lists. */
export function merge(lists: readonly Head[][], order: 'asc' | 'desc', limit: number): Head[] {
  const sign = order === 'asc' ? 1 : -1
  return lists
    .flat()
    .sort((a, b) => sign * (a.value - b.value || a.key - b.key))
    .slice(0, limit)
}

export function count(reader: Reader, table: string, where: Where): number {
  const filter = where.terms.length === 0 ? '' : ` WHERE ${where.terms.join(' AND ')}`
  return number(reader.one(`SELECT count(*) AS total FROM ${table}${filter}`, where.values)?.total)
}

/** As `count`, which stops at `atMost`. */
export function countUpTo(reader: Reader, table: string, where: Where, atMost: number): number {
  const filter = where.terms.length === 0 ? '' : ` WHERE ${where.terms.join(' AND ')}`
  const sql = `SELECT count(*) AS total FROM (SELECT 1 FROM ${table}${filter} LIMIT ?)`
  return number(reader.one(sql, [...where.values, atMost])?.total)
}

/** The rows of these keys: `column` finds them, `alias` is the key's name in the result. */
export function rowsByKey(
  reader: Reader,
  from: { readonly select: string; readonly column: string; readonly alias: string },
  keys: readonly Key[],
): Map<Key, Row> {
  if (keys.length === 0) return new Map()
  const sql = `${from.select} WHERE ${from.column} IN (SELECT value FROM json_each(?))`
  return new Map(reader.all(sql, [JSON.stringify(keys)]).map((row) => [number(row[from.alias]), row]))
}
