// The search for what retention may delete: events that no live run needs, ended runs that no live run names. What is
// still needed stays at the old end of the index, so the search reads a bounded number of rows, and goes on next time
// from where it stopped.
import type { Key } from '../contract/rows.ts'
import type { ExpiredSearch } from '../contract/store.ts'
import { type Connection, type Statement, statement } from './connection.ts'

/** Rows looked at in one search, deletable or not: they travel, so fewer than on SQLite. */
const LOOKED_AT_MAX = 1_000

type Cells = [at: number, key: number, isNeeded: boolean]

// Each question is a subquery with a limit, not an EXISTS: of those the planner may make one scan of all live runs.

/** Whether a live run began with an event that tells of the run: with it alone, or with others. */
const isTold = (run: string) => `(SELECT true FROM events told JOIN runs teller ON teller.event = told.key
    WHERE told.of_run = ${run}.key AND teller.ended_at IS NULL LIMIT 1) IS NOT NULL
  OR (SELECT true FROM events told JOIN run_events heard ON heard.event = told.key JOIN runs teller ON teller.key = heard.run
    WHERE told.of_run = ${run}.key AND teller.ended_at IS NULL LIMIT 1) IS NOT NULL`

/**
 * An event is needed by a live run that it triggered, alone or with others, and by one whose trigger tells of an ended run that this event
 * triggered: the text of such a trigger is put together from it.
 */
export const OLD_EVENTS = statement<Cells>(
  'old_events',
  `SELECT e.received_at, e.key,
     (SELECT true FROM runs r WHERE r.event = e.key AND (r.ended_at IS NULL OR ${isTold('r')}) LIMIT 1) IS NOT NULL
     OR (SELECT true FROM run_events l JOIN runs m ON m.key = l.run
       WHERE l.event = e.key AND (m.ended_at IS NULL OR ${isTold('m')}) LIMIT 1) IS NOT NULL
   FROM events e WHERE e.received_at < $1 AND (e.received_at, e.key) > ($2, $3) ORDER BY e.received_at, e.key LIMIT $4`,
)

/** A run is needed by a live run that repeats it, that it invoked, or whose trigger tells of it. */
export const OLD_RUNS = statement<Cells>(
  'old_runs',
  `SELECT r.ended_at, r.key,
     (SELECT true FROM runs child WHERE child.parent_run = r.key AND child.ended_at IS NULL LIMIT 1) IS NOT NULL
     OR (SELECT true FROM runs again WHERE again.original = r.key AND again.ended_at IS NULL LIMIT 1) IS NOT NULL
     OR ${isTold('r')}
   FROM runs r WHERE r.ended_at IS NOT NULL AND r.ended_at < $1 AND (r.ended_at, r.key) > ($2, $3)
   ORDER BY r.ended_at, r.key LIMIT $4`,
)

/** Goes through one kind of row, oldest first, a page at a time. */
interface Sweep {
  readonly rows: Statement<Cells>
  at: number
  key: Key
}

const START = { at: Number.MIN_SAFE_INTEGER, key: 0 }

export class ExpiredReads {
  /** The last search, when it has found nothing; null when it has found something. */
  swept: ExpiredSearch | null = null
  readonly #events: Sweep = { rows: OLD_EVENTS, ...START }
  readonly #runs: Sweep = { rows: OLD_RUNS, ...START }

  async search(connection: Connection, search: ExpiredSearch) {
    const { eventsBefore, runsBefore, max } = search
    const events = await page(connection, this.#events, { before: eventsBefore, max })
    const runs = await page(connection, this.#runs, { before: runsBefore, max })
    this.swept = events.length + runs.length === 0 ? search : null
    return { events, runs }
  }
}

interface Page {
  readonly before: number
  readonly max: number
}

async function page(connection: Connection, sweep: Sweep, { before, max }: Page): Promise<Key[]> {
  const isFromStart = sweep.at === START.at
  const found: Key[] = []
  const rows = await connection.ask(sweep.rows, [before, sweep.at, sweep.key, LOOKED_AT_MAX])
  for (const [at, key, isNeeded] of rows) {
    if (!isNeeded) found.push(key)
    // What is found is deleted, or found again: the sweep goes past what is needed only.
    else if (found.length === 0) Object.assign(sweep, { at, key })
    if (found.length === max) return found
  }
  if (rows.length === LOOKED_AT_MAX) return found
  Object.assign(sweep, START)
  return found.length > 0 || isFromStart ? found : page(connection, sweep, { before, max })
}
