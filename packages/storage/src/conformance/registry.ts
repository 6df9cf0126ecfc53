// Apps, functions and wait paths, and the version that says when they have changed.
import { describe, expect, test } from 'vitest'
import type { Change } from '../contract/changes.ts'
import type { Here } from './index.ts'
import { aFunction, anApp } from './rows.ts'
import { done, reading, writing } from './world.ts'

export function describeRegistry(here: Here): void {
  const version = async () => (await here().store.state.registry()).version

  describe('registry', () => {
    test('apps and functions are read as they were written, and as they were set', async () => {
      const app = anApp({ key: 1 })
      const fn = aFunction({ key: 2, app: 1 })
      await here().put({ put: 'app', row: app }, { put: 'function', row: fn })
      expect(await here().store.state.registry()).toMatchObject({ apps: [app], functions: [fn], waitPaths: [] })
      const nextApp = anApp({
        key: 1,
        name: 'b',
        url: 'u',
        sdkLanguage: 'py',
        checksum: '',
        errorCode: 'e',
        errorMessage: 'm',
        syncedAt: null,
        archivedAt: 5,
        pause: '{"by":"api"}',
      })
      const nextFn = aFunction({
        key: 2,
        app: 1,
        slug: 's',
        name: 'n',
        config: '{}',
        version: 2,
        stepsMax: 3,
        stateBytesMax: 4,
        archivedAt: 6,
        pause: '{"by":"user"}',
      })
      await here().put({ set: 'app', row: nextApp }, { set: 'function', row: nextFn })
      expect(await here().read({ registry: true }, (facts) => [facts.apps(), facts.functions()])).toEqual([
        [nextApp],
        [nextFn],
      ])
    })

    test('setting an app or a function that is not there is refused', async () => {
      await expect(here().put({ set: 'app', row: anApp({ key: 9 }) })).rejects.toThrow('no app 9')
      await expect(here().put({ set: 'function', row: aFunction({ key: 9, app: 1 }) })).rejects.toThrow('no function 9')
    })

    test('a wait path is kept once', async () => {
      const paths: Change[] = [
        { put: 'waitPath', name: 'a', path: 'data.x' },
        { put: 'waitPath', name: 'a', path: '' },
        { put: 'waitPath', name: 'a', path: 'data.x' },
      ]
      await here().put(...paths)
      expect((await here().store.state.registry()).waitPaths).toEqual([
        { name: 'a', path: '' },
        { name: 'a', path: 'data.x' },
      ])
    })

    test('an operation that changes the registry raises its version by one, others do not', async () => {
      const before = await version()
      await here().put({ put: 'app', row: anApp({ key: 1 }) }, { put: 'function', row: aFunction({ key: 2, app: 1 }) })
      expect(await version()).toBe(before + 1)
      await here().put({ put: 'skip', row: { event: 1, fn: 2, reason: 'r', detail: null } })
      expect(await version()).toBe(before + 1)
      await here().put({ put: 'waitPath', name: 'a', path: '' })
      expect(await version()).toBe(before + 2)
      const plain = await here().write((facts) => ({ changes: [], result: facts.registryVersion }))
      expect([plain, await here().read({ registry: true }, (facts) => facts.registryVersion)]).toEqual([
        before + 2,
        before + 2,
      ])
    })

    test('an operation built on an older registry has moved', async () => {
      const given = { registry: await version() }
      const commit = () => here().store.commit({ needs: {}, given, decide: () => ({ changes: [], result: 'ok' }) })
      expect(await commit()).toMatchObject({ done: 'ok' })
      await here().put({ put: 'waitPath', name: 'a', path: '' })
      expect(await commit()).toBe('moved')
    })

    test('of one group, what an earlier operation changed of the registry moves a later one', async () => {
      const given = { registry: await version() }
      const sync = (key: number) => ({
        needs: { registry: true },
        given,
        decide: () => ({ changes: [{ put: 'app' as const, row: anApp({ key }) }], result: key }),
      })
      const [first, second] = await here().group(sync(1), sync(2))
      expect([first, second]).toMatchObject([{ done: 1 }, 'moved'])
    })

    test('of one group, a later operation sees the apps and functions of an earlier one', async () => {
      const make = writing({ registry: true }, () => ({
        changes: [
          { put: 'app' as const, row: anApp({ key: 1 }) },
          { put: 'function' as const, row: aFunction({ key: 2, app: 1 }) },
        ],
        result: [0, 0],
      }))
      const look = reading({ registry: true }, (facts) => [facts.apps().length, facts.functions().length])
      expect((await here().group(look, make, look)).map(done)).toEqual([
        [0, 0],
        [0, 0],
        [1, 1],
      ])
    })
  })
}
