// Who watches a store is told what has committed, and nothing else.
import { describe, expect, test } from 'vitest'
import type { StoreChange } from '../contract/store.ts'
import type { Here } from './index.ts'
import { aJob, aJobRun, aRequest, aSession, aSessionItem } from './record-rows.ts'
import { aBulk, aFunction, anApp, anEvent, anItem, aRun, nextState } from './rows.ts'
import { writing } from './world.ts'

export function describeWatch(here: Here): void {
  const watched = () => {
    const told: StoreChange[] = []
    return { told, stop: here().store.watch((change) => told.push(change)) }
  }

  describe('watching', () => {
    test('a group that has committed is told once, each key once', async () => {
      const [event = 0, run = 0, other = 0, item = 0, bulk = 0] = await here().keys(5)
      const row = aRun({ key: run, event })
      await here().put({ put: 'run', row: aRun({ key: other }) })
      const { told, stop } = watched()
      const make = writing({}, () => ({
        changes: [
          { put: 'event' as const, row: anEvent({ key: event }), body: '{}' },
          { put: 'run' as const, row },
          { set: 'run' as const, key: other, state: nextState(aRun({ key: other })) },
          { put: 'item' as const, row: anItem({ key: item, run: other }) },
        ],
        result: 0,
      }))
      const bulkOf = writing({}, () => ({ changes: [{ put: 'bulk' as const, row: aBulk({ key: bulk }) }], result: 0 }))
      await here().group(make, bulkOf)
      expect(told).toEqual([
        {
          runs: [run, other],
          events: [event],
          bulks: [bulk],
          jobs: [],
          sessions: [],
          requests: [],
          registry: false,
          isCut: false,
        },
      ])
      stop()
      await here().put({ put: 'run', row: aRun({ key: bulk }) })
      expect(told).toHaveLength(1)
    })

    test('jobs, sessions and requests are told, also for what belongs to them', async () => {
      const [job = 0, other = 0, run = 0, session = 0, asked = 0, request = 0] = await here().keys(6)
      await here().put({ put: 'job', row: aJob({ key: other }) }, { put: 'session', row: aSession({ key: asked }) })
      const { told } = watched()
      await here().put(
        { put: 'job', row: aJob({ key: job }) },
        { put: 'jobRun', row: aJobRun({ key: run, job: other }), excerpt: null },
        { put: 'session', row: aSession({ key: session }) },
        { put: 'sessionItem', row: aSessionItem({ session }) },
        { put: 'request', row: aRequest({ key: request, session: asked }) },
        { put: 'secret', row: { name: 'A', sealed: 'v1', updatedAt: 0 } },
      )
      const [change] = told
      expect(change).toMatchObject({ runs: [], isCut: false, requests: [request] })
      expect([change?.jobs, change?.sessions]).toEqual([
        [job, other],
        [session, asked],
      ])
    })

    test('apps and functions are told as the registry, a reset as more than can be named', async () => {
      const { told } = watched()
      await here().put({ put: 'app', row: anApp({ key: 1 }) })
      await here().put({ put: 'function', row: aFunction({ key: 2, app: 1 }) })
      await here().put({ add: 'tally', fn: 2, name: 'queued', by: 1 })
      await here().put({ end: 'everything' })
      const nothing = {
        runs: [],
        events: [],
        bulks: [],
        jobs: [],
        sessions: [],
        requests: [],
        registry: false,
        isCut: false,
      }
      expect(told).toEqual([
        { ...nothing, registry: true },
        { ...nothing, registry: true },
        { ...nothing, isCut: true },
      ])
    })

    test('what is refused or fails is not told, and each watcher is told for itself', async () => {
      const [run = 0] = await here().keys(1)
      const first = watched()
      const second = watched()
      const stale = here().store.commit({
        needs: {},
        fence: { run: null, item: 999_999, epoch: 1 },
        decide: () => ({ changes: [{ put: 'run' as const, row: aRun({ key: run }) }], result: 0 }),
      })
      expect(await stale).toBe('stale')
      await expect(here().put({ set: 'bulk', row: aBulk({ key: 999_999 }) })).rejects.toThrow()
      expect(first.told).toEqual([])
      first.stop()
      await here().put({ put: 'run', row: aRun({ key: run }) })
      expect([first.told.length, second.told.length]).toEqual([0, 1])
    })

    test('more keys than are told are said to be cut', async () => {
      const keys = await here().keys(1_100)
      const { told } = watched()
      await here().put(...keys.map((key) => ({ put: 'event' as const, row: anEvent({ key }), body: '{}' })))
      expect(told).toHaveLength(1)
      expect(told[0]?.isCut).toBe(true)
      expect(told[0]?.events.length).toBeLessThanOrEqual(1_000)
    })
  })
}
