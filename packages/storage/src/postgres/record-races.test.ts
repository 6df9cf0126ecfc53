// Two processes on one database, over one job, one session or one question: what both may not do at once waits, is left out
// or is seen. A slot is fired once, a session is opened once, an answer counts once.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aJob, aJobRun, aRequest, aSession, aSessionItem, deadlineOf, timerOf } from '../conformance/record-rows.ts'
import { START } from '../conformance/rows.ts'
import { done, writing } from '../conformance/world.ts'
import type { Change } from '../contract/changes.ts'
import type { JobRow, Key, RequestRow } from '../contract/rows.ts'
import type { Operation, Store } from '../contract/store.ts'
import { sharedServer } from '../postgres-server/shared-server.ts'
import type { PostgresDatabase } from './index.ts'
import { group, Processes, storeOn, waits } from './several-processes.ts'

const processes = new Processes()
const open = () => processes.open()
const DUE = { ready: { readyMax: 0, dueMax: 1_000, skip: [] } }

beforeAll(async () => {
  await sharedServer()
}, 60_000)

beforeEach(() => processes.begin())

afterEach(() => processes.end())

describe('two processes', () => {
  test('that open a session by the same name open one', async () => {
    const [a, b] = [await open(), await open()]
    const row = aSession({ key: await a.reserveKeys(1), name: 's' })
    await a.begin({ sessionNames: ['s'] }, [], [])
    const second = b.begin({ sessionNames: ['s'] }, [], [])
    expect(await waits(second)).toBe(true)
    await a.finish(group({ put: 'session', row }))
    expect((await second).sessions).toEqual([row])
    await b.rollback()
  })

  test('that append to a session leave no gap, and what one has named the other does not add again', async () => {
    const stores = await twoStores()
    const [session = 0] = await keysOf(stores[0], 1)
    await commit(stores[0], { put: 'session', row: aSession({ key: session }) })
    const append = (name: string): Operation<number> =>
      writing({ sessions: [session], sessionItems: [{ session, name }] }, (facts) => {
        const row = facts.session(session)
        const known = facts.sessionItem(session, name)
        if (row === undefined || known !== undefined) return { changes: [], result: known?.seq ?? 0 }
        const seq = row.items + 1
        const changes: Change[] = [
          { put: 'sessionItem', row: aSessionItem({ session, seq, name }) },
          { set: 'session', row: { ...row, items: seq } },
        ]
        return { changes, result: seq }
      })
    const numbers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        at(stores, index)
          .commit(append(`n${index >> 1}`))
          .then(done),
      ),
    )
    expect([...new Set(numbers)].sort((x, y) => x - y)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
    expect(await stores[0].lists.sessionItems(session, 0, 100)).toHaveLength(30)
  })

  test('that answer a question at once: the first counts', async () => {
    const stores = await twoStores()
    const [session = 0, key = 0, deadline = 0] = await keysOf(stores[0], 3)
    const asked = aRequest({ key, session })
    await commit(
      stores[0],
      { put: 'session', row: aSession({ key: session, pending: 1 }) },
      { put: 'request', row: asked },
      { put: 'item', row: deadlineOf(asked, { key: deadline }) },
    )
    const answer = (status: RequestRow['status']) =>
      writing({ requests: [key] }, (facts) => {
        const row = facts.request(key)
        const timer = facts.named(deadlineOf(asked, { key: deadline }).step)
        if (row?.status !== 'pending' || timer === undefined) return { changes: [], result: 'late' }
        const changes: Change[] = [
          { set: 'request', row: { ...row, status } },
          { end: 'item', key: timer.key },
        ]
        return { changes, result: 'first' }
      })
    const results = await Promise.all(
      stores.map((store, index) => store.commit(answer(index === 0 ? 'approved' : 'denied'))),
    )
    expect(results.map(done).sort()).toEqual(['first', 'late'])
  })

  test('that find the same timers due fire each slot once', async () => {
    const stores = await twoStores()
    const jobs = await dueJobs(stores[0], 40)
    const claimed = await Promise.all(
      Array.from({ length: 6 }, (_, index) => at(stores, index).commit(fire()).then(done)),
    )
    expect(claimed.flat().sort((x, y) => x - y)).toEqual(jobs.map(({ key }) => key))
    const strips = await stores[0].lists.jobStrips(claimed.flat(), 5)
    expect(strips).toHaveLength(40)
  })

  test('whoever changes a job is waited for by name, and its timer is left to it by claims', async () => {
    const [a, b] = [await open(), await open()]
    const store = storeOn(a)
    const [first, second] = (await dueJobs(store, 2)) as [JobRow, JobRow]
    await a.begin({ jobs: [first.key] }, [], [])
    const { jobs, ready } = await b.begin(DUE, [], [])
    expect([jobs.map(({ key }) => key), ready.length]).toEqual([[second.key], 1])
    await b.rollback()
    const later = b.begin({ jobs: [first.key] }, [], [])
    expect(await waits(later)).toBe(true)
    await a.finish(group({ set: 'job', row: { ...first, name: 'changed' } }))
    expect((await later).jobs).toEqual([{ ...first, name: 'changed' }])
    await b.rollback()
  })

  test('a timer that a claim holds makes who has its job begin again, until it is free', async () => {
    const [a, b] = [await open(), await open()]
    const [job] = (await dueJobs(storeOn(a), 1)) as [JobRow]
    const [timer] = (await a.begin({ named: [`line:${job.id}`], items: [job.key + 1] }, [], [])).items
    expect(timer?.kind).toBe('job')
    await a.rollback()
    // The item alone, as by a lease that is given back; a group that asks for rows locks what its guards name.
    await a.begin({ runs: [1_000_000] }, [{ run: null, item: job.key + 1, epoch: 0 }], [null])
    const other = b.begin({ jobs: [job.key] }, [], [])
    expect(await waits(other)).toBe(true)
    await a.rollback()
    expect((await other).named.concat((await other).items).map(({ key }) => key)).toContain(job.key + 1)
    await b.rollback()
  })

  test('retention leaves a session that is being opened again', async () => {
    const [a, b] = [await open(), await open()]
    const [row, other] = [await a.reserveKeys(1), await a.reserveKeys(1)].map((key) =>
      aSession({ key, status: 'completed', endedAt: START - 10 }),
    ) as [ReturnType<typeof aSession>, ReturnType<typeof aSession>]
    await a.finish(group({ put: 'session', row }, { put: 'session', row: other }))
    await a.begin({ sessionNames: [row.name] }, [], [])
    const rules = { jobRunsBefore: 0, keepLeast: 50, keepMost: 1_000, sessionsBefore: START, max: 100 }
    await b.finish(group({ end: 'records', ...rules }))
    await a.finish(group({ set: 'session', row: { ...row, status: 'running', endedAt: null } }))
    expect(await a.state.sessionByUlid(row.id)).toMatchObject({ status: 'running' })
    expect(await a.state.sessionByUlid(other.id)).toBeUndefined()
  })
})

async function twoStores(): Promise<readonly [Store, Store]> {
  const [a, b]: readonly [PostgresDatabase, PostgresDatabase] = [await open(), await open()]
  return [storeOn(a), storeOn(b)]
}

function at(stores: readonly [Store, Store], index: number): Store {
  return stores[index % 2] ?? stores[0]
}

async function commit(store: Store, ...changes: readonly Change[]): Promise<void> {
  done(await store.commit(writing({}, () => ({ changes, result: null }))))
}

async function keysOf(store: Store, count: number): Promise<Key[]> {
  const draw = writing({}, (facts) => ({ changes: [], result: Array.from({ length: count }, () => facts.key()) }))
  return done(await store.commit(draw))
}

/** Jobs, each with the key after it for its timer, which is due. */
async function dueJobs(store: Store, count: number): Promise<JobRow[]> {
  const keys = await keysOf(store, count * 2)
  const jobs = keys.filter((_, index) => index % 2 === 0).map((key) => aJob({ key }))
  const changes = jobs.flatMap((row): Change[] => [
    { put: 'job', row },
    { put: 'item', row: timerOf(row, { key: row.key + 1 }) },
  ])
  await commit(store, ...changes)
  return jobs
}

/** Fires what is due, a few at a time. */
function fire(): Operation<Key[]> {
  return writing({ ready: { ...DUE.ready, dueMax: 15 } }, (facts) => {
    const fired = facts.ready().flatMap((item) => {
      const job = facts.jobById(item.step.slice('job:'.length))
      return job === undefined ? [] : [{ item, job }]
    })
    const changes = fired.flatMap(({ item, job }): Change[] => [
      { set: 'item', row: { ...item, due: item.due + 60_000 } },
      { put: 'jobRun', row: aJobRun({ key: facts.key(), job: job.key, scheduledAt: item.due }), excerpt: null },
    ])
    return { changes, result: fired.map(({ job }) => job.key) }
  })
}
