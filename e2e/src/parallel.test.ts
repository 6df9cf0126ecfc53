/**
 * Steps side by side, on every SDK: all, race, nested, with sleeps, waits and invokes among them, and with errors.
 * Version 1 of the protocol goes on after each end; version 2 once, when the group is done, except in a race.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from './harness/app.ts'
import type { RunContext } from './harness/function-spec.ts'
import { type HandMadeApp, op, SDK_HEADERS, serveByHand } from './harness/hand-made-app.ts'
import { SDKS } from './harness/sdk.ts'
import { at } from './harness/shapes.ts'
import { hashedId } from './harness/step-id.ts'
import { moment, until } from './harness/until.ts'
import { useWorld } from './harness/world.ts'

const MANY = 1_000

const world = useWorld({ name: 'parallel' }, ({ define, event }, ledger) => {
  /** A step that takes a while, with its start and end in the ledger. */
  const slow = ({ step, runId }: RunContext, id: string, ms: number): Promise<string> =>
    step.run(id, async () => {
      ledger.note(runId, `${id} starts`)
      await moment(ms)
      ledger.note(runId, `${id} ends`)
      return id
    })
  /** Race semantics: a version 4 body has to ask for them. */
  const race = <T>({ group }: RunContext, body: () => Promise<T>): Promise<T> => (group ? group.parallel(body) : body())

  define({
    id: 'all',
    triggers: [{ event: event('all') }],
    run: async (context) => {
      const three = await Promise.all(['a', 'b', 'c'].map((id) => slow(context, id, 400)))
      return three.join('+')
    },
  })
  define({
    id: 'branches',
    triggers: [{ event: event('branches') }],
    run: (context) =>
      race(context, () =>
        Promise.all([
          slow(context, 'slow 1', 600).then(() => slow(context, 'slow 2', 10)),
          slow(context, 'fast 1', 10).then(() => slow(context, 'fast 2', 10)),
        ]),
      ),
  })
  define({
    id: 'race',
    triggers: [{ event: event('race') }],
    run: async (context) => {
      const first = await race(context, () => Promise.race([slow(context, 'slow', 1_500), slow(context, 'fast', 10)]))
      return `${first}, ${await slow(context, 'next', 10)}`
    },
  })
  define({
    id: 'race-wait',
    triggers: [{ event: event('race-wait') }],
    run: (context) =>
      race(context, () =>
        Promise.race([
          context.step.waitForEvent('never', { event: event('never'), timeout: '30d' }),
          context.step.sleep('long', '30d'),
          slow(context, 'fast', 10),
        ]),
      ),
  })
  define({
    id: 'nested',
    triggers: [{ event: event('nested') }],
    run: (context) => {
      const inner = (name: string) => Promise.all([slow(context, `${name}1`, 20), slow(context, `${name}2`, 40)])
      const left = slow(context, 'l', 10).then(async (l) => [l, ...(await inner('l')), await slow(context, 'l3', 5)])
      const right = inner('r').then(async (both) => [...both, await slow(context, 'r3', 5)])
      return Promise.all([left, right])
    },
  })
  const child = define({
    id: 'child',
    triggers: [{ event: event('child') }],
    run: ({ event: { data } }) => Number(data.n) + 1,
  })
  define({
    id: 'mixed',
    triggers: [{ event: event('mixed') }],
    run: async (context) => {
      const { step } = context
      const [ran, , seen, invoked] = await Promise.all([
        slow(context, 'run', 20),
        step.sleep('sleep', '1s'),
        step.waitForEvent('wait', { event: event('mixed.done'), timeout: '1h', match: 'data.key' }),
        step.invoke('invoke', { function: child, data: { n: 1 } }),
      ])
      return { ran, key: at(seen, 'data', 'key'), invoked, after: await slow(context, 'after', 5) }
    },
  })
  define({
    id: 'settled',
    triggers: [{ event: event('settled') }],
    retries: 1,
    run: async (context) => {
      const bad = context.step.run('bad', () => {
        ledger.note(context.runId, 'bad')
        throw new Error('this branch fails')
      })
      const results = await Promise.allSettled([slow(context, 'good', 20), bad, slow(context, 'also good', 20)])
      return results.map(({ status }) => status)
    },
  })
  define({
    id: 'fails',
    triggers: [{ event: event('fails') }],
    retries: 0,
    run: (context) =>
      Promise.all([
        slow(context, 'good', 20),
        context.step.run('bad', () => {
          throw new Error('this branch fails')
        }),
      ]),
  })
})

describe.concurrent.each(SDKS)('parallel steps on $title', (sdk) => {
  const discoveries = (calls: readonly Call[]) => calls.filter((call) => call.stepId === 'step')

  it('PA-1: three steps side by side run once each, at the same time, and the run goes on when all have ended', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('all') })
    expect(run.output).toBe('a+b+c')
    const marks = app.ledger.of(run.id)
    expect(marks.filter((mark) => mark.endsWith('starts')).toSorted()).toEqual(['a starts', 'b starts', 'c starts'])
    expect(marks.slice(0, 3).every((mark) => mark.endsWith('starts'))).toBe(true)
    const calls = app.callsOf(run.id)
    expect(calls.length - discoveries(calls).length).toBe(3)
    if (sdk.line === 4) expect(calls).toHaveLength(5)
  })

  it('PA-2: the fast branch goes on before the slow branch has ended its first step', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('branches') })
    expect(run.output).toEqual(['slow 2', 'fast 2'])
    const marks = app.ledger.of(run.id)
    expect(marks.indexOf('fast 2 starts')).toBeLessThan(marks.indexOf('slow 1 ends'))
    expect(new Set(marks).size).toBe(8)
    expect(marks).toHaveLength(8)
  })

  it('after a race the body goes on with the first step that ended, while the other is still running', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('race') })
    expect(run.output).toBe('fast, next')
    await until('the slow step to end', () => app.ledger.times(run.id, 'slow ends') === 1)
    const marks = app.ledger.of(run.id)
    expect(marks.indexOf('next ends')).toBeLessThan(marks.indexOf('slow ends'))
    expect(marks).toHaveLength(6)
    expect((await world.api.run(run.id)).output).toBe('fast, next')
  })

  // Version 4 reports what lost a race again and again until it has ended, and does not return before that.
  if (sdk.line === 3)
    it('a race against a wait and a sleep leaves nothing of the run behind', async () => {
      const app = world.app(sdk)
      const run = await world.api.sendAndWait({ name: app.event('race-wait') })
      expect(run.output).toBe('fast')
      expect(at(await world.api.ask(`/v1/runs/${run.id}/jobs`), 'data')).toEqual([])
    })

  it('groups inside branches of groups run each step once', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('nested') })
    expect(run.output).toEqual([
      ['l', 'l1', 'l2', 'l3'],
      ['r1', 'r2', 'r3'],
    ])
    const marks = app.ledger.of(run.id)
    expect(marks).toHaveLength(new Set(marks).size)
    expect(marks).toHaveLength(14)
  })

  it('a step, a sleep, a wait and an invoke side by side all end before the body goes on', async () => {
    const app = world.app(sdk)
    const key = randomUUID()
    const run = await world.api.firstRun(await world.api.sendOne({ name: app.event('mixed'), data: { key } }))
    await until('the wait', async () =>
      (await world.api.trace(run.id)).children.some((span) => span.status === 'WAITING'),
    )
    await world.api.sendOne({ name: app.event('mixed.done'), data: { key } })
    const { output } = await world.api.reached(run.id, 'Completed')
    expect(output).toEqual({ ran: 'run', key, invoked: 2, after: 'after' })
    const [first] = app.callsOf(run.id)
    expect(app.ledger.at(run.id, 'after starts')).toBeGreaterThanOrEqual((first?.at ?? 0) + 1_000)
    expect(app.ledger.times(run.id, 'run starts')).toBe(1)
  })

  it('one branch that fails for good leaves the others their results', async () => {
    const app = world.app(sdk)
    const run = await world.api.sendAndWait({ name: app.event('settled') })
    expect(run.output).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(app.ledger.times(run.id, 'bad')).toBe(2)
    expect(app.ledger.times(run.id, 'good starts')).toBe(1)
  })

  it('a branch that fails and is not caught fails the run', async () => {
    const run = await world.api.sendAndWait({ name: world.app(sdk).event('fails') }, { status: 'Failed' })
    expect(at(run.output, 'error', 'message')).toBe('this branch fails')
  })
})

describe('parallel steps of a hand-made app', () => {
  let app: HandMadeApp

  beforeAll(async () => {
    const ids = Array.from({ length: MANY }, (_, n) => hashedId(`many-${n}`))
    const planned = (some: readonly string[]) => ({ status: 206, body: some.map((id) => op('StepPlanned', id)) })
    app = await serveByHand(world.server.url, 'by-hand', [
      {
        id: 'many',
        answer: ({ stepId, body }) => {
          if (stepId !== 'step') return { status: 206, body: [op('StepRun', stepId, { data: 1 })] }
          return Object.keys(Object(at(body, 'steps'))).length === 0 ? planned(ids) : { status: 200, body: 'all' }
        },
      },
      {
        id: 'ends-twice',
        answer: async ({ stepId, body }) => {
          const headers = { ...SDK_HEADERS, 'x-inngest-req-version': '1' }
          if (stepId !== 'step') return { status: 206, headers, body: [op('StepRun', stepId, { data: 1 })] }
          if (Object.keys(Object(at(body, 'steps'))).length === 0) return { ...planned(ids.slice(0, 2)), headers }
          await moment(200)
          return { status: 200, headers, body: '"ended"' }
        },
      },
    ])
  })
  afterAll(() => app.close())

  it(`PA-4: ${MANY} steps side by side are followed by exactly one discovery`, async () => {
    const run = await world.api.sendAndWait({ name: app.event('many') }, { withinMs: 40_000 })
    expect(run.output).toBe('all')
    const calls = app.callsOf(run.id)
    expect(calls.filter((call) => call.stepId === 'step')).toHaveLength(2)
    expect(new Set(calls.map((call) => call.stepId)).size).toBe(MANY + 1)
    expect(calls).toHaveLength(MANY + 2)
  })

  it('LC-2: two discoveries that both report the end give one end and one finished event', async () => {
    const run = await world.api.sendAndWait({ name: app.event('ends-twice') })
    await moment(600)
    expect((await world.api.run(run.id)).output).toBe('ended')
    expect(await world.api.internalEvents('inngest/function.finished', run.id)).toHaveLength(1)
  })
})
