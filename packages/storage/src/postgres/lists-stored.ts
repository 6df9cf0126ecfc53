// Events with their texts, for the list reads; of events that have none, what they are put together from.
import type { EventRow, Key, RunRow } from '../contract/rows.ts'
import type { EndedRun, StoredEvent } from '../contract/store.ts'
import { type EventCells, eventColumns, toEvent } from './event-table.ts'
import { amongKeys, filter, type Reader } from './lists-reader.ts'
import { type RunCells, runColumns, toRun } from './run-table.ts'

/** The texts of events; of those that have none, what they are put together from. */
export async function storedEvents(reader: Reader, rows: readonly EventRow[]): Promise<Map<Key, StoredEvent>> {
  const bodies = await bodiesOf(
    reader,
    rows.map((row) => row.key),
  )
  const ended = await endedRuns(
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

async function bodiesOf(reader: Reader, events: readonly Key[]): Promise<Map<Key, string>> {
  const { terms, values } = amongKeys('event', events)
  return new Map(await reader.all<[Key, string]>(`SELECT event, body FROM event_bodies ${filter(terms)}`, values))
}

async function endedRuns(reader: Reader, runs: readonly Key[]): Promise<Map<Key, EndedRun>> {
  if (runs.length === 0) return new Map()
  const { terms, values } = amongKeys('key', runs)
  const cells = await reader.all<RunCells>(`SELECT ${runColumns()} FROM runs ${filter(terms)}`, values)
  const rows = cells.map((run) => toRun(run))
  const outputs = await outputsOf(reader, runs)
  const several = await severalEvents(reader, runs)
  const eventsOf = (row: RunRow): Key[] => several.get(row.key)?.map(({ key }) => key) ?? [row.event]
  const bodies = await bodiesOf(reader, rows.flatMap(eventsOf))
  return new Map(
    rows.map((row) => {
      const output = outputs.get(row.key)
      const events = eventsOf(row).flatMap((event) => bodies.get(event) ?? [])
      return [row.key, { row, output: output?.text ?? null, isError: output?.isError ?? false, events }]
    }),
  )
}

export interface Output {
  readonly text: string
  readonly isError: boolean
}

export async function outputsOf(reader: Reader, runs: readonly Key[]): Promise<Map<Key, Output>> {
  const { terms, values } = amongKeys('run', runs)
  const sql = `SELECT run, is_error, text FROM run_outputs ${filter(terms)}`
  const rows = await reader.all<[Key, boolean, string]>(sql, values)
  return new Map(rows.map(([run, isError, text]) => [run, { text, isError }]))
}

/** The events of runs that began with several, in their order. */
export async function severalEvents(reader: Reader, runs: readonly Key[]): Promise<Map<Key, EventRow[]>> {
  const { terms, values } = amongKeys('l.run', runs)
  const sql = `SELECT l.run, ${eventColumns('e.')} FROM run_events l JOIN events e ON e.key = l.event ${filter(terms)}
    ORDER BY l.run, l.position`
  const found = new Map<Key, EventRow[]>()
  for (const [run, ...cells] of await reader.all<[Key, ...EventCells]>(sql, values)) {
    const events = found.get(run)
    if (events === undefined) found.set(run, [toEvent(cells)])
    else events.push(toEvent(cells))
  }
  return found
}
