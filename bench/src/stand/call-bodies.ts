// Call Requests as the server would send them, for driving the SDK app directly: what the ceiling and the direct latency need.
// Made from text that is ready, like in the server, so that the driver stays far below the cost of the app. SDK spec, Call Request.

import { hashed, PARALLEL_COUNT, parallelName, STEP_COUNT, stepName } from '../apps/answers.ts'

/** What differs between two calls. */
export interface CallOptions {
  readonly event: string
  readonly runId: string
  readonly stepsDone: number
  /** Put into the event's data; 0 when no latency is measured. */
  readonly sent: number
  /** The memoized steps are those of the sequence, or of the parallel function (then all or none). */
  readonly kind?: 'sequence' | 'parallel'
  /** The call is for one step of a plan. */
  readonly isPlanned?: boolean
}

const SEQUENCE = prefixes(STEP_COUNT, stepName)
const PARALLEL = prefixes(PARALLEL_COUNT, parallelName)

/** The body of a call with the first `stepsDone` steps memoized. */
export function callBody({ event, runId, stepsDone, sent, kind = 'sequence', isPlanned = false }: CallOptions): string {
  const { steps, stack } = (kind === 'sequence' ? SEQUENCE : PARALLEL)(stepsDone)
  const eventText = `{"data":{"sent":${sent}},"id":"${runId}","name":"${event}","ts":1795508664301,"user":{}}`
  const context =
    `{"attempt":0,"disable_immediate_execution":${isPlanned},"env":"","fn_id":"5c1e5b9e-0d5c-5c5e-8a5e-2f5c1e5b9e0d",` +
    `"generation_id":1,"job_id":"1","max_attempts":5,"qi_id":"1.1","request_id":"${runId}","run_id":"${runId}",` +
    `"stack":{"current":${stepsDone},"stack":[${stack}]},"step_id":"step","use_api":false}`
  return (
    `{"ctx":${context},"defers":{},"event":${eventText},"events":[${eventText}],` +
    `"steps":{${steps}},"use_api":false,"version":${isPlanned ? 2 : -1}}`
  )
}

/** Headers of a call. */
export function callHeaders(runId: string, isPlanned = false): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-run-id': runId,
    'x-request-id': runId,
    'x-inngest-generation-id': '1',
    'x-inngest-req-version': isPlanned ? '2' : '-1',
  }
}

/** Joined text of the first n steps and of their place in the stack, for n from 0. */
function prefixes(count: number, nameOf: (index: number) => string) {
  const hashes = Array.from({ length: count }, (_, index) => hashed(nameOf(index)))
  const joined = (texts: readonly string[]) =>
    Array.from({ length: count + 1 }, (_, done) => texts.slice(0, done).join(','))
  const steps = joined(hashes.map((hash, index) => `"${hash}":{"data":${index}}`))
  const stack = joined(hashes.map((hash) => `"${hash}"`))
  return (done: number) => ({ steps: steps[done] ?? '', stack: stack[done] ?? '' })
}
