// Every statement that takes work or searches has an index made for it. A plan that scans a table, or sorts, grows with
// what is stored.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { END_EXPIRED } from './event-outcome-table.ts'
import { SINCE } from './event-table.ts'
import { OLD_EVENTS, OLD_RUNS } from './expired-search.ts'
import { BACKLOG, CRONS } from './item-table.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { DUE, NEXT_FUNCTION, READY_OF, READY_OF_NONE } from './ready-search.ts'
import { ANY_READY, LEAST_DUE } from './state.ts'
import { SIGNAL, WAITS } from './wait-table.ts'

const PLANS: readonly (readonly [name: string, sql: string, ...plan: readonly string[]])[] = [
  ['the next function with ready work', NEXT_FUNCTION, 'SEARCH items USING COVERING INDEX items_ready (fn>?)'],
  ['ready items of a function', READY_OF, 'SEARCH items USING INDEX items_ready (fn=? AND due>?)'],
  ['ready items of no function', READY_OF_NONE, 'SEARCH items USING INDEX items_ready (fn=?)'],
  ['items that are due', DUE, 'SEARCH items USING INDEX items_sleeping (due<?)'],
  ['the backlog of a function', BACKLOG, 'SEARCH items USING COVERING INDEX items_ready (fn=?)'],
  ['the least due time', LEAST_DUE, 'SCAN items USING COVERING INDEX items_sleeping'],
  ['whether anything is ready', ANY_READY, 'SCAN items USING COVERING INDEX items_ready'],
  ['crons of a function', CRONS, 'SEARCH items USING INDEX items_cron (fn=?)'],
  ['waits by name and key', WAITS, 'SEARCH waits USING INDEX waits_name (name=? AND path=? AND value=? AND key>?)'],
  ['a signal', SIGNAL, 'SEARCH waits USING INDEX waits_signal (name=?)'],
  ['events since a mark', SINCE, 'SEARCH events USING INDEX events_name (name=? AND received_at>?)'],
  [
    'old events',
    OLD_EVENTS,
    'SEARCH e USING COVERING INDEX events_received (received_at>? AND received_at<?)',
    'SEARCH r USING INDEX runs_event (event=?)',
    'SEARCH told USING COVERING INDEX events_of_run (of_run=?)',
    'SEARCH teller USING INDEX runs_event (event=?)',
  ],
  [
    'old runs',
    OLD_RUNS,
    'SEARCH r USING COVERING INDEX runs_ended (ended_at>? AND ended_at<?)',
    'SEARCH child USING INDEX runs_parent (parent_run=?)',
    'SEARCH again USING INDEX runs_original (original=?)',
    'SEARCH told USING COVERING INDEX events_of_run (of_run=?)',
    'SEARCH teller USING INDEX runs_event (event=?)',
  ],
  [
    'expired idempotency keys',
    END_EXPIRED,
    'SEARCH idempotency USING COVERING INDEX idempotency_expires (expires_at<?)',
    'SEARCH idempotency USING PRIMARY KEY (fn=? AND key=?)',
  ],
]

describe('query plans', () => {
  const db = new DatabaseSync(':memory:')
  for (const { sql } of MIGRATIONS) db.exec(sql)

  for (const [name, sql, ...plan] of PLANS) {
    test(`${name}: an index is used for the search and the order`, () => {
      const details = db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map((row) => String(row.detail))
      for (const step of plan) expect(details).toContain(step)
      expect(details.filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([])
      // "SCAN … INDEX" with a limit of one row reads the first entry only.
      expect(details.filter((detail) => /^SCAN (?!items USING COVERING INDEX)/.test(detail))).toEqual([])
    })
  }
})
