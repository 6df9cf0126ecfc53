// Open waits: those on events and cancels are found by name, path and value, signals by name, all by their run's step.
import { hash } from 'node:crypto'
import type { WaitKind, WaitRow } from '../contract/rows.ts'
import { type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { deletePart, insertSql, type Part } from './write-parts.ts'

/** What a wait is found by, as the hex digits of 20 bytes. Signals have neither path nor value. */
export function spotOf(name: string, path = '', value = ''): string {
  return hash('sha1', `${name}\0${path}\0${value}`)
}

const ROW: Columns<WaitRow> = columns({
  key: ['int8', (row) => row.key],
  run: ['int8', (row) => row.run],
  step: ['text', (row) => row.step],
  item: ['int8', (row) => row.item],
  kind: ['text', (row) => row.kind],
  name: ['text', (row) => row.name],
  path: ['text', (row) => row.path],
  value: ['text', (row) => row.value],
  rest: ['text', (row) => row.rest],
  until: ['int8', (row) => row.until],
})
const STORED: Columns<WaitRow> = [
  ...ROW,
  { name: 'spot', type: 'bytea', value: ({ name, path, value }) => spotOf(name, path, value) },
]
const RENAMED = STORED.filter(({ name }) => ['key', 'name', 'spot'].includes(name))

export const waitColumns = (prefix = ''): string => list(ROW, prefix)

export type WaitCells = [
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

export const END_WAITS = deletePart('end_waits', 'waits', 'key')
export const END_WAITS_OF = deletePart('end_waits_of', 'waits', 'run')

/** Only the name of a wait changes. */
export const SET_WAITS: Part<WaitRow> = {
  name: 'set_waits',
  columns: RENAMED,
  after: ['end_waits', 'end_waits_of'],
  sql: ({ from, where }) =>
    `UPDATE waits w SET name = u.name, spot = u.spot FROM ${from} WHERE w.key = u.key AND ${where} RETURNING w.key`,
  check: { identity: ['key'], says: `'there is no wait ' || u.key` },
}

export const PUT_WAITS: Part<WaitRow> = {
  name: 'put_waits',
  columns: STORED,
  after: ['end_waits', 'end_waits_of', 'set_waits'],
  sql: insertSql('waits', STORED),
}

/**
 * What the searches find, each at most its page of each of its keys; `$1` places a row with its search. Of an event that
 * is stored already, `$5`, waits that were opened after it are left out. A number that was not given yet is one of an older
 * cluster, from before every event.
 */
const FOUND = `unnest($1::int4[], $2::bytea[], $3::int8[], $4::int8[], $5::int8[]) AS u (place, spot, after, max, stored)
  LEFT JOIN events e ON e.key = u.stored
  CROSS JOIN LATERAL (SELECT * FROM waits w
    WHERE w.kind IN ('event', 'cancel') AND w.spot = u.spot AND w.key > u.after
      AND (e.tx IS NULL OR w.tx < e.tx OR (w.tx = e.tx AND w.key < e.key) OR w.tx >= pg_snapshot_xmax(pg_current_snapshot()))
    ORDER BY w.key LIMIT u.max) w`

export const WAITS = statement<[place: number, ...WaitCells]>(
  'waits',
  `SELECT u.place, ${waitColumns('w.')} FROM ${FOUND}`,
)
/** The runs of what `WAITS` finds. */
export const WAITING_RUNS = `SELECT w.run FROM ${FOUND}`

export const SIGNALS = statement<WaitCells>(
  'signals',
  `SELECT ${waitColumns()} FROM waits WHERE kind = 'signal' AND name <> '' AND spot = ANY ($1::bytea[])`,
)
export const WAITS_BY_STEP = statement<WaitCells>(
  'waits_by_step',
  `SELECT ${waitColumns('w.')} FROM unnest($1::int8[], $2::text[]) AS u (run, step)
   JOIN waits w ON w.run = u.run AND w.step = u.step`,
)
/** An invoke by the ULID of its run and its step, which are its name. */
export const INVOKE = statement<WaitCells>(
  'invoke',
  `SELECT ${waitColumns('w.')} FROM runs r JOIN waits w ON w.run = r.key AND w.step = $2
   WHERE r.id = $1 AND w.kind = 'invoke' AND w.name = $3`,
)

export function toWait(cells: readonly unknown[]): WaitRow {
  const wait = cells as WaitCells
  return {
    key: wait[0],
    run: wait[1],
    step: wait[2],
    item: wait[3],
    kind: wait[4],
    name: wait[5],
    path: wait[6],
    value: wait[7],
    rest: wait[8],
    until: wait[9],
  }
}
