// The statements of the search that takes work. What is locked is skipped, so none of them waits: an item is locked by its
// run, which comes first in the order of locks, and an item without one by itself.
import type { ItemKind } from '../contract/rows.ts'
import { statement } from './connection.ts'
import { type ItemCells, itemColumns } from './item-table.ts'
import { type RunCells, runColumns } from './run-table.ts'
import { timeSql } from './time.ts'

/** The functions behind `$1` and then, from the first one on, up to it: without those of `$2`, `$3` at most. */
const LINES = `WITH RECURSIVE behind AS (
    (SELECT fn FROM items WHERE state = 'ready' AND fn > $1 ORDER BY fn LIMIT 1)
    UNION ALL
    SELECT (SELECT i.fn FROM items i WHERE i.state = 'ready' AND i.fn > b.fn ORDER BY i.fn LIMIT 1)
    FROM behind b WHERE b.fn IS NOT NULL
  ), before AS (
    (SELECT fn FROM items WHERE state = 'ready' AND fn <= $1 ORDER BY fn LIMIT 1)
    UNION ALL
    SELECT (SELECT i.fn FROM items i WHERE i.state = 'ready' AND i.fn > b.fn AND i.fn <= $1 ORDER BY i.fn LIMIT 1)
    FROM before b WHERE b.fn IS NOT NULL
  ), lines AS MATERIALIZED (
    SELECT fn FROM (SELECT fn FROM behind UNION ALL SELECT fn FROM before) l
    WHERE fn IS NOT NULL AND fn <> ALL ($2::int8[]) LIMIT $3
  )`

export type FoundCells = [item: number, step: string, kind: ItemKind, fn: number, rank: number, ...RunCells]
/** Before every rank. */
export const FIRST_RANK = Number.MIN_SAFE_INTEGER

export const FOUND = `i.key AS item_key, i.step AS item_step, i.kind, i.fn AS item_fn, i.rank AS item_rank, ${runColumns('r.')}`

/** Each function has an equal share of `$3`, the least rank first. */
export const READY = statement<FoundCells>(
  'ready',
  `${LINES}
   SELECT x.* FROM lines l CROSS JOIN LATERAL (
     SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
     WHERE i.state = 'ready' AND i.fn = l.fn ORDER BY i.rank, i.key
     LIMIT greatest(1, $3 / (SELECT count(*) FROM lines)) FOR NO KEY UPDATE OF r SKIP LOCKED) x`,
)

/**
 * As many items of each function as `$4` says, from after a place on; and of the first function in each gap of `$5` and
 * `$6`, `$7` from its head on.
 */
export const READY_OF = statement<FoundCells>(
  'ready_of',
  `WITH others AS MATERIALIZED (
     SELECT i.fn FROM unnest($5::int8[], $6::int8[]) AS g (after, before) CROSS JOIN LATERAL (
       SELECT i.fn FROM items i WHERE i.state = 'ready' AND i.fn > g.after AND i.fn < g.before
       ORDER BY i.fn LIMIT 1) i
   ), lines AS MATERIALIZED (
     SELECT fn, rank, key, max FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) AS l (fn, rank, key, max)
     UNION ALL SELECT fn, ${FIRST_RANK}, 0, $7 FROM others
   )
   SELECT x.* FROM lines l CROSS JOIN LATERAL (
     SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
     WHERE i.state = 'ready' AND i.fn = l.fn AND (i.rank, i.key) > (l.rank, l.key) ORDER BY i.rank, i.key
     LIMIT l.max FOR NO KEY UPDATE OF r SKIP LOCKED) x`,
)

/** Items of this kind are few; of very many the first are looked at. */
const ALONE_MAX = 2_000

/** Items without a run, one of each function in turn, those of no function first. */
export const READY_ALONE = statement<ItemCells>(
  'ready_alone',
  `WITH first AS MATERIALIZED (
     SELECT key, fn, rank FROM items
     WHERE run IS NULL AND state = 'ready' ORDER BY rank, key LIMIT ${ALONE_MAX}
   ), turns AS MATERIALIZED (
     SELECT key, fn, row_number() OVER (PARTITION BY fn ORDER BY rank, key) AS turn FROM first
     WHERE fn IS NULL OR fn <> ALL ($2::int8[])
   ), picked AS MATERIALIZED (
     SELECT key FROM turns ORDER BY fn IS NOT NULL, turn, fn <= $1, fn LIMIT $3
   )
   SELECT ${itemColumns()} FROM items WHERE key = ANY (ARRAY(SELECT key FROM picked)) FOR NO KEY UPDATE SKIP LOCKED`,
)

export const DUE = statement<FoundCells>(
  'due',
  `SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
   WHERE i.state = 'sleeping' AND i.wake_at <= ${timeSql(1, 2)} ORDER BY i.wake_at, i.key
   LIMIT $3 FOR NO KEY UPDATE OF r SKIP LOCKED`,
)

export const DUE_ALONE = statement<ItemCells>(
  'due_alone',
  `SELECT ${itemColumns()} FROM items
   WHERE run IS NULL AND state = 'sleeping' AND wake_at <= ${timeSql(1, 2)} ORDER BY wake_at, key
   LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED`,
)
