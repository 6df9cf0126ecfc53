// Lists of events. Most rows may be the engine's own events, which lists leave out by default: then the names that apps
// send are looked up one after another in the index of names, and the page is merged from theirs.
import type { EventQuery, EventView } from '../contract/lists.ts'
import type { EventRow, Key, RunStatus } from '../contract/rows.ts'
import { storedEvents } from './lists-events.ts'
import {
  among,
  and,
  count,
  type Head,
  heads,
  merge,
  NONE,
  type Reader,
  rowsByKey,
  type Where,
  windowOf,
} from './lists-reader.ts'
import { number, readEvent, text } from './lists-rows.ts'
import { SLICES_MAX, type Slice } from './lists-run-sources.ts'

/** Runs shown with an event. */
const RUNS_MAX = 20

type StartedRun = EventView['runs'][number]

export function listEvents(reader: Reader, query: EventQuery): EventView[] {
  const keys = eventHeads(reader, query).map((head) => head.key)
  const found = eventsByKey(reader, keys)
  const rows = keys.flatMap((key) => found.get(key) ?? [])
  return viewsOf(reader, rows, query)
}

export function eventsByKey(reader: Reader, keys: readonly Key[]): Map<Key, EventRow> {
  const found = rowsByKey(reader, { select: 'SELECT * FROM events', column: 'key', alias: 'key' }, keys)
  return new Map(Array.from(found, ([key, row]) => [key, readEvent(row)]))
}

export function oneEvent(reader: Reader, id: string): EventView | undefined {
  const found = reader.one('SELECT * FROM events WHERE id = ? AND is_repeat = 0', [id])
  if (found === undefined) return undefined
  return viewsOf(reader, [readEvent(found)], { withText: true })[0]
}

export function countEvents(reader: Reader, query: EventQuery): number {
  return eventSlices(reader, query).reduce((sum, { index, ...where }) => sum + count(reader, index, where), 0)
}

function eventHeads(reader: Reader, query: EventQuery): Head[] {
  const page = { field: 'received_at', order: 'desc', limit: query.limit, after: query.after } as const
  const lists = eventSlices(reader, query).map(({ index, ...where }) => heads(reader, index, page, where))
  return merge(lists, 'desc', query.limit)
}

/** The parts of indexes, each in the order of receipt, that hold the events of a query. */
function eventSlices(reader: Reader, query: EventQuery): Slice[] {
  const window = windowOf('received_at', query)
  const names = query.names === undefined || query.names.length === 0 ? NONE : among('name', query.names)
  if (query.startedNothing === true && !query.includeInternal) {
    // Of the engine's own events none stands in this index.
    return [{ ...and(window, { terms: ['idle = 1'], values: [] }, names), index: 'events INDEXED BY events_idle' }]
  }
  const common = and(
    window,
    query.includeInternal ? NONE : EXTERNAL,
    query.startedNothing === true ? STARTED_NOTHING : NONE,
  )
  const merged = namesToMerge(reader, query)
  if (merged === undefined) return [{ ...and(common, names), index: 'events INDEXED BY events_received' }]
  return merged.map((name) => {
    return { ...and(common, { terms: ['name = ?'], values: [name] }), index: 'events INDEXED BY events_name' }
  })
}

/** Names whose slices make up the list; undefined where one scan in the order of receipt is better. */
function namesToMerge(reader: Reader, query: EventQuery): readonly string[] | undefined {
  const asked = [...new Set(query.names ?? [])]
  if (asked.length > SLICES_MAX) return undefined
  if (asked.length > 0) return asked
  return query.includeInternal ? undefined : externalNames(reader)
}

/** Names in the store that are not the engine's own; undefined when there are too many. One look at the index for each. */
function externalNames(reader: Reader): string[] | undefined {
  const names: string[] = []
  for (let name = nextName(reader, ''); name !== undefined; name = nextName(reader, name)) {
    if (name.startsWith('inngest/')) name = beyond(reader, 'inngest0')
    if (name?.startsWith('pawl/')) name = beyond(reader, 'pawl0')
    if (name === undefined) break
    if (names.push(name) > SLICES_MAX) return undefined
  }
  return names
}

export const NEXT_NAME = 'SELECT name FROM events WHERE name > ? ORDER BY name LIMIT 1'
export const NAME_FROM = 'SELECT name FROM events WHERE name >= ? ORDER BY name LIMIT 1'

function nextName(reader: Reader, name: string): string | undefined {
  const row = reader.one(NEXT_NAME, [name])
  return row === undefined ? undefined : text(row.name)
}

function beyond(reader: Reader, name: string): string | undefined {
  const row = reader.one(NAME_FROM, [name])
  return row === undefined ? undefined : text(row.name)
}

const EXTERNAL: Where = {
  terms: ["(name < 'inngest/' OR name >= 'inngest0') AND (name < 'pawl/' OR name >= 'pawl0')"],
  values: [],
}
const STARTED_NOTHING: Where = {
  terms: [
    'NOT EXISTS (SELECT 1 FROM runs WHERE runs.event = events.key)',
    'NOT EXISTS (SELECT 1 FROM run_events WHERE run_events.event = events.key)',
  ],
  values: [],
}

function viewsOf(
  reader: Reader,
  rows: readonly EventRow[],
  wanted: Pick<EventQuery, 'withText' | 'withRuns'>,
): EventView[] {
  const stored = wanted.withText ? storedEvents(reader, rows) : undefined
  const sizes = sizesOf(reader, rows)
  return rows.map((row) => ({
    row,
    event: stored?.get(row.key) ?? null,
    size: sizes.get(row.key) ?? null,
    runs: wanted.withRuns === true ? runsOf(reader, row.key) : [],
  }))
}

/** The length stands in the row's header: the body is not read. */
function sizesOf(reader: Reader, rows: readonly EventRow[]): Map<Key, number> {
  if (rows.length === 0) return new Map()
  const sql =
    'SELECT event, octet_length(body) AS size FROM event_bodies WHERE event IN (SELECT value FROM json_each(?))'
  const found = reader.all(sql, [JSON.stringify(rows.map((row) => row.key))])
  return new Map(found.map((row) => [number(row.event), number(row.size)]))
}

export const RUNS_OF_EVENT = `SELECT key, id, fn, status FROM runs WHERE event = ? ORDER BY key LIMIT ${RUNS_MAX}`
/** Runs that began with it among others, and name another. */
export const RUNS_OF_ONE_AMONG = `SELECT r.key, r.id, r.fn, r.status FROM run_events l JOIN runs r ON r.key = l.run
  WHERE l.event = ? AND r.event <> l.event ORDER BY l.run LIMIT ${RUNS_MAX}`

function runsOf(reader: Reader, event: Key): StartedRun[] {
  const rows = [...reader.all(RUNS_OF_EVENT, [event]), ...reader.all(RUNS_OF_ONE_AMONG, [event])]
  rows.sort((a, b) => number(a.key) - number(b.key))
  return rows.slice(0, RUNS_MAX).map((row) => {
    return { id: text(row.id), fn: number(row.fn), status: text(row.status) as RunStatus }
  })
}
