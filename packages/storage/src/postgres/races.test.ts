// Two processes on one database, at the moments that matter: one holds its group open while the other comes. What both
// may not do at once waits or is skipped; what was decided on older ground is refused.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aFunction, anApp, anEvent, anItem, aRun, aStep, aWait, hash, nextState, START } from '../conformance/rows.ts'
import { done, reading, writing } from '../conformance/world.ts'
import type { Change } from '../contract/changes.ts'
import type { Group } from '../contract/database.ts'
import type { ItemRow, Key, Mark, RunRow } from '../contract/rows.ts'
import type { Operation, Store } from '../contract/store.ts'
import { sharedServer } from '../postgres-server/shared-server.ts'
import type { PostgresDatabase } from './index.ts'
import { group, groupOf, Processes, putItem, putRun, storeOn, waits } from './several-processes.ts'

const processes = new Processes()
const open = () => processes.open()

beforeAll(async () => {
  await sharedServer()
}, 60_000)

beforeEach(() => processes.begin())

afterEach(() => processes.end())

describe('an event and a new wait on its name', () => {
  const NAME = 'shop/paid'
  const search = { name: NAME, keys: [{ path: '', value: '' }], after: 0, max: 10 }
  const event = (key: Key): Change => ({ put: 'event', row: anEvent({ key, name: NAME }), body: '{}' })

  async function mark(database: PostgresDatabase): Promise<Mark> {
    return (await database.state.clock()).mark
  }

  test('the wait comes second: it waits for the event and sees it', async () => {
    const [a, b] = [await open(), await open()]
    const before = await mark(b)
    const key = await a.reserveKeys(1)
    await a.begin({ storing: [NAME] }, [], [])
    const waiting = b.begin({ waitingFor: [NAME], since: [{ name: NAME, mark: before }] }, [], [])
    expect(await waits(waiting)).toBe(true)
    await a.finish(group(event(key)))
    expect((await waiting).since.map(({ events }) => events.map(({ row }) => row.key))).toEqual([[key]])
    await b.rollback()
  })

  test('the event comes second: it waits for the wait and finds it', async () => {
    const [a, b] = [await open(), await open()]
    const run = await putRun(a)
    const wait = aWait({ key: await a.reserveKeys(1), run: run.key, name: NAME })
    await a.begin({ waitingFor: [NAME], runs: [run.key] }, [], [])
    const storing = b.begin({ storing: [NAME], waits: [search] }, [], [])
    expect(await waits(storing)).toBe(true)
    await a.finish(group({ put: 'wait', row: wait }))
    const facts = await storing
    expect(facts.waits).toEqual([wait])
    expect(facts.runs).toEqual([run])
    await b.rollback()
  })

  test('of an event that is stored, waits that saw it are left out, whatever their keys are', async () => {
    const [a, b] = [await open(), await open()]
    const run = await putRun(a)
    const [seeing, event] = [await b.reserveKeys(1), await a.reserveKeys(1)]
    const wait = (key: Key): Change => ({
      put: 'wait',
      row: aWait({ key, run: run.key, step: hash(String(key % 10)), name: NAME }),
    })
    const [before, late] = [await a.reserveKeys(1), await b.reserveKeys(1)]
    await a.begin({ waitingFor: [NAME] }, [], [])
    await a.finish(group(wait(late)))
    await a.begin({ storing: [NAME] }, [], [])
    const opening = b.begin({ waitingFor: [NAME] }, [], [])
    expect(await waits(opening)).toBe(true)
    await a.finish(group({ put: 'event', row: anEvent({ key: event, name: NAME }), body: '{}' }))
    await opening
    await b.finish(group(wait(seeing), wait(before)))
    const found = async (stored?: Key) => {
      const { waits: rows } = await a.begin({ waits: [{ ...search, stored }] }, [], [])
      await a.rollback()
      return rows.map(({ key }) => key)
    }
    expect(await found(event)).toEqual([late])
    expect(await found()).toEqual([seeing, before, late].toSorted((x, y) => x - y))
  })

  test('two events of one name do not wait for each other', async () => {
    const [a, b] = [await open(), await open()]
    await a.begin({ storing: [NAME] }, [], [])
    await b.begin({ storing: [NAME], waits: [search] }, [], [])
    await b.rollback()
    await a.rollback()
  })

  test('an event with a smaller key that commits later is not before a mark taken in between', async () => {
    const [a, b] = [await open(), await open()]
    const [late, early] = [await a.reserveKeys(1), await b.reserveKeys(1)]
    await a.begin({ storing: [NAME] }, [], [])
    const { mark: between } = await b.finish(group(event(early)))
    const own = await a.finish(group(event(late)))
    const since = async (from: Mark) => {
      const facts = await b.begin({ since: [{ name: NAME, mark: from }] }, [], [])
      await b.rollback()
      return facts.since[0]?.events.map(({ row }) => row.key)
    }
    expect(await since(between)).toEqual([late])
    expect(await since(own.mark)).toEqual([])
  })

  test('one wait is resumed by one of two events that come at once', async () => {
    const [a, b] = [await open(), await open()]
    const stores = [storeOn(a), storeOn(b)]
    for (let round = 0; round < 10; round++) {
      const run = await putRun(a)
      const wait = aWait({ key: await a.reserveKeys(1), run: run.key, name: NAME })
      await a.finish(group({ put: 'wait', row: wait }))
      const resume = writing({ storing: [NAME], waits: [search] }, (facts) => {
        const [found] = facts.waits(NAME)
        const row = found === undefined ? undefined : facts.run(found.run)
        if (found === undefined || row === undefined) return { changes: [], result: 0 }
        const set = { set: 'run' as const, key: row.key, state: nextState(row, { stack: 1 }) }
        return { changes: [set, { end: 'wait', key: found.key }], result: 1 }
      })
      const outcomes = await Promise.all(stores.map((store) => store.commit(resume)))
      expect(outcomes.map(done).toSorted()).toEqual([0, 1])
      expect((await a.state.runByUlid(run.id))?.rev).toBe(2)
    }
  })
})

describe('keys that may be absent', () => {
  test('the second waits for the first and sees what it put', async () => {
    const [a, b] = [await open(), await open()]
    const idempotency = [{ fn: 3, key: 'order-1' }]
    await a.begin({ idempotency }, [], [])
    const second = b.begin({ idempotency }, [], [])
    expect(await waits(second)).toBe(true)
    await a.finish(group({ put: 'idempotency', row: { fn: 3, key: 'order-1', run: 10, expiresAt: START + 1_000 } }))
    expect((await second).idempotency).toEqual([{ fn: 3, key: 'order-1', run: 10 }])
    await b.rollback()
  })

  test('a first that gives up leaves nothing, and other keys wait for nobody', async () => {
    const [a, b] = [await open(), await open()]
    await a.begin({ eventIds: ['01A'], signals: ['go'] }, [], [])
    await b.begin({ eventIds: ['01B'], signals: ['stop'] }, [], [])
    await b.rollback()
    const same = b.begin({ signals: ['go'] }, [], [])
    expect(await waits(same)).toBe(true)
    await a.rollback()
    expect((await same).waits).toEqual([])
    await b.rollback()
  })

  test('keys are handed out once', async () => {
    const [a, b] = [await open(), await open()]
    const blocks = await Promise.all([a, b, a, b].map((database) => database.reserveKeys(10)))
    expect(new Set(blocks.map((first) => Math.floor(first / 10))).size).toBe(4)
    expect(a.process).not.toBe(b.process)
  })
})

describe('the registry', () => {
  test('a sync waits for what was decided on the older one, and the next sees the newer', async () => {
    const [a, b] = [await open(), await open()]
    const event = await a.begin({ storing: ['a'] }, [], [])
    const sync = b.begin({ registry: true }, [], [])
    expect(await waits(sync)).toBe(true)
    await a.rollback()
    expect((await sync).registryVersion).toBe(event.registryVersion)
    const later = a.begin({ storing: ['a'] }, [], [])
    expect(await waits(later)).toBe(true)
    await b.finish(
      group({ put: 'app', row: anApp({ key: 1 }) }, { put: 'function', row: aFunction({ key: 2, app: 1 }) }),
    )
    expect((await later).registryVersion).toBe(event.registryVersion + 1)
    await a.rollback()
  })
})

describe('branches of a run', () => {
  /** Ends one branch; the last one opens the discovery. */
  function endBranch(run: Key, item: Key): Operation<string> {
    return {
      needs: { runs: [run], items: [item] },
      fence: { run, item, epoch: 1 },
      decide: (facts) => {
        const row = facts.run(run)
        if (row === undefined) throw new Error('no run')
        const open = row.open - 1
        const set: Change = { set: 'run', key: run, state: nextState(row, { open }) }
        if (open > 0) return { changes: [set, { end: 'item', key: item }], result: 'ended' }
        const discovery = anItem({ key: item, run, step: '', epoch: 1 })
        return { changes: [set, { set: 'item', row: discovery }], result: 'discovers' }
      },
    }
  }

  test('two that end at once: one is the last', async () => {
    const [a, b] = [await open(), await open()]
    const [first, second] = [storeOn(a), storeOn(b)]
    for (let round = 0; round < 20; round++) {
      const run = await putRun(a, { open: 2 })
      const leased = { run: run.key, state: 'leased', epoch: 1 } as const
      const one = await putItem(a, { ...leased, step: hash('a'), owner: a.process })
      const two = await putItem(a, { ...leased, step: hash('b'), owner: b.process })
      const outcomes = await Promise.all([
        first.commit(endBranch(run.key, one.key)),
        second.commit(endBranch(run.key, two.key)),
      ])
      expect(outcomes.map(done).toSorted()).toEqual(['discovers', 'ended'])
      const [loaded] = await b.state.load([run.key])
      expect(loaded?.row).toMatchObject({ open: 0, rev: 3 })
    }
  })

  test('one statement waits for the run, finds that it has moved, and writes nothing', async () => {
    const [a, b] = [await open(), await open()]
    const run = await putRun(a)
    const item = await putItem(a, { run: run.key, state: 'leased', epoch: 3, owner: b.process })
    await a.begin({ runs: [run.key] }, [], [])
    const late = b.finish(
      groupOf({
        fence: { run: run.key, item: item.key, epoch: 3 },
        rev: 1,
        changes: [
          { set: 'run', key: run.key, state: nextState(run) },
          { put: 'step', row: aStep({ run: run.key }) },
        ],
      }),
    )
    expect(await waits(late)).toBe(true)
    await a.finish(group({ set: 'run', key: run.key, state: nextState(run, { status: 'cancelled' }) }))
    expect((await late).results).toEqual(['moved'])
    expect((await b.state.load([run.key]))[0]).toMatchObject({ row: { rev: 2, status: 'cancelled' }, steps: [] })
  })

  test('one statement waits for the lease, finds that it is gone, and writes nothing', async () => {
    const [a, b] = [await open(), await open()]
    const run = await putRun(a)
    const item = await putItem(a, { run: run.key, state: 'leased', epoch: 3, owner: b.process })
    await a.begin({ items: [item.key] }, [], [])
    const changes: Change[] = [
      { set: 'run', key: run.key, state: nextState(run) },
      { put: 'step', row: aStep({ run: run.key }) },
    ]
    const late = b.finish(groupOf({ fence: { run: run.key, item: item.key, epoch: 3 }, rev: 1, changes }))
    expect(await waits(late)).toBe(true)
    // The revision stays: only the row of the item tells.
    await a.finish(group({ set: 'item', row: { ...item, epoch: 4, owner: a.process } }))
    expect((await late).results).toEqual(['stale'])
    expect((await b.state.load([run.key]))[0]).toMatchObject({ row: { rev: 1 }, steps: [] })
  })

  test('one statement that waited writes onto the newest row, when it holds what it was built on', async () => {
    const [a, b] = [await open(), await open()]
    const run = await putRun(a)
    const item = await putItem(a, { run: run.key, state: 'leased', epoch: 3, owner: b.process })
    await a.begin({ items: [item.key] }, [], [])
    const late = b.finish(
      groupOf({
        fence: { run: run.key, item: item.key, epoch: 3 },
        rev: 1,
        changes: [
          { set: 'run', key: run.key, state: nextState(run, { stack: 1 }) },
          { set: 'item', row: { ...item, epoch: 4 } },
        ],
      }),
    )
    expect(await waits(late)).toBe(true)
    await a.finish(group({ set: 'item', row: { ...item, claims: 7 } }))
    expect((await late).results).toEqual(['done'])
    expect(await b.state.items([item.key])).toEqual([{ ...item, epoch: 4 }])
  })

  test('a lock that is held for longer than a wait lasts is waited for again', async () => {
    const [a, b] = [await open(), await open()]
    const run = await putRun(a)
    await a.begin({ runs: [run.key] }, [], [])
    const begun = b.begin({ runs: [run.key] }, [], [])
    const alone = new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(await Promise.race([begun.then(() => 'begun'), alone.then(() => 'waiting')])).toBe('waiting')
    await a.rollback()
    expect((await begun).runs).toEqual([run])
    await b.rollback()
  })

  test('two processes that write the same runs in any order lose nothing and end', async () => {
    const [a, b] = [await open(), await open()]
    const stores = [storeOn(a), storeOn(b)]
    const runs: RunRow[] = []
    for (let index = 0; index < 8; index++) runs.push(await putRun(a))
    const add = (one: Key, two: Key) =>
      writing({ runs: [one, two] }, (facts) => {
        const rows = [...new Set([one, two])].flatMap((key) => facts.run(key) ?? [])
        const changes = rows.map((row) => ({
          set: 'run' as const,
          key: row.key,
          state: nextState(row, { steps: row.steps + 1 }),
        }))
        return { changes, result: rows.length }
      })
    const key = (index: number) => runs[index % runs.length]?.key ?? 0
    const added = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        (stores[index % 2] as Store).commit(add(key(index * 7 + 3), key(index * 5 + (index % 3)))).then(done),
      ),
    )
    const loaded = await a.state.load(runs.map((row) => row.key))
    const total = loaded.reduce((sum, { row }) => sum + row.steps, 0)
    expect(total).toBe(added.reduce((sum, count) => sum + count, 0))
  })
})

describe('claims', () => {
  const ready = { ready: { readyMax: 5, dueMax: 5, skip: [] } }

  async function queue(database: PostgresDatabase, count: number, over: Partial<ItemRow> = {}): Promise<void> {
    const first = await database.reserveKeys(2 * count)
    const rows = Array.from({ length: count }, (_, index): Change[] => [
      { put: 'run', row: aRun({ key: first + 2 * index }) },
      { put: 'item', row: anItem({ key: first + 2 * index + 1, run: first + 2 * index, ...over }) },
    ])
    await database.finish(group(...rows.flat()))
  }

  function claim(owner: Key): Operation<Key[]> {
    return writing(ready, (facts) => ({
      changes: facts.ready().map((item) => ({
        set: 'item' as const,
        row: { ...item, state: 'leased' as const, owner, epoch: item.epoch + 1 },
      })),
      result: facts.ready().map((item) => item.key),
    }))
  }

  test('two at once take different items, and neither waits', async () => {
    const [a, b] = [await open(), await open()]
    await queue(a, 20)
    await queue(a, 20, { state: 'sleeping', step: hash('a') })
    const first = await a.begin(ready, [], [])
    const second = await b.begin(ready, [], [])
    expect([first.ready.length, second.ready.length]).toEqual([10, 10])
    expect(new Set([...first.ready, ...second.ready].map((item) => item.key)).size).toBe(20)
    await a.rollback()
    await b.rollback()
  })

  test('all of a queue is claimed once by two processes', async () => {
    const [a, b] = [await open(), await open()]
    for (let fn = 1; fn <= 4; fn++) await queue(a, 50, { fn })
    const claimAll = async (database: PostgresDatabase): Promise<Key[]> => {
      const store = storeOn(database)
      const all: Key[] = []
      while ((await store.state.nextDue()).ready) all.push(...done(await store.commit(claim(database.process))))
      return all
    }
    const claimed = (await Promise.all([claimAll(a), claimAll(b)])).flat()
    expect(claimed.length).toBe(200)
    expect(new Set(claimed).size).toBe(200)
  })

  test('a function that has just got its first item is not kept waiting by one with very many', async () => {
    const a = await open()
    const store = storeOn(a)
    await queue(a, 50, { fn: 4 })
    for (let turn = 0; turn < 3; turn++) expect(done(await store.commit(claim(a.process)))).toHaveLength(5)
    const item = await putItem(a, { run: (await putRun(a)).key, fn: 9 })
    expect(done(await store.commit(claim(a.process)))).toContain(item.key)
    expect(done(await store.commit(claim(a.process)))).toHaveLength(5)
    const first = await putItem(a, { run: (await putRun(a)).key, fn: 2 })
    expect(done(await store.commit(claim(a.process)))).toContain(first.key)
  })

  test('a run that another process is busy with is left alone, with its items', async () => {
    const [a, b] = [await open(), await open()]
    const run = await putRun(a)
    await putItem(a, { run: run.key })
    await a.begin({ runs: [run.key] }, [], [])
    expect((await b.begin(ready, [], [])).ready).toEqual([])
    await b.rollback()
    await a.rollback()
    expect((await b.begin(ready, [], [])).ready).toHaveLength(1)
    await b.rollback()
  })

  test('a child whose parent is busy is left alone', async () => {
    const [a, b] = [await open(), await open()]
    const parent = await putRun(a)
    const child = await putRun(a, { parentRun: parent.key, parentStep: hash('b') })
    await putItem(a, { run: child.key })
    await a.begin({ runs: [parent.key] }, [], [])
    expect((await b.begin(ready, [], [])).ready).toEqual([])
    await b.rollback()
    await a.rollback()
    const facts = await b.begin(ready, [], [])
    expect([facts.ready.length, facts.runs.map(({ key }) => key).toSorted()]).toEqual([1, [parent.key, child.key]])
    await b.rollback()
  })
})

describe('leases', () => {
  const LEASE_MS = 30_000

  async function leased(owner: PostgresDatabase): Promise<{ readonly run: RunRow; readonly item: ItemRow }> {
    const run = await putRun(owner)
    const item = await putItem(owner, { run: run.key, state: 'leased', owner: owner.process, epoch: 3, due: START - 5 })
    return { run, item }
  }

  /** Two heartbeats: with the second one the others have had time for theirs. */
  async function beat(database: PostgresDatabase): Promise<number> {
    const { released } = await database.shared.heartbeat()
    return released + (await database.shared.heartbeat()).released
  }

  const late = (run: RunRow, item: ItemRow): Group =>
    groupOf({
      fence: { run: run.key, item: item.key, epoch: 3 },
      rev: run.rev,
      changes: [
        { set: 'run', key: run.key, state: nextState(run) },
        { put: 'step', row: aStep({ run: run.key }) },
      ],
    })

  test('a process without a heartbeat loses its leases, and its late finish is refused', async () => {
    const [a, b] = [await open(), await open()]
    const { run, item } = await leased(a)
    const match = await putItem(a, { fn: null, kind: 'match', state: 'leased', owner: a.process, epoch: 1 })
    processes.clock.advance(LEASE_MS - 1)
    expect(await beat(b)).toBe(0)
    processes.clock.advance(2)
    expect(await beat(b)).toBe(2)
    const free = { state: 'ready', owner: 0, due: START + LEASE_MS + 1 } as const
    expect(await b.state.items([item.key, match.key])).toEqual([
      { ...item, ...free, epoch: 4 },
      // What needs no place for a call is found through the time index.
      { ...match, ...free, state: 'sleeping', epoch: 2 },
    ])
    expect((await a.finish(late(run, item))).results).toEqual(['stale'])
    expect((await b.state.load([run.key]))[0]?.steps).toEqual([])
    expect(await beat(b)).toBe(0)
  })

  test('a heartbeat keeps them, and so does a commit', async () => {
    const [a, b] = [await open(), await open()]
    const { run, item } = await leased(a)
    processes.clock.advance(LEASE_MS - 1)
    await a.shared.heartbeat()
    processes.clock.advance(LEASE_MS - 1)
    expect(await beat(b)).toBe(0)
    expect((await a.finish(late(run, item))).results).toEqual(['done'])
    processes.clock.advance(LEASE_MS - 1)
    expect(await beat(b)).toBe(0)
  })

  test('after a time in which nobody could say that it lives, the others are given time for it', async () => {
    const [a, b] = [await open(), await open()]
    const { item } = await leased(a)
    processes.clock.advance(10 * LEASE_MS)
    expect(await b.shared.heartbeat()).toEqual({ released: 0 })
    await a.shared.heartbeat()
    expect(await b.shared.heartbeat()).toEqual({ released: 0 })
    expect(await b.state.items([item.key])).toEqual([item])
  })

  test('an item whose run is busy is given back the next time', async () => {
    const [a, b, c] = [await open(), await open(), await open()]
    const { run } = await leased(a)
    processes.clock.advance(LEASE_MS + 1)
    expect((await Promise.all([beat(b), beat(c)])).toSorted()).toEqual([0, 1])
    const second = await putItem(a, { run: run.key, step: hash('a'), state: 'leased', owner: a.process })
    // That commit was a sign of life.
    processes.clock.advance(LEASE_MS + 1)
    await c.begin({ runs: [run.key] }, [], [])
    expect(await beat(b)).toBe(0)
    await c.rollback()
    expect(await beat(b)).toBe(1)
    expect((await b.state.items([second.key]))[0]?.state).toBe('ready')
  })

  test('what a process holds that stops in order is free at once', async () => {
    const [a, b] = [await open(), await open()]
    await leased(a)
    await a.close()
    expect(await b.shared.heartbeat()).toEqual({ released: 1 })
  })

  test('a store that is opened gives back what dead processes hold, with its second heartbeat', async () => {
    const a = await open()
    const { item } = await leased(a)
    processes.clock.advance(LEASE_MS + 1)
    const b = await open()
    expect(await b.state.items([item.key])).toEqual([item])
    expect(await b.shared.heartbeat()).toEqual({ released: 1 })
    expect((await b.state.items([item.key]))[0]).toMatchObject({ state: 'ready', epoch: 4 })
  })

  test('an offset of the store’s clock ends no lease', async () => {
    const [a, b] = [await open(), await open()]
    await leased(a)
    await b.finish(group({ set: 'clockOffset', ms: 48 * 3_600_000 }))
    expect(await beat(b)).toBe(0)
    expect(await a.state.clock()).toMatchObject({ now: START + 48 * 3_600_000 })
  })

  test('reads see what the other process has committed', async () => {
    const [a, b] = [await open(), await open()]
    const { run } = await leased(a)
    const seen = await storeOn(b).commit(reading({ runs: [run.key] }, (facts) => facts.run(run.key)?.id))
    expect(done(seen)).toBe(run.id)
  })
})
