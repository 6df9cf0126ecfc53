/**
 * The functions of the crash test: one for each way in which a run can be under way when a process dies.
 * Every body tells `begin` before it does anything, and every result says what it must be after any number of deaths.
 */
import { setTimeout as rest } from 'node:timers/promises'
import type { RunContext } from '../harness/function-spec.ts'
import type { Kit } from '../harness/sdk.ts'

/** Tells that a step's body starts. */
export type Begin = (runId: string, step: string) => void

/** The kinds of runs with how many of each there are, and what each must end with. */
export const KINDS = {
  steps: { count: 150, status: 'Completed', output: 'step 1, step 2, step 3, step 4' },
  sleeps: { count: 80, status: 'Completed', output: 'before, after' },
  waits: { count: 80, status: 'Completed', output: 'before, after' },
  invokes: { count: 60, status: 'Completed', output: 'before, child 1 child 2, after' },
  retries: { count: 60, status: 'Completed', output: 'flaky, after' },
  parallel: { count: 50, status: 'Completed', output: 'left, middle, right, after' },
  fails: { count: 20, status: 'Failed', output: undefined },
} as const

/** A kind of run. */
export type Kind = keyof typeof KINDS

/** More attempts than there are deaths of the app, so that no run fails for those. */
const RETRIES = 10

/** Defines the functions of one app. */
export function defineCrashFunctions({ define, event, nonRetriable }: Kit, begin: Begin): void {
  const step = ({ step: tools, runId }: RunContext, id: string): Promise<string> =>
    tools.run(id, async () => {
      begin(runId, id)
      await rest(Math.random() * 40)
      return id
    })
  const kind = (id: Kind, run: (context: RunContext) => Promise<string>): void => {
    define({ id, triggers: [{ event: event(id) }], retries: RETRIES, run })
  }

  kind('steps', async (context) => {
    const seen: string[] = []
    for (const n of [1, 2, 3, 4]) seen.push(await step(context, `step ${n}`))
    return seen.join(', ')
  })
  kind('sleeps', async (context) => {
    const before = await step(context, 'before')
    await context.step.sleep('sleep', '2s')
    return `${before}, ${await step(context, 'after')}`
  })
  kind('waits', async (context) => {
    const before = await step(context, 'before')
    const woken = await context.step.waitForEvent('wait', { event: event('wake'), timeout: '24h', match: 'data.key' })
    return `${before}, ${woken === null ? 'timed out' : await step(context, 'after')}`
  })
  const child = define({
    id: 'child',
    triggers: [{ event: event('child') }],
    retries: RETRIES,
    run: async (context) => `${await step(context, 'child 1')} ${await step(context, 'child 2')}`,
  })
  kind('invokes', async (context) => {
    const before = await step(context, 'before')
    const invoked = await context.step.invoke('invoke', { function: child })
    return `${before}, ${invoked}, ${await step(context, 'after')}`
  })
  kind('retries', async (context) => {
    const flaky = await context.step.run('flaky', () => {
      begin(context.runId, 'flaky')
      if (context.attempt < 2) throw new Error('not yet')
      return 'flaky'
    })
    return `${flaky}, ${await step(context, 'after')}`
  })
  kind('parallel', async (context) => {
    const together = await Promise.all(['left', 'middle', 'right'].map((id) => step(context, id)))
    return `${together.join(', ')}, ${await step(context, 'after')}`
  })
  define({
    id: 'fails',
    triggers: [{ event: event('fails') }],
    retries: RETRIES,
    onFailure: async (context) => step(context, 'handled'),
    run: async (context) => {
      await step(context, 'before')
      throw nonRetriable('as it should')
    },
  })
  define({
    id: 'every-minute',
    triggers: [{ cron: '* * * * *' }],
    retries: RETRIES,
    run: (context) => {
      begin(context.runId, `tick ${String(context.event.data.scheduledAt ?? context.event.ts)} of ${event('tick')}`)
      return 'ticked'
    },
  })
}
