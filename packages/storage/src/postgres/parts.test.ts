// Parts of the history: opened in time, by one server; dropped when retention keeps nothing of their time, with what is
// kept moved out before.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aFunction, aHistoryRow, anApp, anEvent, aRun, START } from '../conformance/rows.ts'
import type { Change } from '../contract/changes.ts'
import type { Key, RunRow } from '../contract/rows.ts'
import { sharedServer } from '../postgres-server/shared-server.ts'
import { Connection, statement } from './connection.ts'
import type { PostgresDatabase } from './index.ts'
import { group, Processes } from './several-processes.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const processes = new Processes()
const open = () => processes.open({ partMs: DAY_MS })

beforeAll(async () => {
  await sharedServer()
}, 60_000)

beforeEach(() => processes.begin())

afterEach(() => processes.end())

async function parts(): Promise<readonly (readonly [number, string | null])[]> {
  const { url } = await sharedServer()
  const connection = await Connection.open({ url, schema: processes.schema, settings: {} })
  const sql = "SELECT number, to_regclass('history_' || number)::text FROM parts ORDER BY number"
  const rows = await connection.ask(statement<[number, string | null]>('numbers', sql))
  await connection.end()
  return rows
}

/** A run with an event, a history row and its error. */
async function putRun(database: PostgresDatabase, over: Partial<RunRow> = {}): Promise<RunRow> {
  const event = await database.reserveKeys(2)
  const at = processes.clock.wall()
  const row = aRun({ key: event + 1, event, app: 1, fn: 2, queuedAt: at, ...over })
  await database.finish(
    group(
      { put: 'event', row: anEvent({ key: event, receivedAt: at }), body: `{"n":${event}}` },
      { put: 'run', row },
      { put: 'history', row: aHistoryRow({ run: row.key, status: 'errored' }), error: '{"message":"no"}' },
      { put: 'output', run: row.key, text: '"out"', isError: false },
    ),
  )
  return row
}

async function day(database: PostgresDatabase, days = 1): Promise<void> {
  processes.clock.advance(days * DAY_MS)
  await database.shared.heartbeat()
}

/** Deletes what is older than so many days, as retention does. */
async function retain(database: PostgresDatabase, days: number): Promise<void> {
  const before = processes.clock.wall() - days * DAY_MS
  const search = { eventsBefore: before, runsBefore: before, max: 100 }
  for (let isDone = false; !isDone; ) {
    const { expired } = await database.begin({ expired: search }, [], [])
    const ends: Change[] = [
      ...expired.events.map((key: Key) => ({ end: 'event', key }) as const),
      ...expired.runs.map((key: Key) => ({ end: 'run', key }) as const),
    ]
    await database.finish(group(...ends))
    isDone = ends.length === 0
  }
  await database.shared.heartbeat()
}

describe('parts', () => {
  test('a new one is opened in time, and what was written before is still there', async () => {
    const a = await open()
    await a.finish(
      group({ put: 'app', row: anApp({ key: 1 }) }, { put: 'function', row: aFunction({ key: 2, app: 1 }) }),
    )
    const run = await putRun(a)
    await day(a, 0.9)
    expect(await parts()).toEqual([[1, 'history_1']])
    await day(a, 0.1)
    expect(await parts()).toEqual([
      [1, 'history_1'],
      [2, 'history_2'],
    ])
    const later = aHistoryRow({ run: run.key, seq: 2 })
    await a.finish(group({ put: 'history', row: later, error: null }))
    const record = await a.lists.record(run.id)
    expect(record?.history.map(({ row, error }) => [row.seq, error])).toEqual([
      [1, '{"message":"no"}'],
      [2, null],
    ])
    expect(record?.run.events.map(({ text }) => text)).toEqual([`{"n":${run.event}}`])
  })

  test('of several servers one opens it', async () => {
    const databases = [await open(), await open(), await open()]
    processes.clock.advance(DAY_MS)
    await Promise.all(databases.map((database) => database.shared.heartbeat()))
    expect((await parts()).map(([number]) => number)).toEqual([1, 2])
    for (const database of databases) await putRun(database)
  })

  test('one is dropped with all that nobody keeps, and what is kept stays whole', async () => {
    const a = await open()
    await a.finish(
      group({ put: 'app', row: anApp({ key: 1 }) }, { put: 'function', row: aFunction({ key: 2, app: 1 }) }),
    )
    const gone = await putRun(a, { status: 'completed', endedAt: START + 1 })
    const live = await putRun(a)
    const kept = await putRun(a, { status: 'completed', endedAt: START + 3 * DAY_MS })
    for (let count = 0; count < 5; count++) await day(a)
    expect((await parts()).length).toBe(6)
    await retain(a, 3)
    expect((await parts()).map(([number]) => number)).toEqual([2, 3, 4, 5, 6])
    expect(await a.lists.record(gone.id)).toBeUndefined()
    for (const { id, event } of [live, kept]) {
      const record = await a.lists.record(id)
      expect([record?.history.map(({ error }) => error), record?.run.output]).toEqual([['{"message":"no"}'], '"out"'])
      expect(record?.run.events.map(({ text }) => text)).toEqual(id === live.id ? [`{"n":${event}}`] : [])
    }
    expect((await a.state.load([live.key]))[0]?.events.map(({ text }) => text)).toEqual([`{"n":${live.event}}`])
    await day(a, 30)
    await retain(a, 3)
    expect((await parts()).map(([number]) => number)).toEqual([6, 7])
    expect((await a.state.load([live.key]))[0]?.events.map(({ text }) => text)).toEqual([`{"n":${live.event}}`])
    expect((await a.lists.record(live.id))?.history.length).toBe(1)
  })

  test('while retention has something to delete, and while somebody reads, none is dropped', async () => {
    const a = await open()
    await putRun(a, { status: 'completed', endedAt: START + 1 })
    for (let count = 0; count < 3; count++) await day(a)
    const before = processes.clock.wall() - DAY_MS
    await a.begin({ expired: { eventsBefore: before, runsBefore: before, max: 100 } }, [], [])
    await a.rollback()
    await a.shared.heartbeat()
    expect((await parts()).length).toBe(4)
    const b = await open()
    await b.begin({}, [], [])
    await b.finish(group({ put: 'history', row: aHistoryRow({ run: 1 }), error: null }))
    const { url } = await sharedServer()
    const reading = await Connection.open({ url, schema: processes.schema, settings: {} })
    await reading.run('BEGIN; SELECT FROM history')
    await retain(a, 1)
    expect((await parts()).length).toBe(4)
    await reading.run('COMMIT')
    await reading.end()
    await a.shared.heartbeat()
    expect((await parts()).map(([number]) => number)).toEqual([2, 3, 4])
  })
})
