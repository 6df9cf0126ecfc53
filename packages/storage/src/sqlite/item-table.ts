// Queue items, by key and by the branch they stand for. The searches that take work are in ready-search.ts.
import type { DatabaseSync } from 'node:sqlite'
import type { ItemKind, ItemRow, ItemState, Key } from '../contract/rows.ts'
import { bit, insert, misfit, query } from './statement.ts'

export const ITEM_COLUMNS =
  'key, run, fn, step, kind, state, due, attempt, claims, epoch, owner, started_at, queued_at, again, race, detail'

export type ItemCells = [
  key: number,
  run: number | null,
  fn: number | null,
  step: string,
  kind: ItemKind,
  state: ItemState,
  due: number,
  attempt: number,
  claims: number,
  epoch: number,
  owner: number,
  startedAt: number | null,
  queuedAt: number,
  again: number,
  race: number,
  detail: string | null,
]

export type ItemTable = ReturnType<typeof openItemTable>

export function openItemTable(db: DatabaseSync) {
  const SET =
    'kind = ?, state = ?, due = ?, attempt = ?, claims = ?, epoch = ?, owner = ?, started_at = ?, queued_at = ?, ' +
    'again = ?, race = ?, detail = ?'
  const put = insert(db, 'items', ITEM_COLUMNS)
  // A step that stays the same stays out of the update: naming it would write the unique index again (1.4 against 2.2 µs).
  const set = db.prepare(`UPDATE items SET ${SET} WHERE key = ? AND step = ?`)
  const setStep = db.prepare('UPDATE items SET step = ? WHERE key = ?')
  const byKey = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE key = ?`)
  const byStep = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE run = ? AND step = ?`)
  const byRun = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE run = ?`)
  const leasedBy = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE state = 'leased' AND owner = ?`)
  const crons = query<ItemCells>(db, CRONS)
  const epoch = query<[number]>(db, 'SELECT epoch FROM items WHERE key = ?')
  const isReady = query<[number]>(db, BACKLOG)
  const end = db.prepare('DELETE FROM items WHERE key = ?')
  const endOf = db.prepare('DELETE FROM items WHERE run = ?')

  function update(row: ItemRow): boolean {
    const { key, step, kind, state, due, attempt, claims, owner, startedAt, queuedAt, detail } = row
    // biome-ignore format: the order of the columns, then of the condition
    const { changes } = set.run(
      kind, state, due, attempt, claims, row.epoch, owner, startedAt, queuedAt, bit(row.again), bit(row.race), detail,
      key, step,
    )
    return changes === 1
  }

  return {
    put(row: ItemRow): void {
      const { key, run, fn, step, kind, state, due, attempt, claims, owner, startedAt, queuedAt, detail } = row
      // biome-ignore format: the order of the columns
      put.run(
        key, run, fn, step, kind, state, due, attempt, claims, row.epoch, owner, startedAt, queuedAt, bit(row.again),
        bit(row.race), detail,
      )
    },
    /** Run and function of an item stay as they are. */
    set(row: ItemRow): void {
      if (update(row)) return
      setStep.run(row.step, row.key)
      if (!update(row)) throw misfit(`there is no item ${row.key}`)
    },
    end(key: Key): void {
      end.run(key)
    },
    endOf(run: Key): void {
      endOf.run(run)
    },
    byKey(key: Key): ItemRow | undefined {
      const cells = byKey.get(key)
      return cells === undefined ? undefined : toItem(cells)
    },
    byStep(run: Key, step: string): ItemRow | undefined {
      const cells = byStep.get(run, step)
      return cells === undefined ? undefined : toItem(cells)
    },
    byRun(run: Key): ItemRow[] {
      return byRun.all(run).map((cells) => toItem(cells))
    },
    crons(fn: Key): ItemRow[] {
      return crons.all(fn).map((cells) => toItem(cells))
    },
    /** Reads all items: an index on the owner would be written at every lease, and this is asked only after a failure. */
    leasedBy(owner: Key): ItemRow[] {
      return leasedBy.all(owner).map((cells) => toItem(cells))
    },
    hasEpoch(key: Key, expected: number): boolean {
      return epoch.get(key)?.[0] === expected
    },
    hasReady(fn: Key): boolean {
      return isReady.get(fn) !== undefined
    },
  }
}

export const CRONS = `SELECT ${ITEM_COLUMNS} FROM items WHERE fn = ? AND kind = 'cron'`
export const BACKLOG = `SELECT 1 FROM items WHERE fn = ? AND state = 'ready' LIMIT 1`

export function toItem(cells: ItemCells): ItemRow {
  return {
    key: cells[0],
    run: cells[1],
    fn: cells[2],
    step: cells[3],
    kind: cells[4],
    state: cells[5],
    due: cells[6],
    attempt: cells[7],
    claims: cells[8],
    epoch: cells[9],
    owner: cells[10],
    startedAt: cells[11],
    queuedAt: cells[12],
    again: cells[13] === 1,
    race: cells[14] === 1,
    detail: cells[15],
  }
}
