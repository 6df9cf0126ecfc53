// Two processes on one database at the limits: who frees a slot and who stands in line, who takes the last one, who is
// admitted last. Each pair is stopped between lock and commit, in both orders.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anEvent, anItem, aRun, hash, nextState, START } from '../conformance/rows.ts'
import { done, writing } from '../conformance/world.ts'
import type { ItemRow, Key, RunRow } from '../contract/rows.ts'
import type { Operation, Store } from '../contract/store.ts'
import { sharedServer } from '../postgres-server/shared-server.ts'
import type { PostgresDatabase } from './index.ts'
import { group, Processes, putItem, putRun, storeOn, waits } from './several-processes.ts'

const processes = new Processes()
const open = () => processes.open()
const LIMIT = 'fn:1'

beforeAll(async () => {
  await sharedServer()
}, 60_000)

beforeEach(() => processes.begin())

afterEach(() => processes.end())

interface Placed {
  readonly run: RunRow
  readonly item: ItemRow
}

async function holding(database: PostgresDatabase, over: Partial<ItemRow> = {}): Promise<Placed> {
  const run = await putRun(database)
  const item = await putItem(database, { run: run.key, state: 'leased', limits: [LIMIT], holds: true, ...over })
  return { run, item }
}

async function standing(database: PostgresDatabase, over: Partial<ItemRow> = {}): Promise<Placed> {
  const run = await putRun(database)
  const item = await putItem(database, {
    run: run.key,
    step: hash('a'),
    state: 'blocked',
    limits: [LIMIT],
    line: LIMIT,
    ...over,
  })
  return { run, item }
}

const limits = (take: number, name = LIMIT) => ({ limits: [{ name, take }] })
const free = { name: LIMIT, held: 0, tat: null, timer: null }

describe('a slot that is freed and an item that is blocked', () => {
  test('the blocked one comes second: it waits, and finds the slot', async () => {
    const [a, b] = [await open(), await open()]
    const { run, item } = await holding(a)
    await a.begin({ ...limits(1), runs: [run.key], items: [item.key] }, [], [])
    const blocking = b.begin(limits(0), [], [])
    expect(await waits(blocking)).toBe(true)
    await a.finish(group({ end: 'item', key: item.key }))
    expect((await blocking).limits).toEqual([free])
    await b.rollback()
  })

  test('the freeing one comes second: it waits, and finds who stands in line', async () => {
    const [a, b] = [await open(), await open()]
    const { item } = await holding(a)
    const run = aRun({ key: await a.reserveKeys(2) })
    const blocked = anItem({ key: run.key + 1, run: run.key, state: 'blocked', limits: [LIMIT], line: LIMIT })
    expect((await a.begin(limits(0), [], [])).limits).toEqual([{ ...free, held: 1 }])
    const freeing = b.begin({ ...limits(1), items: [item.key] }, [], [])
    expect(await waits(freeing)).toBe(true)
    await a.finish(group({ put: 'run', row: run }, { put: 'item', row: blocked }))
    const facts = await freeing
    expect(facts.lines).toEqual([{ name: LIMIT, items: [blocked.key], isWhole: true }])
    expect(facts.items.map(({ key }) => key)).toContain(blocked.key)
    expect(facts.runs.map(({ key }) => key)).toContain(run.key)
    await b.rollback()
  })

  test('two that want the last slot: the second sees that it is taken', async () => {
    const [a, b] = [await open(), await open()]
    const run = aRun({ key: await a.reserveKeys(2) })
    const first = anItem({ key: run.key + 1, run: run.key, state: 'leased', limits: [LIMIT], holds: true })
    expect((await a.begin(limits(0), [], [])).limits).toEqual([free])
    const second = b.begin(limits(0), [], [])
    expect(await waits(second)).toBe(true)
    await a.finish(group({ put: 'run', row: run }, { put: 'item', row: first }))
    expect((await second).limits).toEqual([{ ...free, held: 1 }])
    await b.rollback()
  })

  test('other limits wait for nobody', async () => {
    const [a, b] = [await open(), await open()]
    await a.begin(limits(1, 'fn:1'), [], [])
    await b.begin(limits(1, 'fn:2'), [], [])
    await b.rollback()
    await a.rollback()
  })

  test('several limits in any order end', async () => {
    const [a, b] = [await open(), await open()]
    const names = Array.from({ length: 8 }, (_, index) => ({ name: `key:${index}`, take: 1 }))
    const round = async (database: PostgresDatabase, searches: typeof names) => {
      for (let turn = 0; turn < 20; turn++) {
        await database.begin({ limits: searches }, [], [])
        await database.rollback()
      }
      return 'ended'
    }
    expect(await Promise.all([round(a, names), round(b, names.toReversed())])).toEqual(['ended', 'ended'])
  })
})

describe('the head of a line', () => {
  test('an item whose run is busy is left out, the next one is given, and the line is not whole', async () => {
    const [a, b] = [await open(), await open()]
    const first = await standing(a)
    const second = await standing(a)
    await a.begin({ runs: [first.run.key] }, [], [])
    const line = async () => {
      const { lines } = await b.begin(limits(1), [], [])
      await b.rollback()
      return lines
    }
    expect(await line()).toEqual([{ name: LIMIT, items: [second.item.key], isWhole: false }])
    await a.rollback()
    expect(await line()).toEqual([{ name: LIMIT, items: [first.item.key], isWhole: false }])
  })

  test('an item that leaves while its run is waited for is not given', async () => {
    const [a, b] = [await open(), await open()]
    const { run, item } = await standing(a)
    await a.begin({ runs: [run.key] }, [], [])
    const freeing = b.begin({ ...limits(1), runs: [run.key] }, [], [])
    expect(await waits(freeing)).toBe(true)
    await a.finish(group({ end: 'item', key: item.key }))
    expect((await freeing).lines).toEqual([{ name: LIMIT, items: [], isWhole: true }])
    await b.rollback()
  })

  test('it goes round the functions, from one group to the next', async () => {
    const a = await open()
    const keys: number[][] = []
    for (const fn of [1, 2, 3]) keys.push([(await standing(a, { fn })).item.key, (await standing(a, { fn })).item.key])
    const served: number[] = []
    for (let turn = 0; turn < 6; turn++) {
      const { lines } = await a.begin(limits(1), [], [])
      const [key = 0] = lines[0]?.items ?? []
      await a.finish(group({ end: 'item', key }))
      served.push(keys.findIndex((of) => of.includes(key)) + 1)
    }
    expect(served).toEqual([1, 2, 3, 1, 2, 3])
  })

  test('what functions with few items leave goes to the others', async () => {
    const a = await open()
    const many: number[] = []
    for (let index = 0; index < 6; index++) many.push((await standing(a, { fn: 1 })).item.key)
    const few = (await standing(a, { fn: 2 })).item.key
    const alone = await putItem(a, { fn: 3, kind: 'batch', step: 'b', state: 'blocked', line: LIMIT })
    const { lines } = await a.begin(limits(6), [], [])
    expect(lines[0]?.items).toEqual([many[0], few, alone.key, ...many.slice(1, 4)])
    await a.rollback()
  })
})

describe('limits that items bring', () => {
  test('one that somebody has is left out, and nobody waits', async () => {
    const [a, b] = [await open(), await open()]
    const { item } = await holding(a, { state: 'sleeping', holds: false, due: START - 1 })
    const claim = { ready: { readyMax: 5, dueMax: 5, skip: [] } }
    await a.begin(limits(1), [], [])
    const facts = await b.begin(claim, [], [])
    expect([facts.ready.map(({ key }) => key), facts.limits]).toEqual([[item.key], []])
    await b.rollback()
    await a.rollback()
    expect((await b.begin(claim, [], [])).limits).toEqual([free])
    await b.rollback()
  })

  test('what is due without a run brings its limits too, and the timer of a rate itself', async () => {
    const a = await open()
    const timer = await putItem(a, {
      fn: null,
      kind: 'line',
      step: LIMIT,
      state: 'sleeping',
      due: START - 1,
      limits: [LIMIT],
    })
    const facts = await a.begin({ ready: { readyMax: 5, dueMax: 5, skip: [] } }, [], [])
    expect([facts.ready, facts.limits]).toEqual([[timer], [{ ...free, timer: timer.key }]])
    await a.rollback()
  })

  test('one comes with its rate and its timer, and not without the timer', async () => {
    const [a, b] = [await open(), await open()]
    const { run } = await holding(a)
    const timer = await putItem(a, { fn: null, kind: 'line', step: LIMIT, state: 'sleeping', due: START + 60_000 })
    await a.finish(group({ put: 'rate', row: { name: LIMIT, tat: START + 5 } }))
    const found = async () => {
      const facts = await b.begin({ itemsOf: [run.key] }, [], [])
      await b.rollback()
      return [facts.limits, facts.items.some(({ key }) => key === timer.key)]
    }
    const whole = { name: LIMIT, held: 1, tat: START + 5, timer: timer.key }
    expect(await found()).toEqual([[whole], true])
    await a.begin({ items: [timer.key] }, [], [])
    expect(await found()).toEqual([[], false])
    await a.rollback()
    await b.begin(limits(0), [], [])
    expect(await waits(a.begin({ items: [timer.key] }, [], []))).toBe(true)
    await b.rollback()
  })

  test('what stands in the ready index holds its slots, and its claim locks none', async () => {
    const [a, b] = [await open(), await open()]
    const { item } = await holding(a, { state: 'ready' })
    const claim = { ready: { readyMax: 5, dueMax: 5, skip: [] } }
    const { ready, limits: found } = await a.begin(claim, [], [])
    expect([ready.map(({ key }) => key), found]).toEqual([[item.key], []])
    await b.begin(limits(1), [], [])
    await b.rollback()
    await a.rollback()
  })

  test('the slot of a process that died stays with its item', async () => {
    const [a, b] = [await open(), await open()]
    const { item } = await holding(a, { owner: a.process, epoch: 4 })
    processes.clock.advance(31_000)
    await b.shared.heartbeat()
    expect(await b.shared.heartbeat()).toEqual({ released: 1 })
    const [freed] = await b.state.items([item.key])
    expect(freed).toMatchObject({ state: 'ready', owner: 0, epoch: 5, holds: true, limits: [LIMIT] })
    expect((await b.begin(limits(0), [], [])).limits).toEqual([{ ...free, held: 1 }])
    await b.rollback()
  })
})

describe('names that may be absent', () => {
  test('two admissions for the last of a window: the second counts the first', async () => {
    const [a, b] = [await open(), await open()]
    const windows = [{ name: 'w', periodMs: 1_000 }]
    expect((await a.begin({ windows }, [], [])).windows).toEqual([{ name: 'w', count: 0 }])
    const second = b.begin({ windows }, [], [])
    expect(await waits(second)).toBe(true)
    const row = { key: await b.reserveKeys(1), name: 'w', at: START, expiresAt: START + 1_000 }
    await a.finish(group({ put: 'admission', row }))
    expect((await second).windows).toEqual([{ name: 'w', count: 1 }])
    await b.rollback()
    processes.clock.advance(1_000)
    expect((await b.begin({ windows }, [], [])).windows).toEqual([{ name: 'w', count: 0 }])
    await b.rollback()
  })

  test('two singletons: the second finds the first, with every item of it', async () => {
    const [a, b] = [await open(), await open()]
    const singletons = ['fn:1:x']
    const run = aRun({ key: await a.reserveKeys(3), singleton: 'fn:1:x' })
    const items = [
      anItem({ key: run.key + 1, run: run.key }),
      anItem({ key: run.key + 2, run: run.key, step: hash('a') }),
    ]
    expect((await a.begin({ singletons }, [], [])).runs).toEqual([])
    const second = b.begin({ singletons }, [], [])
    expect(await waits(second)).toBe(true)
    await a.finish(group({ put: 'run', row: run }, ...items.map((row) => ({ put: 'item' as const, row }))))
    const facts = await second
    expect([facts.runs, facts.items.toSorted((x, y) => x.key - y.key)]).toEqual([[run], items])
    await b.rollback()
  })

  test('a holder that ends makes room for the next in the same group, and holds no more', async () => {
    const a = await open()
    const run = await putRun(a, { singleton: 's' })
    const next = aRun({ key: await a.reserveKeys(1), singleton: 's' })
    await expect(a.finish(group({ put: 'run', row: next }))).rejects.toThrow('runs_singleton')
    await a.begin({ singletons: ['s'] }, [], [])
    const ended = nextState(run, { status: 'cancelled', endedAt: START })
    await a.finish(group({ set: 'run', key: run.key, state: ended }, { put: 'run', row: next }))
    expect((await a.begin({ singletons: ['s'] }, [], [])).runs).toEqual([next])
    await a.rollback()
  })

  test('two events of one batch: the second finds the window that the first has opened', async () => {
    const [a, b] = [await open(), await open()]
    const named = ['batch:1']
    const window = anItem({ key: await a.reserveKeys(2), kind: 'batch', step: 'batch:1', state: 'sleeping' })
    expect((await a.begin({ named }, [], [])).named).toEqual([])
    const second = b.begin({ named }, [], [])
    expect(await waits(second)).toBe(true)
    await a.finish(
      group({ put: 'item', row: window }, { put: 'event', row: anEvent({ key: window.key + 1 }), body: '{}' }),
    )
    expect((await second).named).toEqual([window])
    expect((await a.begin({ ready: { readyMax: 1, dueMax: 1, skip: [] } }, [], [])).ready).toEqual([])
    await a.rollback()
    await b.rollback()
  })
})

describe('three processes at one limit', () => {
  const MAX = 3
  const RUNS = 150

  /** A run takes a slot, or stands in line. @returns the item when it may be worked on. */
  function start(owner: Key): Operation<Key | null> {
    return writing(limits(0), (facts) => {
      const held = facts.limit(LIMIT)?.held ?? 0
      const run = aRun({ key: facts.key() })
      const isFree = held < MAX && facts.line(LIMIT).isWhole
      const place = isFree
        ? ({ state: 'leased', holds: true, owner } as const)
        : ({ state: 'blocked', line: LIMIT } as const)
      const row = anItem({ key: facts.key(), run: run.key, limits: [LIMIT], ...place })
      const changes = [{ put: 'run', row: run } as const, { put: 'item', row } as const]
      return { changes, result: isFree ? row.key : null }
    })
  }

  /** Ends an item and gives its slot to the next. @returns what may be worked on, and how many slots are held then. */
  function end(owner: Key, item: Key): Operation<{ readonly next: readonly Key[]; readonly held: number }> {
    return writing({ ...limits(MAX), items: [item] }, (facts) => {
      const held = (facts.limit(LIMIT)?.held ?? 0) - 1
      const next = facts.line(LIMIT).items.slice(0, MAX - held)
      const admitted = next.map((row) => ({
        set: 'item' as const,
        row: { ...row, state: 'leased' as const, holds: true, line: null, owner },
      }))
      const result = { next: next.map(({ key }) => key), held: held + next.length }
      return { changes: [{ end: 'item', key: item }, ...admitted], result }
    })
  }

  test('the limit holds, every slot is used while somebody waits, and all of them end', async () => {
    const databases = [await open(), await open(), await open()]
    const held: number[] = []
    let ended = 0
    const work = async (store: Store, item: Key | null): Promise<void> => {
      if (item === null) return
      const { next, held: now } = done(await store.commit(end(store.process, item)))
      held.push(now)
      ended++
      await Promise.all(next.map((key) => work(store, key)))
    }
    const stores = databases.map(storeOn)
    await Promise.all(
      Array.from({ length: RUNS }, async (_, index) => {
        const store = stores[index % 3] as Store
        await work(store, done(await store.commit(start(store.process))))
      }),
    )
    expect(ended).toBe(RUNS)
    expect(Math.max(...held)).toBe(MAX)
    // Only the last ones leave slots that nobody wants.
    expect(held.slice(0, RUNS - 50).filter((count) => count < MAX).length).toBeLessThan(10)
    const [database] = databases
    expect((await database?.begin(limits(1), [], []))?.lines).toEqual([{ name: LIMIT, items: [], isWhole: true }])
    await database?.rollback()
  })
})
