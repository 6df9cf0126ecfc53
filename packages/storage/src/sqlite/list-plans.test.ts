// Every statement of a list goes by an index in the order of the list: it reads a page, however much is stored. The few
// that sort or read a table whole are named here with their reason.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { EventQuery, RequestQuery, RunQuery, SessionQuery } from '../contract/lists.ts'
import { type ListQueries, openListQueries } from './lists-queries.ts'
import { MIGRATIONS } from './migrations/index.ts'

const RUNS: RunQuery = { field: 'queuedAt', order: 'desc', limit: 50, withOutput: false, withEvents: false }
const EVENTS: EventQuery = { includeInternal: false, limit: 50, withText: false }
const AFTER = { value: 5, key: 6 }
const WINDOW = { from: 1, until: 9 }

const db = new DatabaseSync(':memory:')
for (const { sql } of MIGRATIONS) db.exec(sql)
db.exec(`INSERT INTO apps VALUES (1, 'a', '', '', '', '', '', '', '', NULL, NULL, 1, NULL, NULL, NULL);
  INSERT INTO functions VALUES (2, 1, 's', 'n', '{}', 1, NULL, NULL, 1, NULL, NULL);
  INSERT INTO events VALUES (3, 'E', 'E', 'a/b', 1, 1, 0, NULL, 1);
  INSERT INTO jobs VALUES (4, 'J', 'n', 1, '{}', 1, 1, 1, NULL, NULL, 0, 0, 0, NULL, NULL, NULL);
  INSERT INTO job_requests VALUES (4, '{}');
  INSERT INTO job_runs VALUES (5, 'R', 4, 0, 1, 1, 1, 'success', 200, NULL, NULL, 'GET', 'u', 1, NULL, 0);
  INSERT INTO sessions VALUES (6, 'S', 's', 'a', NULL, 'running', NULL, 4, 5, 'R', 0, 1, 1, 1, NULL, NULL, NULL);
  INSERT INTO requests VALUES
    (7, 'Q', 6, 'q', 'input', '', NULL, NULL, 'pending', NULL, NULL, NULL, 1, 1, NULL, NULL, NULL)`)

/** The plans of all statements that a read prepares. */
function plansOf(read: (queries: ListQueries) => unknown): string[] {
  const said: string[] = []
  const prepare = (sql: string) => {
    said.push(sql)
    return db.prepare(sql)
  }
  read(openListQueries({ prepare }))
  return said.flatMap((sql) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row.detail)),
  )
}

type Case = readonly [name: string, read: (queries: ListQueries) => unknown, ...plan: readonly string[]]

const runs = (query: Partial<RunQuery>) => (queries: ListQueries) => queries.runs({ ...RUNS, ...query })
const events = (query: Partial<EventQuery>) => (queries: ListQueries) => queries.events({ ...EVENTS, ...query })

const sessions = (query: Partial<SessionQuery>) => (queries: ListQueries) => queries.sessions({ limit: 50, ...query })
const requests = (query: Partial<RequestQuery>) => (queries: ListQueries) =>
  queries.requests({ limit: 50, newest: true, ...query })

const CASES: readonly Case[] = [
  ['runs', runs(WINDOW), 'SEARCH runs USING COVERING INDEX runs_queued (queued_at>? AND queued_at<?)'],
  ['a deeper page', runs({ after: AFTER }), 'SEARCH runs USING COVERING INDEX runs_queued (queued_at<?)'],
  ['runs by their start', runs({ field: 'startedAt' }), 'SEARCH runs USING COVERING INDEX runs_started (started_at>?)'],
  [
    'runs by their end',
    runs({ field: 'endedAt', order: 'asc' }),
    'SEARCH runs USING COVERING INDEX runs_ended (ended_at>?)',
  ],
  [
    'of a function',
    runs({ fns: [2], ...WINDOW }),
    'SEARCH runs USING COVERING INDEX runs_fn_queued (fn=? AND queued_at>? AND queued_at<?)',
  ],
  ['of an app', runs({ app: 1 }), 'SEARCH runs USING INDEX runs_fn_queued (fn=?)'],
  [
    'failed ones',
    runs({ statuses: ['failed'], after: AFTER }),
    'SEARCH runs USING COVERING INDEX runs_ended_badly (status=? AND queued_at<?)',
  ],
  [
    'failed ones of a function',
    runs({ statuses: ['failed'], fns: [2] }),
    'SEARCH runs USING COVERING INDEX runs_ended_badly (status=?)',
  ],
  [
    'those that run',
    runs({ statuses: ['running'], ...WINDOW }),
    'SEARCH runs USING COVERING INDEX runs_live (status=? AND queued_at>? AND queued_at<?)',
  ],
  [
    'by the name of the event',
    runs({ eventNames: ['a/b'] }),
    'SEARCH runs USING COVERING INDEX runs_event_name (event_name=?)',
  ],
  ['with retries', runs({ hasRetries: true }), 'SCAN runs USING COVERING INDEX runs_retried'],
  ['of a cron', runs({ cron: '* * * * *' }), 'SEARCH runs USING COVERING INDEX runs_cron (fn=? AND cron=?)'],
  ['batches', runs({ isBatch: true }), 'SCAN runs USING COVERING INDEX runs_batch'],
  [
    'of a bulk operation',
    runs({ bulk: 1, after: AFTER }),
    'SEARCH runs USING COVERING INDEX runs_bulk (bulk=? AND queued_at<?)',
  ],
  [
    'how many failed',
    (q) => q.countRuns({ ...RUNS, statuses: ['failed'] }, 9),
    'SEARCH runs USING COVERING INDEX runs_ended_badly (status=?)',
  ],
  ['how many', (q) => q.countRuns(RUNS, 9), 'SCAN runs USING COVERING INDEX runs_queued'],
  ['events', events({ after: AFTER }), 'SEARCH events USING COVERING INDEX events_name (name=? AND received_at<?)'],
  [
    'all events',
    events({ includeInternal: true, after: AFTER }),
    'SEARCH events USING COVERING INDEX events_received (received_at<?)',
  ],
  [
    'events that started nothing',
    events({ startedNothing: true, ...WINDOW }),
    'SEARCH events USING COVERING INDEX events_idle (received_at>? AND received_at<?)',
  ],
  [
    'all that started nothing',
    events({ startedNothing: true, includeInternal: true }),
    'SEARCH runs USING COVERING INDEX runs_event (event=?)',
    'SEARCH run_events USING COVERING INDEX run_events_event (event=?)',
  ],
  [
    'runs of an event',
    events({ withRuns: true }),
    'SEARCH runs USING INDEX runs_event (event=?)',
    'SEARCH l USING COVERING INDEX run_events_event (event=?)',
  ],
  ['what an event did', (q) => q.effects(3), 'SEARCH e USING PRIMARY KEY (event=?)'],
  [
    'failures',
    (q) => q.failures({ fn: 2, from: 1, until: 9, limit: 5 }),
    'SEARCH r USING INDEX runs_failed (fn=? AND ended_at>? AND ended_at<?)',
  ],
  [
    'failures of all',
    (q) => q.failures({ from: 1, until: 9, limit: 5 }),
    'SEARCH runs USING COVERING INDEX runs_failed (fn>?)',
  ],
  [
    'last failures',
    (q) => q.lastFailures([2]),
    'SEARCH r USING INDEX runs_failed (fn=? AND ended_at>? AND ended_at<?)',
  ],
  ['crons', (q) => q.crons(), 'SCAN items USING INDEX items_cron'],
  ['strips', (q) => q.strips([2], 20), 'SEARCH runs USING COVERING INDEX runs_cron (fn=? AND cron>?)'],
  ['syncs', (q) => q.syncs(1, 9), 'SEARCH syncs USING INDEX syncs_app (app=?)'],
  ['versions', (q) => q.functionVersions(2), 'SEARCH function_versions USING PRIMARY KEY (fn=?)'],
  ['one step', (q) => q.step(1, 'aa'), 'SEARCH steps USING INDEX steps_run_step (run=? AND step=?)'],
  [
    'limits',
    (q) => q.limits(['l']),
    'SEARCH items USING COVERING INDEX items_line (line=?)',
    'SEARCH items USING COVERING INDEX items_holds1 (limit1=?)',
  ],
  [
    'jobs',
    (q) => q.jobs({ limit: 50, enabled: true, text: 'n', after: { value: 2, key: 1 } }),
    'SEARCH jobs USING INDEX jobs_created (created_at<?)',
    'SEARCH job_requests USING INTEGER PRIMARY KEY (rowid=?)',
  ],
  ['a job', (q) => q.job('J'), 'SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (id=?)'],
  [
    'runs of a job',
    (q) => q.jobRuns({ job: 4, limit: 50, statuses: ['success'], after: { value: 2, key: 1 } }),
    'SEARCH job_runs USING INDEX job_runs_job (job=? AND scheduled_at<?)',
    'SEARCH sessions USING INDEX sessions_job_run (job_run=?)',
  ],
  ['strips of jobs', (q) => q.jobStrips([4], 20), 'SEARCH job_runs USING INDEX job_runs_job (job=?)'],
  [
    'sessions',
    sessions({ after: AFTER }),
    'SEARCH sessions USING COVERING INDEX sessions_updated (updated_at<?)',
    'SEARCH s USING INTEGER PRIMARY KEY (rowid=?)',
  ],
  [
    'sessions by status',
    sessions({ statuses: ['completed', 'failed'] }),
    'SEARCH sessions USING COVERING INDEX sessions_status (status=?)',
  ],
  ['sessions that wait', sessions({ isWaiting: true }), 'SCAN sessions USING INDEX sessions_waiting'],
  ['sessions that do not', sessions({ isWaiting: false }), 'SEARCH sessions USING INDEX sessions_status (status=?)'],
  [
    'sessions of an agent',
    sessions({ agent: 'a', after: AFTER }),
    'SEARCH sessions USING COVERING INDEX sessions_agent (agent=? AND updated_at<?)',
  ],
  ['sessions of a job', sessions({ job: 4 }), 'SEARCH sessions USING COVERING INDEX sessions_job (job=?)'],
  ['sessions of a run', sessions({ runId: 'R' }), 'SEARCH sessions USING COVERING INDEX sessions_run (run_id=?)'],
  [
    'items of a session',
    (q) => q.sessionItems(6, 5, 50),
    'SEARCH session_items USING INDEX session_items_seq (session=? AND seq>?)',
  ],
  ['requests', requests({}), 'SCAN requests USING COVERING INDEX requests_created'],
  [
    'pending requests',
    requests({ statuses: ['pending'], newest: false, after: AFTER }),
    'SEARCH requests USING COVERING INDEX requests_status (status=? AND created_at>?)',
  ],
  [
    'requests of a session',
    requests({ session: 6, after: AFTER }),
    'SEARCH requests USING COVERING INDEX requests_session (session=? AND created_at<?)',
  ],
  ['how many are pending', (q) => q.countPending(), 'SEARCH requests USING COVERING INDEX requests_status (status=?)'],
  ['runs by key', (q) => q.runsByKey([1]), 'SEARCH r USING INTEGER PRIMARY KEY (rowid=?)'],
]

/** A step of a plan that grows with the store. An index in the order of the list is left after a page; functions are few. */
const GROWING =
  /TEMP B-TREE|^SCAN (?!json_each|runs USING COVERING INDEX|events USING COVERING INDEX|functions|items USING INDEX items_cron|sessions USING INDEX sessions_waiting|requests USING COVERING INDEX|CONSTANT ROW|\(subquery)/

describe('plans of lists', () => {
  for (const [name, read, ...plan] of CASES) {
    test(`${name}: by an index, without a sort`, () => {
      const plans = plansOf(read)
      for (const step of plan) expect(plans).toContain(step)
      expect(plans.filter((step) => GROWING.test(step))).toEqual([])
    })
  }

  // Few rows are sorted: the runs of one parent, the page of one event, as many of a filter as a page of another order needs.
  test.each<readonly [string, Partial<RunQuery>, string]>([
    ['a parent', { parent: 1 }, 'SEARCH runs USING INDEX runs_parent (parent_run=?)'],
    ['an original', { original: 1 }, 'SEARCH runs USING INDEX runs_original (original=?)'],
    ['an event', { event: 1 }, 'SEARCH runs USING INDEX runs_event (event=?)'],
    [
      'few that failed, by their start',
      { field: 'startedAt', statuses: ['failed'] },
      'SEARCH runs USING INDEX runs_ended_badly (status=?)',
    ],
  ])('runs of %s are found by an index and sorted', (_, query, plan) => {
    expect(plansOf(runs(query))).toContain(plan)
  })

  test('counters are found by their minutes', () => {
    const tallies = {
      from: 0,
      until: 7_200_000,
      bucketMs: 3_600_000,
      byFunction: true,
      fns: [2],
      names: ['ended:', 'queued'],
    }
    expect(plansOf((q) => q.tallies(tallies))).toContain(
      'SEARCH tally_sums USING PRIMARY KEY (level=? AND at>? AND at<?)',
    )
  })
})
