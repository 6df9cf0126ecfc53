// Puts an event's text beside its row; for an event without a body, what it is put together from.
import type { EventRow, Key } from '../contract/rows.ts'
import type { EndedRun, StoredEvent } from '../contract/store.ts'
import type { Tables } from './tables.ts'

/** An event as it is stored. An event that tells of a run brings the run, while that one is kept. */
export function storedEvent(tables: Tables, row: EventRow): StoredEvent {
  const text = tables.events.body(row.key)
  const ofRun = text === null && row.ofRun !== null ? endedRun(tables, row.ofRun) : null
  return { row, text, ofRun }
}

function endedRun(tables: Tables, key: Key): EndedRun | null {
  const row = tables.runs.byKey(key)
  if (row === undefined) return null
  const output = tables.runs.output(key)
  const events = tables.runs.eventsOf(row).flatMap((event) => tables.events.body(event) ?? [])
  return { row, output: output?.text ?? null, isError: output?.isError ?? false, events }
}
