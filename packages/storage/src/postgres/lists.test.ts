// The list reads over a small store: pages without repeats or gaps, filters, and the record of a run.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aFunction, aHistoryRow, anApp, anEvent, anItem, aRun, aStep, aWait, hash } from '../conformance/rows.ts'
import type { Change } from '../contract/changes.ts'
import type { EventQuery, ListReads, RunQuery } from '../contract/lists.ts'
import type { EventRow, RunRow } from '../contract/rows.ts'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { openPostgres, type PostgresDatabase } from './index.ts'

const STEP = hash('a')
const EVENTS: EventQuery = { includeInternal: false, limit: 100, withText: false }
const RUNS: RunQuery = { field: 'queuedAt', order: 'desc', limit: 100, withOutput: false, withEvents: false }

let database: PostgresDatabase
let lists: ListReads

function event(key: number, over: Partial<EventRow> = {}): Change {
  const row = anEvent({ key, id: `E${key}`, eventId: `e${key}`, name: 'a/b', ts: 1, receivedAt: key, ...over })
  return { put: 'event', row, body: row.ofRun === null ? `{"n":${key}}` : null }
}

function run(key: number, over: Partial<RunRow> = {}): Change {
  const times = { queuedAt: key, startedAt: key + 1 }
  return { put: 'run', row: aRun({ key, id: `R${key}`, fn: 2, event: 100, status: 'running', ...times, ...over }) }
}

const STORE: readonly Change[] = [
  { put: 'app', row: anApp({ key: 1, name: 'shop' }) },
  { put: 'app', row: anApp({ key: 9, name: 'other' }) },
  { put: 'function', row: aFunction({ key: 2, app: 1, slug: 'f2', name: 'F2' }) },
  { put: 'function', row: aFunction({ key: 3, app: 1, slug: 'f3', name: 'F3' }) },
  { put: 'function', row: aFunction({ key: 4, app: 9, slug: 'f4', name: 'F4' }) },
  event(100),
  event(101, { receivedAt: 105 }),
  event(102, { receivedAt: 105, name: 'a/c' }),
  event(103, { receivedAt: 105 }),
  event(104, { receivedAt: 106, id: 'E100', isRepeat: true }),
  event(105, { receivedAt: 107, name: 'inngest/function.invoked' }),
  run(200, { status: 'completed', endedAt: 300, finishEvent: 106, stack: 1 }),
  event(106, { receivedAt: 108, name: 'inngest/function.finished', ofRun: 200 }),
  run(201, { fn: 3, queuedAt: 205, status: 'failed', endedAt: 301, original: 200, quiet: true }),
  run(202, { fn: 3, queuedAt: 205, status: 'scheduled', startedAt: null }),
  run(203, { fn: 4, app: 9, queuedAt: 205, event: 105, parentRun: 202, parentStep: STEP }),
  run(204, { queuedAt: 204, event: 999 }),
  { put: 'output', run: 200, text: '{"ok":true}', isError: false },
  { put: 'output', run: 201, text: '{"message":"no","name":"Error"}', isError: true },
  { put: 'step', row: aStep({ run: 200 }) },
  {
    put: 'history',
    row: aHistoryRow({ run: 200, kind: 'attempt', status: 'errored', stepKind: null }),
    error: '{"message":"x"}',
  },
  { put: 'history', row: aHistoryRow({ run: 200, seq: 2, attempt: 1 }), error: null },
  { put: 'item', row: anItem({ key: 400, run: 202, fn: 3, state: 'sleeping', due: 9 }) },
  { put: 'item', row: anItem({ key: 401, run: 202, fn: 3, state: 'sleeping', due: 8, kind: 'wait', step: STEP }) },
  { put: 'wait', row: aWait({ key: 500, run: 202, step: STEP, item: 401, kind: 'invoke', name: 'x' }) },
  { put: 'skip', row: { event: 100, fn: 4, reason: 'filter', detail: null } },
]

beforeAll(async () => {
  const { url } = await sharedServer()
  database = await openPostgres({ url, schema: uniqueSchema() })
  await database.finish({ number: 1, writes: [{ fence: null, rev: null, changes: STORE }] })
  lists = database.lists
}, 60_000)

afterAll(() => database.close())

describe('lists', () => {
  const eventKeys = async (query: Partial<EventQuery>) =>
    (await lists.events({ ...EVENTS, ...query })).map((e) => e.row.key)
  const runKeys = async (query: Partial<RunQuery>) => (await lists.runs({ ...RUNS, ...query })).map((r) => r.row.key)

  test('events come newest first, and of equal times the greatest key first', async () => {
    expect(await eventKeys({})).toEqual([104, 103, 102, 101, 100])
    expect(await eventKeys({ includeInternal: true })).toEqual([106, 105, 104, 103, 102, 101, 100])
  })

  test('pages of events with equal times neither repeat nor lose a row', async () => {
    expect(await eventKeys({ limit: 2, after: { value: 105, key: 103 } })).toEqual([102, 101])
    expect(await eventKeys({ limit: 2, names: ['a/b', 'a/c'], after: { value: 105, key: 103 } })).toEqual([102, 101])
  })

  test('events are filtered by names and times, and counted by the same filter', async () => {
    expect(await eventKeys({ names: ['a/c', 'a/c'] })).toEqual([102])
    expect(await eventKeys({ from: 105, until: 105 })).toEqual([103, 102, 101])
    expect(await eventKeys({ names: ['inngest/function.invoked'] })).toEqual([])
    const many = Array.from({ length: 100 }, (_, n) => `none/${n}`)
    expect(await eventKeys({ names: [...many, 'a/b'] })).toEqual([104, 103, 101, 100])
    expect(await lists.countEvents({ ...EVENTS, names: ['a/b'], limit: 1 })).toBe(4)
  })

  test('an event without a body brings the run it tells of', async () => {
    const [finished] = await lists.events({ ...EVENTS, includeInternal: true, withText: true, limit: 1 })
    expect(finished?.event?.text).toBeNull()
    expect(finished?.event?.ofRun).toMatchObject({ output: '{"ok":true}', isError: false, events: ['{"n":100}'] })
    expect(finished?.event?.ofRun?.row.id).toBe('R200')
  })

  test('an ID that was sent twice names the first row', async () => {
    expect((await lists.event('E100'))?.row.key).toBe(100)
    expect((await lists.event('E100'))?.event?.text).toBe('{"n":100}')
    expect(await lists.event('E999')).toBeUndefined()
    expect(await lists.skips(100)).toEqual([{ event: 100, fn: 4, reason: 'filter', detail: null }])
  })

  test('runs are ordered by the chosen time, ties by key, in both directions', async () => {
    expect(await runKeys({})).toEqual([203, 202, 201, 204, 200])
    expect(await runKeys({ order: 'asc' })).toEqual([200, 204, 201, 202, 203])
    expect(await runKeys({ order: 'asc', after: { value: 205, key: 201 }, limit: 1 })).toEqual([202])
    expect(await runKeys({ field: 'endedAt' })).toEqual([201, 200])
    expect(await runKeys({ field: 'startedAt' })).toEqual([204, 203, 201, 200])
    expect(await runKeys({ field: 'startedAt', from: 204, until: 205 })).toEqual([204, 203])
  })

  test('runs are filtered by status, function, app, event and time', async () => {
    expect(await runKeys({ statuses: ['failed', 'cancelled'] })).toEqual([201])
    expect(await runKeys({ statuses: ['failed', 'completed'] })).toEqual([201, 200])
    expect(await runKeys({ fns: [2, 4] })).toEqual([203, 204, 200])
    expect(await runKeys({ fns: [] })).toEqual([])
    expect(await runKeys({ app: 1 })).toEqual([202, 201, 204, 200])
    expect(await runKeys({ app: 1, fns: [4] })).toEqual([])
    expect(await runKeys({ event: 100, statuses: ['failed'] })).toEqual([201])
    expect(await runKeys({ from: 204, until: 205 })).toEqual([203, 202, 201, 204])
    expect(await lists.countRuns({ ...RUNS, app: 1, limit: 1, statuses: ['failed', 'completed'] })).toBe(2)
    expect(await lists.countRuns({ ...RUNS, field: 'endedAt' })).toBe(2)
  })

  test('a run shows its function, app, trigger, original, output and events', async () => {
    const [view] = await lists.runs({ ...RUNS, statuses: ['failed'], withOutput: true, withEvents: true })
    expect(view).toMatchObject({
      slug: 'f3',
      functionName: 'F3',
      appName: 'shop',
      originalId: 'R200',
      outputIsError: true,
    })
    expect(view?.row.quiet).toBe(true)
    expect(view?.trigger.id).toBe('E100')
    expect(view?.events.map((stored) => stored.text)).toEqual(['{"n":100}'])
    const plain = await lists.run('R200', { withOutput: false, withEvents: false })
    expect(plain).toMatchObject({ output: null, events: [] })
    expect(await lists.run('R1', { withOutput: true, withEvents: true })).toBeUndefined()
  })

  test('a run whose event was deleted has an empty trigger', async () => {
    const view = await lists.run('R204', { withOutput: true, withEvents: true })
    expect(view?.trigger).toMatchObject({ id: '', key: 999 })
    expect(view?.events).toEqual([])
  })

  test('a record holds history with errors, steps in hex, items, waits and invoked runs', async () => {
    const ended = await lists.record('R200')
    expect(ended?.history.map(({ row, error }) => [row.seq, row.stepKind, error])).toEqual([
      [1, null, '{"message":"x"}'],
      [2, 'run', null],
    ])
    expect(ended?.steps).toEqual([aStep({ run: 200 })])
    const open = await lists.record('R202')
    expect(open?.items.map((item) => item.key)).toEqual([400, 401])
    expect(open?.waits.map((wait) => [wait.key, wait.rest])).toEqual([[500, null]])
    expect(open?.children).toEqual([{ step: STEP, runId: 'R203', finishEventId: null, invokeEventId: 'E105' }])
    expect(await lists.record('R1')).toBeUndefined()
  })

  test('jobs come in order of due time', async () => {
    expect((await lists.runItems('R202')).map((item) => item.key)).toEqual([401, 400])
    expect(await lists.runItems('R1')).toEqual([])
  })

  test('apps, functions and totals are read', async () => {
    expect((await lists.apps()).map((app) => app.name)).toEqual(['shop', 'other'])
    expect((await lists.functions(1)).map((fn) => fn.slug)).toEqual(['f2', 'f3'])
    expect(await lists.totals()).toEqual({
      events: 7,
      runs: { scheduled: 1, running: 2, completed: 1, failed: 1, cancelled: 0, skipped: 0 },
      items: { sleeping: 2 },
    })
  })

  test('many reads at once share a few connections', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => lists.totals()))
    expect(new Set(answers.map(({ events }) => events))).toEqual(new Set([7]))
  })
})
