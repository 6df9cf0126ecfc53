// The list reads of operations on many runs, each with what has become of the runs that it started.
import type { BulkView, ListReads } from '../contract/lists.ts'
import { and, type Reader, type Where } from './lists-reader.ts'
import { number, type Row, readBulk, text } from './lists-rows.ts'

type BulkQuery = Parameters<ListReads['bulks']>[0]

export function listBulks(reader: Reader, { kind, fn, after, limit }: BulkQuery): BulkView[] {
  const terms: Where[] = [{ terms: ['b.kind = ?'], values: [kind] }]
  if (fn !== undefined) terms.push({ terms: ['b.fn = ?'], values: [fn] })
  if (after !== undefined) terms.push({ terms: ['(b.created_at, b.key) < (?, ?)'], values: [after.value, after.key] })
  return viewsOf(reader, and(...terms), limit)
}

export function oneBulk(reader: Reader, id: string): BulkView | undefined {
  return viewsOf(reader, { terms: ['b.id = ?'], values: [id] }, 1)[0]
}

/** Bulk operations are few; the runs that one started are found by index. */
function viewsOf(reader: Reader, { terms, values }: Where, limit: number): BulkView[] {
  const runs = 'SELECT count(*) FROM runs r WHERE r.bulk = b.key'
  const sql = `SELECT b.*, f.slug AS slug, (${runs}) AS started, (${runs} AND r.status = 'failed') AS failed,
      (${runs} AND r.ended_at IS NULL) AS live
    FROM bulks b LEFT JOIN functions f ON f.key = b.fn
    WHERE ${terms.join(' AND ')} ORDER BY b.created_at DESC, b.key DESC LIMIT ?`
  return reader.all(sql, [...values, limit]).map(toView)
}

function toView(row: Row): BulkView {
  return {
    row: readBulk(row),
    functionSlug: row.slug === null ? '' : text(row.slug),
    started: number(row.started),
    failed: number(row.failed),
    live: number(row.live),
  }
}
