// How the branches of a run part and come together: which calls an app gets, in which order results stand in the stack,
// and that no end of a branch is ever lost.
import { hashStepId } from '@pawl/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import type { CallResult } from '../drivers/driver.ts'
import {
  aiGateway,
  complete,
  discover,
  gateway,
  none,
  type Op,
  ops,
  planned,
  ran,
  returned,
  sleep,
  stepThrew,
  waitFor,
} from './answers.ts'
import { held, type SeenCall, World } from './world.ts'

let world: World
afterEach(() => world.close())

/** Runs the steps one after the other. */
function oneByOne(...ids: readonly string[]) {
  return (call: SeenCall): CallResult => {
    const next = ids.find((id) => !call.has(id))
    return next === undefined ? returned('done') : ops([ran(next)])
  }
}

/** Plans all steps at once; each one that is aimed at runs, unless it is in `slow`. */
function allAtOnce(
  ids: readonly string[],
  options: { version?: number; slow?: Record<string, Promise<CallResult>>; opts?: Op } = {},
) {
  const { version = 2, slow = {}, opts = {} } = options
  return (call: SeenCall): CallResult | Promise<CallResult> => {
    const aim = ids.find((id) => call.aimsAt(id))
    if (aim !== undefined) return slow[aim] ?? ops([ran(aim)], { version })
    const missing = ids.filter((id) => !call.has(id))
    if (missing.length === 0) return returned('all')
    return ops(
      missing.map((id) => planned(id, opts)),
      { version },
    )
  }
}

const discoveries = (): readonly SeenCall[] => world.calls.filter((call) => call.stepId === 'step')

describe('a run of one branch', () => {
  it('is called once for each step and once for the end, with what is known so far', async () => {
    world = await World.open()
    await world.register({ f: [{}, oneByOne('a', 'b', 'c')] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('done')
    expect(world.calls.map((call) => call.stack)).toEqual([
      [],
      [hashStepId('a')],
      ['a', 'b'].map(hashStepId),
      ['a', 'b', 'c'].map(hashStepId),
    ])
    expect(world.calls.at(-1)?.memo('a')).toEqual({ data: 'a' })
    expect(world.calls.every((call) => !call.plansOnly && call.attempt === 0)).toBe(true)
  })

  it('gets a new epoch for every call, in the header, the body and the token', async () => {
    world = await World.open()
    await world.register({ f: [{}, oneByOne('a', 'b')] })
    await world.send({ name: 'f' })
    expect(world.calls.map((call) => call.generationId)).toEqual([1, 2, 3])
    for (const call of world.calls) {
      expect(call.qiId).toMatch(new RegExp(`^\\d+\\.${call.generationId}$`))
      expect(call.request.headers['x-inngest-generation-id']).toBe(String(call.generationId))
    }
  })

  it('keeps the steps of an answer that also ends the run', async () => {
    world = await World.open()
    await world.register({ f: [{}, () => ops([ran('a'), ran('b'), complete('end')])] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('end')
    const record = await world.store.lists.record((await world.run('f')).id)
    expect(record?.steps.map((step) => step.position).sort()).toEqual([0, 1])
    expect(record?.history.map(({ row }) => row.seq)).toEqual([1, 2, 3])
    expect(record?.history.map(({ row }) => row.kind)).toEqual(['step', 'step', 'run'])
  })

  it('discovers again when the app asks for it', async () => {
    world = await World.open()
    let asked = 0
    await world.register({ f: [{}, () => (asked++ === 0 ? ops([discover]) : returned('ok'))] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('ok')
    expect(world.calls.map((call) => call.attempt)).toEqual([0, 0])
  })

  it.each([
    ['an empty array', ops([])],
    ['None', ops([none])],
  ])('fails in plain words when %s comes again and again while nothing is pending', async (_what, result) => {
    world = await World.open()
    await world.register({ f: [{ retries: 1 }, () => result] })
    await world.send({ name: 'f' })
    await world.advance(10_000)
    expect(await world.output('f')).toMatchObject({ name: 'NoProgress' })
    expect(world.calls.map((call) => call.attempt)).toEqual([0, 1])
  })

  it('runs a step once when its result comes twice', async () => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (call.has('a') ? returned(call.memo('a')) : ops([ran('a', 1), ran('a', 2)]))],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toEqual({ data: 1 })
  })

  it('takes the legacy form of a result as it stands', async () => {
    world = await World.open()
    const legacy = { op: 'Step', id: hashStepId('a'), data: { data: 7 } }
    await world.register({ f: [{}, (call) => (call.has('a') ? returned(call.memo('a')) : ops([legacy]))] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toEqual({ data: 7 })
  })
})

describe('parallel steps of version 2', () => {
  it('are called once each, and discovered once after the last', async () => {
    world = await World.open()
    await world.register({ f: [{}, allAtOnce(['a', 'b', 'c'])] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('all')
    expect(world.calls).toHaveLength(5)
    expect(discoveries()).toHaveLength(2)
  })

  it('make apps plan only while they are open', async () => {
    world = await World.open()
    await world.register({ f: [{}, allAtOnce(['a', 'b'])] })
    await world.send({ name: 'f' })
    expect(world.calls.map((call) => call.plansOnly)).toEqual([false, true, true, false])
  })

  it('stand in the stack in the order in which they ended', async () => {
    world = await World.open()
    const first = held()
    await world.register({ f: [{}, allAtOnce(['a', 'b', 'c'], { slow: { a: first.promise } })] })
    await world.send({ name: 'f' })
    expect(discoveries()).toHaveLength(1)
    first.give(ops([ran('a')]))
    await world.rest()
    expect(world.calls.at(-1)?.stack).toEqual(['b', 'c', 'a'].map(hashStepId))
  })

  it('are all needed, sleeps and waits too', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) => {
          if (call.aimsAt('a')) return ops([ran('a')])
          if (call.stack.length === 3) return returned([call.memo('s'), call.memo('w')])
          return ops([planned('a'), sleep('s', '10s'), waitFor('w', 'x')])
        },
      ],
    })
    await world.send({ name: 'f' })
    await world.send({ name: 'x', data: { n: 1 } })
    expect(discoveries()).toHaveLength(1)
    await world.advance(10_000)
    expect(await world.output('f')).toEqual([null, expect.objectContaining({ name: 'x', data: { n: 1 } })])
    expect(discoveries()).toHaveLength(2)
  })

  it('that wake at the same instant are discovered once', async () => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (call.stack.length === 3 ? returned('ok') : ops(['a', 'b', 'c'].map((id) => sleep(id, '5s'))))],
    })
    await world.send({ name: 'f' })
    await world.advance(5_000)
    expect(await world.output('f')).toBe('ok')
    expect(world.calls).toHaveLength(2)
  })

  it('that are planned a second time stay what they are', async () => {
    world = await World.open()
    const slow = held()
    await world.register({
      f: [
        {},
        (call) => {
          if (call.aimsAt('a')) return slow.promise
          if (call.has('a') && call.has('r')) return returned('ok')
          return ops([planned('a'), sleep('r', '1s', { parallelMode: 'race' })])
        },
      ],
    })
    await world.send({ name: 'f' })
    await world.advance(1_000)
    expect(discoveries()).toHaveLength(2)
    slow.give(ops([ran('a')]))
    await world.rest()
    expect(await world.output('f')).toBe('ok')
    expect(world.calls.filter((call) => call.aimsAt('a'))).toHaveLength(1)
  })

  it('that all fit the limit of steps are all run', async () => {
    world = await World.open({ limits: { stepsMax: 3 } })
    await world.register({ f: [{}, allAtOnce(['a', 'b', 'c'])] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('all')
  })

  it('go on on their own when there is one place for calls', async () => {
    world = await World.open({ callsMax: 1 })
    await world.register({
      f: [{}, allAtOnce(['a', 'b', 'c'])],
      g: [{ triggers: [{ event: 'f' }] }, oneByOne('x', 'y')],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('all')
    expect(await world.output('g')).toBe('done')
    expect(world.engine.status().calls).toBe(0)
  })

  it('give their places back', async () => {
    world = await World.open({ callsMax: 10 })
    await world.register({ f: [{}, allAtOnce(['a', 'b', 'c'])] })
    for (let n = 0; n < 5; n++) await world.send({ name: 'f' }, { name: 'f' }, { name: 'f' })
    expect((await world.runs('f')).map((run) => run.status)).toEqual(Array(15).fill('completed'))
    expect(world.engine.status().calls).toBe(0)
  })
})

describe.each([
  ['version 1', 1],
  ['version 0', 0],
])('parallel steps of %s', (_name, version) => {
  it('are discovered after each end, so that one branch goes on before the other', async () => {
    world = await World.open()
    const slow = held()
    await world.register({
      f: [
        {},
        (call) => {
          if (call.aimsAt('a')) return ops([ran('a')], { version })
          if (call.aimsAt('a2')) return ops([ran('a2')], { version })
          if (call.aimsAt('b')) return slow.promise
          if (!call.has('a')) return ops([planned('a'), planned('b')], { version })
          if (!call.has('a2')) return ops([planned('a2')], { version })
          return call.has('b') ? returned('all') : ops([], { version })
        },
      ],
    })
    await world.send({ name: 'f' })
    expect(world.calls.filter((call) => call.aimsAt('a2'))).toHaveLength(1)
    slow.give(ops([ran('b')], { version }))
    await world.rest()
    expect(await world.output('f')).toBe('all')
  })

  it('whose end falls into an open discovery make it look again', async () => {
    world = await World.open()
    const [slow, discovery] = [held(), held()]
    let discovered = 0
    await world.register({
      f: [
        { retries: 0 },
        (call) => {
          if (call.aimsAt('a')) return ops([ran('a')], { version })
          if (call.aimsAt('b')) return slow.promise
          if (call.has('a') && call.has('b')) return returned('both')
          if (!call.has('a')) return ops([planned('a'), planned('b')], { version })
          discovered += 1
          return discovery.promise
        },
      ],
    })
    await world.send({ name: 'f' })
    expect(discovered).toBe(1)
    slow.give(ops([ran('b')], { version }))
    await world.rest()
    expect((await world.run('f')).status).toBe('running')
    discovery.give(ops([], { version }))
    await world.rest()
    expect(await world.output('f')).toBe('both')
  })

  it('make apps plan for the rest of the run', async () => {
    world = await World.open()
    await world.register({ f: [{}, allAtOnce(['a', 'b'], { version })] })
    await world.send({ name: 'f' })
    expect(world.calls.slice(1).every((call) => call.plansOnly)).toBe(true)
  })
})

describe('a race', () => {
  const racers = (loser: Promise<CallResult>) => (call: SeenCall) => {
    if (call.aimsAt('fast')) return ops([ran('fast')])
    if (call.aimsAt('slow')) return loser
    if (call.has('fast')) return returned('fast won')
    return ops(['fast', 'slow'].map((id) => planned(id, { parallelMode: 'race' })))
  }

  it('is discovered after its first end, and its run ends while a racer is out', async () => {
    world = await World.open()
    const loser = held()
    await world.register({ f: [{}, racers(loser.promise)] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('fast won')
    loser.give(ops([ran('slow')]))
    await world.rest()
    const record = await world.store.lists.record((await world.run('f')).id)
    expect(record?.steps).toHaveLength(1)
    expect(record?.items).toEqual([])
    expect(world.engine.status().calls).toBe(0)
  })

  it('whose members end together is discovered once, with both', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) =>
          call.stack.length === 2
            ? returned('both')
            : ops(['a', 'b'].map((id) => sleep(id, '1s', { parallelMode: 'race' }))),
      ],
    })
    await world.send({ name: 'f' })
    await world.advance(1_000)
    expect(await world.output('f')).toBe('both')
    expect(world.calls).toHaveLength(2)
  })
})

describe('steps that the server makes', () => {
  it('need no call of the app', async () => {
    world = await World.open()
    world.fetch = () => ({ kind: 'answer', status: 404, headers: { 'x-a': 'b' }, body: 'not here' })
    const request = { url: 'http://outside.test/x', method: 'POST', headers: { a: 'b' }, body: 'hi' }
    await world.register({
      f: [{}, (call) => (call.has('g') ? returned(call.memo('g')) : ops([gateway('g', request)]))],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toEqual({
      data: { url: request.url, headers: { 'x-a': 'b' }, body: 'not here', status_code: 404 },
    })
    expect(world.calls).toHaveLength(2)
    expect(world.fetched).toEqual([{ ...request, ai: false }])
  })

  it('run beside steps of the app', async () => {
    world = await World.open()
    await world.register({
      f: [
        {},
        (call) => {
          if (call.aimsAt('a')) return ops([ran('a')])
          return call.stack.length === 3 ? returned('ok') : ops([gateway('g'), planned('a'), gateway('h')])
        },
      ],
    })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toBe('ok')
    expect(world.fetched).toHaveLength(2)
    expect(world.calls).toHaveLength(3)
    expect(world.engine.status().calls).toBe(0)
  })

  it('are tried again after a failure of transport, then end in an error that the code can catch', async () => {
    world = await World.open()
    world.fetch = () => ({ kind: 'lost', reason: 'unreachable', message: 'refused' })
    await world.register({
      f: [{ retries: 2 }, (call) => (call.has('g') ? returned(call.memo('g')) : ops([gateway('g')]))],
    })
    await world.send({ name: 'f' })
    await world.advance(10_000)
    expect(world.fetched).toHaveLength(3)
    expect(await world.output('f')).toEqual({ error: { name: 'GatewayError', message: 'refused' } })
  })

  it('whose output is over the limit fail for good', async () => {
    world = await World.open()
    // Each of these becomes six characters of JSON.
    world.fetch = () => ({ kind: 'answer', status: 200, headers: {}, body: '\u0001'.repeat(1_000_000) })
    await world.register({ f: [{}, (call) => (call.has('g') ? returned(call.memo('g')) : ops([gateway('g')]))] })
    await world.send({ name: 'f' })
    expect(await world.output('f')).toMatchObject({ error: { name: 'output_too_large' } })
    expect(world.fetched).toHaveLength(1)
  })

  it('keep their keys out of everything that people read, once they have ended', async () => {
    world = await World.open()
    const key = 'sk-very-secret'
    let answers: 'status' | 'fine' = 'status'
    world.fetch = () =>
      answers === 'status'
        ? { kind: 'answer', status: 500, headers: {}, body: '{"oh":"no"}' }
        : { kind: 'answer', status: 200, headers: {}, body: '{"text":"hi"}' }
    await world.register({
      f: [
        {},
        (call) =>
          call.has('ai')
            ? returned(call.memo('ai'))
            : ops([aiGateway('ai', { auth_key: key, headers: { 'x-own': key } })]),
      ],
    })
    await world.send({ name: 'f' })
    expect(world.fetched[0]?.headers).toMatchObject({ authorization: `Bearer ${key}`, 'x-own': key })
    answers = 'fine'
    await world.advance(1_000)
    expect(await world.output('f')).toEqual({ data: { text: 'hi' } })
    const record = await world.store.lists.record((await world.run('f')).id)
    expect(record?.history.some(({ row }) => row.kind === 'attempt')).toBe(true)
    expect(JSON.stringify(record)).not.toContain(key)
    expect(world.warnings.join()).not.toContain(key)
  })

  it.each([
    ['anthropic', { 'x-api-key': 'k' }, ''],
    ['gemini', {}, '?key=k'],
    ['bedrock', { authorization: 'k' }, ''],
    ['openai-chat', { authorization: 'Bearer k' }, ''],
  ])('send the key of %s where that provider looks for it', async (format, headers, query) => {
    world = await World.open()
    await world.register({
      f: [{}, (call) => (call.has('ai') ? returned(1) : ops([aiGateway('ai', { auth_key: 'k', format })]))],
    })
    await world.send({ name: 'f' })
    expect(world.fetched[0]?.headers).toEqual({ 'content-type': 'application/json', ...headers })
    expect(world.fetched[0]?.url).toBe(`http://model.test/${query}`)
  })
})

describe('a step that throws beside others', () => {
  it('is tried again by itself, and the others go on', async () => {
    world = await World.open()
    let failures = 0
    await world.register({
      f: [
        {},
        (call) => {
          if (call.aimsAt('bad')) return failures++ < 2 ? ops([stepThrew('bad')]) : ops([ran('bad')])
          if (call.aimsAt('good')) return ops([ran('good')])
          return call.stack.length === 2 ? returned('ok') : ops([planned('bad'), planned('good')])
        },
      ],
    })
    await world.send({ name: 'f' })
    await world.advance(5_000)
    expect(await world.output('f')).toBe('ok')
    expect(world.calls.filter((call) => call.aimsAt('bad')).map((call) => call.attempt)).toEqual([0, 1, 2])
    expect(world.calls.filter((call) => call.aimsAt('good'))).toHaveLength(1)
  })

  it('is noted with each attempt', async () => {
    world = await World.open()
    let failures = 0
    await world.register({
      f: [{}, (call) => (call.has('a') ? returned(1) : failures++ < 1 ? ops([stepThrew('a')]) : ops([ran('a')]))],
    })
    await world.send({ name: 'f' })
    await world.advance(5_000)
    const record = await world.store.lists.record((await world.run('f')).id)
    expect(record?.history.map(({ row }) => [row.kind, row.status, row.attempt])).toEqual([
      ['attempt', 'errored', 0],
      ['step', 'completed', 1],
      ['run', 'completed', 0],
    ])
    expect(JSON.parse(record?.history[0]?.error ?? 'null')).toEqual({ name: 'Error', message: 'boom' })
  })
})
