// Sessions, their items and the requests to people: what a group sees of them, their lists, and what retention leaves.
import { describe, expect, test } from 'vitest'
import type { Key, RequestRow, SessionItemRow, SessionRow } from '../contract/rows.ts'
import type { Here } from './index.ts'
import { aJob, aJobRun, aRequest, aSession, aSessionItem, deadlineOf } from './record-rows.ts'
import { anItem, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

export function describeSessions(here: Here): void {
  describe('sessions', () => {
    describeFacts(here)
    describeRequests(here)
    describeSessionLists(here)
    describeRequestLists(here)
    describeEnds(here)
  })
}

function describeFacts(here: Here): void {
  test('a session is found by key and by name, absence too', async () => {
    const [key = 0, none = 0] = await here().keys(2)
    const row = aSession({ key, name: 'daily \u0000 2026' })
    await here().put({ put: 'session', row })
    const needs = { sessions: [key, none], sessionNames: [row.name, 'none'] }
    const found = await here().read(needs, (facts) => [
      facts.session(key),
      facts.session(none),
      facts.sessionNamed(row.name),
      facts.sessionNamed('none'),
    ])
    expect(found).toEqual([row, undefined, row, undefined])
    expect(await here().read({ sessionNames: [row.name] }, (facts) => facts.session(key))).toEqual(row)
    expect(await here().store.state.sessionByUlid(row.id)).toEqual(row)
    expect(await here().store.state.sessionByUlid('none')).toBeUndefined()
    await expect(here().read(needs, (facts) => facts.sessionNamed('other'))).rejects.toThrow('not in the needs')
    await expect(here().put({ put: 'session', row: aSession({ key: none, name: row.name }) })).rejects.toThrow()
  })

  test('what changes of a session is written', async () => {
    const [key = 0, job = 0, jobRun = 0] = await here().keys(3)
    await here().put({ put: 'session', row: aSession({ key }) })
    const row: SessionRow = aSession({
      key,
      agent: 'trader',
      title: 'T',
      status: 'failed',
      metadata: '{"a":1}',
      job,
      jobRun,
      runId: '01RUN',
      items: 3,
      pending: 2,
      updatedAt: START + 5,
      endedAt: START + 6,
      result: 'null',
      error: '{}',
    })
    await here().put({ set: 'session', row })
    expect(await here().read({ sessions: [key] }, (facts) => facts.session(key))).toEqual(row)
    await expect(here().put({ set: 'session', row: aSession({ key: 999_999 }) })).rejects.toThrow()
  })

  test('of one group, whoever opens a session by the same name finds that of the first', async () => {
    const keys = await here().keys(2)
    const open = (key: Key) =>
      writing({ sessionNames: ['s'] }, (facts) => {
        const known = facts.sessionNamed('s')
        if (known !== undefined) return { changes: [], result: known.key }
        const row = aSession({ key, name: 's' })
        return { changes: [{ put: 'session' as const, row }], result: row.key }
      })
    const outcomes = await here().group(...keys.map(open))
    expect(outcomes.map(done)).toEqual([keys[0], keys[0]])
  })

  test('appends of one group get numbers without a gap, and an item is found by its name', async () => {
    const [key = 0] = await here().keys(1)
    await here().put({ put: 'session', row: aSession({ key }) })
    const append = (name: string | null) => {
      const sessionItems = name === null ? [] : [{ session: key, name }]
      return writing({ sessions: [key], sessionItems }, (facts) => {
        const session = facts.session(key)
        const known = name === null ? undefined : facts.sessionItem(key, name)
        if (session === undefined || known !== undefined) return { changes: [], result: known?.seq ?? 0 }
        const seq = session.items + 1
        const row = aSessionItem({ session: key, seq, name })
        const changes = [
          { put: 'sessionItem' as const, row },
          { set: 'session' as const, row: { ...session, items: seq } },
        ]
        return { changes, result: seq }
      })
    }
    const names = [null, 'a', null, 'a', 'b', ...new Array<null>(45).fill(null)]
    const outcomes = (await here().group(...names.map(append))).map(done)
    expect(outcomes.slice(0, 5)).toEqual([1, 2, 3, 2, 4])
    expect(outcomes.at(-1)).toBe(49)
    expect(done(await here().store.commit(append('a')))).toBe(2)
    const { lists } = here().store
    const all = await lists.sessionItems(key, 0, 100)
    expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 49 }, (_, index) => index + 1))
    expect((await lists.sessionItems(key, 2, 2)).map(({ seq }) => seq)).toEqual([3, 4])
    const sessionItems = [
      { session: key, name: 'b' },
      { session: key, name: 'none' },
    ]
    const found = await here().read({ sessions: [key], sessionItems }, (facts) => [
      facts.sessionItem(key, 'b'),
      facts.sessionItem(key, 'none'),
    ])
    expect(found).toEqual([aSessionItem({ session: key, seq: 4, name: 'b' }), undefined])
  })

  test('a number or a name of an item is given once', async () => {
    const [key = 0] = await here().keys(1)
    const item = (over: Partial<SessionItemRow>) =>
      here().put({ put: 'sessionItem', row: aSessionItem({ session: key, ...over }) })
    await here().put({ put: 'session', row: aSession({ key }) })
    await item({ seq: 1, name: 'a', content: '"☃"', type: 'decision', role: 'user' })
    await expect(item({ seq: 1 })).rejects.toThrow()
    await expect(item({ seq: 2, name: 'a' })).rejects.toThrow()
    await item({ seq: 2 })
    await item({ seq: 3 })
    expect(await here().store.lists.sessionItems(key, 0, 1)).toEqual([
      aSessionItem({ session: key, seq: 1, name: 'a', content: '"☃"', type: 'decision', role: 'user' }),
    ])
  })
}

function describeRequests(here: Here): void {
  test('a request is found by key and by name, and brings its session and its deadline', async () => {
    const [session = 0, key = 0, deadline = 0, none = 0] = await here().keys(4)
    const row = aRequest({ key, session, name: 'q' })
    await here().put(
      { put: 'session', row: aSession({ key: session, pending: 1 }) },
      { put: 'request', row },
      { put: 'item', row: deadlineOf(row, { key: deadline }) },
    )
    const found = await here().read({ requests: [key, none] }, (facts) => [
      facts.request(key),
      facts.request(none),
      facts.session(session),
      facts.named(deadlineOf(row, { key: deadline }).step),
    ])
    expect(found).toEqual([row, undefined, aSession({ key: session, pending: 1 }), deadlineOf(row, { key: deadline })])
    const requestNames = ['q', 'none'].map((name) => ({ session, name }))
    const byName = await here().read({ sessions: [session], requestNames }, (facts) => [
      facts.requestNamed(session, 'q'),
      facts.requestNamed(session, 'none'),
      facts.named(deadlineOf(row, { key: deadline }).step),
    ])
    expect(byName).toEqual([row, undefined, deadlineOf(row, { key: deadline })])
    expect(await here().store.state.requestByUlid(row.id)).toEqual(row)
    await expect(here().put({ put: 'request', row: aRequest({ key: none, session, name: 'q' }) })).rejects.toThrow()
  })

  test('every pending request of a session comes with its deadline', async () => {
    const [session = 0, one = 0, two = 0, over = 0, deadline = 0, other = 0, foreign = 0] = await here().keys(7)
    const first = aRequest({ key: one, session })
    await here().put(
      { put: 'session', row: aSession({ key: session, pending: 2 }) },
      { put: 'session', row: aSession({ key: other, pending: 1 }) },
      { put: 'request', row: aRequest({ key: two, session }) },
      { put: 'request', row: first },
      { put: 'request', row: aRequest({ key: over, session, status: 'denied' }) },
      { put: 'request', row: aRequest({ key: foreign, session: other }) },
      { put: 'item', row: deadlineOf(first, { key: deadline }) },
    )
    const found = await here().read({ pendingOf: [session] }, (facts) => [
      facts.pendingOf(session).map(({ key }) => key),
      facts.session(session)?.pending,
      facts.named(deadlineOf(first, { key: deadline }).step)?.key,
    ])
    expect(found).toEqual([[one, two], 2, deadline])
    await expect(here().read({ sessions: [session] }, (facts) => facts.pendingOf(session))).rejects.toThrow()
  })

  test('of two answers in one group the first counts, and what was asked stays', async () => {
    const [session = 0, key = 0] = await here().keys(2)
    await here().put(
      { put: 'session', row: aSession({ key: session, pending: 1 }) },
      { put: 'request', row: aRequest({ key, session, arguments: '{"a":1}', tokenHash: 'ab' }) },
    )
    const answer = (status: RequestRow['status']) =>
      writing({ requests: [key], pendingOf: [session] }, (facts) => {
        const row = facts.request(key)
        if (row?.status !== 'pending') return { changes: [], result: facts.pendingOf(session).length }
        const resolved = { ...row, status, respondedBy: 'me', response: '{}', reason: 'r', resolvedAt: START + 1 }
        const set = { set: 'request' as const, row: { ...resolved, arguments: '{"a":2}', tokenHash: null } }
        return { changes: [set], result: row.key }
      })
    const outcomes = await here().group(answer('approved'), answer('denied'))
    expect(outcomes.map(done)).toEqual([key, 0])
    expect(await here().store.state.requestByUlid(aRequest({ key, session }).id)).toEqual(
      aRequest({
        key,
        session,
        arguments: '{"a":2}',
        status: 'approved',
        response: '{}',
        reason: 'r',
        respondedBy: 'me',
        resolvedAt: START + 1,
      }),
    )
    await expect(here().put({ set: 'request', row: aRequest({ key: 999_999, session }) })).rejects.toThrow()
  })

  test('a deadline that has come and a callback bring their request and its session', async () => {
    const [session = 0, key = 0, deadline = 0, callback = 0] = await here().keys(4)
    const row = aRequest({ key, session, expiresAt: START })
    const step = `callback:${row.id}`
    await here().put(
      { put: 'session', row: aSession({ key: session }) },
      { put: 'request', row },
      { put: 'item', row: deadlineOf(row, { key: deadline }) },
      { put: 'item', row: anItem({ key: callback, fn: null, kind: 'callback', step }) },
    )
    const ready = reading({ ready: { readyMax: 10, dueMax: 10, skip: [] } }, (facts) => [
      facts.ready().map((item) => item.key),
      facts.requestById(row.id),
      facts.session(session),
    ])
    expect(done(await here().store.commit(ready))).toEqual([[callback, deadline], row, aSession({ key: session })])
    const named = await here().read({ named: [step, 'callback:none'] }, (facts) => [
      facts.named(step)?.key,
      facts.named('callback:none'),
      facts.requestById(row.id)?.key,
    ])
    expect(named).toEqual([callback, undefined, key])
  })
}

function describeSessionLists(here: Here): void {
  test('sessions come latest first, by agent, status, job and run', async () => {
    const [job = 0, run = 0, one = 0, two = 0, three = 0, four = 0] = await here().keys(6)
    await here().put(
      { put: 'job', row: aJob({ key: job }) },
      { put: 'jobRun', row: aJobRun({ key: run, job }), excerpt: null },
      { put: 'session', row: aSession({ key: one, agent: 'a', job, jobRun: run }) },
      { put: 'session', row: aSession({ key: two, agent: 'b', pending: 1, updatedAt: START + 9 }) },
      { put: 'session', row: aSession({ key: three, agent: 'a', status: 'completed', runId: '01R' }) },
      { put: 'session', row: aSession({ key: four, status: 'failed', updatedAt: START + 5, job }) },
    )
    const { lists } = here().store
    const keysOf = async (query: Partial<Parameters<typeof lists.sessions>[0]>) =>
      (await lists.sessions({ limit: 10, ...query })).map(({ row }) => row.key)
    expect(await keysOf({})).toEqual([two, four, three, one])
    expect(await keysOf({ limit: 2 })).toEqual([two, four])
    expect(await keysOf({ after: { value: START, key: three } })).toEqual([one])
    expect(await keysOf({ agent: 'a' })).toEqual([three, one])
    expect(await keysOf({ statuses: ['completed', 'failed'] })).toEqual([four, three])
    expect(await keysOf({ statuses: ['running'], agent: 'a' })).toEqual([one])
    expect(await keysOf({ isWaiting: true })).toEqual([two])
    expect(await keysOf({ isWaiting: false })).toEqual([one])
    expect(await keysOf({ statuses: ['running', 'completed'], isWaiting: true })).toEqual([two, three])
    expect(await keysOf({ statuses: ['completed'], isWaiting: true })).toEqual([three])
    expect(await keysOf({ job })).toEqual([four, one])
    expect(await keysOf({ runId: '01R' })).toEqual([three])
    const view = await lists.session(aSession({ key: one }).id)
    const [jobId, jobRunId] = [aJob({ key: job }).id, aJobRun({ key: run, job }).id]
    expect(view).toEqual({ row: aSession({ key: one, agent: 'a', job, jobRun: run }), jobId, jobRunId })
    expect((await lists.sessions({ limit: 1, runId: '01R' }))[0]).toMatchObject({ jobId: null, jobRunId: null })
    expect(await lists.session('none')).toBeUndefined()
    const byKey = await lists.sessionsByKey([four, 999_999, one])
    expect(byKey.map(({ row }) => row.key).sort((a, b) => a - b)).toEqual([one, four])
  })
}

function describeRequestLists(here: Here): void {
  test('requests come from either end, by status and session, each with its session', async () => {
    const [session = 0, other = 0, one = 0, two = 0, three = 0, four = 0] = await here().keys(6)
    await here().put(
      { put: 'session', row: aSession({ key: session, title: 'T' }) },
      { put: 'session', row: aSession({ key: other }) },
      { put: 'request', row: aRequest({ key: one, session }) },
      { put: 'request', row: aRequest({ key: two, session, status: 'denied' }) },
      { put: 'request', row: aRequest({ key: three, session: other, createdAt: START - 5 }) },
      { put: 'request', row: aRequest({ key: four, session: other, status: 'expired', createdAt: START + 5 }) },
    )
    const { lists } = here().store
    const keysOf = async (query: Partial<Parameters<typeof lists.requests>[0]>) =>
      (await lists.requests({ limit: 10, newest: false, ...query })).map(({ row }) => row.key)
    expect(await keysOf({})).toEqual([three, one, two, four])
    expect(await keysOf({ newest: true })).toEqual([four, two, one, three])
    expect(await keysOf({ statuses: ['pending'] })).toEqual([three, one])
    expect(await keysOf({ statuses: ['pending', 'denied'], newest: true, limit: 2 })).toEqual([two, one])
    expect(await keysOf({ session })).toEqual([one, two])
    expect(await keysOf({ session, statuses: ['pending'] })).toEqual([one])
    expect(await keysOf({ after: { value: START, key: one } })).toEqual([two, four])
    expect(await keysOf({ newest: true, after: { value: START, key: one } })).toEqual([three])
    const view = { row: aRequest({ key: one, session }), session: aSession({ key: session, title: 'T' }) }
    expect(await lists.request(aRequest({ key: one, session }).id)).toEqual(view)
    expect(await lists.request('none')).toBeUndefined()
    expect(await lists.requestsByKey([one, 999_999])).toEqual([view])
    expect(await lists.countPending()).toBe(2)
  })
}

const RECORDS = { end: 'records', jobRunsBefore: START - 1_000_000, keepLeast: 50, keepMost: 1_000 } as const

function describeEnds(here: Here): void {
  test('a session that ended long ago goes with its items and requests, a page at a time', async () => {
    const keys = await here().keys(6)
    const [old = 0, older = 0, fresh = 0, open = 0, first = 0, second = 0] = keys
    const sessions = [
      aSession({ key: old, items: 2, status: 'completed', endedAt: START - 10 }),
      aSession({ key: older, status: 'failed', endedAt: START - 20 }),
      aSession({ key: fresh, items: 1, status: 'completed', endedAt: START }),
      aSession({ key: open }),
    ]
    await here().put(
      ...sessions.map((row) => ({ put: 'session' as const, row })),
      { put: 'sessionItem', row: aSessionItem({ session: old }) },
      { put: 'sessionItem', row: aSessionItem({ session: old, seq: 2, name: 'n' }) },
      { put: 'sessionItem', row: aSessionItem({ session: fresh }) },
      { put: 'request', row: aRequest({ key: first, session: old, status: 'denied' }) },
      { put: 'request', row: aRequest({ key: second, session: fresh, status: 'denied' }) },
    )
    const { lists } = here().store
    const left = async () => (await lists.sessions({ limit: 9 })).map(({ row }) => row.key).sort((a, b) => a - b)
    await here().put({ ...RECORDS, sessionsBefore: START, max: 2 })
    expect(await left()).toEqual([old, fresh, open])
    await here().put({ ...RECORDS, sessionsBefore: START, max: 2 })
    expect(await left()).toEqual([fresh, open])
    expect([
      await lists.sessionItems(old, 0, 9),
      await lists.requests({ session: old, newest: true, limit: 9 }),
    ]).toEqual([[], []])
    expect(
      (await lists.sessionItems(fresh, 0, 9)).length + (await lists.requests({ newest: true, limit: 9 })).length,
    ).toBe(2)
  })

  test('of one group, operations after a page of retention see what it left', async () => {
    const [old = 0] = await here().keys(1)
    const row = aSession({ key: old, status: 'completed', endedAt: START - 10 })
    await here().put({ put: 'session', row })
    const look = reading({ sessionNames: [row.name] }, (facts) => facts.sessionNamed(row.name) !== undefined)
    const change = { ...RECORDS, sessionsBefore: START, max: 9 }
    const end = writing({ sessionNames: ['other'] }, () => ({ changes: [change], result: false }))
    expect((await here().group(look, end, look)).map(done)).toEqual([true, false, false])
  })
}
