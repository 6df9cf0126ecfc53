// What is written without locks holds as what is written with them: whatever another process has changed in between is
// noticed, and nothing of the group is then written.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aHistoryRow, anEvent, anItem, aRun, aStep, hash, nextState } from '../conformance/rows.ts'
import { done } from '../conformance/world.ts'
import type { Change } from '../contract/changes.ts'
import type { Write } from '../contract/database.ts'
import type { ItemRow, RunRow } from '../contract/rows.ts'
import type { Fence, Operation } from '../contract/store.ts'
import { sharedServer } from '../postgres-server/shared-server.ts'
import { hopeFor } from './hope.ts'
import type { PostgresDatabase } from './index.ts'
import { PendingRows } from './pending-rows.ts'
import { group, groupOf, Processes, putItem, putRun, storeOn } from './several-processes.ts'

const processes = new Processes()

beforeAll(async () => {
  await sharedServer()
}, 60_000)

beforeEach(() => processes.begin())

afterEach(() => processes.end())

interface Leased {
  readonly run: RunRow
  readonly item: ItemRow
}

async function putLeased(database: PostgresDatabase): Promise<Leased> {
  const run = await putRun(database)
  const item = await putItem(database, { run: run.key, state: 'leased', owner: database.process, epoch: 1 })
  return { run, item }
}

/** A step of the run: its head, a memo, a line of history, and the item under a new epoch. */
function aStepOf({ run, item }: Leased, digit = 'a'): Write & { readonly fence: Fence; readonly rev: number } {
  const fence = { run: run.key, item: item.key, epoch: item.epoch }
  const changes: readonly Change[] = [
    { set: 'run', key: run.key, state: nextState(run, { history: 1 }) },
    { put: 'step', row: aStep({ run: run.key, step: hash(digit) }) },
    { put: 'history', row: aHistoryRow({ run: run.key }), error: null },
    { set: 'item', row: { ...item, epoch: item.epoch + 1 } },
  ]
  return { fence, rev: run.rev, changes }
}

function theEnd(leased: Leased): Write {
  const { run } = leased
  const state = nextState(run, { status: 'completed', endedAt: run.queuedAt })
  return {
    ...aStepOf(leased),
    changes: [
      { set: 'run', key: run.key, state },
      { end: 'items', run: run.key },
    ],
  }
}

/** Somebody else writes to the run, as a checkpoint at another server does. */
async function move(database: PostgresDatabase, { run }: Leased): Promise<RunRow> {
  const state = nextState(run)
  await database.finish(group({ set: 'run', key: run.key, state }))
  return { ...run, ...state }
}

async function stepsOf(database: PostgresDatabase, ...leased: readonly Leased[]): Promise<number[]> {
  const loaded = await database.state.load(leased.map(({ run }) => run.key))
  return loaded.map(({ steps }) => steps.length)
}

const plain = ({ fence, rev, changes }: ReturnType<typeof aStepOf>): Operation<string> => ({
  needs: {},
  fence,
  given: { rev },
  decide: () => ({ changes, result: 'step' }),
})

const storing: Operation<string> = {
  needs: { storing: ['shop/order'] },
  decide: (facts) => ({ changes: [{ put: 'event', row: anEvent({ key: facts.key() }), body: '{}' }], result: 'event' }),
}

describe('a group that needs nothing', () => {
  test('of several operations only those are refused that stand on what has changed', async () => {
    const [a, b] = [await processes.open(), await processes.open()]
    const [first, second, third] = [await putLeased(a), await putLeased(a), await putLeased(a)]
    await move(b, second)
    await b.finish(group({ set: 'item', row: { ...third.item, epoch: 7 } }))
    const { results } = await a.finish(groupOf(aStepOf(first), aStepOf(second), theEnd(third)))
    expect(results).toEqual(['done', 'moved', 'stale'])
    expect(await stepsOf(a, first, second, third)).toEqual([1, 0, 0])
    expect(await a.state.items([third.item.key])).toHaveLength(1)
  })

  test('the end of a run whose lease another process has given back is refused', async () => {
    const [a, b] = [await processes.open(), await processes.open()]
    const leased = await putLeased(a)
    await b.finish(group({ set: 'item', row: { ...leased.item, state: 'ready', epoch: 2, owner: 0 } }))
    expect((await a.finish(groupOf(theEnd(leased)))).results).toEqual(['stale'])
    expect(await a.state.items([leased.item.key])).toMatchObject([{ state: 'ready', epoch: 2 }])
  })

  test('a memo that replaces the edited input of a rerun is written', async () => {
    const a = await processes.open()
    const leased = await putLeased(a)
    await a.finish(group({ put: 'step', row: aStep({ run: leased.run.key, position: -1, input: '[1]' }) }))
    expect((await a.finish(groupOf(aStepOf(leased)))).results).toEqual(['done'])
    expect((await a.state.load([leased.run.key]))[0]?.steps).toMatchObject([{ position: 0 }])
  })
})

describe('a group that stores an event beside steps', () => {
  test('takes the leases as the operations know them, and writes', async () => {
    const a = await processes.open()
    const leased = await putLeased(a)
    const store = storeOn(a)
    const outcomes = await Promise.all([store.commit(plain(aStepOf(leased))), store.commit(storing)])
    expect(outcomes.map((outcome) => done(outcome))).toEqual(['step', 'event'])
    expect(await stepsOf(a, leased)).toEqual([1])
  })

  test('is decided again when a run has moved: the step is refused, the event is stored once', async () => {
    const [a, b] = [await processes.open(), await processes.open()]
    const [moved, good] = [await putLeased(a), await putLeased(a)]
    await move(b, moved)
    const store = storeOn(a)
    const outcomes = await Promise.all(
      [plain(aStepOf(moved)), storing, plain(aStepOf(good))].map((operation) => store.commit(operation)),
    )
    expect(outcomes.map((outcome) => (typeof outcome === 'string' ? outcome : outcome.done))).toEqual([
      'moved',
      'event',
      'step',
    ])
    expect(await stepsOf(a, moved, good)).toEqual([0, 1])
    const events = await a.lists.events({ includeInternal: true, limit: 10, withText: false })
    expect(events).toHaveLength(1)
  })

  test('an operation that writes nothing under a lease that is gone is stale', async () => {
    const [a, b] = [await processes.open(), await processes.open()]
    const leased = await putLeased(a)
    await b.finish(group({ set: 'item', row: { ...leased.item, epoch: 2 } }))
    const { fence } = aStepOf(leased)
    const idle: Operation<string> = { needs: {}, fence, decide: () => ({ changes: [], result: 'idle' }) }
    const store = storeOn(a)
    const [outcome, stored] = await Promise.all([store.commit(idle), store.commit(storing)])
    expect(outcome).toBe('stale')
    expect(stored).toMatchObject({ done: 'event' })
  })
})

describe('what the rows that are written look at', () => {
  const run = aRun({ key: 1 })
  const item = anItem({ key: 2, run: 1, epoch: 5 })

  function hope(...writes: readonly Write[]) {
    const pending = new PendingRows(0)
    for (const { changes } of writes) pending.add(changes, 0)
    return hopeFor(writes, pending.rows)
  }

  test('the run and the item of a step', () => {
    expect(hope(aStepOf({ run, item }))).toEqual({ epochs: new Map([[2, 5]]), owns: new Map(), held: 2 })
  })

  test('the run and, among its items, the own one of an end', () => {
    const owns = new Map([[1, { item: 2, epoch: 5 }]])
    expect(hope(theEnd({ run, item }))).toEqual({ epochs: new Map(), owns, held: 2 })
  })

  test('an item that ends by itself', () => {
    const write = { fence: { run: null, item: 2, epoch: 5 }, rev: null, changes: [{ end: 'item', key: 2 }] } as const
    expect(hope(write)).toEqual({ epochs: new Map([[2, 5]]), owns: new Map(), held: 1 })
  })

  test('nothing where a lease, or a revision, is not that of a row', () => {
    const step = aStepOf({ run, item })
    expect(hope({ ...step, changes: step.changes.slice(0, 3) })).toBeNull()
    expect(hope({ ...step, changes: step.changes.slice(1) })).toBeNull()
    expect(hope({ ...step, rev: 9 })).toBeNull()
  })
})
