// The statements about limits: their slots, and the heads of their lines. They are executed when the limits are locked, so
// that nobody who frees a slot or stands in line can be missed.
import { statement } from './connection.ts'
import { IS_NAMED, type ItemCells, itemColumns } from './item-table.ts'
import { FOUND, type FoundCells } from './ready-statements.ts'

const OF_RUNS = 'i.line = u.name AND i.run IS NOT NULL'
const ALONE = 'i.line = u.name AND i.run IS NULL'

/** The functions that stand in the line `u.name`, from after `u.last` on and round: `u.take` at most. */
const functions = (stands: string) => `WITH RECURSIVE behind AS (
    (SELECT i.fn FROM items i WHERE ${stands} AND i.fn > u.last ORDER BY i.fn LIMIT 1)
    UNION ALL
    SELECT (SELECT i.fn FROM items i WHERE ${stands} AND i.fn > b.fn ORDER BY i.fn LIMIT 1)
    FROM behind b WHERE b.fn IS NOT NULL
  ), before AS (
    (SELECT i.fn FROM items i WHERE ${stands} AND i.fn <= u.last ORDER BY i.fn LIMIT 1)
    UNION ALL
    SELECT (SELECT i.fn FROM items i WHERE ${stands} AND i.fn > b.fn AND i.fn <= u.last ORDER BY i.fn LIMIT 1)
    FROM before b WHERE b.fn IS NOT NULL
  ), fns AS MATERIALIZED (
    SELECT fn FROM (SELECT fn FROM behind UNION ALL SELECT fn FROM before) f WHERE fn IS NOT NULL LIMIT u.take
  )`
/**
 * Of each limit: the slots that are held, what its rate remembers, the item that waits for its next start, and how many
 * items stand in its line, those of runs and the others each counted up to one more than are taken.
 */
export const LIMITS = statement<
  [name: string, held: number, tat: number | null, timer: number | null, ofRuns: number, alone: number]
>(
  'limits',
  `SELECT u.name,
     (SELECT count(*) FROM items WHERE holds AND limit1 = u.name) + (SELECT count(*) FROM items WHERE holds AND limit2 = u.name)
       + (SELECT count(*) FROM items WHERE holds AND limit3 = u.name),
     (SELECT r.tat FROM rates r WHERE r.name = u.name),
     (SELECT i.key FROM items i WHERE ${IS_NAMED} AND i.step = u.name),
     (SELECT count(*) FROM (SELECT FROM items i WHERE ${OF_RUNS} LIMIT u.take + 1) i),
     (SELECT count(*) FROM (SELECT FROM items i WHERE ${ALONE} LIMIT u.take + 1) i)
   FROM unnest($1::text[], $2::int8[]) AS u (name, take)`,
)

const SEARCHES = 'unnest($1::int4[], $2::text[], $3::int8[], $4::int8[]) AS u (place, name, last, take)'

/** Each function has an equal share, the least rank first. */
export const LINE_HEADS = statement<[place: number, ...FoundCells]>(
  'line_heads',
  `SELECT u.place, x.* FROM ${SEARCHES} CROSS JOIN LATERAL (
     ${functions(OF_RUNS)}
     SELECT h.* FROM fns CROSS JOIN LATERAL (
       SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
       WHERE ${OF_RUNS} AND i.fn = fns.fn ORDER BY i.rank, i.key
       LIMIT greatest(1, u.take / (SELECT count(*) FROM fns)) FOR NO KEY UPDATE OF r SKIP LOCKED) h) x`,
)

/** As many items of a function in a line as `max` says, from after a place on. */
export const LINE_MORE = statement<[place: number, ...FoundCells]>(
  'line_more',
  `SELECT l.place, x.*
   FROM unnest($1::int4[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[]) AS l (place, name, fn, rank, key, max)
   CROSS JOIN LATERAL (
     SELECT ${FOUND} FROM items i JOIN runs r ON r.key = i.run
     WHERE i.line = l.name AND i.run IS NOT NULL AND i.fn = l.fn AND (i.rank, i.key) > (l.rank, l.key) ORDER BY i.rank, i.key
     LIMIT l.max FOR NO KEY UPDATE OF r SKIP LOCKED) x`,
)

/** Items without a run stand in few lines; of each function `u.take`. */
export const LINE_ALONE = statement<[place: number, ...ItemCells]>(
  'line_alone',
  `SELECT u.place, x.* FROM ${SEARCHES} CROSS JOIN LATERAL (
     ${functions(ALONE)}
     SELECT h.* FROM fns CROSS JOIN LATERAL (
       SELECT ${itemColumns('i.')} FROM items i
       WHERE ${ALONE} AND i.fn = fns.fn ORDER BY i.rank, i.key
       LIMIT u.take FOR NO KEY UPDATE SKIP LOCKED) h) x`,
)
