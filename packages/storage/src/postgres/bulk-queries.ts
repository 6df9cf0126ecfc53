// The list reads of operations on many runs.
import type { BulkView, ListReads } from '../contract/lists.ts'
import type { Key } from '../contract/rows.ts'
import { BULK_CELLS, bulkColumns, toBulk } from './bulk-table.ts'
import { and, filter, type Reader, type Where } from './lists-reader.ts'

export function openBulkQueries(reader: Reader): Pick<ListReads, 'bulk' | 'bulks'> {
  return {
    bulks: ({ kind, fn, after, limit }) => {
      const ofKind = kind === undefined ? [] : [where('b.kind = ?', kind)]
      const ofFunction = fn === undefined ? [] : [where('b.fn = ?', fn)]
      const beyond = after === undefined ? [] : [where('(b.created_at, b.key) < (?, ?)', after.value, after.key)]
      return views(reader, and(...ofKind, ...ofFunction, ...beyond), limit)
    },
    bulk: async (id) => (await views(reader, where('b.id = ?', id), 1))[0],
  }
}

function where(term: string, ...values: readonly (string | Key)[]): Where {
  return { terms: [term], values }
}

const RUNS = 'SELECT count(*) FROM runs r WHERE r.bulk = b.key'

async function views(reader: Reader, { terms, values }: Where, limit: number): Promise<BulkView[]> {
  const sql = `SELECT ${bulkColumns('b.')}, coalesce(f.slug, ''), (${RUNS}), (${RUNS} AND r.status = 'failed'),
      (${RUNS} AND r.ended_at IS NULL)
    FROM bulks b LEFT JOIN functions f ON f.key = b.fn ${filter(terms)} ORDER BY b.created_at DESC, b.key DESC LIMIT ?`
  const rows = await reader.all(sql, [...values, limit])
  return rows.map((cells) => {
    const [functionSlug, started, failed, live] = cells.slice(BULK_CELLS) as [string, number, number, number]
    return { row: toBulk(cells), functionSlug, started, failed, live }
  })
}
