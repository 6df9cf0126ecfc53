// The store's time inside a statement: the database's clock with the offset, and never before what the process has told
// already. Where a test has its own clock, that one stands for the database's.
import { statement } from './connection.ts'

/** The database's clock, or the test's. */
export function rawTimeSql(wall: number): string {
  return `coalesce($${wall}::int8, floor(extract(epoch FROM clock_timestamp()) * 1000)::int8)`
}

/**
 * The time, as a scalar.
 *
 * @param floor  The number of the parameter that time is not before.
 * @param wall   The number of the parameter that stands for the database's clock, or is null.
 */
export function timeSql(floor: number, wall: number): string {
  return `(SELECT greatest($${floor}::int8, ${rawTimeSql(wall)} + value) FROM meta WHERE name = 'clock_offset_ms')`
}

/** What the database's clock says with the offset, the offset, the registry's version, and what can be seen now. */
export const MOMENT = statement<
  [wall: number, offsetMs: number, registry: number, snapshot: string, xid: number | null, raw: number]
>(
  'moment',
  `SELECT ${rawTimeSql(1)} + o.value, o.value, r.value, pg_current_snapshot()::text,
     pg_current_xact_id_if_assigned()::text::int8, ${rawTimeSql(1)}
   FROM meta o, meta r WHERE o.name = 'clock_offset_ms' AND r.name = 'registry'`,
)

/** The values of the two parameters. */
export interface TimeValues {
  readonly floor: number
  readonly wall: number | null
}
