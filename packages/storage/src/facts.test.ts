// The law of a group: operations that are decided together see and write what they would have seen and written one by
// one. Random operations are committed once as one group and once alone, in the order in which they were decided.
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anApp, anEvent, anItem, aRun, aStep, aWait, hash, nextState, START } from './conformance/rows.ts'
import { done, type TestClock, World } from './conformance/world.ts'
import type { Change } from './contract/changes.ts'
import type { Key } from './contract/rows.ts'
import type { Facts, Needs, Operation } from './contract/store.ts'
import { openSqlite } from './sqlite/index.ts'

const RUNS = [1, 2, 3] as const
const STEPS = ['', hash('a'), hash('b')] as const
const IDS = ['E1', 'E2'] as const
const NAMES = ['n1', 'n2'] as const
const VALUES = ['1', '2'] as const
const SIGNALS = ['s1', 's2'] as const
const FN = 1
/** Its line is read whole by every group: operations join it and leave it. */
const LIMIT = 'l1'
/** Its line is longer than what one operation takes; nobody joins it. */
const LONG = 'l2'
const LONG_TAKE = 2
const LONG_RUN = 5
const SINGLETON = 'one'
const WINDOWS = [100, 1_000].map((periodMs) => ({ name: `w${periodMs}`, periodMs }))
/** A run that has ended, of which events tell: it changes no more. */
const ENDED = 9

/** Everything of the small world, so that each operation tells all that it can see. Pages are small, to be filled. */
const NEEDS: Needs = {
  storing: NAMES,
  eventIds: IDS,
  idempotency: VALUES.map((key) => ({ fn: FN, key })),
  signals: SIGNALS,
  waits: NAMES.map((name) => ({ name, keys: VALUES.map((value) => ({ path: 'p', value })), after: 0, max: 2 })),
  since: NAMES.map((name) => ({ name, mark: 0 })),
  runs: RUNS,
  items: [101, 102],
  steps: RUNS.flatMap((run) => STEPS.map((step) => ({ run, step }))),
  itemsOf: RUNS,
  crons: [FN],
  registry: true,
  named: NAMES,
  limits: [
    { name: LIMIT, take: 20 },
    { name: LONG, take: LONG_TAKE },
  ],
  windows: WINDOWS,
  singletons: [SINGLETON],
}

function see(facts: Facts): unknown {
  return {
    version: facts.registryVersion,
    events: IDS.map((id) => facts.event(id)?.key),
    idempotency: VALUES.map((key) => facts.idempotency(FN, key)),
    signals: SIGNALS.map((name) => facts.signal(name)),
    waits: NAMES.map((name) => facts.waits(name)),
    since: NAMES.map((name) => facts.since(name)),
    runs: RUNS.map((run) => facts.run(run)),
    items: [101, 102].map((item) => facts.item(item)),
    ofSteps: RUNS.flatMap((run) =>
      STEPS.map((step) => [facts.itemOf(run, step), facts.waitOf(run, step), facts.hasMemo(run, step)]),
    ),
    itemsOf: RUNS.map((run) => facts.itemsOf(run)),
    crons: facts.crons(FN).toSorted((a, b) => a.key - b.key),
    apps: facts.apps(),
    named: NAMES.map((name) => facts.named(name)),
    limits: [LIMIT, LONG].map((name) => [facts.limit(name), facts.line(name)]),
    windows: WINDOWS.map(({ name }) => facts.window(name)),
    singleton: facts.singleton(SINGLETON),
  }
}

/** What one operation tries to do: numbers that choose among the few names of the world. */
interface Try {
  readonly what: number
  readonly run: Key
  readonly step: string
  readonly one: number
  readonly other: number
}

/** Changes that fit what the facts say. `key` is the operation's own, so that both ways give the same keys. */
const ACTIONS: readonly ((facts: Facts, key: Key, is: Try) => Change[])[] = [
  (facts, key, { one, other }) => {
    const id = IDS[one] ?? ''
    if (facts.event(id) !== undefined) return []
    const ofRun = other === 0 ? null : ENDED
    const row = { ...anEvent({ key, name: NAMES[other] ?? '', ofRun }), id }
    return [{ put: 'event', row, body: ofRun === null ? '{}' : null }]
  },
  (facts, key, { one }) => {
    const name = VALUES[one] ?? ''
    if (facts.idempotency(FN, name) !== undefined) return []
    return [{ put: 'idempotency', row: { fn: FN, key: name, run: key, expiresAt: START + 1_000 } }]
  },
  (facts, key, { run, step, one, other }) => {
    if (step === '' || facts.waitOf(run, step) !== undefined) return []
    return [
      { put: 'wait', row: aWait({ key, run, step, name: NAMES[one] ?? '', path: 'p', value: VALUES[other] ?? '' }) },
    ]
  },
  (facts, key, { run, step, one }) => {
    const name = SIGNALS[one] ?? ''
    if (step === '' || facts.waitOf(run, step) !== undefined) return []
    const before = facts.signal(name)
    const put: Change = { put: 'wait', row: aWait({ key, run, step, name, kind: 'signal' }) }
    return before === undefined ? [put] : [{ set: 'wait', row: { ...before, name: '' } }, put]
  },
  (facts, _, { one }) => facts.waits(NAMES[one] ?? '').map(({ key }) => ({ end: 'wait' as const, key })),
  (_facts, _, { run }) => [{ end: 'waits', run }],
  (facts, key, { run, step, one }) => {
    const item = facts.itemOf(run, step)
    if (item === undefined) return [{ put: 'item', row: anItem({ key, run, step, state: one ? 'ready' : 'leased' }) }]
    return [{ set: 'item', row: { ...item, epoch: item.epoch + 1, state: 'sleeping', line: null } }]
  },
  (facts, _, { run, step, one }) => {
    const item = facts.itemOf(run, step)
    const to = STEPS[one] ?? ''
    if (item === undefined || facts.itemOf(run, to) !== undefined) return []
    return [{ set: 'item', row: { ...item, step: to } }]
  },
  (facts, _, { run, step }) => {
    const item = facts.itemOf(run, step)
    return item === undefined ? [] : [{ end: 'item', key: item.key }]
  },
  (_facts, _, { run }) => [{ end: 'items', run }],
  (facts, _, { run, step, one }) => {
    if (step === '' || facts.hasMemo(run, step)) return []
    return [{ put: 'step', row: aStep({ run, step, position: one - 1 }) }]
  },
  (facts, _, { run, one }) => {
    const row = facts.run(run)
    return row === undefined ? [] : [{ set: 'run', key: run, state: nextState(row, { steps: one }) }]
  },
  (_facts, key) => [{ put: 'item', row: anItem({ key, kind: 'cron', state: 'sleeping', step: `${key}` }) }],
  (facts, key, { one }) => {
    const [app] = facts.apps()
    if (app !== undefined) return [{ set: 'app', row: { ...app, checksum: `${one}` } }]
    return [{ put: 'app', row: anApp({ key }) }]
  },
  (facts, key, { run, step, one }) => {
    const joining = { state: 'blocked', line: LIMIT, holds: false, rank: START - one * key } as const
    const item = facts.itemOf(run, step)
    if (item !== undefined) return [{ set: 'item', row: { ...item, ...joining } }]
    return [{ put: 'item', row: anItem({ key, run, step, limits: [LIMIT], ...joining }) }]
  },
  (facts, key, { run, step, one, other }) => {
    const limits = [[LIMIT], [LONG, LIMIT], [], [LONG]][2 * one + other] ?? []
    const item = facts.itemOf(run, step)
    const taking = { state: 'leased', line: null, holds: true, limits } as const
    if (item === undefined) return [{ put: 'item', row: anItem({ key, run, step, ...taking }) }]
    return [{ set: 'item', row: { ...item, ...(item.holds ? { holds: false, state: 'sleeping' as const } : taking) } }]
  },
  (facts, _, { one }) =>
    facts.line(one ? LIMIT : LONG).items.map((item): Change => {
      return { set: 'item', row: { ...item, state: 'ready', line: null, holds: true } }
    }),
  (_facts, key, { one }) => [{ put: 'rate', row: { name: one ? LIMIT : LONG, tat: key } }],
  (facts, key, { one, other }) => {
    const timer = facts.limit(LIMIT)?.timer ?? null
    const row = timer ?? anItem({ key, fn: null, kind: 'line', step: LIMIT, state: 'sleeping' })
    if (timer === null) return [{ put: 'item', row }]
    return one ? [{ set: 'item', row: { ...row, due: START + other } }] : [{ end: 'item', key: row.key }]
  },
  (facts, key, { one, other }) => {
    const name = NAMES[one] ?? ''
    const item = facts.named(name)
    if (item === undefined) return [{ put: 'item', row: anItem({ key, kind: 'batch', step: name, state: 'sleeping' }) }]
    return other ? [{ set: 'item', row: { ...item, detail: `${key}` } }] : [{ end: 'item', key: item.key }]
  },
  (facts, key, { one, other }) => {
    const window = WINDOWS[one]
    const at = facts.now - other * 500
    return [{ put: 'admission', row: { key, name: window?.name ?? '', at, expiresAt: at + (window?.periodMs ?? 0) } }]
  },
  (facts, key, { one }) => {
    const holder = facts.singleton(SINGLETON)
    if (holder === undefined) return [{ put: 'run', row: aRun({ key, singleton: SINGLETON }) }]
    const endedAt = one ? facts.now : null
    return [{ set: 'run', key: holder.key, state: nextState(holder, { endedAt }) }]
  },
  (facts, _, { one, other }) => {
    if (one + other < 2) return []
    return facts.event('E1') === undefined ? [] : [{ end: 'everything' }]
  },
]

const tries = fc.array(
  fc.record({
    what: fc.nat(ACTIONS.length - 1),
    run: fc.constantFrom(...RUNS),
    step: fc.constantFrom(...STEPS),
    one: fc.nat(1),
    other: fc.nat(1),
  }),
  { minLength: 2, maxLength: 12 },
)

/** Notes the order in which the operations were decided at last. */
function operations(all: readonly Try[], decided: Map<number, number>): Operation<unknown>[] {
  let count = 0
  return all.map((is, index) => ({
    needs: NEEDS,
    decide(facts) {
      const changes = ACTIONS[is.what]?.(facts, 1_000 + index, is) ?? []
      const result = see(facts)
      decided.set(index, count++)
      return { changes, result }
    },
  }))
}

async function openWorld(connection: DatabaseSync): Promise<World> {
  const place = {
    isKept: true,
    open: (clock: TestClock) => openSqlite({ connection, now: clock.wall, monotonic: clock.ticks }),
    remove: async () => connection.close(),
  }
  const world = await World.open(place)
  await world.put(
    { put: 'run', row: aRun({ key: 1 }) },
    { put: 'run', row: aRun({ key: ENDED, status: 'completed', endedAt: START }) },
    { put: 'output', run: ENDED, text: '1', isError: false },
    { put: 'run', row: aRun({ key: 2, parentRun: 1, parentStep: hash('a') }) },
    { put: 'run', row: aRun({ key: LONG_RUN }) },
    ...[301, 302, 303].map((key) => ({
      put: 'item' as const,
      row: anItem({
        key,
        run: LONG_RUN,
        step: hash(String(key % 10)),
        state: 'blocked',
        limits: [LONG],
        line: LONG,
        rank: -key,
      }),
    })),
    { put: 'item', row: anItem({ key: 101, run: 1, state: 'leased', holds: true, limits: [LIMIT, LONG] }) },
    { put: 'item', row: anItem({ key: 102, run: 2, step: hash('a') }) },
    ...[201, 202, 203].map((key) => ({
      put: 'wait' as const,
      row: aWait({ key, run: 2, step: hash(String(key % 10)), name: 'n1', path: 'p', value: '1' }),
    })),
  )
  return world
}

const TABLES = [
  'events',
  'runs',
  'items',
  'steps',
  'waits',
  'idempotency',
  'apps',
  'event_bodies',
  'rates',
  'admissions',
]

function dump(db: DatabaseSync): Record<string, Record<string, SQLOutputValue>[]> {
  return Object.fromEntries(TABLES.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]))
}

describe('the facts of a group', () => {
  test('operations see and write in one group what they would one by one', async () => {
    await fc.assert(
      fc.asyncProperty(tries, async (all) => {
        const [grouped, single] = [new DatabaseSync(':memory:'), new DatabaseSync(':memory:')]
        const together = await openWorld(grouped)
        const alone = await openWorld(single)
        const decided = new Map<number, number>()
        const results = (await together.group(...operations(all, decided))).map(done)
        const inOrder = [...decided.keys()].sort((a, b) => (decided.get(a) ?? 0) - (decided.get(b) ?? 0))
        const oneByOne = operations(all, new Map())
        const expected: unknown[] = []
        for (const index of inOrder) {
          const operation = oneByOne[index]
          if (operation !== undefined) expected[index] = done(await alone.store.commit(operation))
        }
        expect(results).toEqual(expected)
        expect(dump(grouped)).toEqual(dump(single))
        await Promise.all([together.store.close(), alone.store.close()])
        for (const db of [grouped, single]) db.close()
      }),
      { numRuns: 100 },
    )
  })
})
