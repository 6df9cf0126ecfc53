// What the list queries are built from: conditions with their parameters, and one page of keys in a total order (the sort
// value, ties broken by the key).
import type { Key } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import type { Value } from './connection.ts'

/** A place in a list: the sort value and the key that breaks ties. */
export interface Head {
  readonly value: number
  readonly key: Key
}

/** Conditions of a query with their parameters, in order. In a term `?` stands for its next parameter. */
export interface Where {
  readonly terms: readonly string[]
  readonly values: readonly Value[]
}

type Ask = (text: string, values: readonly Value[]) => Promise<unknown[][]>

/** Runs queries whose parameters are written as `?`, in order. Rows are arrays of what the query selects. */
export class Reader {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async all<Cells extends readonly unknown[]>(sql: string, values: readonly Value[] = []): Promise<Cells[]> {
    let at = 0
    const rows = await this.#ask(
      sql.replaceAll('?', () => `$${++at}`),
      values,
    )
    // The cells are what the query's author says they are.
    return rows as unknown as Cells[]
  }

  async one<Cells extends readonly unknown[]>(sql: string, values: readonly Value[] = []): Promise<Cells | undefined> {
    return (await this.all<Cells>(sql, values))[0]
  }
}

export const NONE: Where = { terms: [], values: [] }

export function and(...parts: readonly Where[]): Where {
  return { terms: parts.flatMap((part) => part.terms), values: parts.flatMap((part) => part.values) }
}

export function amongTexts(column: string, values: readonly string[]): Where {
  return { terms: [`${column} = ANY (?::text[])`], values: [encodeArray('text', values)] }
}

export function amongKeys(column: string, values: readonly Key[]): Where {
  return { terms: [`${column} = ANY (?::int8[])`], values: [encodeArray('int8', values)] }
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

export async function heads(reader: Reader, table: string, page: Page, where: Where): Promise<Head[]> {
  const { field, order, after } = page
  const beyond: Where =
    after === undefined
      ? NONE
      : { terms: [`(${field}, key) ${order === 'asc' ? '>' : '<'} (?, ?)`], values: [after.value, after.key] }
  const { terms, values } = and(where, beyond)
  const sql = `SELECT key, ${field} FROM ${table} ${filter(terms)} ORDER BY ${field} ${order}, key ${order} LIMIT ?`
  const rows = await reader.all<[Key, number | null]>(sql, [...values, page.limit])
  return rows.map(([key, value]) => ({ key, value: value ?? 0 }))
}

/** The first `limit` of several sorted lists. */
export function merge(lists: readonly Head[][], order: 'asc' | 'desc', limit: number): Head[] {
  const sign = order === 'asc' ? 1 : -1
  return lists
    .flat()
    .sort((a, b) => sign * (a.value - b.value || a.key - b.key))
    .slice(0, limit)
}

/** @param atMost Counting stops there. */
export async function count(
  reader: Reader,
  table: string,
  { terms, values }: Where,
  atMost?: number | undefined,
): Promise<number> {
  const found = `FROM ${table} ${filter(terms)}`
  const row =
    atMost === undefined
      ? await reader.one<[number]>(`SELECT count(*) ${found}`, values)
      : await reader.one<[number]>(`SELECT count(*) FROM (SELECT ${found} LIMIT ?) c`, [...values, atMost])
  return row?.[0] ?? 0
}

export function keysOf(list: readonly Head[]): Key[] {
  return list.map((head) => head.key)
}

export function filter(terms: readonly string[]): string {
  return terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`
}
