// The functions of the null app: what starts each, its flow control as the SDK would register it, and what it answers.
// Answers are prebuilt; which one it is depends on the steps that a call brings.

import { DONE, PARALLEL_PLAN, type PreparedAnswer, parallelStep, SLEEP, STEPS, WAIT } from './answers.ts'
import type { NullFunction } from './messages.ts'

/** The app's name, which starts the slug of each of its functions. */
export const NULL_APP = 'bench-null'

/** Functions that one `bench/fan` event starts. */
export const FAN_OUT = 20

interface FunctionSetup {
  readonly event: string
  /** As in a Sync Request. */
  readonly concurrency?: readonly { readonly limit: number; readonly key?: string }[]
  answer(stepsDone: number): PreparedAnswer
}

const done = () => DONE

const FAN = Object.fromEntries(
  Array.from({ length: FAN_OUT }, (_, index) => [fanName(index), { event: 'bench/fan', answer: done }]),
) as Record<`fan-${number}`, FunctionSetup>

/** By name. `checkpointed` answers only when its steps are posted. */
const NULL_FUNCTIONS: Readonly<Record<NullFunction, FunctionSetup>> = {
  noop: { event: 'bench/noop', answer: done },
  ten: { event: 'bench/ten', answer: (stepsDone) => STEPS[stepsDone] ?? DONE },
  checkpointed: { event: 'bench/checkpointed', answer: done },
  sleeper: { event: 'bench/sleeper', answer: (stepsDone) => (stepsDone === 0 ? SLEEP : DONE) },
  waiter: { event: 'bench/waiter', answer: (stepsDone) => (stepsDone === 0 ? WAIT : DONE) },
  parallel: { event: 'bench/parallel', answer: (stepsDone) => (stepsDone === 0 ? PARALLEL_PLAN : DONE) },
  keyed: { event: 'bench/keyed', concurrency: [{ limit: 1, key: 'event.data.key' }], answer: done },
  single: { event: 'bench/single', concurrency: [{ limit: 1 }], answer: done },
  noisy: { event: 'bench/noisy', answer: done },
  ...FAN,
}

/** The answer to a discovery call with so many steps done. */
export function answerTo(fn: NullFunction, stepsDone: number): PreparedAnswer {
  return NULL_FUNCTIONS[fn]?.answer(stepsDone) ?? DONE
}

/** The answer to a call of one planned step. */
export function answerToStep(step: string): PreparedAnswer {
  return parallelStep(step) ?? DONE
}

/** The functions as a Sync Request lists them. */
export function registeredFunctions(serveUrl: string): readonly Record<string, unknown>[] {
  return Object.entries(NULL_FUNCTIONS).map(([name, { event, concurrency }]) => {
    const id = `${NULL_APP}-${name}`
    const runtime = { type: 'http', url: `${serveUrl}?fnId=${id}&stepId=step` }
    const steps = { step: { id: 'step', name: 'step', runtime } }
    return { id, name, triggers: [{ event }], steps, ...(concurrency === undefined ? {} : { concurrency }) }
  })
}

/** Name of the n-th function of the fan-out. */
function fanName(index: number): `fan-${number}` {
  return `fan-${index}`
}
