/**
 * The functions of the clusters' apps: one for each way in which a run can be under way when something happens to a
 * server. Every result says what it must be, whatever has happened.
 */
import { moment } from '../harness/until.ts'
import type { Gate } from './gate.ts'
import type { ProductionKit } from './production-app.ts'
import type { Slots } from './slots.ts'

/** What a run of each kind must return; undefined: what the test itself looks at. */
export const OUTPUTS = {
  steps: '1, 2, 3',
  sleeps: 'before, after',
  waits: 'before, after',
  parallel: 'left, middle, right, after',
  limited: 'done',
  keyed: 'done',
  held: undefined,
} as const

export type Kind = keyof typeof OUTPUTS

/** Slots of `limited`, and of each key of `keyed`. */
export const LIMIT = 4
export const KEY_LIMIT = 1

/** What the bodies share with whoever looks at them. */
export interface Bodies {
  readonly gate: Gate
  readonly slots: Slots
  /** How long a limited body takes, in milliseconds. */
  readonly limitedMs: number
}

/** More attempts than anything here may cost. */
const RETRIES = 10

/** Defines the functions of one app. */
export function defineFunctions({ app, define, event, step }: ProductionKit, { gate, slots, limitedMs }: Bodies): void {
  const kind = (id: Kind) => ({ id, triggers: [{ event: event(id) }], retries: RETRIES }) as const
  const work = (name: string) => async (): Promise<string> => {
    await moment(Math.random() * 40)
    return name
  }
  const limited = async (): Promise<string> => {
    await moment(limitedMs)
    return 'done'
  }
  define({
    ...kind('steps'),
    run: async (context) => {
      const seen: string[] = []
      for (const name of ['1', '2', '3']) seen.push(await step(context, name, work(name)))
      return seen.join(', ')
    },
  })
  define({
    ...kind('sleeps'),
    run: async (context) => {
      const before = await step(context, 'before', work('before'))
      await context.step.sleep('sleep', '1s')
      return `${before}, ${await step(context, 'after', work('after'))}`
    },
  })
  define({
    ...kind('waits'),
    run: async (context) => {
      const before = await step(context, 'before', work('before'))
      const woken = await context.step.waitForEvent('wait', { event: event('wake'), timeout: '24h', match: 'data.key' })
      return `${before}, ${woken === null ? 'timed out' : await step(context, 'after', work('after'))}`
    },
  })
  define({
    ...kind('parallel'),
    run: async (context) => {
      const together = await Promise.all(['left', 'middle', 'right'].map((name) => step(context, name, work(name))))
      return `${together.join(', ')}, ${await step(context, 'after', work('after'))}`
    },
  })
  define({
    ...kind('limited'),
    concurrency: LIMIT,
    run: (context) => step(context, 'work', () => slots.within(`${app} limited`, context.runId, limited)),
  })
  define({
    ...kind('keyed'),
    concurrency: [{ limit: KEY_LIMIT, key: 'event.data.key' }],
    run: (context) =>
      step(context, 'work', () => slots.within(`${app} keyed ${context.event.data.key}`, context.runId, limited)),
  })
  const calls = new Map<string, number>()
  define({
    ...kind('held'),
    run: (context) =>
      step(context, 'hold', async () => {
        const call = (calls.get(context.runId) ?? 0) + 1
        calls.set(context.runId, call)
        await gate.pass()
        return `held in call ${call}`
      }),
  })
}

/** Limits that were passed, as the bodies have seen it. */
export function passedLimits(slots: Slots): readonly string[] {
  return [...slots.peaks].flatMap(([name, peak]) => {
    const limit = name.endsWith('limited') ? LIMIT : KEY_LIMIT
    return peak > limit ? [`${name}: ${peak} runs at once, ${limit} allowed`] : []
  })
}
