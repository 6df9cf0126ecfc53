// What events did to runs that were there, as it is kept for whoever looks at an event.
import { afterEach, expect, it } from 'vitest'
import { ops, returned, waitFor } from './answers.ts'
import { held, World } from './world.ts'

let world: World
afterEach(() => world.close())

const effectsOf = async (id: string | undefined) => {
  const event = await world.store.lists.event(id ?? '')
  const effects = await world.store.lists.effects(event?.row.key ?? 0)
  return effects.map(({ runId, how }) => [runId, how])
}

it('an event that resumes one run and cancels another tells of both', async () => {
  world = await World.open()
  await world.register({
    f: [{}, (call) => (call.has('a') ? returned(1) : ops([waitFor('a', 'x')]))],
    g: [{ cancel: [{ event: 'x' }] }, () => held().promise],
  })
  await world.send({ name: 'f' }, { name: 'g' })
  const [id] = await world.send({ name: 'x' })
  expect(await effectsOf(id)).toEqual([
    [(await world.run('f')).id, 'resumed'],
    [(await world.run('g')).id, 'cancelled'],
  ])
})

it('an event that a wait finds when it looks back tells of it too', async () => {
  world = await World.open()
  const open = held()
  await world.register({ f: [{}, (call) => (call.has('a') ? returned(1) : open.promise)] })
  await world.send({ name: 'f' })
  const [id] = await world.send({ name: 'x' })
  open.give(ops([waitFor('a', 'x')]))
  await world.rest()
  expect(await effectsOf(id)).toEqual([[(await world.run('f')).id, 'resumed']])
})
