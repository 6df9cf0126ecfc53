// The events of a run that began with several, in their order. A run that began with one names it in its own row.
import type { Key } from '../contract/rows.ts'
import { type Columns, columns } from './columns.ts'
import { statement } from './connection.ts'
import { eventColumns, type StoredCells, WITH_BODY } from './event-table.ts'
import { insertSql, type Part } from './write-parts.ts'

export interface RunEvent {
  readonly run: Key
  /** 0-based. */
  readonly position: number
  readonly event: Key
}

const ROW: Columns<RunEvent> = columns({
  run: ['int8', (row) => row.run],
  position: ['int4', (row) => row.position],
  event: ['int8', (row) => row.event],
})

export const PUT_RUN_EVENTS: Part<RunEvent> = {
  name: 'put_run_events',
  columns: ROW,
  sql: insertSql('run_events', ROW),
}

/** Events of runs that began with several, as far as they are still there. */
export const RUN_EVENTS = statement<[run: number, ...StoredCells]>(
  'run_events',
  `SELECT l.run, ${eventColumns('e.')}, b.body FROM run_events l JOIN events e ON e.key = l.event
   ${WITH_BODY} WHERE l.run = ANY ($1::int8[]) ORDER BY l.run, l.position`,
)

/** Their texts alone. */
export const RUN_BODIES = statement<[run: number, body: string]>(
  'run_bodies',
  `SELECT l.run, b.body FROM run_events l JOIN events e ON e.key = l.event ${WITH_BODY}
   WHERE l.run = ANY ($1::int8[]) AND b.body IS NOT NULL ORDER BY l.run, l.position`,
)
