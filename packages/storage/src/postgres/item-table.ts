// Queue items, by key and by the branch they stand for. The searches that take work are in ready-search.ts.
import type { ItemKind, ItemRow, ItemState } from '../contract/rows.ts'
import { assignments, type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { deletePart, insertSql, type Part } from './write-parts.ts'

/** Run and function of an item stay as they are. */
const FIXED: Columns<ItemRow> = columns({
  key: ['int8', (row) => row.key],
  run: ['int8', (row) => row.run],
  fn: ['int8', (row) => row.fn],
})

const CHANGING: Columns<ItemRow> = columns({
  step: ['text', (row) => row.step],
  kind: ['text', (row) => row.kind],
  state: ['text', (row) => row.state],
  due: ['int8', (row) => row.due],
  rank: ['int8', (row) => row.rank],
  limit1: ['text', ({ limits }) => limits[0] ?? null],
  limit2: ['text', ({ limits }) => limits[1] ?? null],
  limit3: ['text', ({ limits }) => limits[2] ?? null],
  holds: ['bool', (row) => row.holds],
  line: ['text', (row) => row.line],
  attempt: ['int8', (row) => row.attempt],
  claims: ['int8', (row) => row.claims],
  epoch: ['int8', (row) => row.epoch],
  owner: ['int8', (row) => row.owner],
  started_at: ['int8', (row) => row.startedAt],
  queued_at: ['int8', (row) => row.queuedAt],
  again: ['bool', (row) => row.again],
  race: ['bool', (row) => row.race],
  detail: ['text', (row) => row.detail],
})

/** Items of no run whose name is theirs alone, as the index on them says it. */
export const IS_NAMED = "run IS NULL AND kind IN ('line', 'debounce', 'batch', 'bulk') AND step <> ''"

const ROW: Columns<ItemRow> = [...FIXED, ...CHANGING]
const SET: Columns<ItemRow> = [...FIXED.slice(0, 1), ...CHANGING]

export const itemColumns = (prefix = ''): string => list(ROW, prefix)

export type ItemCells = [
  key: number,
  run: number | null,
  fn: number | null,
  step: string,
  kind: ItemKind,
  state: ItemState,
  due: number,
  rank: number,
  limit1: string | null,
  limit2: string | null,
  limit3: string | null,
  holds: boolean,
  line: string | null,
  attempt: number,
  claims: number,
  epoch: number,
  owner: number,
  startedAt: number | null,
  queuedAt: number,
  again: boolean,
  race: boolean,
  detail: string | null,
]

export const END_ITEMS = deletePart('end_items', 'items', 'key')
export const END_ITEMS_OF = deletePart('end_items_of', 'items', 'run')

export const SET_ITEMS: Part<ItemRow> = {
  name: 'set_items',
  columns: SET,
  after: ['end_items', 'end_items_of'],
  sql: ({ from, where }) =>
    `UPDATE items i SET ${assignments(CHANGING)} FROM ${from} WHERE i.key = u.key AND ${where} RETURNING i.key`,
  check: { identity: ['key'], says: `'there is no item ' || u.key` },
}

export const PUT_ITEMS: Part<ItemRow> = {
  name: 'put_items',
  columns: ROW,
  after: ['end_items', 'end_items_of', 'set_items'],
  sql: insertSql('items', ROW),
}

export const ITEMS_BY_KEY = statement<ItemCells>(
  'items_by_key',
  `SELECT ${itemColumns()} FROM items WHERE key = ANY ($1::int8[])`,
)
export const ITEMS_BY_STEP = statement<ItemCells>(
  'items_by_step',
  `SELECT ${itemColumns('i.')} FROM unnest($1::int8[], $2::text[]) AS u (run, step)
   JOIN items i ON i.run = u.run AND i.step = u.step`,
)
export const ITEMS_OF = statement<ItemCells>(
  'items_of',
  `SELECT ${itemColumns()} FROM items WHERE run = ANY ($1::int8[]) ORDER BY key`,
)
/** Items of no run that have a name. */
export const NAMED = statement<ItemCells>(
  'named',
  `SELECT ${itemColumns()} FROM items WHERE ${IS_NAMED} AND step = ANY ($1::text[]) ORDER BY key`,
)
export const CRONS = statement<ItemCells>(
  'crons',
  `SELECT ${itemColumns()} FROM items WHERE kind = 'cron' AND fn = ANY ($1::int8[]) ORDER BY key`,
)
export const LEASED_BY = statement<ItemCells>(
  'leased_by',
  `SELECT ${itemColumns()} FROM items WHERE state = 'leased' AND owner = $1 ORDER BY key`,
)
/** Lines in which items of a function stand, after `$2`: a hop in the index for each. */
export const LINES_OF = statement<[line: string]>(
  'lines_of',
  `WITH RECURSIVE lines AS (
     (SELECT line FROM items WHERE state = 'blocked' AND fn = $1 AND line > $2 ORDER BY line LIMIT 1)
     UNION ALL
     SELECT (SELECT i.line FROM items i WHERE i.state = 'blocked' AND i.fn = $1 AND i.line > l.line
       ORDER BY i.line LIMIT 1)
     FROM lines l WHERE l.line IS NOT NULL
   )
   SELECT line FROM lines WHERE line IS NOT NULL LIMIT $3`,
)
export const EPOCHS = statement<[key: number, epoch: number]>(
  'epochs',
  'SELECT key, epoch FROM items WHERE key = ANY ($1::int8[])',
)
/** Which of the functions have an item in the ready index. */
export const BACKLOG = statement<[fn: number]>(
  'backlog',
  `SELECT u.fn FROM unnest($1::int8[]) AS u (fn)
   CROSS JOIN LATERAL (SELECT FROM items i WHERE i.state = 'ready' AND i.fn = u.fn LIMIT 1) i`,
)

export function toItem(cells: readonly unknown[]): ItemRow {
  const item = cells as ItemCells
  return {
    key: item[0],
    run: item[1],
    fn: item[2],
    step: item[3],
    kind: item[4],
    state: item[5],
    due: item[6],
    rank: item[7],
    limits: limitsOf(item[8], item[9], item[10]),
    holds: item[11],
    line: item[12],
    attempt: item[13],
    claims: item[14],
    epoch: item[15],
    owner: item[16],
    startedAt: item[17],
    queuedAt: item[18],
    again: item[19],
    race: item[20],
    detail: item[21],
  }
}

const NO_LIMITS: readonly string[] = []

function limitsOf(first: string | null, second: string | null, third: string | null): readonly string[] {
  if (first === null) return NO_LIMITS
  if (second === null) return [first]
  return third === null ? [first, second] : [first, second, third]
}
