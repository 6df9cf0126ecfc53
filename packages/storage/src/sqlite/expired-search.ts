// The search for what retention may delete: events that no live run needs, ended runs that no live run names. What is
// still needed stays at the old end of the index, so the search reads a bounded number of rows, and goes on next time
// from where it stopped.
import type { DatabaseSync } from 'node:sqlite'
import type { Key } from '../contract/rows.ts'
import type { ExpiredSearch } from '../contract/store.ts'
import { LIMIT, type Query, query } from './statement.ts'

/** Rows looked at in one search, deletable or not: about 15 ms. */
const LOOKED_AT_MAX = 4_000

/**
 * An event is needed by a live run that it triggered, alone or with others, and by one whose trigger tells of an ended run that this event
 * triggered: the text of such a trigger is put together from it.
 */
export const OLD_EVENTS = `SELECT e.received_at, e.key,
    EXISTS (SELECT 1 FROM runs r WHERE r.event = e.key AND (r.ended_at IS NULL OR ${isTold('r')}))
    OR EXISTS (SELECT 1 FROM run_events l JOIN runs m ON m.key = l.run
      WHERE l.event = e.key AND (m.ended_at IS NULL OR ${isTold('m')}))
  FROM events e WHERE e.received_at < ? AND (e.received_at, e.key) > (?, ?) ORDER BY e.received_at, e.key ${LIMIT}`

/** A run is needed by a live run that repeats it, that it invoked, or whose trigger tells of it. */
export const OLD_RUNS = `SELECT r.ended_at, r.key,
    EXISTS (SELECT 1 FROM runs child WHERE child.parent_run = r.key AND child.ended_at IS NULL)
    OR EXISTS (SELECT 1 FROM runs again WHERE again.original = r.key AND again.ended_at IS NULL)
    OR ${isTold('r')}
  FROM runs r WHERE r.ended_at IS NOT NULL AND r.ended_at < ? AND (r.ended_at, r.key) > (?, ?)
  ORDER BY r.ended_at, r.key ${LIMIT}`

/** Whether a live run began with an event that tells of the run: with it alone, or with others. */
function isTold(run: string): string {
  return `EXISTS (SELECT 1 FROM events told JOIN runs teller ON teller.event = told.key
      WHERE told.of_run = ${run}.key AND teller.ended_at IS NULL)
    OR EXISTS (SELECT 1 FROM events told JOIN run_events heard ON heard.event = told.key
      JOIN runs teller ON teller.key = heard.run WHERE told.of_run = ${run}.key AND teller.ended_at IS NULL)`
}

type Cells = [at: number, key: number, isNeeded: number]

/** Goes through one kind of row, oldest first, a page at a time. */
interface Sweep {
  readonly rows: Query<Cells>
  at: number
  key: Key
}

export interface ExpiredReads {
  search(search: ExpiredSearch): { readonly events: Key[]; readonly runs: Key[] }
}

export function openExpiredSearch(db: DatabaseSync): ExpiredReads {
  const events: Sweep = { rows: query<Cells>(db, OLD_EVENTS), ...START }
  const runs: Sweep = { rows: query<Cells>(db, OLD_RUNS), ...START }
  return {
    search: ({ eventsBefore, runsBefore, max }) => ({
      events: page(events, eventsBefore, max),
      runs: page(runs, runsBefore, max),
    }),
  }
}

const START = { at: Number.MIN_SAFE_INTEGER, key: 0 }

function page(sweep: Sweep, before: number, max: number): Key[] {
  const isFromStart = sweep.at === START.at
  const found: Key[] = []
  let lookedAt = 0
  for (const [at, key, isNeeded] of sweep.rows.iterate(before, sweep.at, sweep.key, LOOKED_AT_MAX)) {
    lookedAt++
    if (isNeeded === 0) found.push(key)
    // What is found is deleted, or found again: the sweep goes past what is needed only.
    else if (found.length === 0) Object.assign(sweep, { at, key })
    if (found.length === max) return found
  }
  if (lookedAt === LOOKED_AT_MAX) return found
  Object.assign(sweep, START)
  return found.length > 0 || isFromStart ? found : page(sweep, before, max)
}
