// The change feed between processes on one database: told while somebody watches, gathered, and never silent about a gap.
import pg from 'pg'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { aRun } from '../conformance/rows.ts'
import type { StoreChange } from '../contract/store.ts'
import { sharedServer } from '../postgres-server/shared-server.ts'
import { Connection, clientConfig, statement } from './connection.ts'
import type { PostgresDatabase } from './index.ts'
import { lockSpace } from './locks.ts'
import { Processes, storeOn } from './several-processes.ts'

const NOTHING: StoreChange = {
  runs: [],
  events: [],
  bulks: [],
  jobs: [],
  sessions: [],
  requests: [],
  registry: false,
  isCut: false,
}
const CUT: StoreChange = { ...NOTHING, isCut: true }
/** Longer than changes are gathered. */
const GATHERED_MS = 250

const processes = new Processes()

beforeAll(async () => {
  await sharedServer()
}, 60_000)

beforeEach(() => processes.begin())

afterEach(() => processes.end())

function watch(database: PostgresDatabase) {
  const told: StoreChange[] = []
  const stop = database.shared.subscribe((change) => told.push(change))
  return { told, stop }
}

/** A publisher and a watcher who know each other; what is said of the time before was said. */
async function pair() {
  const [a, b] = [await processes.open(), await processes.open()]
  await a.shared.heartbeat()
  expect(a.shared.isWatched()).toBe(false)
  const watching = watch(b)
  await vi.waitFor(() => expect(watching.told.at(-1)).toEqual(CUT), 5_000)
  expect(a.shared.isWatched()).toBe(true)
  // Who has just begun to listen asks, and may be answered after that.
  await rest()
  watching.told.length = 0
  return { a, b, ...watching }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, GATHERED_MS))
}

/** Hears all that is sent on the channel. */
async function overhear() {
  const { url } = await sharedServer()
  const client = new pg.Client(clientConfig(url))
  const heard: string[] = []
  client.on('notification', ({ payload }) => heard.push(payload ?? ''))
  await client.connect()
  await client.query(`LISTEN "pawl_${lockSpace(processes.schema) >>> 0}_changes"`)
  return { heard, end: () => client.end() }
}

async function cutListeners(): Promise<void> {
  const { url } = await sharedServer()
  const connection = await Connection.open({ url, schema: 'public', settings: {} })
  const query = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'pawl' AND query LIKE 'LISTEN%'`
  await connection.ask(statement('cut_listeners', query))
  await connection.end()
}

describe('the change feed', () => {
  test('what one publishes the other is told, gathered and each key once; itself it is not told', async () => {
    const { a, told } = await pair()
    const own = watch(a)
    await rest()
    told.length = 0
    a.shared.publish({ ...NOTHING, runs: [1, 2] })
    a.shared.publish({ ...NOTHING, runs: [2, 3], events: [4], registry: true })
    await vi.waitFor(() => expect(told).toHaveLength(1))
    a.shared.publish({ ...NOTHING, bulks: [5] })
    await vi.waitFor(() => expect(told).toHaveLength(2))
    expect(told).toEqual([
      { runs: [1, 2, 3], events: [4], bulks: [], jobs: [], sessions: [], requests: [], registry: true, isCut: false },
      { ...NOTHING, bulks: [5] },
    ])
    expect(own.told.filter(({ isCut }) => !isCut)).toEqual([])
  })

  test('nothing is sent while nobody watches; where others are they are asked once who does', async () => {
    const a = await processes.open()
    const { heard, end } = await overhear()
    for (let key = 0; key < 100; key++) a.shared.publish({ ...NOTHING, runs: [key] })
    await rest()
    expect(heard).toEqual([])
    await processes.open()
    await a.shared.heartbeat()
    for (let key = 0; key < 100; key++) a.shared.publish({ ...NOTHING, runs: [key] })
    await a.shared.heartbeat()
    await vi.waitFor(() => expect(heard).toEqual([`? ${a.process}`]))
    await rest()
    expect(heard).toHaveLength(1)
    await end()
  })

  test('a watcher of whom nothing is heard any more is told nothing', async () => {
    const { a, told, stop } = await pair()
    stop()
    processes.clock.advance(60_000)
    expect(a.shared.isWatched()).toBe(false)
    a.shared.publish({ ...NOTHING, runs: [1] })
    await rest()
    expect(told).toEqual([])
  })

  test('a process that comes later learns of the watcher, and what it had done until then is told as cut', async () => {
    const { told } = await pair()
    const late = await processes.open()
    late.shared.publish({ ...NOTHING, runs: [1] })
    await vi.waitFor(() => expect(late.shared.isWatched()).toBe(true))
    late.shared.publish({ ...NOTHING, runs: [2] })
    await vi.waitFor(() => expect(told).toEqual([CUT]))
    late.shared.publish({ ...NOTHING, runs: [3] })
    await vi.waitFor(() => expect(told).toEqual([CUT, { ...NOTHING, runs: [3] }]))
  })

  test('one who begins to watch beside another is told that something may have been missed', async () => {
    const { a, b, told } = await pair()
    const second = watch(await processes.open())
    await vi.waitFor(() => expect(second.told).toContainEqual(CUT))
    const third = watch(b)
    await vi.waitFor(() => expect(third.told).toContainEqual(CUT))
    for (const each of [told, second.told, third.told]) each.length = 0
    a.shared.publish({ ...NOTHING, runs: [7] })
    const one = { ...NOTHING, runs: [7] }
    await vi.waitFor(() => {
      for (const each of [told, second.told, third.told]) expect(each).toContainEqual(one)
    })
  })

  test('more than a notice holds is told as cut', async () => {
    const { a, told } = await pair()
    a.shared.publish({ ...NOTHING, runs: Array.from({ length: 5_000 }, (_, key) => key) })
    await vi.waitFor(() => expect(told).toEqual([CUT]))
  })

  test('a connection that was lost is made again, and the gap is told as cut', async () => {
    const { a, told } = await pair()
    await cutListeners()
    a.shared.publish({ ...NOTHING, runs: [1] })
    await vi.waitFor(() => expect(told).toContainEqual(CUT), 10_000)
    await rest()
    told.length = 0
    a.shared.publish({ ...NOTHING, runs: [2] })
    await vi.waitFor(() => expect(told).toEqual([{ ...NOTHING, runs: [2] }]), 5_000)
  }, 20_000)

  test('of two stores on one database each is told what the other has committed', async () => {
    const [first, second] = [await processes.open(), await processes.open()].map(storeOn)
    await first?.heartbeat()
    const told: StoreChange[] = []
    const stop = second?.watch((change) => told.push(change))
    const put = async () => {
      const outcome = await first?.commit({
        needs: {},
        decide: (facts) => {
          const key = facts.key()
          return { changes: [{ put: 'run', row: aRun({ key, id: `R${key}` }) }], result: key }
        },
      })
      return typeof outcome === 'object' ? outcome.done : 0
    }
    await put()
    await vi.waitFor(() => expect(told).toContainEqual(CUT), 5_000)
    await rest()
    const key = await put()
    await vi.waitFor(() => expect(told.at(-1)).toEqual({ ...NOTHING, runs: [key] }))
    stop?.()
  })
})
