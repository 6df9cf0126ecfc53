// A run as lists show it: its row with the names around it, its output and the events that it began with.
import type { RunView } from '../contract/lists.ts'
import type { EventRow, Key } from '../contract/rows.ts'
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
  readRun,
  text,
  textOrNull,
} from './lists-rows.ts'

const VIEW_SELECT = `
  SELECT ${columns('r', RUN_COLUMNS, 'r_')}, ${columns('e', EVENT_COLUMNS, 'e_')}, f.slug AS slug, f.name AS fn_name,
         a.name AS app_name, o.id AS original_id
  FROM runs r
  JOIN functions f ON f.key = r.fn
  JOIN apps a ON a.key = r.app
  LEFT JOIN events e ON e.key = r.event
  LEFT JOIN runs o ON o.key = r.original`

/** What is brought besides the row. */
export interface Wanted {
  readonly withOutput: boolean
  readonly withEvents: boolean
}

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
      output: output?.text ?? null,
      outputIsError: output?.isError ?? false,
      events: eventsOf(key, row).flatMap((event) => withText(events.get(event.key))),
      eventIds: several.get(key)?.map(({ id }) => id) ?? [],
    })
  }
  return views
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
