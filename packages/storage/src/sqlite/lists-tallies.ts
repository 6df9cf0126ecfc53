// Sums of counters over time. What is folded is read by the hour where the buckets are whole hours, and for all functions
// from the rows that hold them together; the newest hour or two are read by minute and function.
import type { Tally, TallyQuery } from '../contract/lists.ts'
import type { Key } from '../contract/rows.ts'
import { among, and, NONE, type Reader } from './lists-reader.ts'
import { number, numberOrNull, text } from './lists-rows.ts'
import { ALL_FUNCTIONS, HOUR_MS, HOURS, MINUTES, NEWEST_HOUR, noSums, placed, type Sums } from './tally-table.ts'

/** Sums by bucket and function. */
type Found = Map<number, Map<Key, Sums>>

interface Part {
  readonly level: string
  readonly from: number
  readonly until: number
  readonly isFolded: boolean
}

export function listTallies(reader: Reader, query: TallyQuery): Tally[] {
  const { from, until, bucketMs } = query
  const split = Math.min(until, Math.max(from, foldedUntil(reader)))
  const level = bucketMs % HOUR_MS === 0 ? HOURS : MINUTES
  const found: Found = new Map()
  if (split > from) sum(reader, query, { level, from, until: split, isFolded: true }, found)
  if (split < until) sum(reader, query, { level: MINUTES, from: split, until, isFolded: false }, found)
  return Array.from(found, ([at, byFunction]) => Array.from(byFunction, ([fn, sums]) => toTallies(at, fn, sums))).flat(
    2,
  )
}

/** The end of the newest hour that is summed; 0 when there is none. */
function foldedUntil(reader: Reader): number {
  const newest = numberOrNull(reader.one(NEWEST_HOUR)?.at)
  return newest === null ? 0 : newest + HOUR_MS
}

function sum(reader: Reader, query: TallyQuery, { level, from, until, isFolded }: Part, found: Found): void {
  const areTogether = isFolded && !query.byFunction && query.fns === undefined
  const where = and(
    { terms: ['level = ?', 'at >= ?', 'at < ?'], values: [level, from, until] },
    { terms: [`fn ${areTogether ? '=' : '<>'} ${ALL_FUNCTIONS}`], values: [] },
    query.fns === undefined ? NONE : among('fn', query.fns),
  )
  const { names } = query
  const few = names?.every(isPlain) === true ? names : null
  // Rows of hours hold some sixty names; where a few are asked for, SQLite finds them several times as fast as JSON.parse.
  const shown = few ? `json_array(${few.map(() => 'json_extract(sums, ?)').join()})` : 'sums'
  const sql = `SELECT at, fn, ${shown} AS sums FROM tally_sums WHERE ${where.terms.join(' AND ')}`
  const paths = few ? few.map((name) => `$."${name}"`) : []
  const add = few ? addFew(few) : addAll(nameTest(names))
  for (const row of reader.all(sql, [...paths, ...where.values])) {
    const at = number(row.at)
    // Buckets begin at multiples of their length, and so does the query's start.
    const bucket = placed(found, at - ((at - query.from) % query.bucketMs), () => new Map<Key, Sums>())
    add(placed(bucket, query.byFunction ? number(row.fn) : 0, noSums), text(row.sums))
  }
}

type Add = (sums: Sums, row: string) => void

function addAll(isMeant: (name: string) => boolean): Add {
  return (sums, row) => {
    const own = JSON.parse(row) as Sums
    for (const name in own) if (isMeant(name)) sums[name] = (sums[name] ?? 0) + (own[name] ?? 0)
  }
}

/** Of a row that brings these names alone, as an array in their order. */
function addFew(names: readonly string[]): Add {
  return (sums, row) => {
    const values = JSON.parse(row) as readonly (number | null)[]
    for (const [index, name] of names.entries()) {
      const value = values[index]
      if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value
    }
  }
}

/** A whole name that can stand in a path of SQLite's JSON functions, which know no escapes. */
function isPlain(name: string): boolean {
  return !name.endsWith(':') && !/["\\]/.test(name)
}

/** Whole names, or beginnings of names that end in `:`. */
function nameTest(names: readonly string[] | undefined): (name: string) => boolean {
  if (names === undefined) return () => true
  const wanted = new Set(names)
  return (name) => wanted.has(name) || wanted.has(name.slice(0, name.indexOf(':') + 1))
}

function toTallies(at: number, fn: Key, sums: Sums): Tally[] {
  return Object.entries(sums).map(([name, value]) => ({ at, fn, name, value }))
}
