// Counters: what an operation counts is added to the row of its minute, in the same statement; a chore sums whole hours.
// Each process writes rows of its own, so that servers never wait for each other's, and whoever reads sums them.
import type { Key } from '../contract/rows.ts'
import { type Columns, columns } from './columns.ts'
import { statement } from './connection.ts'
import type { Part, Placed } from './write-parts.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** What is added to a counter of the present minute. */
export interface TallyAdd {
  readonly fn: Key
  readonly name: string
  readonly by: number
}

const ADD: Columns<TallyAdd> = columns({
  fn: ['int8', (row) => row.fn],
  name: ['text', (row) => row.name],
  amount: ['int8', (row) => row.by],
})

/** Operations that may be refused one by one are summed once it is known which ones are; `$4` is the process. */
export const PUT_TALLIES: Part<TallyAdd> = {
  name: 'put_tallies',
  columns: ADD,
  sql: ({ from, where, isGuarded }) =>
    `INSERT INTO tallies AS c (level, at, fn, name, process, value)
     SELECT 'minute', t.now - t.now % ${MINUTE_MS}, u.fn, u.name, $4::int8, ${isGuarded ? 'sum(u.amount)::int8' : 'u.amount'}
     FROM ${from}, t WHERE ${where} ${isGuarded ? 'GROUP BY t.now, u.fn, u.name' : ''} ORDER BY u.fn, u.name
     ON CONFLICT (level, at, fn, name, process) DO UPDATE SET value = c.value + excluded.value RETURNING 1`,
}

/** One row for each counter, of operations that are written all or none. */
export function summed(adds: readonly Placed<TallyAdd>[]): readonly Placed<TallyAdd>[] {
  const sums = new Map<string, Placed<TallyAdd>>()
  for (const { row } of adds) {
    const id = `${row.fn} ${row.name}`
    sums.set(id, { at: 0, row: { ...row, by: row.by + (sums.get(id)?.row.by ?? 0) } })
  }
  return [...sums.values()]
}

/** The end of the newest hour that was folded: from here on only minutes are there. */
export const FOLDED_UNTIL = `(SELECT coalesce(max(at) + ${HOUR_MS}, 0) FROM tallies WHERE level = 'hour')`

/**
 * Sums the minutes of the hours that are over at `$1`. An hour that was folded is not summed again, for its minutes may be gone;
 * of two servers that fold at once the first one's sums stay.
 */
export const FOLD_MINUTES = statement(
  'fold_minutes',
  `INSERT INTO tallies (level, at, fn, name, process, value)
   SELECT 'hour', at - at % ${HOUR_MS}, fn, name, 0, sum(value)::int8 FROM tallies
   WHERE level = 'minute' AND at >= ${FOLDED_UNTIL} AND at < $1::int8 - $1::int8 % ${HOUR_MS}
   GROUP BY at - at % ${HOUR_MS}, fn, name ORDER BY at - at % ${HOUR_MS}, fn, name
   ON CONFLICT DO NOTHING`,
)

/** Whole hours, and only what was folded. */
export const END_MINUTES = statement(
  'end_minutes',
  `DELETE FROM tallies WHERE level = 'minute' AND at < least($1::int8 - $1::int8 % ${HOUR_MS}, ${FOLDED_UNTIL})`,
)
export const END_HOURS = statement('end_hours', "DELETE FROM tallies WHERE level = 'hour' AND at < $1")
