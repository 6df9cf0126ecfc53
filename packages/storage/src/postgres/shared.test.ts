// What processes on one database owe each other: hints of work, and that one which was stopped keeps nobody waiting.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { withChanges } from '../conformance/index.ts'
import { anItem, nextState } from '../conformance/rows.ts'
import { writing } from '../conformance/world.ts'
import { sharedServer } from '../postgres-server/shared-server.ts'
import { createStore } from '../writer.ts'
import { Connection, statement } from './connection.ts'
import type { PostgresDatabase } from './index.ts'
import { group, Processes, putRun } from './several-processes.ts'

const processes = new Processes()

beforeAll(async () => {
  await sharedServer()
}, 60_000)

beforeEach(() => processes.begin())

afterEach(() => processes.end())

/** Cuts connections of this program by what they asked last. */
async function cut(query: string): Promise<number> {
  const { url } = await sharedServer()
  const connection = await Connection.open({ url, schema: 'public', settings: {} })
  const rows = await connection.ask(
    statement(
      'cut',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pawl' AND query LIKE $1`,
    ),
    [query],
  )
  await connection.end()
  return rows.length
}

async function listening(database: PostgresDatabase) {
  const heard = vi.fn()
  database.shared.onHint(heard)
  // Who has just begun to listen looks once by itself.
  await vi.waitFor(() => expect(heard).toHaveBeenCalled())
  heard.mockClear()
  return heard
}

describe('hints', () => {
  test('the others hear it, the process itself does not', async () => {
    const [a, b, c] = [await processes.open(), await processes.open(), await processes.open()]
    const heard = await Promise.all([a, b, c].map(listening))
    await a.shared.heartbeat()
    a.shared.hint()
    await vi.waitFor(() => expect(heard.map((one) => one.mock.calls.length)).toEqual([0, 1, 1]))
  })

  test('many at once are few', async () => {
    const [a, b] = [await processes.open(), await processes.open()]
    const heard = await listening(b)
    await a.shared.heartbeat()
    for (let count = 0; count < 1_000; count++) a.shared.hint()
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2))
    a.shared.hint()
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(3))
  })

  test('a process that was alone is told that it is not', async () => {
    const a = await processes.open()
    const heard = await listening(a)
    const b = await processes.open()
    const other = await listening(b)
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1))
    a.shared.hint()
    await vi.waitFor(() => expect(other).toHaveBeenCalledTimes(1))
  })

  test('a connection that was lost is made again, and what was missed is made up for', async () => {
    const [a, b] = [await processes.open(), await processes.open()]
    const heard = await listening(b)
    await a.shared.heartbeat()
    expect(await cut('LISTEN%')).toBe(1)
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), 3_000)
    a.shared.hint()
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2))
  })
})

describe('a process that stops within a group', () => {
  const limits = [{ name: 'fn:1', take: 0 }]

  test('what it has locked is free when the server ends its transaction, and it goes on when it wakes', async () => {
    const [a, b] = [await processes.open({ idleMs: 300 }), await processes.open()]
    const run = await putRun(a)
    const needs = { limits, runs: [run.key], named: ['n'] }
    await a.begin(needs, [], [])
    const facts = await b.begin(needs, [], [])
    expect(facts.runs).toEqual([run])
    await b.finish(group({ set: 'run', key: run.key, state: nextState(run) }))
    const late = group({ set: 'run', key: run.key, state: nextState(run) })
    await expect(a.finish(late)).rejects.toMatchObject({ code: 'outcome_unknown' })
    expect(await a.written(late.number)).toBeNull()
    expect((await a.begin(needs, [], [])).runs).toEqual([{ ...run, rev: 2 }])
    await a.rollback()
  })

  test('its operation is decided again on what the others have done meanwhile', async () => {
    const [a, b] = [await processes.open({ idleMs: 300 }), await processes.open()]
    let pauses = 1
    const paused = withChanges(a, {
      finish: async (written) => {
        if (pauses-- > 0) await b.begin({ limits }, [], []).then(() => b.finish(taken()))
        return a.finish(written)
      },
    })
    const item = anItem({ key: await b.reserveKeys(1), state: 'leased', limits: ['fn:1'], holds: true })
    const taken = () => group({ put: 'item', row: item })
    const seen: number[] = []
    const operation = writing({ limits }, (facts) => {
      seen.push(facts.limit('fn:1')?.held ?? -1)
      return { changes: [{ put: 'rate', row: { name: 'fn:1', tat: seen.length } }], result: seen.length }
    })
    const store = createStore({ database: paused, turn: queueMicrotask })
    expect(await store.commit(operation)).toMatchObject({ done: 2 })
    expect(seen).toEqual([0, 1])
  })

  test('what nobody gives up in time is said to be a conflict', async () => {
    const [a, b] = [await processes.open({ idleMs: 60_000 }), await processes.open()]
    await a.begin({ limits }, [], [])
    await expect(b.begin({ limits }, [], [])).rejects.toMatchObject({ code: 'storage_conflict' })
    await a.rollback()
    await b.begin({ limits }, [], [])
    await b.rollback()
  }, 20_000)
})
