// Runs by any filter, as lists show them.
import type { Key, RunQuery, RunRow, RunView } from '@pawl/storage'
import type { Tables } from './tables.ts'

const OPEN_MAX = 5

/** Runs in the order that was asked for, from after the cursor on. */
export function searchRuns(tables: Tables, query: RunQuery): readonly RunRow[] {
  const { field, from, until, after, limit } = query
  const sign = query.order === 'asc' ? 1 : -1
  const isMeant = (run: RunRow) => {
    const at = run[field]
    if (at === null || at < (from ?? at) || at > (until ?? at)) return false
    if (!isOf(tables, run, query) || !isLike(tables, run, query)) return false
    return after === undefined || sign * (at - after.value || run.key - after.key) > 0
  }
  const found = tables.runs.filter(isMeant)
  return found.sort((a, b) => sign * ((a[field] ?? 0) - (b[field] ?? 0) || a.key - b.key)).slice(0, limit)
}

/** Whether the run belongs to what is named. */
function isOf(tables: Tables, run: RunRow, { fns, app, event, original, parent, bulk }: RunQuery): boolean {
  const is = (wanted: Key | undefined, value: Key | null) => wanted === undefined || wanted === value
  if (fns !== undefined && !fns.includes(run.fn)) return false
  if (event !== undefined && run.event !== event && tables.runEvents.get(run.key)?.includes(event) !== true)
    return false
  return is(app, run.app) && is(original, run.original) && is(parent, run.parentRun) && is(bulk, run.bulk)
}

/** Whether the run is of the kind that is asked for. */
function isLike(tables: Tables, run: RunRow, query: RunQuery): boolean {
  const { statuses, eventNames, cron, isBatch, hasRetries, longerThanMs } = query
  if (statuses !== undefined && statuses.length > 0 && !statuses.includes(run.status)) return false
  if (eventNames !== undefined && !eventNames.includes(tables.eventNames.get(run.key) ?? '')) return false
  if (cron !== undefined && run.cron !== cron) return false
  if (isBatch !== undefined && (run.batch !== null) !== isBatch) return false
  if (hasRetries !== undefined && run.retries > 0 !== hasRetries) return false
  const tookMs = run.endedAt === null ? 0 : run.endedAt - (run.startedAt ?? run.queuedAt)
  return longerThanMs === undefined || tookMs > longerThanMs
}

export function runView(tables: Tables, row: RunRow, withOpen = false): RunView {
  const fn = tables.functions.get(row.fn)
  const output = tables.outputs.get(row.key)
  const idOf = (run: Key | null) => (run === null ? null : (tables.runs.get(run)?.id ?? null))
  return {
    row,
    slug: fn?.slug ?? '',
    functionName: fn?.name ?? '',
    appName: tables.apps.get(row.app)?.name ?? '',
    trigger: tables.events.get(row.event)?.row ?? noEvent(row),
    originalId: idOf(row.original),
    parentId: idOf(row.parentRun),
    open: withOpen && row.endedAt === null ? openOf(tables, row.key) : [],
    output: output?.text ?? null,
    outputIsError: output?.isError ?? false,
    events: tables.eventsOf(row).map((event) => tables.storedEvent(event)),
    eventIds: tables.runEvents.has(row.key) ? tables.eventsOf(row).map((event) => event.row.id) : [],
  }
}

function openOf(tables: Tables, run: Key): RunView['open'] {
  const items = tables.itemsOf(run)
  return items.sort((a, b) => a.due - b.due || a.key - b.key).slice(0, OPEN_MAX)
}

/** An event may be deleted before a run that it started long ago. */
function noEvent({ event, queuedAt }: RunRow): RunView['trigger'] {
  const row = { key: event, id: '', eventId: '', name: '', ts: queuedAt, receivedAt: queuedAt }
  return { ...row, isRepeat: false, ofRun: null }
}
