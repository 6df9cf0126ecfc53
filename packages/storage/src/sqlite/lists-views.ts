// A run as lists show it: its row with the names around it, its output and the events that it began with.
import type { RunView } from '../contract/lists.ts'
import type { EventRow, ItemRow, Key } from '../contract/rows.ts'
import type { StoredEvent } from '../contract/store.ts'
import { outputsOf, severalEvents, storedEvents } from './lists-events.ts'
import { type Reader, rowsByKey } from './lists-reader.ts'
import {
  columns,
  EVENT_COLUMNS,
  number,
  type Row,
  RUN_COLUMNS,
  readEvent,
  readItem,
  readRun,
  text,
  textOrNull,
} from './lists-rows.ts'

const VIEW_SELECT = `
  SELECT ${columns('r', RUN_COLUMNS, 'r_')}, ${columns('e', EVENT_COLUMNS, 'e_')}, f.slug AS slug, f.name AS fn_name,
         a.name AS app_name, o.id AS original_id, p.id AS parent_id
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

/** Open items shown with a run. */
const OPEN_MAX = 5
export const OPEN_ITEMS = `SELECT * FROM items WHERE run = ? ORDER BY due, key LIMIT ${OPEN_MAX}`

export function viewsOf(reader: Reader, keys: readonly Key[], wanted: Wanted): Map<Key, RunView> {
  const found = rowsByKey(reader, { select: VIEW_SELECT, column: 'r.key', alias: 'r_key' }, keys)
  const outputs = wanted.withOutput ? outputsOf(reader, keys) : new Map<Key, { text: string; isError: boolean }>()
  const several = severalEvents(reader, keys)
  const eventsOf = (key: Key, row: Row): EventRow[] => several.get(key) ?? [triggerOf(row)]
  const rows = wanted.withEvents ? Array.from(found, ([key, row]) => eventsOf(key, row)).flat() : []
  const events = storedEvents(reader, rows)
  const views = new Map<Key, RunView>()
  for (const [key, row] of found) {
    const output = outputs.get(key)
    views.set(key, {
      row: readRun(row, 'r_'),
      slug: text(row.slug),
      functionName: text(row.fn_name),
      appName: text(row.app_name),
      trigger: triggerOf(row),
      originalId: textOrNull(row.original_id),
      parentId: textOrNull(row.parent_id),
      open: wanted.withOpen === true && row.r_ended_at === null ? openItems(reader, key) : [],
      output: output?.text ?? null,
      outputIsError: output?.isError ?? false,
      events: eventsOf(key, row).flatMap((event) => withText(events.get(event.key))),
      eventIds: several.get(key)?.map(({ id }) => id) ?? [],
    })
  }
  return views
}

function openItems(reader: Reader, run: Key): ItemRow[] {
  return reader.all(OPEN_ITEMS, [run]).map(readItem)
}

/** An event may be deleted before a run that it started long ago; its row is then empty but for the key. */
function triggerOf(row: Row): EventRow {
  if (row.e_key !== null) return readEvent(row, 'e_')
  const queuedAt = number(row.r_queued_at)
  const key = number(row.r_event)
  return { key, id: '', eventId: '', name: '', ts: queuedAt, receivedAt: queuedAt, isRepeat: false, ofRun: null }
}

function withText(event: StoredEvent | undefined): StoredEvent[] {
  return event === undefined || (event.text === null && event.ofRun === null) ? [] : [event]
}
