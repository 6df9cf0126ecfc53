// The list reads of operations on many runs, each with what has become of the runs that it started.
import type { BulkView, ListReads } from '../contract/lists.ts'
import { and, type Reader, type Where } from './lists-reader.ts'
import { number, type Row, readBulk, text } from './lists-rows.ts'

type BulkQuery = Parameters<ListReads['bulks']>[0]

export function listBulks(reader: Reader, { kind, fn, after, limit }: BulkQuery): BulkView[] {
  const terms: Where[] = kind === undefined ? [] : [{ terms: ['b.kind = ?'], values: [kind] }]
  if (fn !== undefined) terms.push({ terms: ['b.fn = ?'], values: [fn] })
  if (after !== undefined) terms.push({ terms: ['(b.created_at, b.key) < (?, ?)'], values: [after.value, after.key] })
  return viewsOf(reader, and(...terms), limit)
}

export function oneBulk(reader: Reader, id: string): BulkView | undefined {
  return viewsOf(reader, { terms: ['b.id = ?'], values: [id] }, 1)[0]
}

/** Bulk operations are few. */
function viewsOf(reader: Reader, { terms, values }: Where, limit: number): BulkView[] {
  const filter = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`
  const sql = `SELECT b.*, f.slug AS slug FROM bulks b LEFT JOIN functions f ON f.key = b.fn
    ${filter} ORDER BY b.created_at DESC, b.key DESC LIMIT ?`
  return reader.all(sql, [...values, limit]).map((row) => toView(row, reader.one(STARTED, [number(row.key)])))
}

/** The runs that an operation started, in one pass. */
export const STARTED = `SELECT count(*) AS started, count(*) FILTER (WHERE status = 'failed') AS failed,
  count(*) FILTER (WHERE ended_at IS NULL) AS live FROM runs INDEXED BY runs_bulk WHERE bulk = ?`

function toView(row: Row, runs: Row | undefined): BulkView {
  return {
    row: readBulk(row),
    functionSlug: row.slug === null ? '' : text(row.slug),
    started: number(runs?.started),
    failed: number(runs?.failed),
    live: number(runs?.live),
  }
}
