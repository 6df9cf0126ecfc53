// Every list is read along an index in its order, or looked up by one: a plan that goes through a table, or sorts before a
// limit, grows with what is stored. Plans are asked for as the reads are made, with their own values, over a store that
// holds enough for the planner to have a choice.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventQuery, ListReads, RunQuery, TallyQuery } from '../contract/lists.ts'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { clientConfig, sessionSql } from './connection.ts'
import { openPostgres, type PostgresDatabase } from './index.ts'
import { LIST_SETTINGS } from './lists.ts'
import { openListQueries } from './lists-queries.ts'
import { Reader } from './lists-reader.ts'
import { FIRST_EVENT, FIRST_RUN, STOCK_START, stockSql } from './lists-stock.ts'

const STORED = 20_000
const UNTIL = STOCK_START + STORED * 1_000
const RUNS: RunQuery = { field: 'queuedAt', order: 'desc', limit: 40, withOutput: false, withEvents: false }
const EVENTS: EventQuery = { includeInternal: false, limit: 40, withText: false }
const MINUTE = 60_000
const HOUR = 3_600_000
const [SINCE, NOW] = [UNTIL - (UNTIL % HOUR) - 4 * HOUR, UNTIL - (UNTIL % HOUR)]
const TALLIES: TallyQuery = { from: SINCE, until: NOW, bucketMs: MINUTE, byFunction: true }

type Lists = Omit<ListReads, 'close'>

let client: pg.Client
let database: PostgresDatabase

beforeAll(async () => {
  const { url } = await sharedServer()
  const schema = uniqueSchema()
  database = await openPostgres({ url, schema })
  client = new pg.Client(clientConfig(url))
  await client.connect()
  await client.query(sessionSql(schema, {}) + stockSql(STORED))
  await client.query(sessionSql(schema, LIST_SETTINGS))
}, 120_000)

afterAll(async () => {
  await client.end()
  await database.close()
})

/** The plans of all queries that the read makes. */
async function plansOf(read: (lists: Lists) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = []
  const reader = new Reader(async (text, values) => {
    const asked = { values: [...values], rowMode: 'array' as const }
    const { rows } = await client.query<[string]>({ text: `EXPLAIN (COSTS OFF) ${text}`, ...asked })
    plans.push(QUERY, ...rows.map(([line]) => String(line).trim()))
    return (await client.query<unknown[]>({ text, ...asked })).rows
  })
  await read(openListQueries(reader))
  return plans
}

/** Stands before each plan. */
const QUERY = 'query'

type Case = readonly [name: string, index: string, read: (lists: Lists) => Promise<unknown>]

/** Read in their order, from one end. */
const ORDERED: readonly Case[] = [
  ['runs', 'runs_queued', (lists) => lists.runs(RUNS)],
  ['runs that ended', 'runs_ended', (lists) => lists.runs({ ...RUNS, field: 'endedAt' })],
  ['runs of a function', 'runs_fn_queued', (lists) => lists.runs({ ...RUNS, fns: [15] })],
  ['failed runs', 'runs_ended_badly', (lists) => lists.runs({ ...RUNS, statuses: ['failed'] })],
  [
    'failed runs by their end',
    'runs_failed',
    (lists) => lists.runs({ ...RUNS, statuses: ['failed'], field: 'endedAt' }),
  ],
  [
    'runs by an event’s name',
    'runs_event_name',
    (lists) => lists.runs({ ...RUNS, eventNames: ['rare/one', 'shop/1'] }),
  ],
  ['retried runs', 'runs_retried', (lists) => lists.runs({ ...RUNS, hasRetries: true })],
  ['batches', 'runs_batch', (lists) => lists.runs({ ...RUNS, isBatch: true })],
  ['runs of a schedule', 'runs_cron', (lists) => lists.runs({ ...RUNS, cron: '* * * * *' })],
  ['runs of a bulk operation', 'runs_bulk', (lists) => lists.runs({ ...RUNS, bulk: 7 })],
  ['strips of schedules', 'runs_cron', (lists) => lists.strips([11, 12, 13], 20)],
  ['failures', 'runs_failed', (lists) => lists.failures({ from: STOCK_START, until: UNTIL, limit: 100 })],
  ['failures of a function', 'runs_fn_failed', (lists) => lists.failures({ fn: 12, from: 0, until: UNTIL, limit: 10 })],
  ['last failures', 'runs_fn_failed', (lists) => lists.lastFailures([11, 12, 13, 14])],
  ['events', 'events_received', (lists) => lists.events(EVENTS)],
  ['events by name', 'events_name', (lists) => lists.events({ ...EVENTS, names: ['shop/1'] })],
  ['events that started nothing', 'events_idle', (lists) => lists.events({ ...EVENTS, startedNothing: true })],
  ['jobs', 'jobs_created', (lists) => lists.jobs({ limit: 40, text: 'job', enabled: true })],
  ['runs of a job', 'job_runs_job', (lists) => lists.jobRuns({ job: 7, limit: 40, statuses: ['success'] })],
  ['strips of jobs', 'job_runs_job', (lists) => lists.jobStrips([7, 8, 9], 20)],
  ['sessions', 'sessions_updated', (lists) => lists.sessions({ limit: 40 })],
  ['sessions by status', 'sessions_status', (lists) => lists.sessions({ limit: 40, statuses: ['running'] })],
  ['sessions that wait', 'sessions_waiting', (lists) => lists.sessions({ limit: 40, isWaiting: true })],
  ['sessions of an agent', 'sessions_agent', (lists) => lists.sessions({ limit: 40, agent: 'a7' })],
  ['sessions of a job', 'sessions_job', (lists) => lists.sessions({ limit: 40, job: 7 })],
  ['items of a session', 'session_items_pkey', (lists) => lists.sessionItems(1, 9_000, 40)],
  ['requests', 'requests_created', (lists) => lists.requests({ limit: 40, newest: true })],
  [
    'pending requests',
    'requests_status',
    (lists) => lists.requests({ limit: 40, newest: false, statuses: ['pending'] }),
  ],
  ['requests of a session', 'requests_session', (lists) => lists.requests({ limit: 40, newest: true, session: 7 })],
]

/** Looked up; there is nothing to go along. */
const FOUND: readonly Case[] = [
  ['runs that one invoked', 'runs_parent', (lists) => lists.runs({ ...RUNS, parent: FIRST_RUN + 997 })],
  ['repeats of a run', 'runs_original', (lists) => lists.runs({ ...RUNS, original: FIRST_RUN + 998 })],
  ['runs of an event', 'runs_event', (lists) => lists.runs({ ...RUNS, event: FIRST_EVENT + 1 })],
  ['runs by key', 'items_run_step', (lists) => lists.runsByKey([FIRST_RUN, FIRST_RUN + 100])],
  ['open items', 'items_run_step', (lists) => lists.runs({ ...RUNS, statuses: ['running'], withOpen: true })],
  ['runs of events', 'runs_event', (lists) => lists.events({ ...EVENTS, withRuns: true })],
  ['events by key', 'events_pkey', (lists) => lists.eventsByKey([FIRST_EVENT, FIRST_EVENT + 1])],
  ['effects', 'effects_pkey', (lists) => lists.effects(FIRST_EVENT)],
  ['minutes of all functions', 'tallies_pkey', (lists) => lists.tallies({ ...TALLIES, names: ['ended:'] })],
  ['minutes of a function', 'tallies_pkey', (lists) => lists.tallies({ ...TALLIES, fns: [12] })],
  ['hours of a function', 'tallies_pkey', (lists) => lists.tallies({ ...TALLIES, bucketMs: HOUR, fns: [12] })],
  ['slots and lines', 'items_holds1', (lists) => lists.limits(['limit', 'other'])],
  ['ticks', 'items_cron', (lists) => lists.crons()],
  ['a job', 'jobs_id_key', (lists) => lists.job('J7')],
  ['a run of a job with its sessions', 'sessions_job_run', (lists) => lists.jobRun('JR7')],
  ['a session', 'sessions_id_key', (lists) => lists.session('S7')],
  ['sessions of a run', 'sessions_run', (lists) => lists.sessions({ limit: 40, runId: 'R7' })],
  ['a request with its session', 'requests_id_key', (lists) => lists.request('Q7')],
  ['how many requests are pending', 'requests_pending', (lists) => lists.countPending()],
]

const GROWING =
  /Seq Scan on (runs|events|event_bodies|run_events|items|steps|history|run_outputs|effects|tallies|job_runs|sessions|session_items|requests)/

describe('plans of lists', () => {
  test.each(ORDERED)('%s come out of %s in their order', async (_name, index, read) => {
    const plans = await plansOf(read)
    expect(plans.filter((line) => GROWING.test(line))).toEqual([])
    expect(plans.filter((line) => line.includes(`using ${index} `))).not.toEqual([])
    // The first query finds the rows; a sort there would be one of all that match.
    const second = plans.indexOf(QUERY, 1)
    expect(plans.slice(0, second === -1 ? undefined : second).filter((line) => line === '->  Sort')).toEqual([])
  })

  test.each(FOUND)('%s are looked up in %s', async (_name, index, read) => {
    const plans = await plansOf(read)
    expect(plans.filter((line) => GROWING.test(line))).toEqual([])
    expect(plans.filter((line) => line.includes(`using ${index} `) || line.endsWith(`on ${index}`))).not.toEqual([])
  })

  test('a count that goes too far stops', async () => {
    expect(await plansOf((lists) => lists.countRuns(RUNS, 10_000))).toContain('->  Limit')
  })
})
