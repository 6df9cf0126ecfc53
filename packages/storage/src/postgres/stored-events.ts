// Puts an event's text beside its row; for an event without a body, what it is put together from.
import type { Key } from '../contract/rows.ts'
import type { EndedRun, StoredEvent } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import type { Connection } from './connection.ts'
import { EVENT_CELLS, type StoredCells, toEvent } from './event-table.ts'
import { RUN_BODIES } from './run-event-table.ts'
import { ENDED_RUNS, RUN_CELLS, toRun } from './run-table.ts'

/** Events as they are stored. One that tells of a run brings the run, while that one is kept. */
export async function storedEvents(
  connection: Connection,
  found: readonly StoredCells[],
): Promise<readonly StoredEvent[]> {
  const events = found.map((cells) => ({ row: toEvent(cells), text: cells[EVENT_CELLS] as string | null }))
  const told = events.flatMap(({ row, text }) => (text === null && row.ofRun !== null ? [row.ofRun] : []))
  const runs = told.length === 0 ? new Map<Key, EndedRun>() : await endedRuns(connection, told)
  return events.map(({ row, text }) => ({
    row,
    text,
    ofRun: text === null && row.ofRun !== null ? (runs.get(row.ofRun) ?? null) : null,
  }))
}

async function endedRuns(connection: Connection, keys: readonly Key[]): Promise<Map<Key, EndedRun>> {
  const runs = new Map<Key, EndedRun>()
  const wanted = [encodeArray('int8', keys)]
  const flight = connection.flight()
  const ended = flight.ask(ENDED_RUNS, wanted)
  const bodies = flight.ask(RUN_BODIES, wanted)
  await flight.land()
  const textsOf = Map.groupBy(await bodies, ([run]) => run)
  for (const cells of await ended) {
    const [output, isError, body] = cells.slice(RUN_CELLS) as [string | null, boolean | null, string | null]
    const row = toRun(cells)
    const events = textsOf.get(row.key)?.map(([, text]) => text) ?? (body === null ? [] : [body])
    runs.set(row.key, { row, output, isError: isError ?? false, events })
  }
  return runs
}
