// Events with their texts, for the list reads; of events that have none, what they are put together from.
import type { EventRow, Key, RunRow } from '../contract/rows.ts'
import type { EndedRun, StoredEvent } from '../contract/store.ts'
import type { Reader } from './lists-reader.ts'
import { flag, number, readEvent, readRun, text } from './lists-rows.ts'

/** The texts of events; of those that have none, what they are put together from. */
export function storedEvents(reader: Reader, rows: readonly EventRow[]): Map<Key, StoredEvent> {
  if (rows.length === 0) return new Map()
  const bodies = bodiesOf(
    reader,
    rows.map((row) => row.key),
  )
  const ended = endedRuns(
    reader,
    rows.flatMap((row) => (row.ofRun === null || bodies.has(row.key) ? [] : [row.ofRun])),
  )
  return new Map(
    rows.map((row) => [
      row.key,
      { row, text: bodies.get(row.key) ?? null, ofRun: row.ofRun === null ? null : (ended.get(row.ofRun) ?? null) },
    ]),
  )
}

function bodiesOf(reader: Reader, events: readonly Key[]): Map<Key, string> {
  const rows = reader.all('SELECT event, body FROM event_bodies WHERE event IN (SELECT value FROM json_each(?))', [
    JSON.stringify(events),
  ])
  return new Map(rows.map((row) => [number(row.event), text(row.body)]))
}

function endedRuns(reader: Reader, runs: readonly Key[]): Map<Key, EndedRun> {
  if (runs.length === 0) return new Map()
  const rows = reader
    .all('SELECT * FROM runs WHERE key IN (SELECT value FROM json_each(?))', [JSON.stringify(runs)])
    .map((row) => readRun(row))
  const outputs = outputsOf(reader, runs)
  const eventsOf = triggersOf(reader, rows)
  const bodies = bodiesOf(reader, rows.flatMap(eventsOf))
  return new Map(
    rows.map((row) => {
      const output = outputs.get(row.key)
      const events = eventsOf(row).flatMap((event) => bodies.get(event) ?? [])
      return [row.key, { row, output: output?.text ?? null, isError: output?.isError ?? false, events }]
    }),
  )
}

/** The events that each run began with, in order. */
function triggersOf(reader: Reader, runs: readonly RunRow[]): (run: RunRow) => readonly Key[] {
  const several = severalEvents(
    reader,
    runs.map((run) => run.key),
  )
  return ({ key, event }) => several.get(key)?.map((row) => row.key) ?? [event]
}

/** The events of runs that began with several, in their order, as far as they are kept. */
export function severalEvents(reader: Reader, runs: readonly Key[]): Map<Key, EventRow[]> {
  const sql = `SELECT l.run, e.* FROM run_events l JOIN events e ON e.key = l.event
    WHERE l.run IN (SELECT value FROM json_each(?)) ORDER BY l.run, l.position`
  const found = new Map<Key, EventRow[]>()
  for (const row of reader.all(sql, [JSON.stringify(runs)])) {
    const run = number(row.run)
    const events = found.get(run)
    if (events === undefined) found.set(run, [readEvent(row)])
    else events.push(readEvent(row))
  }
  return found
}

export function outputsOf(reader: Reader, runs: readonly Key[]): Map<Key, { text: string; isError: boolean }> {
  const sql = 'SELECT run, is_error, text FROM run_outputs WHERE run IN (SELECT value FROM json_each(?))'
  const rows = reader.all(sql, [JSON.stringify(runs)])
  return new Map(rows.map((row) => [number(row.run), { text: text(row.text), isError: flag(row.is_error) }]))
}
