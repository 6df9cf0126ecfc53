// What is written for people alone: effects of events, syncs of apps, versions of functions, bulk operations of several.
import { describe, expect, test } from 'vitest'
import type { Here } from './index.ts'
import { aBulk, aFunction, anApp, anEvent, aRun, aSync, START } from './rows.ts'

export function describeRecords(here: Here): void {
  describe('records', () => {
    test('what an event did to runs is told in their order, and the same again is the same', async () => {
      const [event = 0, first = 0, second = 0] = await here().keys(3)
      await here().put(
        { put: 'event', row: anEvent({ key: event }), body: '{}' },
        { put: 'run', row: aRun({ key: first, fn: 2 }) },
        { put: 'run', row: aRun({ key: second, fn: 3 }) },
        { put: 'effect', row: { event, run: second, how: 'cancelled' } },
        { put: 'effect', row: { event, run: first, how: 'resumed' } },
        { put: 'effect', row: { event, run: first, how: 'resumed' } },
      )
      await here().put({ put: 'effect', row: { event, run: first, how: 'resumed' } })
      expect(await here().store.lists.effects(event)).toEqual([
        { runId: aRun({ key: first }).id, fn: 2, how: 'resumed' },
        { runId: aRun({ key: second }).id, fn: 3, how: 'cancelled' },
      ])
      expect(await here().store.lists.effects(first)).toEqual([])
    })

    test('effects go with their run, and with their event', async () => {
      const [event = 0, other = 0, first = 0, second = 0] = await here().keys(4)
      const ended = { endedAt: START, status: 'completed' } as const
      const effect = (of: number, run: number) => ({
        put: 'effect' as const,
        row: { event: of, run, how: 'resumed' as const },
      })
      await here().put(
        { put: 'event', row: anEvent({ key: event }), body: '{}' },
        { put: 'event', row: anEvent({ key: other }), body: '{}' },
        { put: 'run', row: aRun({ key: first, ...ended }) },
        { put: 'run', row: aRun({ key: second, ...ended }) },
        effect(event, first),
        effect(event, second),
        effect(other, second),
      )
      await here().put({ end: 'run', key: first }, { end: 'event', key: other })
      expect((await here().store.lists.effects(event)).map(({ runId }) => runId)).toEqual([aRun({ key: second }).id])
      expect(await here().store.lists.effects(other)).toEqual([])
      // What is gone may be written again.
      await here().put({ put: 'run', row: aRun({ key: first, ...ended }) })
      expect(await here().store.lists.effects(event)).toHaveLength(1)
    })

    test('syncs of an app come newest first, ties by key, and do not raise the registry', async () => {
      const keys = await here().keys(4)
      const [one = 0, two = 0, three = 0, other = 0] = keys
      await here().put({ put: 'app', row: anApp({ key: 1 }) }, { put: 'app', row: anApp({ key: 2 }) })
      const version = await here().store.state.registryVersion()
      const failed = aSync({
        key: three,
        app: 1,
        status: 'error',
        errorCode: 'unreachable',
        errorMessage: 'no',
        functionCount: 0,
        sdkVersion: '3.1.0',
        appVersion: 'v9',
        detail: '{"added":["a"]}',
      })
      await here().put(
        { put: 'sync', row: aSync({ key: one, app: 1, at: START + 5, status: 'duplicate' }) },
        { put: 'sync', row: aSync({ key: two, app: 1 }) },
        { put: 'sync', row: failed },
        { put: 'sync', row: aSync({ key: other, app: 2 }) },
      )
      const syncs = await here().store.lists.syncs(1, 9)
      expect(syncs.map(({ key }) => key)).toEqual([one, three, two])
      expect(syncs[1]).toEqual(failed)
      expect(await here().store.lists.syncs(1, 1)).toHaveLength(1)
      expect(await here().store.state.registryVersion()).toBe(version)
    })

    test('versions of a function come newest first', async () => {
      const version = (number: number, fn = 2) => ({
        fn,
        version: number,
        at: START + number,
        config: `{"n":${number}}`,
      })
      await here().put(
        { put: 'app', row: anApp({ key: 1 }) },
        { put: 'function', row: aFunction({ key: 2, app: 1 }) },
        { put: 'functionVersion', row: version(1) },
      )
      await here().put(
        { put: 'functionVersion', row: version(2) },
        { put: 'functionVersion', row: version(10) },
        { put: 'functionVersion', row: version(3, 7) },
      )
      expect(await here().store.lists.functionVersions(2)).toEqual([version(10), version(2), version(1)])
    })

    test('a bulk operation of several functions is of none, and lists of all kinds hold it', async () => {
      const [of = 0, several = 0, replay = 0] = await here().keys(3)
      await here().put(
        { put: 'app', row: anApp({ key: 1 }) },
        { put: 'function', row: aFunction({ key: 1, app: 1, slug: 'app-one' }) },
        { put: 'bulk', row: aBulk({ key: of, fn: 1 }) },
        { put: 'bulk', row: aBulk({ key: several, fn: null }) },
        { put: 'bulk', row: aBulk({ key: replay, fn: null, kind: 'replay', createdAt: START + 1 }) },
      )
      const { lists, state } = here().store
      const keysOf = async (query: Parameters<typeof lists.bulks>[0]) =>
        (await lists.bulks(query)).map(({ row }) => row.key)
      expect(await keysOf({ limit: 9 })).toEqual([replay, several, of])
      expect(await keysOf({ limit: 9, kind: 'cancel' })).toEqual([several, of])
      expect(await keysOf({ limit: 9, fn: 1 })).toEqual([of])
      expect(await keysOf({ limit: 1, after: { value: START + 1, key: replay } })).toEqual([several])
      expect((await lists.bulk(aBulk({ key: several }).id))?.functionSlug).toBe('')
      expect((await lists.bulk(aBulk({ key: of }).id))?.functionSlug).toBe('app-one')
      expect(await state.bulk(several)).toEqual(aBulk({ key: several, fn: null }))
    })

    test('what a bulk operation started is counted', async () => {
      const keys = await here().keys(5)
      const [bulk = 0, one = 0, two = 0, three = 0, other = 0] = keys
      await here().put(
        { put: 'bulk', row: aBulk({ key: bulk, kind: 'replay' }) },
        { put: 'run', row: aRun({ key: one, bulk, status: 'failed', endedAt: START }) },
        { put: 'run', row: aRun({ key: two, bulk, status: 'completed', endedAt: START }) },
        { put: 'run', row: aRun({ key: three, bulk }) },
        { put: 'run', row: aRun({ key: other, status: 'failed', endedAt: START }) },
      )
      expect(await here().store.lists.bulk(aBulk({ key: bulk }).id)).toMatchObject({ started: 3, failed: 1, live: 1 })
    })
  })
}
