// Events and their bodies. The body stands apart, so that lists read small rows; an event that is put together from a
// run has none.
import type { EventRow, Key } from '../contract/rows.ts'
import { type Columns, columns, list } from './columns.ts'
import { statement } from './connection.ts'
import { insertIntoPartSql, type Part } from './write-parts.ts'

const ROW: Columns<EventRow> = columns({
  key: ['int8', (row) => row.key],
  id: ['text', (row) => row.id],
  event_id: ['text', (row) => row.eventId],
  name: ['text', (row) => row.name],
  ts: ['int8', (row) => row.ts],
  received_at: ['int8', (row) => row.receivedAt],
  is_repeat: ['bool', (row) => row.isRepeat],
  of_run: ['int8', (row) => row.ofRun],
})

export const eventColumns = (prefix = ''): string => list(ROW, prefix)

export type EventCells = [
  key: number,
  id: string,
  eventId: string,
  name: string,
  ts: number,
  receivedAt: number,
  isRepeat: boolean,
  ofRun: number | null,
]

export const EVENT_CELLS = ROW.length

export interface Body {
  readonly event: Key
  readonly text: string
}

const BODY: Columns<Body> = columns({ event: ['int8', (row) => row.event], body: ['text', (row) => row.text] })

/** An event as it is stored first. `idle`: from outside, and no run came with it. */
export interface NewEvent {
  readonly row: EventRow
  idle: boolean
}

const NEW: Columns<NewEvent> = [
  ...ROW.map(({ name, type, value }) => ({ name, type, value: ({ row }: NewEvent) => value(row) })),
  { name: 'idle', type: 'bool', value: ({ idle }) => idle },
]

export const PUT_EVENTS: Part<NewEvent> = {
  name: 'put_events',
  type: 'event_rows',
  columns: NEW,
  sql: insertIntoPartSql('events', NEW),
}
export const PUT_BODIES: Part<Body> = {
  name: 'put_bodies',
  type: 'body_rows',
  columns: BODY,
  sql: insertIntoPartSql('event_bodies', BODY),
}

/** Without repeats. */
export const EVENTS_BY_ULID = statement<EventCells>(
  'events_by_ulid',
  `SELECT ${eventColumns()} FROM events WHERE id = ANY ($1::text[]) AND NOT is_repeat`,
)

/** The body of the event `e`: the part is named, so that no other is looked into. */
export const WITH_BODY = 'LEFT JOIN event_bodies b ON b.event = e.key AND b.part = e.part'

export type StoredCells = [...EventCells, body: string | null]

export const STORED_EVENTS = statement<StoredCells>(
  'stored_events',
  `SELECT ${eventColumns('e.')}, b.body FROM events e ${WITH_BODY}
   WHERE e.key = ANY ($1::int8[])`,
)

/**
 * Events of a name that a mark's snapshot does not show, in order; repeats wake nobody and are left out. Numbers of
 * transactions begin again in a new cluster: what was received long before the mark is old, whatever its number says.
 */
export const SINCE = statement<[place: number, ...StoredCells]>(
  'since',
  `SELECT u.place, ${eventColumns('e.')}, b.body
   FROM unnest($1::int4[], $2::text[], $3::text[], $4::int8[]) AS u (place, name, snapshot, received_from)
   CROSS JOIN LATERAL (SELECT * FROM events e
     WHERE e.name = u.name AND NOT e.is_repeat AND e.tx >= pg_snapshot_xmin(u.snapshot::pg_snapshot)
       AND NOT pg_visible_in_snapshot(e.tx, u.snapshot::pg_snapshot) AND e.received_at >= u.received_from) e
   ${WITH_BODY} ORDER BY u.place, e.received_at, e.key`,
)

export function toEvent(cells: readonly unknown[]): EventRow {
  const event = cells as EventCells
  return {
    key: event[0],
    id: event[1],
    eventId: event[2],
    name: event[3],
    ts: event[4],
    receivedAt: event[5],
    isRepeat: event[6],
    ofRun: event[7],
  }
}
