// Events by any filter, as lists show them, and what became of them.
import type { EventQuery, EventView, Key, ListReads } from '@pawl/storage'
import type { ModelEvent, Tables } from './tables.ts'

const RUNS_MAX = 20
const EFFECTS_MAX = 100

/** The newest first, from after the cursor on. */
export function searchEvents(tables: Tables, query: EventQuery): readonly ModelEvent[] {
  const { includeInternal, names = [], from, until, after, limit, startedNothing } = query
  const isMeant = ({ row }: ModelEvent) => {
    const { receivedAt: at, name, key } = row
    if (at < (from ?? at) || at > (until ?? at)) return false
    if (names.length > 0 && !names.includes(name)) return false
    if (!includeInternal && (name.startsWith('inngest/') || name.startsWith('pawl/'))) return false
    if (startedNothing === true && runsOf(tables, key).length > 0) return false
    return after === undefined || at < after.value || (at === after.value && key < after.key)
  }
  const found = tables.events.filter(isMeant)
  return found.sort((a, b) => b.row.receivedAt - a.row.receivedAt || b.row.key - a.row.key).slice(0, limit)
}

export function eventView(
  tables: Tables,
  event: ModelEvent,
  { withText, withRuns = false }: Pick<EventQuery, 'withText' | 'withRuns'>,
): EventView {
  const { row, body } = event
  return {
    row,
    event: withText ? tables.storedEvent(event) : null,
    size: body === null ? null : Buffer.byteLength(body),
    runs: withRuns ? runsOf(tables, row.key).slice(0, RUNS_MAX) : [],
  }
}

/** Runs that the event started, alone or with others. */
function runsOf(tables: Tables, event: Key): EventView['runs'] {
  const runs = tables.runs.filter(
    (run) => run.event === event || tables.runEvents.get(run.key)?.includes(event) === true,
  )
  return runs.sort((a, b) => a.key - b.key).map(({ id, fn, status }) => ({ id, fn, status }))
}

export function effectsOf(tables: Tables, event: Key): Awaited<ReturnType<ListReads['effects']>> {
  const effects = tables.effects.filter((effect) => effect.event === event)
  const sorted = effects.sort((a, b) => a.run - b.run || (a.how < b.how ? -1 : 1))
  const told = sorted.flatMap(({ run, how }) => {
    const row = tables.runs.get(run)
    return row === undefined ? [] : [{ runId: row.id, fn: row.fn, how }]
  })
  return told.slice(0, EFFECTS_MAX)
}
