// Operations on many runs.
import type { BulkRow } from '../contract/rows.ts'
import { assignments, type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { insertSql, type Part } from './write-parts.ts'

const ROW: Columns<BulkRow> = columns({
  key: ['int8', (row) => row.key],
  id: ['text', (row) => row.id],
  kind: ['text', (row) => row.kind],
  fn: ['int8', (row) => row.fn],
  request: ['text', (row) => row.request],
  progress: ['text', (row) => row.progress],
  created_at: ['int8', (row) => row.createdAt],
  ended_at: ['int8', (row) => row.endedAt],
})

export const bulkColumns = (prefix = ''): string => list(ROW, prefix)

export type BulkCells = [
  key: number,
  id: string,
  kind: BulkRow['kind'],
  fn: number | null,
  request: string,
  progress: string,
  createdAt: number,
  endedAt: number | null,
]

export const BULK_CELLS = ROW.length

export const PUT_BULKS: Part<BulkRow> = { name: 'put_bulks', columns: ROW, sql: insertSql('bulks', ROW) }

export const SET_BULKS: Part<BulkRow> = {
  name: 'set_bulks',
  columns: ROW,
  sql: ({ from, where }) =>
    `UPDATE bulks b SET ${assignments(ROW.slice(1))} FROM ${from} WHERE b.key = u.key AND ${where} RETURNING b.key`,
  check: { identity: ['key'], says: `'there is no bulk operation ' || u.key` },
}

export const BULK_BY_KEY = statement<BulkCells>('bulk_by_key', `SELECT ${bulkColumns()} FROM bulks WHERE key = $1`)

/** `$1`: of those that ended before. */
export const END_BULKS = statement('end_bulks', 'DELETE FROM bulks WHERE ended_at < $1')

export function toBulk(cells: readonly unknown[]): BulkRow {
  const bulk = cells as BulkCells
  return {
    key: bulk[0],
    id: bulk[1],
    kind: bulk[2],
    fn: bulk[3],
    request: bulk[4],
    progress: bulk[5],
    createdAt: bulk[6],
    endedAt: bulk[7],
  }
}
