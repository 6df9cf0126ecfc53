// Every statement that takes work or searches has an index made for it. A plan that scans a table, or sorts, grows with
// what is stored.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { END_EXPIRED } from './event-outcome-table.ts'
import { SINCE } from './event-table.ts'
import { EMPTY_JOBS, NEXT_JOBS, NTH_NEWEST, OF_DELETED, OLD_SESSIONS, TOO_MANY, TOO_OLD } from './expired-records.ts'
import { OLD_EVENTS, OLD_RUNS } from './expired-search.ts'
import { BACKLOG, CRONS, NAMED } from './item-table.ts'
import { END_ADMISSIONS, END_RATES, HELD, NEXT_LINE, WINDOW } from './limit-table.ts'
import { LINE_OF, NEXT_IN_LINE } from './line-search.ts'
import { AHEAD, HOLDERS, LENGTH, PLACE } from './lists-standing.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { DUE, NEXT_FUNCTION, READY_OF, READY_OF_NONE } from './ready-search.ts'
import { EVENTS_OF, SINGLETON } from './run-table.ts'
import { PENDING_OF } from './session-table.ts'
import { ANY_READY, LEAST_DUE } from './state.ts'
import { SIGNAL, WAITS } from './wait-table.ts'

const PLANS: readonly (readonly [name: string, sql: string, ...plan: readonly string[]])[] = [
  ['the next function with ready work', NEXT_FUNCTION, 'SEARCH items USING COVERING INDEX items_ready (fn>?)'],
  ['ready items of a function', READY_OF, 'SEARCH items USING INDEX items_ready (fn=? AND rank>?)'],
  ['ready items of no function', READY_OF_NONE, 'SEARCH items USING INDEX items_ready (fn=?)'],
  ['items that are due', DUE, 'SEARCH items USING INDEX items_sleeping (due<?)'],
  ['the backlog of a function', BACKLOG, 'SEARCH items USING COVERING INDEX items_ready (fn=?)'],
  ['the least due time', LEAST_DUE, 'SCAN items USING COVERING INDEX items_sleeping'],
  ['whether anything is ready', ANY_READY, 'SCAN items USING COVERING INDEX items_ready'],
  ['the next function in a line', NEXT_IN_LINE, 'SEARCH items USING COVERING INDEX items_line (line=? AND fn>?)'],
  ['the line of a function', LINE_OF, 'SEARCH items USING INDEX items_line (line=? AND fn=? AND rank>?)'],
  ['the next line of a function', NEXT_LINE, 'SEARCH items USING COVERING INDEX items_line_fn (fn=? AND line>?)'],
  [
    'slots held of a limit',
    HELD,
    'SEARCH items USING COVERING INDEX items_holds1 (limit1=?)',
    'SEARCH items USING COVERING INDEX items_holds2 (limit2=?)',
    'SEARCH items USING COVERING INDEX items_holds3 (limit3=?)',
  ],
  ['an item by name', NAMED, 'SEARCH items USING INDEX items_named (step=?)'],
  ['a singleton', SINGLETON, 'SEARCH runs USING INDEX runs_singleton (singleton=?)'],
  ['admissions in a window', WINDOW, 'SEARCH admissions USING COVERING INDEX admissions_name (name=? AND at>?)'],
  ['the events of a run', EVENTS_OF, 'SEARCH run_events USING PRIMARY KEY (run=?)'],
  ['the place in a line', PLACE, 'SEARCH items USING COVERING INDEX items_line (line=? AND fn=? AND rank<?)'],
  ['the length of a line', LENGTH, 'SEARCH items USING COVERING INDEX items_line (line=?)'],
  ['what comes before a ready item', AHEAD, 'SEARCH items USING COVERING INDEX items_ready (fn=? AND rank<?)'],
  ...HOLDERS.map((sql, index): [string, string, string] => [
    `who holds a limit that is named in place ${index + 1}`,
    sql,
    `SEARCH i USING INDEX items_holds${index + 1} (limit${index + 1}=?)`,
  ]),
  ['crons of a function', CRONS, 'SEARCH items USING INDEX items_cron (fn=?)'],
  [
    'waits by name and key',
    WAITS,
    'SEARCH waits USING INDEX waits_name (name=? AND path=? AND value=? AND key>? AND key<?)',
  ],
  ['a signal', SIGNAL, 'SEARCH waits USING INDEX waits_signal (name=?)'],
  ['events since a mark', SINCE, 'SEARCH events USING INDEX events_name (name=? AND received_at>?)'],
  [
    'old events',
    OLD_EVENTS,
    'SEARCH e USING COVERING INDEX events_received (received_at>? AND received_at<?)',
    'SEARCH r USING INDEX runs_event (event=?)',
    'SEARCH told USING COVERING INDEX events_of_run (of_run=?)',
    'SEARCH teller USING INDEX runs_event (event=?)',
    'SEARCH l USING COVERING INDEX run_events_event (event=?)',
    'SEARCH heard USING COVERING INDEX run_events_event (event=?)',
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
  [
    'expired admissions',
    END_ADMISSIONS,
    'SEARCH admissions USING COVERING INDEX admissions_expires (expires_at<?)',
    'SEARCH admissions USING INTEGER PRIMARY KEY (rowid=?)',
  ],
  [
    'rates that are of no effect any more',
    END_RATES,
    'SEARCH rates USING COVERING INDEX rates_tat (tat<?)',
    'SEARCH rates USING PRIMARY KEY (name=?)',
  ],
  ['pending requests of a session', PENDING_OF, 'SEARCH requests USING INDEX requests_pending (session=?)'],
  [
    'runs of deleted jobs',
    OF_DELETED,
    'SEARCH j USING COVERING INDEX jobs_deleted (deleted_at>?)',
    'SEARCH r USING INDEX job_runs_job (job=?)',
  ],
  [
    'deleted jobs without runs',
    EMPTY_JOBS,
    'SEARCH j USING COVERING INDEX jobs_deleted (deleted_at>?)',
    'SEARCH r USING COVERING INDEX job_runs_job (job=?)',
  ],
  ['the next jobs', NEXT_JOBS, 'SEARCH jobs USING INTEGER PRIMARY KEY (rowid>?)'],
  ['the nth newest run of a job', NTH_NEWEST, 'SEARCH job_runs USING COVERING INDEX job_runs_job (job=?)'],
  ['runs of a job that are too old', TOO_OLD, 'SEARCH job_runs USING INDEX job_runs_job (job=? AND scheduled_at<?)'],
  ['runs of a job that are too many', TOO_MANY, 'SEARCH job_runs USING INDEX job_runs_job (job=? AND scheduled_at<?)'],
  ['sessions that ended', OLD_SESSIONS, 'SEARCH sessions USING INDEX sessions_ended (ended_at>? AND ended_at<?)'],
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
      // What a subquery counted is not a table.
      const scans = /^SCAN (?!items USING COVERING INDEX|CONSTANT ROW|\(subquery)/
      expect(details.filter((detail) => scans.test(detail))).toEqual([])
    })
  }
})
