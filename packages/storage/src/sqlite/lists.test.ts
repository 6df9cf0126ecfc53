// The list reads over a store filled by hand: pages without repeats or gaps, filters, the record of a run, and the same
// answers from a worker thread as in place.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventQuery, ListReads, RunQuery } from '../contract/lists.ts'
import { createSqliteLists } from './lists.ts'
import { ListThread } from './lists-thread.ts'
import { MIGRATIONS } from './migrations/index.ts'

const STEP = 'a'.repeat(40)

const EVENTS: EventQuery = { includeInternal: false, limit: 100, withText: false }
const RUNS: RunQuery = { field: 'queuedAt', order: 'desc', limit: 100, withOutput: false, withEvents: false }

function insert(db: DatabaseSync, table: string, row: Readonly<Record<string, SQLInputValue>>): void {
  const names = Object.keys(row)
  db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`).run(
    ...Object.values(row),
  )
}

function event(db: DatabaseSync, key: number, more: Readonly<Record<string, SQLInputValue>> = {}): void {
  const row = { key, id: `E${key}`, event_id: `e${key}`, name: 'a/b', ts: 1, received_at: key, is_repeat: 0, ...more }
  insert(db, 'events', row)
  if (more.of_run === undefined) insert(db, 'event_bodies', { event: key, body: `{"n":${key}}` })
}

function run(db: DatabaseSync, key: number, more: Readonly<Record<string, SQLInputValue>> = {}): void {
  insert(db, 'runs', {
    key,
    id: `R${key}`,
    app: 1,
    fn: 2,
    fn_version: 1,
    event: 100,
    queued_at: key,
    status: 'running',
    quiet: 0,
    rank: key,
    rev: 1,
    started_at: key + 1,
    stack: 0,
    history: 0,
    steps: 0,
    bytes: 0,
    open: 0,
    racing: 0,
    waits: 0,
    version: -1,
    force_plan: 0,
    retries: 0,
    event_name: 'a/b',
    ...more,
  })
}

function fill(db: DatabaseSync): void {
  for (const { sql } of MIGRATIONS) db.exec(sql)
  const app = { url: 'http://a', sdk_language: 'js', sdk_version: '4', framework: '', platform: '', app_version: '' }
  insert(db, 'apps', { key: 1, name: 'shop', ...app, checksum: 'c', created_at: 1 })
  insert(db, 'apps', { key: 9, name: 'other', ...app, checksum: 'c', created_at: 1 })
  for (const [key, owner] of [
    [2, 1],
    [3, 1],
    [4, 9],
  ] as const) {
    insert(db, 'functions', {
      key,
      app: owner,
      slug: `f${key}`,
      name: `F${key}`,
      config: '{}',
      version: 1,
      created_at: 1,
    })
  }
  event(db, 100)
  event(db, 101, { received_at: 105 })
  event(db, 102, { received_at: 105, name: 'a/c' })
  event(db, 103, { received_at: 105 })
  event(db, 104, { received_at: 106, id: 'E100', is_repeat: 1 })
  event(db, 105, { received_at: 107, name: 'inngest/function.invoked' })
  run(db, 200, { status: 'completed', ended_at: 300, finish_event: 106, stack: 1 })
  event(db, 106, { received_at: 108, name: 'inngest/function.finished', of_run: 200 })
  run(db, 201, { fn: 3, queued_at: 205, status: 'failed', ended_at: 301, original: 200, quiet: 1 })
  run(db, 202, { fn: 3, queued_at: 205, status: 'scheduled', started_at: null })
  run(db, 203, { fn: 4, app: 9, queued_at: 205, event: 105, parent_run: 202, parent_step: STEP })
  run(db, 204, { queued_at: 204, event: 999 })
  run(db, 205, { queued_at: 203, event: 102, batch: 'B1' })
  for (const [position, event] of [102, 998, 106, 101].entries())
    insert(db, 'run_events', { run: 205, position, event })
  insert(db, 'run_outputs', { run: 200, is_error: 0, text: '{"ok":true}' })
  insert(db, 'run_outputs', { run: 201, is_error: 1, text: '{"message":"no","name":"Error"}' })
  insert(db, 'steps', { run: 200, step: Buffer.from(STEP, 'hex'), position: 0, memo: '{"data":1}' })
  const times = { queued_at: 1, started_at: 2, ended_at: 3 }
  insert(db, 'history', {
    run: 200,
    seq: 1,
    kind: 'attempt',
    status: 'errored',
    step: STEP,
    name: 'a',
    attempt: 0,
    ...times,
  })
  insert(db, 'history', {
    run: 200,
    seq: 2,
    kind: 'step',
    status: 'completed',
    step: STEP,
    name: 'a',
    step_kind: 'run',
    attempt: 1,
    ...times,
  })
  insert(db, 'history_errors', { run: 200, seq: 1, error: '{"message":"x"}' })
  const item = {
    run: 202,
    fn: 3,
    state: 'sleeping',
    attempt: 0,
    claims: 0,
    epoch: 1,
    owner: 0,
    queued_at: 1,
    again: 0,
    race: 0,
    rank: 1,
    holds: 0,
  }
  insert(db, 'items', { key: 400, step: '', kind: 'call', due: 9, ...item })
  insert(db, 'items', { key: 401, step: STEP, kind: 'wait', due: 8, ...item })
  insert(db, 'waits', {
    key: 500,
    run: 202,
    step: STEP,
    item: 401,
    kind: 'invoke',
    name: 'x',
    path: '',
    value: '',
    until: 8,
  })
  insert(db, 'skips', { event: 100, fn: 4, reason: 'filter' })
}

const folder = mkdtempSync(join(tmpdir(), 'pawl-lists-'))
const path = join(folder, 'main.db')
const memory = new DatabaseSync(':memory:')
const file = new DatabaseSync(path)

beforeAll(() => {
  fill(memory)
  file.exec('PRAGMA journal_mode = WAL')
  fill(file)
})

const opened: Record<string, ListReads> = {
  'in place': createSqliteLists({ db: memory }),
  'in a thread': createSqliteLists({ path }),
}

afterAll(async () => {
  for (const lists of Object.values(opened)) await lists.close()
  file.close()
  memory.close()
  rmSync(folder, { recursive: true })
})

describe.each(Object.keys(opened))('lists %s', (where) => {
  const lists = opened[where] as ListReads
  const eventIds = async (query: Partial<EventQuery>) =>
    (await lists.events({ ...EVENTS, ...query })).map((e) => e.row.key)
  const runIds = async (query: Partial<RunQuery>) => (await lists.runs({ ...RUNS, ...query })).map((r) => r.row.key)

  test('events come newest first, and of equal times the greatest key first', async () => {
    expect(await eventIds({})).toEqual([104, 103, 102, 101, 100])
    expect(await eventIds({ includeInternal: true })).toEqual([106, 105, 104, 103, 102, 101, 100])
  })

  test('pages of events with equal times neither repeat nor lose a row', async () => {
    expect(await eventIds({ limit: 2, after: { value: 105, key: 103 } })).toEqual([102, 101])
    expect(await eventIds({ limit: 2, names: ['a/b', 'a/c'], after: { value: 105, key: 103 } })).toEqual([102, 101])
  })

  test('events are filtered by names and times, and counted by the same filter', async () => {
    expect(await eventIds({ names: ['a/c', 'a/c'] })).toEqual([102])
    expect(await eventIds({ from: 105, until: 105 })).toEqual([103, 102, 101])
    expect(await eventIds({ names: ['inngest/function.invoked'] })).toEqual([])
    const many = Array.from({ length: 100 }, (_, n) => `none/${n}`)
    expect(await eventIds({ names: [...many, 'a/b'] })).toEqual([104, 103, 101, 100])
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
    expect(await runIds({})).toEqual([203, 202, 201, 204, 205, 200])
    expect(await runIds({ order: 'asc' })).toEqual([200, 205, 204, 201, 202, 203])
    expect(await runIds({ order: 'asc', after: { value: 205, key: 201 }, limit: 1 })).toEqual([202])
    expect(await runIds({ field: 'endedAt' })).toEqual([201, 200])
    expect(await runIds({ field: 'startedAt' })).toEqual([205, 204, 203, 201, 200])
    expect(await runIds({ field: 'startedAt', from: 204, until: 205 })).toEqual([204, 203])
  })

  test('runs are filtered by status, function, app, event and time', async () => {
    expect(await runIds({ statuses: ['failed', 'cancelled'] })).toEqual([201])
    expect(await runIds({ statuses: ['failed', 'completed'] })).toEqual([201, 200])
    expect(await runIds({ fns: [2, 4] })).toEqual([203, 204, 205, 200])
    expect(await runIds({ fns: [] })).toEqual([])
    expect(await runIds({ app: 1 })).toEqual([202, 201, 204, 205, 200])
    expect(await runIds({ app: 1, fns: [4] })).toEqual([])
    expect(await runIds({ event: 100, statuses: ['failed'] })).toEqual([201])
    expect(await runIds({ from: 204, until: 205 })).toEqual([203, 202, 201, 204])
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

  test('runs of an event are those that began with it, also as one of several', async () => {
    expect(await runIds({ event: 106 })).toEqual([205])
    expect(await runIds({ event: 102 })).toEqual([205])
    expect(await runIds({ event: 101, fns: [2], statuses: ['running'] })).toEqual([205])
    expect(await runIds({ event: 101, fns: [3] })).toEqual([])
    expect(await runIds({ event: 101, after: { value: 203, key: 205 } })).toEqual([])
    expect(await Promise.all([102, 106, 100, 998, 997].map((event) => lists.countRuns({ ...RUNS, event })))).toEqual([
      1, 1, 3, 1, 0,
    ])
  })

  test('a run that began with several events shows those that are kept, in order', async () => {
    const [view] = await lists.runs({ ...RUNS, event: 101, withEvents: true })
    expect(view?.eventIds).toEqual(['E102', 'E106', 'E101'])
    expect(view?.trigger.id).toBe('E102')
    expect(view?.events.map(({ row, text, ofRun }) => [row.id, text, ofRun?.row.id])).toEqual([
      ['E102', '{"n":102}', undefined],
      ['E106', null, 'R200'],
      ['E101', '{"n":101}', undefined],
    ])
    expect(await lists.run('R205', { withOutput: false, withEvents: false })).toMatchObject({
      events: [],
      eventIds: ['E102', 'E106', 'E101'],
    })
    expect((await lists.run('R200', { withOutput: false, withEvents: true }))?.eventIds).toEqual([])
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
    expect(ended?.steps).toEqual([{ run: 200, step: STEP, position: 0, memo: '{"data":1}', input: null }])
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
      runs: { scheduled: 1, running: 3, completed: 1, failed: 1, cancelled: 0, skipped: 0 },
      items: { sleeping: 2 },
    })
  })
})

describe('the thread', () => {
  test('sees what was committed after it was opened', async () => {
    const lists = opened['in a thread'] as ListReads
    await lists.apps()
    file.exec("UPDATE apps SET platform = 'late' WHERE key = 9")
    expect((await lists.apps()).map((app) => app.platform)).toEqual(['', 'late'])
  })

  test('answers with storage_error when the file is not there, and with storage_closed after close', async () => {
    const lists = createSqliteLists({ path: join(folder, 'none.db') })
    await expect(lists.apps()).rejects.toMatchObject({ code: 'storage_error' })
    await expect(lists.totals()).rejects.toMatchObject({ code: 'storage_error' })
    await lists.close()
    await expect(lists.apps()).rejects.toMatchObject({ code: 'storage_closed' })
  })

  test('gives up a read that takes too long, and tries the next one in a new thread', async () => {
    const thread = new ListThread(path, 1)
    const outcomes = await Promise.allSettled([thread.ask('apps', []), thread.ask('apps', [])])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
    await thread.close()
  })
})
