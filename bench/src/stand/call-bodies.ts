// Call Requests as the server would send them, for driving the SDK app directly: what the ceiling and the direct latency need.
// Made from text that is ready, like in the server, so that the driver stays far below the cost of the app. SDK spec, Call Request.

import { hashed, STEP_COUNT, stepName } from '../apps/answers.ts'

/** What differs between two calls. */
export interface CallOptions {
  readonly event: string
  readonly runId: string
  readonly stepsDone: number
  /** Put into the event's data; 0 when no latency is measured. */
  readonly sent: number
}

const HASHES: readonly string[] = Array.from({ length: STEP_COUNT }, (_, index) => hashed(stepName(index)))
const STEPS_TEXT = prefixes((hash, index) => `"${hash}":{"data":${index}}`)
const STACK_TEXT = prefixes((hash) => `"${hash}"`)

/** The body of a call with the first `stepsDone` steps memoized. */
export function callBody({ event, runId, stepsDone, sent }: CallOptions): string {
  const eventText = `{"data":{"sent":${sent}},"id":"${runId}","name":"${event}","ts":1795508664301,"user":{}}`
  const context =
    `{"attempt":0,"disable_immediate_execution":false,"env":"","fn_id":"5c1e5b9e-0d5c-5c5e-8a5e-2f5c1e5b9e0d",` +
    `"generation_id":1,"job_id":"1","max_attempts":5,"qi_id":"1.1","request_id":"${runId}","run_id":"${runId}",` +
    `"stack":{"current":${stepsDone},"stack":[${STACK_TEXT[stepsDone]}]},"step_id":"step","use_api":false}`
  return (
    `{"ctx":${context},"defers":{},"event":${eventText},"events":[${eventText}],` +
    `"steps":{${STEPS_TEXT[stepsDone]}},"use_api":false,"version":-1}`
  )
}

/** Headers of a call. */
export function callHeaders(runId: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-run-id': runId,
    'x-request-id': runId,
    'x-inngest-generation-id': '1',
    'x-inngest-req-version': '-1',
  }
}

/** Joined text of the first n steps, for n from 0. */
function prefixes(text: (hash: string, index: number) => string): readonly string[] {
  const texts = HASHES.map(text)
  return Array.from({ length: STEP_COUNT + 1 }, (_, count) => texts.slice(0, count).join(','))
}
