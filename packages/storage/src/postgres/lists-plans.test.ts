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
    plans.push(...rows.map(([line]) => String(line).trim()))
    return (await client.query<unknown[]>({ text, ...asked })).rows
  })
  await read(openListQueries(reader))
  return plans
}

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
]

const GROWING = /Seq Scan on (runs|events|event_bodies|run_events|items|steps|history|run_outputs|effects|tallies)/

describe('plans of lists', () => {
  test.each(ORDERED)('%s come out of %s in their order', async (_name, index, read) => {
    const plans = await plansOf(read)
    expect(plans.filter((line) => GROWING.test(line))).toEqual([])
    expect(plans.filter((line) => line.includes(`using ${index} `))).not.toEqual([])
    // The first query finds the rows; a sort there would be one of all that match.
    const [first] = Array.from(plans.keys()).filter((at) => at > 0 && plans[at] === 'Limit')
    expect(plans.slice(0, first).filter((line) => line === '->  Sort')).toEqual([])
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
