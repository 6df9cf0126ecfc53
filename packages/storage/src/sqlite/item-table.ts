// Queue items, by key and by the branch they stand for. The searches that take work are in ready-search.ts, those of
// limits in limit-table.ts. An item without limits stands in no index of these, and its statements name none of them.
import type { DatabaseSync } from 'node:sqlite'
import type { ItemKind, ItemRow, ItemState, Key } from '../contract/rows.ts'
import { bit, insert, misfit, query } from './statement.ts'

const FREE =
  'key, run, fn, step, kind, state, due, rank, attempt, claims, epoch, owner, started_at, queued_at, again, race, detail'
const FLOW = 'limit1, limit2, limit3, holds, line'
/** Each column that is read costs some 30 ns, so what few items have is read as one, which is null for the others. */
export const ITEM_COLUMNS = `${FREE},
  CASE WHEN limit1 IS NULL AND holds = 0 AND line IS NULL THEN NULL ELSE json_array(${FLOW}) END`

export type ItemCells = [
  key: number,
  run: number | null,
  fn: number | null,
  step: string,
  kind: ItemKind,
  state: ItemState,
  due: number,
  rank: number,
  attempt: number,
  claims: number,
  epoch: number,
  owner: number,
  startedAt: number | null,
  queuedAt: number,
  again: number,
  race: number,
  detail: string | null,
  flow: string | null,
]

export type ItemTable = ReturnType<typeof openItemTable>

export function openItemTable(db: DatabaseSync) {
  const put = insert(db, 'items', FREE)
  const putBound = insert(db, 'items', `${FREE}, ${FLOW}`)
  const update = openUpdate(db)
  const byKey = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE key = ?`)
  const byStep = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE run = ? AND step = ?`)
  const byRun = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE run = ?`)
  const byName = query<ItemCells>(db, NAMED)
  const leasedBy = query<ItemCells>(db, `SELECT ${ITEM_COLUMNS} FROM items WHERE state = 'leased' AND owner = ?`)
  const crons = query<ItemCells>(db, CRONS)
  const epoch = query<[number]>(db, 'SELECT epoch FROM items WHERE key = ?')
  const isReady = query<[number]>(db, BACKLOG)
  const end = db.prepare('DELETE FROM items WHERE key = ?')
  const endOf = db.prepare('DELETE FROM items WHERE run = ?')

  return {
    put(row: ItemRow): void {
      const { key, run, fn, step, kind, state, due, rank, attempt, claims, owner, startedAt, queuedAt, detail } = row
      // biome-ignore format: the order of the columns
      const cells = [
        key, run, fn, step, kind, state, due, rank, attempt, claims, row.epoch, owner, startedAt, queuedAt,
        bit(row.again), bit(row.race), detail,
      ]
      if (isFree(row)) put.run(...cells)
      else putBound.run(...cells, ...limitCells(row), bit(row.holds), row.line)
    },
    /** Run and function of an item stay as they are. */
    set(row: ItemRow): void {
      if (!update(row)) throw misfit(`there is no item ${row.key}`)
    },
    end(key: Key): void {
      end.run(key)
    },
    endOf(run: Key): void {
      endOf.run(run)
    },
    byKey(key: Key): ItemRow | undefined {
      return toRow(byKey.get(key))
    },
    byStep(run: Key, step: string): ItemRow | undefined {
      return toRow(byStep.get(run, step))
    },
    byRun(run: Key): ItemRow[] {
      return byRun.all(run).map((cells) => toItem(cells))
    },
    /** An item of no run. */
    byName(name: string): ItemRow | undefined {
      return name === '' ? undefined : toRow(byName.get(name))
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
export const NAMED = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE run IS NULL AND kind IN ('line', 'debounce', 'batch', 'bulk', 'job', 'jobRun', 'request', 'callback') AND step <> '' AND step = ?`

/** What changes at nearly every update. */
const MOVING =
  'state = ?, due = ?, attempt = ?, claims = ?, epoch = ?, owner = ?, started_at = ?, queued_at = ?, again = ?, ' +
  'race = ?, detail = ?'

/**
 * Whatever an update names is written to the indexes that it stands in, changed or not. So what seldom changes stands in
 * the condition, and is named only by a second update where the first finds nothing: 2.0 against 2.5 µs for an item
 * without limits, 2.3 against 3.2 for one with (1.9 before there were limits).
 */
function openUpdate(db: DatabaseSync): (row: ItemRow) => boolean {
  const free = db.prepare(
    `UPDATE items SET ${MOVING}
     WHERE key = ? AND step = ? AND kind = ? AND rank = ? AND limit1 IS NULL AND holds = 0 AND line IS NULL`,
  )
  const bound = db.prepare(
    `UPDATE items SET ${MOVING} WHERE key = ? AND step = ? AND kind = ? AND rank = ?
     AND limit1 IS ? AND limit2 IS ? AND limit3 IS ? AND holds = ? AND line IS ?`,
  )
  const whole = db.prepare(
    `UPDATE items SET ${MOVING}, step = ?, kind = ?, rank = ?, limit1 = ?, limit2 = ?, limit3 = ?, holds = ?, line = ?
     WHERE key = ?`,
  )
  return (row) => {
    const { key, step, kind, rank, limits, holds, line } = row
    const { state, due, attempt, claims, owner, startedAt, queuedAt, detail } = row
    const [again, race] = [bit(row.again), bit(row.race)]
    // biome-ignore format: the order of the columns, then of the conditions
    if (isFree(row)) {
      const { changes } = free.run(
        state, due, attempt, claims, row.epoch, owner, startedAt, queuedAt, again, race, detail, key, step, kind, rank,
      )
      if (changes === 1) return true
    }
    const [limit1, limit2, limit3] = limitCells(row)
    // biome-ignore format: the order of the columns, then of the conditions
    if (limits.length > 0) {
      const { changes } = bound.run(
        state, due, attempt, claims, row.epoch, owner, startedAt, queuedAt, again, race, detail, key, step, kind, rank,
        limit1, limit2, limit3, bit(holds), line,
      )
      if (changes === 1) return true
    }
    // biome-ignore format: the order of the columns, then of the condition
    const { changes } = whole.run(
      state, due, attempt, claims, row.epoch, owner, startedAt, queuedAt, again, race, detail, step, kind, rank,
      limit1, limit2, limit3, bit(holds), line, key,
    )
    return changes === 1
  }
}

/** Nearly every item is. */
function isFree({ limits, holds, line }: ItemRow): boolean {
  return limits.length === 0 && !holds && line === null
}

/** Limits in an item's row. */
const LIMITS_MAX = 3

function limitCells({ limits, key }: ItemRow): readonly [string | null, string | null, string | null] {
  if (limits.length > LIMITS_MAX) throw misfit(`item ${key} names ${limits.length} limits, ${LIMITS_MAX} at most`)
  return [limits[0] ?? null, limits[1] ?? null, limits[2] ?? null]
}

function toRow(cells: ItemCells | undefined): ItemRow | undefined {
  return cells === undefined ? undefined : toItem(cells)
}

type Flow = Pick<ItemRow, 'limits' | 'holds' | 'line'>

const NO_FLOW: Flow = { limits: [], holds: false, line: null }

export function toItem(cells: ItemCells): ItemRow {
  const flow = cells[17] === null ? NO_FLOW : readFlow(cells[17])
  return {
    key: cells[0],
    run: cells[1],
    fn: cells[2],
    step: cells[3],
    kind: cells[4],
    state: cells[5],
    due: cells[6],
    rank: cells[7],
    limits: flow.limits,
    holds: flow.holds,
    line: flow.line,
    attempt: cells[8],
    claims: cells[9],
    epoch: cells[10],
    owner: cells[11],
    startedAt: cells[12],
    queuedAt: cells[13],
    again: cells[14] === 1,
    race: cells[15] === 1,
    detail: cells[16],
  }
}

function readFlow(text: string): Flow {
  const cells: [string | null, string | null, string | null, number, string | null] = JSON.parse(text)
  return { limits: limitsOf(cells[0], cells[1], cells[2]), holds: cells[3] === 1, line: cells[4] }
}

/** The names that stand in the three columns, which are filled from the first on. */
export function limitsOf(...cells: readonly (string | null)[]): string[] {
  return cells.filter((name) => name !== null)
}
