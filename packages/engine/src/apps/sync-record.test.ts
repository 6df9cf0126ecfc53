// What is kept of syncs: which functions came, changed and went, every configuration, and failures that say something new.
import { afterEach, describe, expect, it } from 'vitest'
import { returned } from '../scenarios/answers.ts'
import { World } from '../scenarios/world.ts'

let world: World
afterEach(() => world.close())

const plain = [{}, () => returned(1)] as const
const app = async () => (await world.store.lists.apps())[0]?.key ?? 0
const syncs = async () => world.store.lists.syncs(await app(), 10)

describe('a sync', () => {
  it('is kept with what it has changed', async () => {
    world = await World.open()
    await world.register({ f: plain, g: plain })
    await world.register({ f: [{ retries: 1 }, plain[1]], h: plain })
    const [second, first] = await syncs()
    expect([first?.status, first?.functionCount, JSON.parse(first?.detail ?? '{}')]).toEqual([
      'success',
      2,
      { added: ['app-f', 'app-g'], changed: [], removed: [] },
    ])
    expect(JSON.parse(second?.detail ?? '{}')).toEqual({ added: ['app-h'], changed: ['app-f'], removed: ['app-g'] })
  })

  it('keeps a configuration of each function whose configuration is another; the version counts syncs', async () => {
    world = await World.open()
    await world.register({ f: plain, g: plain })
    await world.register({ f: [{ retries: 1 }, plain[1]], g: plain })
    const functions = await world.store.lists.functions(await app())
    const versions = await Promise.all(functions.map((fn) => world.store.lists.functionVersions(fn.key)))
    expect(functions.map(({ slug, version }) => [slug, version])).toEqual([
      ['app-f', 2],
      ['app-g', 2],
    ])
    expect(versions.map((rows) => rows.map(({ version }) => version))).toEqual([[2, 1], [1]])
    expect(versions[0]?.[0]?.config).toBe(functions[0]?.config)
  })

  it('that changes nothing is kept once an hour', async () => {
    world = await World.open()
    await world.register({ f: plain })
    await world.register({ f: plain })
    expect(await syncs()).toHaveLength(1)
    await world.advance(3_600_000)
    await world.register({ f: plain })
    await world.register({ f: plain })
    expect((await syncs()).map(({ status }) => status)).toEqual(['duplicate', 'success'])
  })

  it('that fails is kept when it fails in another way than before', async () => {
    world = await World.open()
    await world.register({ f: plain })
    for (const code of ['unreachable', 'unreachable', 'no_sdk'])
      await world.engine.noteAppError({ name: 'app' }, { code, message: 'so' })
    await world.engine.noteAppError({ name: 'app' }, null)
    expect((await syncs()).map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ['error', 'no_sdk'],
      ['error', 'unreachable'],
      ['success', null],
    ])
  })
})
