// Operations on many runs.
import type { DatabaseSync } from 'node:sqlite'
import type { BulkRow, Key } from '../contract/rows.ts'
import { insert, misfit, query } from './statement.ts'

const COLUMNS = 'key, id, kind, fn, request, progress, created_at, ended_at'

type Cells = [
  key: number,
  id: string,
  kind: BulkRow['kind'],
  fn: number | null,
  request: string,
  progress: string,
  createdAt: number,
  endedAt: number | null,
]

export type BulkTable = ReturnType<typeof openBulkTable>

export function openBulkTable(db: DatabaseSync) {
  const put = insert(db, 'bulks', COLUMNS)
  const set = db.prepare('UPDATE bulks SET request = ?, progress = ?, ended_at = ? WHERE key = ?')
  const byKey = query<Cells>(db, `SELECT ${COLUMNS} FROM bulks WHERE key = ?`)

  return {
    put({ key, id, kind, fn, request, progress, createdAt, endedAt }: BulkRow): void {
      put.run(key, id, kind, fn, request, progress, createdAt, endedAt)
    },
    /** Kind, function and birth of it stay as they are. */
    set({ key, request, progress, endedAt }: BulkRow): void {
      if (set.run(request, progress, endedAt, key).changes !== 1) throw misfit(`there is no bulk operation ${key}`)
    },
    byKey(key: Key): BulkRow | undefined {
      const cells = byKey.get(key)
      return cells === undefined ? undefined : toBulk(cells)
    },
  }
}

function toBulk(cells: Cells): BulkRow {
  return {
    key: cells[0],
    id: cells[1],
    kind: cells[2],
    fn: cells[3],
    request: cells[4],
    progress: cells[5],
    createdAt: cells[6],
    endedAt: cells[7],
  }
}
