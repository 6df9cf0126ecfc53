// What the trace says of a step by its kind: the operation, and the facts of a sleep, wait, signal or invoke.
import type { RunRecord, StepKind } from '@pawl/storage'
import type { StepDetail } from '../engine.ts'
import { instant } from '../views/instant.ts'
import type { StepInfo, StepOp } from './span.ts'

const OPS: Readonly<Record<StepKind, StepOp>> = {
  run: 'RUN',
  sleep: 'SLEEP',
  wait: 'WAIT_FOR_EVENT',
  signal: 'WAIT_FOR_SIGNAL',
  invoke: 'INVOKE',
  gateway: 'RUN',
  ai: 'AI_GATEWAY',
}

export function stepOpOf(kind: StepKind): StepOp {
  return OPS[kind]
}

/** What a step is and how it stands, as its history row or open item tells. */
export interface StepFacts {
  readonly kind: StepKind
  readonly detail: StepDetail
  /** null while it is open. */
  readonly timedOut: boolean | null
  readonly child: RunRecord['children'][number] | undefined
}

export function stepInfoOf({ kind, detail, timedOut, child }: StepFacts): StepInfo {
  const timeout = detail.until === undefined ? null : instant(detail.until)
  switch (kind) {
    case 'run':
      return { type: detail.type ?? null }
    case 'gateway':
      return { type: detail.type ?? 'step.fetch' }
    case 'ai':
      return { type: detail.type ?? 'step.ai.infer' }
    case 'sleep':
      return { sleepUntil: detail.sleepUntil === undefined ? null : instant(detail.sleepUntil) }
    case 'wait':
      return {
        eventName: detail.eventName ?? null,
        expression: detail.expression ?? null,
        timeout,
        foundEventID: detail.foundEvent ?? null,
        timedOut,
      }
    case 'signal':
      return { signal: detail.signal ?? null, timeout, timedOut }
    case 'invoke':
      return {
        triggeringEventID: detail.invokeEvent ?? child?.invokeEventId ?? null,
        functionID: detail.functionSlug ?? null,
        timeout,
        // The other function goes on after a timeout, but it does not answer any more.
        returnEventID: timedOut === false ? (detail.returnEvent ?? child?.finishEventId ?? null) : null,
        runID: timedOut === true ? null : (detail.childRun ?? child?.runId ?? null),
        timedOut,
      }
  }
}
