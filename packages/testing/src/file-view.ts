// What a SQLite file holds, as another connection to it sees it.
import type { DatabaseSync } from 'node:sqlite'
import type { ItemCells, RunCells, StoreView } from './store-scan.ts'

const ITEMS = `SELECT key, run, step, kind, state, due, attempt, claims, epoch, owner, rank, line, holds FROM items`
const RUNS = 'SELECT key, status, rev, stack, open FROM runs'
const STEPS = 'SELECT run, lower(hex(step)) AS step, position, memo FROM steps'

export function fileView(db: DatabaseSync): StoreView {
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  // The columns are those that the statement names.
  const all = <Row>(sql: string): readonly Row[] => {
    const statement = statements.get(sql) ?? db.prepare(sql)
    statements.set(sql, statement)
    return statement.all() as unknown as readonly Row[]
  }
  return {
    items: () => all<ItemCells>(ITEMS),
    runs: (isLiveOnly) => all<RunCells>(isLiveOnly ? `${RUNS} WHERE ended_at IS NULL` : RUNS),
    waits: () => all<{ readonly key: number }>('SELECT key FROM waits').map(({ key }) => key),
    steps: () => all(STEPS),
    tallies: () => all("SELECT fn, name, sum(value) AS value FROM tallies WHERE level = 'minute' GROUP BY fn, name"),
    count: (table) => all<{ readonly count: number }>(`SELECT count(*) AS count FROM ${table}`)[0]?.count ?? 0,
  }
}
