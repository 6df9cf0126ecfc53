// Connections that are lost at the worst moments. Between the process and the server stands a relay that can cut the line
// after a group was sent, before or after its answer.
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anEvent, anItem, aRun, aStep, nextState } from '../conformance/rows.ts'
import { done, writing } from '../conformance/world.ts'
import type { Change } from '../contract/changes.ts'
import type { Group } from '../contract/database.ts'
import type { Key } from '../contract/rows.ts'
import type { Operation, Store } from '../contract/store.ts'
import { sharedServer, uniqueSchema } from '../postgres-server/shared-server.ts'
import { createStore } from '../writer.ts'
import { Connection, statement } from './connection.ts'
import { openPostgres, type PostgresDatabase } from './index.ts'

type Cut = 'after the answer' | 'before the answer'

/** Passes bytes on. */
class Relay {
  /** How the line is cut that sends the next group. */
  cut: Cut | null = null
  #isDown = false
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(port: number) {
    this.#server = createServer((near) => this.#join(near, connectTo(port, '127.0.0.1')))
  }

  listen(): Promise<number> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      }),
    )
  }

  /** All lines are cut, and none is put through until `up`. */
  down(): void {
    this.#isDown = true
    for (const socket of this.#sockets) socket.destroy()
  }

  up(): void {
    this.#isDown = false
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #join(near: Socket, far: Socket): void {
    if (this.#isDown) near.destroy()
    let isCutting = false
    for (const socket of [near, far]) this.#sockets.add(socket.on('error', () => {}))
    near.on('data', (data) => {
      far.write(data)
      if (this.cut === null || !data.includes('write_')) return
      isCutting = true
      // The server goes on with what it was sent, and finds out when it answers.
      if (this.cut === 'before the answer') near.destroy()
      this.cut = null
    })
    far.on('data', (data) => {
      if (isCutting) near.destroy()
      else near.write(data)
    })
    near.on('close', () => !isCutting && far.destroy())
    far.on('close', () => near.destroy())
  }
}

let url = ''
let schema = ''
let relay: Relay
let near: PostgresDatabase
let far: PostgresDatabase
let store: Store

beforeAll(async () => {
  url = (await sharedServer()).url
}, 60_000)

beforeEach(async () => {
  schema = uniqueSchema()
  relay = new Relay(Number(new URL(url).port))
  const through = new URL(url)
  through.port = String(await relay.listen())
  far = await openPostgres({ url, schema })
  near = await openPostgres({ url: through.href, schema })
  store = createStore({ database: near, turn: queueMicrotask })
})

afterEach(async () => {
  await store.close()
  await far.close()
  relay.close()
})

function send(): Operation<Key> {
  return writing({}, (facts) => {
    const key = facts.key()
    return { changes: [{ put: 'event', row: anEvent({ key }), body: '{}' }], result: key }
  })
}

/** The same, after a look at what is there. */
function look(): Operation<Key> {
  return { ...send(), needs: { storing: ['shop/order'] } }
}

async function events(): Promise<number> {
  return (await far.lists.totals()).events
}

/** Ends the sessions that the condition finds. */
async function endSessions(condition: string): Promise<number> {
  const admin = await Connection.open({ url, schema, settings: {} })
  const text = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ${condition}`
  const ended = await admin.ask(statement('end_sessions', text))
  await admin.end()
  return ended.length
}

describe('a connection that is lost', () => {
  test('after the commit, before its answer: the group is answered as it was committed', async () => {
    await store.commit(send())
    for (const operation of [send, look]) {
      const before = await events()
      relay.cut = 'after the answer'
      const keys = await Promise.all([store.commit(operation()), store.commit(operation())])
      expect(relay.cut).toBeNull()
      expect(new Set(keys.map(done)).size).toBe(2)
      expect(await events()).toBe(before + 2)
    }
  })

  test('after the commit, with refusals: they are told too', async () => {
    const run = aRun({ key: await far.reserveKeys(1) })
    await far.finish({ number: 1, writes: [{ fence: null, rev: null, changes: [{ put: 'run', row: run }] }] })
    await store.commit(send())
    relay.cut = 'after the answer'
    const fence = { run: run.key, item: 999_999, epoch: 1 }
    const outcomes = await Promise.all([store.commit(send()), store.commit({ ...send(), fence })])
    expect(outcomes).toMatchObject([{}, 'stale'])
    expect(await events()).toBe(2)
  })

  test('while the group waits in the server: what the old connection still does is shut out', async () => {
    const [runKey, itemKey] = [await far.reserveKeys(1), await far.reserveKeys(1)]
    const run = aRun({ key: runKey })
    const item = anItem({ key: itemKey, run: runKey, state: 'leased', epoch: 1, owner: near.process })
    const put = (number: number, ...changes: Change[]): Group => ({
      number,
      writes: [{ fence: null, rev: null, changes }],
    })
    await far.finish(put(1, { put: 'run', row: run }, { put: 'item', row: item }))
    await store.commit(send())
    await far.begin({ runs: [runKey] }, [], [])
    relay.cut = 'before the answer'
    const changes: Change[] = [
      { set: 'run', key: runKey, state: nextState(run) },
      { put: 'step', row: aStep({ run: runKey }) },
    ]
    const step = store.commit<string>({
      needs: {},
      fence: { run: runKey, item: itemKey, epoch: 1 },
      given: { rev: 1 },
      decide: () => ({ changes, result: 'ok' }),
    })
    // The old connection's statement stands in line for the run, and behind it the second try's.
    while ((await waiting()) < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    await far.rollback()
    // Had the first one been let in, the second would have found that the run has moved.
    expect(await step).toMatchObject({ done: 'ok' })
    expect((await far.state.load([runKey]))[0]).toMatchObject({ row: { rev: 2 }, steps: [{ position: 0 }] })
  })

  test('between its reads and its writes: the group is done again from the beginning', async () => {
    await near.begin({ storing: ['shop/order'] }, [], [])
    expect(await endSessions("state = 'idle in transaction'")).toBe(1)
    const write = { fence: null, rev: null, changes: [{ put: 'event', row: anEvent({ key: 1 }), body: '{}' } as const] }
    await expect(near.finish({ number: 7, writes: [write] })).rejects.toMatchObject({ code: 'outcome_unknown' })
    expect(await near.written(7)).toBeNull()
    expect(done(await store.commit(look()))).toBeGreaterThan(0)
    expect(await events()).toBe(1)
  })

  test('while nothing is under way: nobody notices', async () => {
    await store.commit(look())
    await near.state.clock()
    expect(await endSessions("state = 'idle' AND datname = current_database()")).toBeGreaterThan(0)
    await expect(store.commit(look())).resolves.toBeTypeOf('object')
    await expect(near.state.nextDue()).resolves.toEqual({ due: null, ready: false })
    await expect(near.lists.totals()).resolves.toMatchObject({ events: 2 })
  })

  test('and cannot be opened again: the store says so, and goes on when it can', async () => {
    await store.commit(send())
    relay.down()
    const failed = { code: expect.stringMatching(/storage_error|outcome_unknown/) }
    await expect(store.commit(send())).rejects.toMatchObject(failed)
    await expect(near.state.nextDue()).rejects.toMatchObject({ code: 'storage_error' })
    relay.up()
    await store.commit(look())
    expect(await near.state.nextDue()).toEqual({ due: null, ready: false })
    expect(await events()).toBe(2)
  })
})

async function waiting(): Promise<number> {
  const admin = await Connection.open({ url, schema, settings: {} })
  const text = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'WITH t AS%'"
  const [row] = await admin.ask(statement<[number]>('waiting', text))
  await admin.end()
  return row?.[0] ?? 0
}
