// Every statement that takes work or searches has an index made for it. A plan that scans a table, or sorts before a
// limit, grows with what is stored. Plans are made as a server makes them, while the tables are still empty.

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aHistoryRow, anItem, aRun, aStep, aWait, nextState } from '../conformance/rows.ts'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { END_BULKS } from './bulk-table.ts'
import { clientConfig, type Statement, sessionSql } from './connection.ts'
import { IDEMPOTENCY_KEYS } from './event-outcome-table.ts'
import { EVENTS_BY_ULID, SINCE } from './event-table.ts'
import { END_DELETED_JOBS, END_OLD_RUNS, END_OLD_SESSIONS, END_RUNS_OF_DELETED, TURN_PAGE } from './expired-records.ts'
import { OLD_EVENTS, OLD_RUNS } from './expired-search.ts'
import { openPostgres, type PostgresDatabase } from './index.ts'
import { BACKLOG, CRONS, ITEMS_BY_KEY, ITEMS_BY_STEP, ITEMS_OF, LEASED_BY, LINES_OF, NAMED } from './item-table.ts'
import { JOB_RUNS_BY_ULID } from './job-table.ts'
import { LIMITS, LINE_ALONE, LINE_HEADS, LINE_MORE } from './limit-statements.ts'
import { LOCK_ITEMS, LOCK_PARENTS, LOCK_RUNS, TRY_NAMED } from './locks.ts'
import { ENGINE_SETTINGS } from './open.ts'
import { PendingRows } from './pending-rows.ts'
import { DEAD_OWNERS, RELEASE_ALONE, RELEASE_RUNS } from './process-row.ts'
import { END_ADMISSIONS, END_RATES, WINDOWS } from './rate-tables.ts'
import { DUE, DUE_ALONE, READY, READY_ALONE, READY_OF } from './ready-statements.ts'
import { LOCK_JOBS, LOCK_SESSIONS, SUBJECTS, TRY_JOBS, TRY_SESSIONS } from './record-locks.ts'
import { RUN_EVENTS } from './run-event-table.ts'
import { REQUESTS, SESSION_ITEMS_NAMED } from './session-table.ts'
import { NEXT_DUE } from './state.ts'
import { MEMOS } from './step-table.ts'
import { END_SYNCS } from './sync-table.ts'
import { END_HOURS, END_MINUTES, FOLD_MINUTES } from './tally-table.ts'
import { SIGNALS, WAITS, WAITS_BY_STEP } from './wait-table.ts'
import { writeStatement } from './write-statement.ts'

let client: pg.Client
let database: PostgresDatabase

beforeAll(async () => {
  const { url } = await sharedServer()
  const schema = uniqueSchema()
  database = await openPostgres({ url, schema })
  client = new pg.Client(clientConfig(url))
  await client.connect()
  await client.query(sessionSql(schema, ENGINE_SETTINGS))
}, 60_000)

afterAll(async () => {
  await client.end()
  await database.close()
})

async function plan({ text }: Statement<readonly unknown[]>): Promise<string[]> {
  const { rows } = await client.query<[string]>({ text: `EXPLAIN (GENERIC_PLAN, COSTS OFF) ${text}`, rowMode: 'array' })
  return rows.map(([line]) => String(line).trim())
}

const PLANS: readonly (readonly [name: string, query: Statement<readonly unknown[]>, ...lines: readonly string[]])[] = [
  [
    'ready items, function by function',
    READY,
    'Index Cond: (fn > $1)',
    'Index Cond: (fn <= $1)',
    'Index Cond: (fn = l.fn)',
    '->  Index Scan using items_ready on items i',
    'Index Cond: (key = i.run)',
  ],
  [
    'ready items from a place on',
    READY_OF,
    'Index Cond: ((fn = l.fn) AND (ROW(rank, key) > ROW(l.rank, l.key)))',
    '->  Index Only Scan using items_ready on items i_1',
    'Index Cond: ((fn > g.after) AND (fn < g.before))',
  ],
  [
    'ready items without a run',
    READY_ALONE,
    '->  Index Scan using items_ready_alone on items items_1',
    'Index Cond: (key = ANY ((InitPlan 4).col1))',
  ],
  [
    'items that are due',
    DUE,
    '->  Index Scan using items_sleeping on items i',
    'Index Cond: (wake_at <= (InitPlan 1).col1)',
  ],
  [
    'due items without a run',
    DUE_ALONE,
    '->  Index Scan using items_sleeping_alone on items',
    'Index Cond: (wake_at <= (InitPlan 1).col1)',
  ],
  [
    'the heads of lines, function by function',
    LINE_HEADS,
    '->  Index Only Scan using items_line on items i_1',
    'Index Cond: ((line = u.name) AND (fn > u.last))',
    '->  Index Only Scan using items_line on items i_2',
    'Index Cond: ((line = u.name) AND (fn <= u.last))',
    '->  Index Scan using items_line on items i',
    'Index Cond: ((line = u.name) AND (fn = fns.fn))',
    'Index Cond: (key = i.run)',
  ],
  [
    'a line from a place on',
    LINE_MORE,
    '->  Index Scan using items_line on items i',
    'Index Cond: ((line = l.name) AND (fn = l.fn) AND (ROW(rank, key) > ROW(l.rank, l.key)))',
  ],
  [
    'items without a run in lines',
    LINE_ALONE,
    '->  Index Only Scan using items_line_alone on items i_1',
    'Index Cond: ((line = u.name) AND (fn > u.last))',
    '->  Index Scan using items_line_alone on items i',
    'Index Cond: ((line = u.name) AND (fn = fns.fn))',
  ],
  [
    'the lines of a function',
    LINES_OF,
    '->  Index Only Scan using items_line_fn on items',
    'Index Cond: ((fn = $1) AND (line > $2))',
  ],
  [
    'the slots of limits',
    LIMITS,
    'Index Cond: (limit1 = u.name)',
    'Index Cond: (limit2 = u.name)',
    'Index Cond: (limit3 = u.name)',
    '->  Index Scan using rates_pkey on rates r',
    '->  Index Scan using items_named on items i',
    'Index Cond: (step = u.name)',
    '->  Index Only Scan using items_line on items i_1',
    '->  Index Only Scan using items_line_alone on items i_2',
    'Index Cond: (line = u.name)',
  ],
  ['items by name', NAMED, '->  Index Scan using items_named on items', 'Index Cond: (step = ANY ($1))'],
  ['trying items by name', TRY_NAMED, '->  Index Scan using items_named on items', 'Index Cond: (step = ANY ($1))'],
  [
    'a window of admissions',
    WINDOWS,
    '->  Index Only Scan using admissions_name on admissions a',
    'Index Cond: ((name = u.name) AND (at > (((InitPlan 2).col1) - u.period_ms)))',
  ],
  ['old admissions', END_ADMISSIONS, 'Index Cond: (expires_at < $1)'],
  ['old rates', END_RATES, 'Index Cond: (tat < ($1 * 1000))'],
  [
    'minutes of hours that are over',
    FOLD_MINUTES,
    '->  Index Scan using tallies_pkey on tallies tallies_1',
    "Index Cond: ((level = 'minute'::text) AND (at >= (InitPlan 2).col1) AND (at < ($1 - ($1 % '3600000'::bigint))))",
  ],
  [
    'old minutes',
    END_MINUTES,
    "Index Cond: ((level = 'minute'::text) AND (at < LEAST(($1 - ($1 % '3600000'::bigint)), (InitPlan 2).col1)))",
  ],
  ['old hours', END_HOURS, "Index Cond: ((level = 'hour'::text) AND (at < $1))"],
  ['old syncs', END_SYNCS, 'Index Cond: (at < $1)'],
  ['old bulk operations', END_BULKS, 'Index Cond: (ended_at < $1)'],
  ['events of runs', RUN_EVENTS, 'Index Cond: (run = ANY ($1))', 'Index Cond: (key = l.event)'],
  ['the backlog of a function', BACKLOG, 'Index Cond: (fn = u.fn)'],
  ['what is due next', NEXT_DUE, '->  Index Only Scan using items_sleeping on items'],
  ['crons of a function', CRONS, 'Index Cond: (fn = ANY ($1))'],
  ['items by key', ITEMS_BY_KEY, 'Index Cond: (key = ANY ($1))'],
  ['items of a step', ITEMS_BY_STEP, 'Index Cond: ((run = u.run) AND (step = u.step))'],
  ['items of a run', ITEMS_OF, 'Index Cond: (run = ANY ($1))'],
  ['items of an owner', LEASED_BY, 'Index Cond: (owner = $1)'],
  ['waits by name and key', WAITS, 'Index Cond: ((spot = u.spot) AND (key > u.after))'],
  ['waits of a step', WAITS_BY_STEP, 'Index Cond: ((run = u.run) AND (step = u.step))'],
  ['a signal', SIGNALS, 'Index Cond: (spot = ANY ($1))'],
  ['memos', MEMOS, 'Index Cond: ((run = u.run) AND (step = u.step))'],
  ['events by ULID', EVENTS_BY_ULID, 'Index Cond: (id = ANY ($1))'],
  [
    'events since a mark',
    SINCE,
    'Index Cond: ((name = u.name) AND (tx >= pg_snapshot_xmin((u.snapshot)::pg_snapshot)))',
  ],
  ['idempotency keys', IDEMPOTENCY_KEYS, 'Index Cond: ((fn = u.fn) AND (key = u.key))'],
  [
    'locking runs',
    LOCK_RUNS,
    'Index Cond: (key = ANY ((InitPlan 2).col1))',
    'Index Cond: ((spot = u.spot) AND (key > u.after))',
    '->  Index Scan using runs_singleton on runs runs_1',
    'Index Cond: (singleton = ANY ($10))',
  ],
  ['locking parents', LOCK_PARENTS, 'Index Cond: (key = ANY ($1))'],
  ['locking items', LOCK_ITEMS, 'Index Cond: (key = ANY ((InitPlan 1).col1))', 'Index Cond: (step = ANY ($3))'],
  [
    'owners that are dead',
    DEAD_OWNERS,
    '->  Index Only Scan using items_leased on items',
    'Index Cond: (key = owners.owner)',
  ],
  ['leases of the dead', RELEASE_RUNS, 'Index Cond: (owner = ANY ($1))'],
  ['leases of the dead without a run', RELEASE_ALONE, 'Index Cond: (owner = ANY ($1))'],
  [
    'old events',
    OLD_EVENTS,
    'Index Cond: ((received_at < $1) AND (ROW(received_at, key) > ROW($2, $3)))',
    'Index Cond: (event = e.key)',
  ],
  [
    'old runs',
    OLD_RUNS,
    'Index Cond: ((ended_at < $1) AND (ROW(ended_at, key) > ROW($2, $3)))',
    'Index Cond: (parent_run = r.key)',
    'Index Cond: (original = r.key)',
    'Index Cond: (of_run = r.key)',
  ],
  [
    'locking sessions',
    LOCK_SESSIONS,
    'Index Cond: (name = ANY ($2))',
    'Index Cond: (key = ANY ($3))',
    'Index Cond: (id = ANY ($4))',
  ],
  ['trying sessions', TRY_SESSIONS, 'Index Cond: (id = ANY ($1))'],
  [
    'locking jobs',
    LOCK_JOBS,
    'Index Cond: (id = ANY ($2))',
    'Index Cond: (key = ANY ($3))',
    'Index Cond: (id = ANY ($4))',
  ],
  ['trying jobs', TRY_JOBS, 'Index Cond: (id = ANY ($1))', 'Index Cond: (id = ANY ($2))'],
  ['what items are named for', SUBJECTS, 'Index Cond: (id = ANY ($1))', 'Index Cond: (id = ANY ($3))'],
  ['runs of jobs by ULID', JOB_RUNS_BY_ULID, 'Index Cond: (id = ANY ($1))'],
  ['items of sessions by name', SESSION_ITEMS_NAMED, 'Index Cond: ((session = u.session) AND (name = (u.name)::text))'],
  [
    'requests by key, by name and pending ones',
    REQUESTS,
    'Index Cond: ((session = u.session) AND (name = (u.name)::text))',
    'Index Cond: (id = ANY ($4))',
    'Index Cond: (session = ANY ($5))',
  ],
  ['runs of deleted jobs', END_RUNS_OF_DELETED, 'Index Cond: (job = j.key)', 'Index Cond: (run = f_1.key)'],
  ['deleted jobs', END_DELETED_JOBS, '->  Index Scan using jobs_deleted on jobs j'],
  [
    'runs that jobs have too many of',
    END_OLD_RUNS,
    'Index Cond: (key > (InitPlan 1).col1)',
    'Index Cond: (job = j.key)',
    'Index Cond: ((job = j.key) AND (ROW(scheduled_at, key) <= ROW(r_1.scheduled_at, r_1.key)) AND (scheduled_at < $1))',
    'Index Cond: ((job = j.key) AND (ROW(scheduled_at, key) <= ROW(r_3.scheduled_at, r_3.key)))',
    'Index Cond: (key = f.key)',
  ],
  ['the next page of jobs', TURN_PAGE, 'Index Cond: (key > (InitPlan 1).col1)'],
  [
    'sessions that ended',
    END_OLD_SESSIONS,
    'Index Cond: ((ended_at IS NOT NULL) AND (ended_at < $1))',
    'Index Cond: (session = e_1.key)',
  ],
]

describe('query plans', () => {
  for (const [name, query, ...lines] of PLANS) {
    test(`${name}: an index is used for the search`, async () => {
      const found = await plan(query)
      expect(found.filter((line) => line.includes('Seq Scan'))).toEqual([])
      expect(found).toEqual(expect.arrayContaining(lines))
    })
  }

  test.each([
    ['ready items', READY],
    ['ready items from a place on', READY_OF],
    ['items that are due', DUE],
    ['the heads of lines', LINE_HEADS],
    ['a line from a place on', LINE_MORE],
    ['items without a run in lines', LINE_ALONE],
    ['the lines of a function', LINES_OF],
    ['due items without a run', DUE_ALONE],
    ['old events', OLD_EVENTS],
    ['old runs', OLD_RUNS],
  ])('%s come out of the index in their order', async (_name, query) => {
    expect((await plan(query)).filter((line) => line.includes('Sort'))).toEqual([])
  })

  test('the statement that writes a group finds each row by its key, and locks in the order of its arrays', async () => {
    const rows = new PendingRows(0)
    const run = aRun({ key: 1 })
    rows.add(
      [
        { set: 'run', key: 1, state: nextState(run) },
        { put: 'step', row: aStep({ run: 1 }) },
        { put: 'history', row: aHistoryRow({ run: 1 }), error: '{}' },
        { set: 'item', row: anItem({ key: 2, run: 1 }) },
        { end: 'item', key: 3 },
        { end: 'items', run: 4 },
        { put: 'item', row: anItem({ key: 5 }) },
        { end: 'wait', key: 6 },
        { end: 'waits', run: 7 },
        { set: 'wait', row: aWait({ key: 8, run: 9 }) },
      ],
      1,
    )
    const write = { fence: { run: 1, item: 2, epoch: 1 }, rev: 1, changes: [] }
    const { query } = writeStatement({
      rows: rows.rows,
      guard: { kind: 'asked', writes: [write] },
      floor: 0,
      wall: null,
      now: null,
      process: 1,
      session: 1,
      groupNumber: 1,
      types: new Map([
        ['run_set_rows', 1],
        ['item_rows', 2],
        ['item_set_rows', 3],
        ['item_end_rows', 4],
        ['items_end_rows', 5],
        ['step_rows', 6],
        ['history_rows', 7],
      ]),
    })
    const found = await plan(query)
    expect(found.filter((line) => /Seq Scan|Sort|Hash/.test(line))).toEqual([])
    // A nested loop gives its rows in the order of its first side, which is the array.
    const firstSide = found.flatMap((line, index) => {
      if (line !== '->  LockRows') return []
      return [found.slice(index).find((below) => /Scan/.test(below) && !/CTE Scan/.test(below))]
    })
    expect(firstSide).toEqual(['->  Function Scan on u', '->  Function Scan on u_1'])
    expect(found).toEqual(
      expect.arrayContaining([
        'Index Cond: (key = u.run)',
        'Index Cond: (key = u_1.item)',
        'Index Cond: (key = u_3.key)',
      ]),
    )
  })
})
