import { afterEach, describe, expect, it } from 'vitest'
import { gateway, invoke, lost, none, ops, planned, ran, returned, sleep, stepThrew } from './answers.ts'
import { held, World } from './world.ts'

let world: World
afterEach(() => world.close())

describe('a smoke', () => {
  it('runs two steps', async () => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (call.has('a') ? (call.has('b') ? returned('ok') : ops([ran('b')])) : ops([ran('a')]))],
    })
    await world.send({ name: 'f' })
    expect((await world.run('f')).status).toBe('completed')
    expect(await world.output('f')).toBe('ok')
    expect(world.calls).toHaveLength(3)
  })
  it('gateway heir', async () => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (call.has('g') ? returned(call.memo('g')) : ops([gateway('g')]))],
    })
    await world.send({ name: 'f' })
    expect(world.fetched).toHaveLength(1)
    expect(world.calls).toHaveLength(2)
    expect((await world.run('f')).status).toBe('completed')
  })
  it('stepsMax parallel', async () => {
    world = await World.open({ limits: { stepsMax: 3 } })
    const all = ['a', 'b', 'c']
    await world.register({
      f: [
        {},
        (call) => {
          const aim = all.find((id) => call.aimsAt(id))
          if (aim) return ops([ran(aim)])
          return all.every((id) => call.has(id)) ? returned(1) : ops(all.map((id) => planned(id)))
        },
      ],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe(1)
  })
  it('two same ids in one POST', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await world.send({ name: 'f', id: 'k' }, { name: 'f', id: 'k' })
    expect(await world.runs('f')).toHaveLength(1)
  })
  it('two invokes, one key', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) =>
          call.has('x')
            ? returned([call.memo('x'), call.memo('y')])
            : ops([invoke('x', 'app-g'), invoke('y', 'app-g')]),
      ],
      g: [{ triggers: [], idempotency: '"one"' }, () => returned('g')],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe(1)
  })
  it('rerun', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => returned(1)] })
    await world.send({ name: 'f' })
    await world.engine.rerun((await world.run('f')).id)
    await world.rest()
    expect((await world.runs('f')).map((r) => r.status)).toEqual(['completed', 'completed'])
  })
  it('again mark', async () => {
    world = await World.open()
    const b = held()
    const d = held()
    let n = 0
    await world.register({
      f: [
        { retries: 0 },
        (call) => {
          if (call.aimsAt('a')) return ops([ran('a')], { version: 1 })
          if (call.aimsAt('b')) return b.promise
          if (call.has('a') && call.has('b')) return returned('both')
          if (call.has('a')) {
            n++
            return d.promise
          }
          return ops([planned('a'), planned('b')], { version: 1 })
        },
      ],
    })
    await world.send({ name: 'f' })
    expect(n).toBe(1)
    b.give(ops([ran('b')], { version: 1 }))
    await world.rest()
    d.give(ops([], { version: 1 }))
    await world.rest()
    expect(await world.output('f')).toBe('both')
  })
})
