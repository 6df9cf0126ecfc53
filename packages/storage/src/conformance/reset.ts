// Development's reset: everything goes but apps, functions, counters and the schema.
import { describe, expect, test } from 'vitest'
import type { Here } from './index.ts'
import { aJob, aJobRun, aRequest, aSession, aSessionItem, timerOf } from './record-rows.ts'
import { aBulk, aFunction, aHistoryRow, anApp, anEvent, anItem, aRun, aStep, aSync, aWait, START } from './rows.ts'
import { done, reading, writing } from './world.ts'

export function describeReset(here: Here): void {
  describe('reset', () => {
    test('a reset leaves apps and functions and nothing else', async () => {
      const [event = 0, run = 0, item = 0, wait = 0, bulk = 0, admission = 0] = await here().keys(6)
      await here().put(
        { put: 'app', row: anApp({ key: 1, pause: '{}' }) },
        { put: 'function', row: aFunction({ key: 2, app: 1, pause: '{}' }) },
        { put: 'waitPath', name: 'a', path: '' },
        { put: 'event', row: anEvent({ key: event }), body: '{}' },
        { put: 'run', row: aRun({ key: run, event }) },
        { put: 'item', row: anItem({ key: item, run }) },
        { put: 'wait', row: aWait({ key: wait, run }) },
        { put: 'step', row: aStep({ run }) },
        { put: 'history', row: aHistoryRow({ run }), error: '{}' },
        { put: 'output', run, text: '1', isError: false },
        { put: 'skip', row: { event, fn: 2, reason: 'r', detail: null } },
        { put: 'idempotency', row: { fn: 2, key: 'k', run, expiresAt: START + 9_000 } },
        { put: 'runEvents', run, events: [event] },
        { put: 'rate', row: { name: 'r', tat: 5 } },
        { put: 'admission', row: { key: admission, name: 'r', at: START, expiresAt: START + 9_000 } },
        { put: 'bulk', row: aBulk({ key: bulk }) },
        { put: 'effect', row: { event, run, how: 'resumed' } },
        { add: 'tally', fn: 2, name: 'queued', by: 1 },
        { put: 'sync', row: aSync({ key: bulk, app: 1 }) },
        { put: 'functionVersion', row: { fn: 2, version: 1, at: START, config: '{}' } },
        { set: 'clockOffset', ms: 60_000 },
      )
      const { version } = await here().store.state.registry()
      await here().put({ end: 'everything' })
      expect(await here().store.state.registry()).toEqual({
        version: version + 1,
        apps: [anApp({ key: 1, pause: '{}' })],
        functions: [aFunction({ key: 2, app: 1, pause: '{}' })],
        waitPaths: [],
      })
      expect(await here().store.state.load([run])).toEqual([])
      expect(await here().store.state.events([event])).toEqual([])
      expect(await here().store.state.items([item])).toEqual([])
      expect(await here().store.state.bulk(bulk)).toBeUndefined()
      const { lists } = here().store
      const minute = { from: START, until: START + 60_000, bucketMs: 60_000, byFunction: true }
      expect(await lists.tallies(minute)).toEqual([])
      expect(await lists.bulks({ limit: 9 })).toEqual([])
      expect([await lists.syncs(1, 9), await lists.functionVersions(2)]).toMatchObject([[{ app: 1 }], [{ fn: 2 }]])
      const needs = { limits: [{ name: 'r', take: 0 }], windows: [{ name: 'r', periodMs: 9_000 }] }
      expect(await here().read(needs, (facts) => [facts.limit('r')?.tat, facts.window('r')])).toEqual([null, 0])
      expect(await here().store.state.nextDue()).toEqual({ due: null, ready: false })
      expect(await here().store.state.clock()).toMatchObject({ now: START, offsetMs: 0 })
      const idempotency = [{ fn: 2, key: 'k' }]
      expect(await here().read({ idempotency }, (facts) => facts.idempotency(2, 'k'))).toBeUndefined()
    })

    test('a reset leaves jobs and secrets, and nothing of runs and sessions', async () => {
      const [job = 0, run = 0, session = 0, request = 0, timer = 0] = await here().keys(5)
      const row = aJob({ key: job, live: run, successes: 4 })
      await here().put(
        { put: 'job', row },
        { put: 'item', row: timerOf(row, { key: timer }) },
        { put: 'jobRun', row: aJobRun({ key: run, job }), excerpt: 'x' },
        { put: 'secret', row: { name: 'A', sealed: 'v1', updatedAt: START } },
        { put: 'session', row: aSession({ key: session }) },
        { put: 'sessionItem', row: aSessionItem({ session }) },
        { put: 'request', row: aRequest({ key: request, session }) },
      )
      await here().put({ end: 'everything' })
      const { lists, state } = here().store
      const found = await here().read({ jobs: [job] }, (facts) => [facts.job(job), facts.named(`job:${row.id}`)])
      expect(found).toEqual([{ ...row, live: null }, undefined])
      expect(await state.secrets(['A'])).toHaveLength(1)
      expect(await lists.jobRun(aJobRun({ key: run, job }).id)).toBeUndefined()
      expect([await lists.sessions({ limit: 9 }), await lists.sessionItems(session, 0, 9)]).toEqual([[], []])
      expect(await lists.requests({ newest: true, limit: 9 })).toEqual([])
      // The name is free again, and so is the slot.
      await here().put(
        { put: 'session', row: aSession({ key: session }) },
        { put: 'sessionItem', row: aSessionItem({ session }) },
        { put: 'jobRun', row: aJobRun({ key: run, job }), excerpt: null },
      )
    })

    test('of one group, operations after a reset see what it left', async () => {
      const [event = 0] = await here().keys(1)
      const row = anEvent({ key: event })
      await here().put({ put: 'event', row, body: '{}' })
      const look = reading({ eventIds: [row.id] }, (facts) => facts.event(row.id) !== undefined)
      const reset = writing({ registry: true }, () => ({ changes: [{ end: 'everything' as const }], result: false }))
      expect((await here().group(look, reset, look)).map(done)).toEqual([true, false, false])
    })
  })
}
