// Open waits: those on events and cancels are found by name, path and value, signals by name, all by their run's step.
import type { DatabaseSync } from 'node:sqlite'
import type { Key, WaitKind, WaitRow } from '../contract/rows.ts'
import type { WaitSearch } from '../contract/store.ts'
import { insert, LIMIT, misfit, query } from './statement.ts'

const COLUMNS = 'key, run, step, item, kind, name, path, value, rest, until'

type Cells = [
  key: number,
  run: number,
  step: string,
  item: number | null,
  kind: WaitKind,
  name: string,
  path: string,
  value: string,
  rest: string | null,
  until: number,
]

export type WaitTable = ReturnType<typeof openWaitTable>

export function openWaitTable(db: DatabaseSync) {
  const put = insert(db, 'waits', COLUMNS)
  const setName = db.prepare('UPDATE waits SET name = ? WHERE key = ?')
  const search = query<Cells>(db, WAITS)
  const signal = query<Cells>(db, SIGNAL)
  const byStep = query<Cells>(db, `SELECT ${COLUMNS} FROM waits WHERE run = ? AND step = ?`)
  const end = db.prepare('DELETE FROM waits WHERE key = ?')
  const endOf = db.prepare('DELETE FROM waits WHERE run = ?')

  return {
    put({ key, run, step, item, kind, name, path, value, rest, until }: WaitRow): void {
      put.run(key, run, step, item, kind, name, path, value, rest, until)
    },
    setName(row: WaitRow): void {
      if (setName.run(row.name, row.key).changes !== 1) throw misfit(`there is no wait ${row.key}`)
    },
    /** The page that begins after the cursor, over all keys of the search, in the order of keys. */
    search({ name, keys, stored, after, max }: WaitSearch): WaitRow[] {
      const found: Cells[] = []
      // With one writer keys are drawn in the order of commits: a wait with a greater key saw the event when it was opened.
      const until = stored ?? Number.MAX_SAFE_INTEGER
      for (const { path, value } of keys) found.push(...search.all(name, path, value, after, until, max))
      if (keys.length > 1) found.sort((a, b) => a[0] - b[0])
      return found.slice(0, max).map((cells) => toWait(cells))
    },
    signal(name: string): WaitRow | undefined {
      return toRow(signal.get(name))
    },
    byStep(run: Key, step: string): WaitRow | undefined {
      return toRow(byStep.get(run, step))
    },
    end(key: Key): void {
      end.run(key)
    },
    endOf(run: Key): void {
      endOf.run(run)
    },
  }
}

export const WAITS = `SELECT ${COLUMNS} FROM waits
  WHERE kind IN ('event', 'cancel') AND name = ? AND path = ? AND value = ? AND key > ? AND key < ? ORDER BY key ${LIMIT}`
export const SIGNAL = `SELECT ${COLUMNS} FROM waits WHERE kind = 'signal' AND name <> '' AND name = ?`

function toRow(cells: Cells | undefined): WaitRow | undefined {
  return cells === undefined ? undefined : toWait(cells)
}

function toWait(cells: Cells): WaitRow {
  return {
    key: cells[0],
    run: cells[1],
    step: cells[2],
    item: cells[3],
    kind: cells[4],
    name: cells[5],
    path: cells[6],
    value: cells[7],
    rest: cells[8],
    until: cells[9],
  }
}
