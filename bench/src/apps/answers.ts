// Prebuilt answers in the shape of the official SDK 4.24.0, captured from it once and checked by hand: headers, opcodes, the checkpoint
// body with all that the SDK really sends. The null app serves them, so that its own cost stays small and the server is what is measured.

import { createHash } from 'node:crypto'

/** Steps in the sequential functions. */
export const STEP_COUNT = 10

/** Steps in the parallel function. */
export const PARALLEL_COUNT = 100

/** What the SDK puts on every answer. */
export const SDK_HEADERS: string[] = [
  ['content-type', 'application/json'],
  ['user-agent', 'inngest-js:v4.24.0'],
  ['x-inngest-sdk', 'inngest-js:v4.24.0'],
  ['x-inngest-sdk-handled', 'true'],
  ['x-inngest-framework', 'nodejs'],
  ['server-timing', 'handler, action;dur=2'],
  ['x-inngest-req-version', '2'],
].flat()

/** An answer that is ready to be written. */
export interface PreparedAnswer {
  readonly status: number
  readonly headers: string[]
  readonly body: Buffer
}

const STEP_TIMING = { a: 1795508664301000000, b: 0 }

/** 200 with the return value `"done"`. */
export const DONE = prepared(200, '"done"')

/** 206 with the end of a checkpointed run. */
export const RUN_COMPLETE = prepared(206, [{ op: 'RunComplete', id: hashed('complete'), data: 'done' }])

/** 206 with a sleep far beyond the bench. */
export const SLEEP = prepared(206, [asyncOpcode('nap', { op: 'Sleep', name: '1w', opts: {} })])

/** 206 with a wait for the event that carries the same `data.id`. */
export const WAIT = prepared(206, [
  asyncOpcode('answer', {
    op: 'WaitForEvent',
    name: 'bench/answer',
    opts: { timeout: '1w', if: 'event.data.id == async.data.id' },
  }),
])

/** 206 with step n done, for n from 0. */
export const STEPS: readonly PreparedAnswer[] = Array.from({ length: STEP_COUNT }, (_, index) =>
  prepared(206, [{ ...stepOpcode(stepName(index)), data: index, timing: STEP_TIMING }]),
)

/** 206 with a plan of all parallel steps. */
export const PARALLEL_PLAN = prepared(
  206,
  Array.from({ length: PARALLEL_COUNT }, (_, index) => ({ ...stepOpcode(parallelName(index)), op: 'StepPlanned' })),
)

const PARALLEL_STEPS: ReadonlyMap<string, PreparedAnswer> = new Map(
  Array.from({ length: PARALLEL_COUNT }, (_, index) => {
    const opcode = { ...stepOpcode(parallelName(index)), data: index, timing: STEP_TIMING }
    return [opcode.id, prepared(206, [opcode])]
  }),
)

/** 206 with one parallel step done, by its hashed ID. */
export function parallelStep(id: string): PreparedAnswer | undefined {
  return PARALLEL_STEPS.get(id)
}

/** What a call tells that its checkpoints must repeat. */
export interface CallContext {
  readonly run_id: string
  readonly fn_id: string
  readonly qi_id: string
  readonly request_id: string
  readonly generation_id: number
}

const CHECKPOINT_TAILS: readonly string[] = Array.from({ length: STEP_COUNT }, (_, index) => checkpointTail(index))

/** The body of a checkpoint of step n, and nothing in it that has to be serialised again. */
export function checkpointBody(context: CallContext, index: number): string {
  const { run_id, fn_id, qi_id, request_id, generation_id } = context
  return (
    `{"run_id":"${run_id}","fn_id":"${fn_id}","qi_id":"${qi_id}","request_id":"${request_id}","generation_id":${generation_id},` +
    (CHECKPOINT_TAILS[index] ?? '')
  )
}

/** Name of step n. */
export function stepName(index: number): string {
  return `step-${index}`
}

/** Name of parallel step n. */
export function parallelName(index: number): string {
  return `parallel-${index}`
}

/** The ID of a step as it leaves the SDK: SHA-1 of its name, in hex. */
export function hashed(name: string): string {
  return createHash('sha1').update(name).digest('hex')
}

function checkpointTail(index: number): string {
  const name = stepName(index)
  const hashedId = hashed(name)
  const step = {
    id: hashedId,
    mode: 'sync',
    op: 'StepRun',
    name,
    displayName: name,
    userland: { id: name },
    opts: {},
    rawArgs: [name, null],
    hashedId,
    promise: {},
    fulfilled: true,
    hasStepState: true,
    handled: true,
    middleware: { stepInfo: { hashedId, memoized: false, options: { id: name, name }, stepType: 'run' } },
    memoizationDeferred: { promise: {} },
    transformedResultPromise: {},
    data: index,
    timing: { a: 1795508666289000000, b: 0 },
  }
  return `"request_started_at":1795508666282,"steps":[${JSON.stringify(step)}],"ts":1795508666291}`
}

function stepOpcode(name: string) {
  return { id: hashed(name), op: 'StepRun', name, opts: {}, displayName: name, userland: { id: name } }
}

function asyncOpcode(name: string, opcode: Record<string, unknown>): Record<string, unknown> {
  return { displayName: name, id: hashed(name), userland: { id: name }, data: null, ...opcode }
}

function prepared(status: number, body: unknown): PreparedAnswer {
  // Without a content-length, as the SDK answers: Node then writes one chunk and its end.
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers: SDK_HEADERS, body: Buffer.from(text) }
}
