// The bodies of the SDK app's functions, the same for both SDK versions, and what they note while they run.
// A function body is entered anew at every call without checkpointing, so "first" is kept per run.

import { monotonicMs } from '../stand/clock.ts'
import { PARALLEL_COUNT, parallelName, STEP_COUNT, stepName } from './answers.ts'
import type { Collected } from './messages.ts'

/** The part of a function's arguments that both SDK versions give alike. */
export interface SdkArguments {
  readonly event: { readonly data?: { readonly sent?: number } }
  readonly runId: string
  readonly step: { run(id: string, body: () => number): Promise<number> }
}

/** Steps of the function with which latency is measured. */
const LATENCY_STEPS = 3

/** Notes moments and counts the ends of runs. */
export class SdkFunctions {
  endedRuns = 0
  endedSteps = 0
  private starts: number[] = []
  private gaps: number[] = []
  private ends: number[] = []
  private readonly lastStepEnd = new Map<string, number>()

  /** Returns at once. */
  readonly noop = async (): Promise<string> => {
    this.endedRuns += 1
    return 'done'
  }

  /** Ten steps, one after the other. */
  readonly ten = async ({ step }: SdkArguments): Promise<string> => {
    for (let index = 0; index < STEP_COUNT; index += 1) await step.run(stepName(index), () => this.endStep(index))
    this.endedRuns += 1
    return 'done'
  }

  /** Three steps, one after the other, with every moment noted. */
  readonly latency = async ({ event, runId, step }: SdkArguments): Promise<string> => {
    const now = monotonicMs()
    if (!this.lastStepEnd.has(runId)) {
      this.lastStepEnd.set(runId, 0)
      this.starts.push(now - (event.data?.sent ?? now))
    }
    for (let index = 0; index < LATENCY_STEPS; index += 1) await step.run(stepName(index), () => this.noteStep(runId))
    this.lastStepEnd.delete(runId)
    this.endedRuns += 1
    return 'done'
  }

  /** One of twenty for the same event: notes when it ends. */
  readonly fan = async (): Promise<string> => this.endNoted()

  /** A hundred steps at once. */
  readonly parallel = async ({ step }: SdkArguments): Promise<string> => {
    const indexes = Array.from({ length: PARALLEL_COUNT }, (_, index) => index)
    await Promise.all(indexes.map((index) => step.run(parallelName(index), () => this.endStep(index))))
    return this.endNoted()
  }

  /** Hands over what was noted since the last time. */
  collect(): Collected {
    const collected = { starts: this.starts, gaps: this.gaps, ends: this.ends }
    this.starts = []
    this.gaps = []
    this.ends = []
    return collected
  }

  private endStep(index: number): number {
    this.endedSteps += 1
    return index
  }

  private endNoted(): string {
    this.ends.push(monotonicMs())
    this.endedRuns += 1
    return 'done'
  }

  private noteStep(runId: string): number {
    const lastEnd = this.lastStepEnd.get(runId) ?? 0
    if (lastEnd > 0) this.gaps.push(monotonicMs() - lastEnd)
    this.lastStepEnd.set(runId, monotonicMs())
    return this.endStep(1)
  }
}
