// The list reads of events: pages, single ones, what became of each.
import type { EventQuery, EventView, ListReads } from '../contract/lists.ts'
import type { EffectRow, Key, RunStatus, SkipRow } from '../contract/rows.ts'
import { encodeArray } from './arrays.ts'
import { EVENT_CELLS, type EventCells, eventColumns, toEvent, WITH_BODY } from './event-table.ts'
import {
  amongKeys,
  amongTexts,
  and,
  count,
  filter,
  type Head,
  heads,
  keysOf,
  merge,
  NONE,
  type Reader,
  type Where,
  windowOf,
} from './lists-reader.ts'
import { storedEvents } from './lists-stored.ts'

/** Above this number of names one scan is cheaper than a slice of the index for each. */
const SLICES_MAX = 64
const RUNS_MAX = 20
const EFFECTS_MAX = 100

export function openEventQueries(
  reader: Reader,
): Pick<ListReads, 'events' | 'countEvents' | 'event' | 'skips' | 'effects' | 'eventsByKey'> {
  return {
    events: (query) => listEvents(reader, query),
    countEvents: (query) => countEvents(reader, query),
    event: (id) => oneEvent(reader, id),
    skips: (event) => skipsOf(reader, event),
    effects: (event) => effectsOf(reader, event),
    eventsByKey: async (keys) => {
      const { terms, values } = amongKeys('key', keys)
      return (await reader.all(`SELECT ${eventColumns()} FROM events ${filter(terms)}`, values)).map(toEvent)
    },
  }
}

/** With the size of its body. */
const SIZED = `SELECT ${eventColumns('e.')}, octet_length(b.body) FROM events e ${WITH_BODY}`

type SizedCells = [...EventCells, size: number | null]

async function listEvents(reader: Reader, query: EventQuery): Promise<EventView[]> {
  const keys = keysOf(await eventHeads(reader, query))
  const { terms, values } = amongKeys('e.key', keys)
  const cells = await reader.all<SizedCells>(`${SIZED} ${filter(terms)}`, values)
  const found = new Map(cells.map((row) => [row[0], { row: toEvent(row), size: row[EVENT_CELLS] as number | null }]))
  const events = keys.flatMap((key) => found.get(key) ?? [])
  const rows = events.map(({ row }) => row)
  const stored = query.withText ? await storedEvents(reader, rows) : undefined
  const runs = query.withRuns === true ? await runsOf(reader, keys) : undefined
  return events.map(({ row, size }) => ({
    row,
    size,
    event: stored?.get(row.key) ?? null,
    runs: runs?.get(row.key) ?? [],
  }))
}

/** Runs that each event started, alone or with others. */
export const RUNS_OF_EVENTS = `SELECT u.event, r.id, r.fn, r.status FROM unnest(?::int8[]) AS u (event)
  CROSS JOIN LATERAL (SELECT * FROM runs
    WHERE key = ANY (ARRAY(SELECT key FROM runs WHERE event = u.event UNION SELECT run FROM run_events WHERE event = u.event))
    ORDER BY key LIMIT ${RUNS_MAX}) r ORDER BY u.event, r.key`

async function runsOf(reader: Reader, events: readonly Key[]): Promise<ReadonlyMap<Key, EventView['runs']>> {
  const rows = await reader.all<[Key, string, Key, RunStatus]>(RUNS_OF_EVENTS, [encodeArray('int8', events)])
  const found = new Map<Key, EventView['runs'][number][]>()
  for (const [event, id, fn, status] of rows) found.set(event, [...(found.get(event) ?? []), { id, fn, status }])
  return found
}

async function eventHeads(reader: Reader, query: EventQuery): Promise<Head[]> {
  const names = query.names ?? []
  const slice = (where: Where): Promise<Head[]> =>
    heads(reader, 'events', { field: 'received_at', order: 'desc', limit: query.limit, after: query.after }, where)
  const common = eventWhere(query)
  if (names.length === 0) return slice(common)
  if (names.length > SLICES_MAX) return slice(and(common, amongTexts('name', names)))
  const slices = [...new Set(names)].map((name) => slice(and(common, { terms: ['name = ?'], values: [name] })))
  return merge(await Promise.all(slices), 'desc', query.limit)
}

function countEvents(reader: Reader, query: EventQuery): Promise<number> {
  const names = query.names ?? []
  const where = names.length === 0 ? eventWhere(query) : and(eventWhere(query), amongTexts('name', names))
  return count(reader, 'events', where)
}

function eventWhere(query: EventQuery): Where {
  const where = and(windowOf('received_at', query), query.startedNothing === true ? startedNothing(query) : NONE)
  if (query.includeInternal) return where
  const external = "NOT (name ^@ 'inngest/') AND NOT (name ^@ 'pawl/')"
  return and(where, { terms: [external], values: [] })
}

/** Each question is a subquery with a limit: of an EXISTS the planner may make one scan of all runs. */
function startedNothing({ includeInternal }: EventQuery): Where {
  const none = (table: string) => `(SELECT true FROM ${table} s WHERE s.event = events.key LIMIT 1) IS NULL`
  return { terms: [...(includeInternal ? [] : ['idle']), none('runs'), none('run_events')], values: [] }
}

async function oneEvent(reader: Reader, id: string): Promise<EventView | undefined> {
  const found = await reader.one<SizedCells>(`${SIZED} WHERE e.id = ? AND NOT e.is_repeat`, [id])
  if (found === undefined) return undefined
  const row = toEvent(found)
  const size = found[EVENT_CELLS] as number | null
  return { row, size, event: (await storedEvents(reader, [row])).get(row.key) ?? null, runs: [] }
}

async function effectsOf(reader: Reader, event: Key): ReturnType<ListReads['effects']> {
  const sql = `SELECT r.id, r.fn, f.how FROM effects f JOIN runs r ON r.key = f.run
    WHERE f.event = ? ORDER BY f.run, f.how LIMIT ${EFFECTS_MAX}`
  const rows = await reader.all<[string, Key, EffectRow['how']]>(sql, [event])
  return rows.map(([runId, fn, how]) => ({ runId, fn, how }))
}

async function skipsOf(reader: Reader, event: Key): Promise<SkipRow[]> {
  const sql = 'SELECT event, fn, reason, detail FROM skips WHERE event = ? ORDER BY fn'
  const rows = await reader.all<[number, number, string, string | null]>(sql, [event])
  return rows.map(([of, fn, reason, detail]) => ({ event: of, fn, reason, detail }))
}
