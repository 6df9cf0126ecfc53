// Pauses that end by themselves, through the door.
import { afterEach, describe, expect, it } from 'vitest'
import type { PauseTarget } from '../engine.ts'
import { functionUuid } from '../identity.ts'
import { returned } from '../scenarios/answers.ts'
import { World } from '../scenarios/world.ts'

let world: World
afterEach(() => world.close())

const F: PauseTarget = { functionId: functionUuid('app', 'app-f') }

async function open(): Promise<void> {
  world = await World.open()
  await world.register({ f: [{}, () => returned(1)] })
}

async function pause(target: PauseTarget, afterMs: number | null): Promise<void> {
  const until = afterMs === null ? null : world.clock.now + afterMs
  await world.engine.pause(target, { new: 'hold', running: 'hold', by: 'api', until })
  await world.rest()
}

const status = async () => (await world.run('f')).status

describe('a pause with an end', () => {
  it.each<[string, PauseTarget]>([
    ['of a function', F],
    ['of an app', { appName: 'app' }],
  ])('%s lets go what it held when its time has come', async (_what, target) => {
    await open()
    await pause(target, 10_000)
    await world.send({ name: 'f' })
    const { id } = await world.run('f')
    expect((await world.engine.why(id))?.reason).toMatchObject({ code: 'paused', until: world.clock.now + 10_000 })
    await world.advance(9_999)
    expect(await status()).toBe('scheduled')
    await world.advance(1)
    expect(await status()).toBe('completed')
    expect((await world.store.lists.totals()).items).toEqual({})
  })

  it('may be given another end, or none', async () => {
    await open()
    await pause(F, 10_000)
    await pause(F, 60_000)
    await world.send({ name: 'f' })
    await world.advance(30_000)
    expect(await status()).toBe('scheduled')
    await pause(F, 1_000)
    await pause(F, null)
    await world.advance(3_600_000)
    expect(await status()).toBe('scheduled')
    expect((await world.store.lists.totals()).items).toEqual({ blocked: 1 })
  })

  it('that was ended before leaves a later one alone', async () => {
    await open()
    await pause(F, 10_000)
    await world.engine.unpause(F)
    await pause(F, null)
    await world.send({ name: 'f' })
    await world.advance(20_000)
    expect(await status()).toBe('scheduled')
  })

  it('outlives a reset', async () => {
    await open()
    await pause(F, 10_000)
    await world.engine.reset()
    await world.send({ name: 'f' })
    await world.advance(10_000)
    expect(await status()).toBe('completed')
  })
})
