// A run as lists show it: its row with the names around it, its output, the events that it began with and, while it
// lives, what it does next.
import type { RunView } from '../contract/lists.ts'
import type { EventRow, ItemRow, Key, RunRow } from '../contract/rows.ts'
import type { StoredEvent } from '../contract/store.ts'
import { encodeArray } from './arrays.ts'
import { EVENT_CELLS, eventColumns, toEvent } from './event-table.ts'
import { itemColumns, toItem } from './item-table.ts'
import { amongKeys, filter, type Reader } from './lists-reader.ts'
import { type Output, outputsOf, severalEvents, storedEvents } from './lists-stored.ts'
import { RUN_CELLS, runColumns, toRun } from './run-table.ts'

const OPEN_MAX = 5

type NameCells = [slug: string, fnName: string, appName: string, originalId: string | null, parentId: string | null]

const VIEW = `
  SELECT ${runColumns('r.')}, f.slug, f.name, a.name, o.id, p.id, ${eventColumns('e.')}
  FROM runs r
  JOIN functions f ON f.key = r.fn
  JOIN apps a ON a.key = r.app
  LEFT JOIN events e ON e.key = r.event
  LEFT JOIN runs o ON o.key = r.original
  LEFT JOIN runs p ON p.key = r.parent_run`

/** What is brought besides the row. */
export interface Wanted {
  readonly withOutput: boolean
  readonly withEvents: boolean
  readonly withOpen?: boolean | undefined
}

export async function viewsOf(reader: Reader, keys: readonly Key[], wanted: Wanted): Promise<Map<Key, RunView>> {
  const { terms, values } = amongKeys('r.key', keys)
  const found = (await reader.all(`${VIEW} ${filter(terms)}`, values)).map(readView)
  const outputs = wanted.withOutput ? await outputsOf(reader, keys) : new Map<Key, Output>()
  const live = wanted.withOpen === true ? found.filter(({ row }) => row.endedAt === null) : []
  const open = await openOf(
    reader,
    live.map(({ row }) => row),
  )
  const several = await severalEvents(reader, keys)
  const eventsOf = ({ row, trigger }: Found): readonly EventRow[] => several.get(row.key) ?? [trigger]
  const events = wanted.withEvents ? await storedEvents(reader, found.flatMap(eventsOf)) : new Map<Key, StoredEvent>()
  return new Map(
    found.map((view) => {
      const output = outputs.get(view.row.key)
      const own = eventsOf(view).flatMap(({ key }) => events.get(key) ?? [])
      return [
        view.row.key,
        {
          ...view,
          open: open.get(view.row.key) ?? [],
          output: output?.text ?? null,
          outputIsError: output?.isError ?? false,
          events: own.filter(hasText),
          eventIds: several.get(view.row.key)?.map(({ id }) => id) ?? [],
        },
      ]
    }),
  )
}

type Found = Omit<RunView, 'open' | 'output' | 'outputIsError' | 'events' | 'eventIds'>

/** The first items of each run, in the order in which they are due. */
export const OPEN_ITEMS = `SELECT ${itemColumns('i.')} FROM unnest(?::int8[]) AS u (run)
  CROSS JOIN LATERAL (SELECT * FROM items WHERE run = u.run ORDER BY due, key LIMIT ${OPEN_MAX}) i`

async function openOf(reader: Reader, runs: readonly RunRow[]): Promise<ReadonlyMap<Key | null, readonly ItemRow[]>> {
  if (runs.length === 0) return new Map()
  const keys = runs.map(({ key }) => key)
  const items = (await reader.all(OPEN_ITEMS, [encodeArray('int8', keys)])).map(toItem)
  return Map.groupBy(
    items.sort((a, b) => a.due - b.due || a.key - b.key),
    ({ run }) => run,
  )
}

function readView(cells: readonly unknown[]): Found {
  const row = toRun(cells)
  const names = RUN_CELLS + 5
  const [slug, functionName, appName, originalId, parentId] = cells.slice(RUN_CELLS, names) as NameCells
  const event = cells.slice(names, names + EVENT_CELLS)
  // An event may be deleted before a run that it started long ago; its row is then empty but for the key.
  const trigger = event[0] === null ? emptyEvent(row.event, row.queuedAt) : toEvent(event)
  return { row, slug, functionName, appName, originalId, parentId, trigger }
}

function emptyEvent(key: Key, at: number): EventRow {
  return { key, id: '', eventId: '', name: '', ts: at, receivedAt: at, isRepeat: false, ofRun: null }
}

function hasText(event: StoredEvent): boolean {
  return event.text !== null || event.ofRun !== null
}
