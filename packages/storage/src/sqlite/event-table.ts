// Events and their bodies. The body stands apart, so that lists read small rows; an event that is put together from a
// run has none.
import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../contract/changes.ts'
import type { EventRow, Key } from '../contract/rows.ts'
import { bit, insert, query } from './statement.ts'

const COLUMNS = 'key, id, event_id, name, ts, received_at, is_repeat, of_run'

type Cells = [
  key: number,
  id: string,
  eventId: string,
  name: string,
  ts: number,
  receivedAt: number,
  isRepeat: number,
  ofRun: number | null,
]

export type EventTable = ReturnType<typeof openEventTable>

export function openEventTable(db: DatabaseSync) {
  const put = insert(db, 'events', `${COLUMNS}, idle`)
  const putBody = insert(db, 'event_bodies', 'event, body')
  const byKey = query<Cells>(db, `SELECT ${COLUMNS} FROM events WHERE key = ?`)
  const byUlid = query<Cells>(db, `SELECT ${COLUMNS} FROM events WHERE id = ? AND is_repeat = 0`)
  const body = query<[string]>(db, 'SELECT body FROM event_bodies WHERE event = ?')
  const receivedAt = query<[number]>(db, 'SELECT received_at FROM events WHERE key <= ? ORDER BY key DESC LIMIT 1')
  const since = query<Cells>(db, SINCE)
  const start = db.prepare('UPDATE events SET idle = NULL WHERE key = ? AND idle = 1')
  const endEvent = db.prepare('DELETE FROM events WHERE key = ?')
  const endBody = db.prepare('DELETE FROM event_bodies WHERE event = ?')
  const endSkips = db.prepare('DELETE FROM skips WHERE event = ?')
  const endEffects = db.prepare('DELETE FROM effects WHERE event = ?')
  /** The changes of the operation that is written, and the events that start a run among them. */
  let operation: readonly Change[] = []
  let starting: ReadonlySet<Key> | null = null

  return {
    /** From now on the changes of one operation are written. */
    beginOperation(changes: readonly Change[]): void {
      operation = changes
      starting = null
    },
    put(row: EventRow, text: string | null): void {
      const { key, id, eventId, name, ts, ofRun } = row
      if (ofRun === null) starting ??= startingOf(operation)
      const isIdle = ofRun === null && starting?.has(key) === false && isExternal(name)
      put.run(key, id, eventId, name, ts, row.receivedAt, bit(row.isRepeat), ofRun, isIdle ? 1 : null)
      if (text !== null) putBody.run(key, text)
    },
    /** A run was made of the event. Costs nothing where both are of one operation. */
    start(key: Key): void {
      if (starting?.has(key) !== true) start.run(key)
    },
    byKey(key: Key): EventRow | undefined {
      return toRow(byKey.get(key))
    },
    byUlid(id: string): EventRow | undefined {
      return toRow(byUlid.get(id))
    },
    body(key: Key): string | null {
      return body.get(key)?.[0] ?? null
    },
    /** Events of the name with a greater key, in the order of keys; repeats wake nobody and are left out. */
    since(name: string, mark: Key): EventRow[] {
      // Receipt never goes back, so the mark's instant bounds the scan of the name's index from below.
      const from = receivedAt.get(mark)?.[0] ?? 0
      return since.all(name, from, mark).map((cells) => toEvent(cells))
    },
    end(key: Key): void {
      endSkips.run(key)
      endEffects.run(key)
      endBody.run(key)
      endEvent.run(key)
    },
  }
}

/** Events that runs of these changes began with. */
function startingOf(changes: readonly Change[]): ReadonlySet<Key> {
  const keys = new Set<Key>()
  for (const change of changes) {
    if (!('put' in change)) continue
    if (change.put === 'run') keys.add(change.row.event)
    else if (change.put === 'runEvents') for (const event of change.events) keys.add(event)
  }
  return keys
}

/** Of an app's own, not of the engine's. Lists and the migration say the same in SQL. */
function isExternal(name: string): boolean {
  return !name.startsWith('inngest/') && !name.startsWith('pawl/')
}

/** The query plan is asserted in tests, as are those of all searches. */
export const SINCE = `SELECT ${COLUMNS} FROM events
  WHERE name = ? AND received_at >= ? AND key > ? AND is_repeat = 0 ORDER BY received_at, key`

function toRow(cells: Cells | undefined): EventRow | undefined {
  return cells === undefined ? undefined : toEvent(cells)
}

function toEvent(cells: Cells): EventRow {
  return {
    key: cells[0],
    id: cells[1],
    eventId: cells[2],
    name: cells[3],
    ts: cells[4],
    receivedAt: cells[5],
    isRepeat: cells[6] === 1,
    ofRun: cells[7],
  }
}
