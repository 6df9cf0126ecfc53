// Counts what the SDK app itself says has happened, over a span of time in the middle of a load.
// The same meter serves the ceiling and the servers, so a share of the ceiling compares like with like.

import type { FinishedNote, Reply } from '../apps/messages.ts'
import type { RunningApp } from '../bench.ts'
import { monotonicMs, pause } from './clock.ts'
import { processCpuMs } from './usage.ts'

/** What happened in the app during one span. */
export interface Measured {
  readonly runsPerSecond: number
  readonly stepsPerSecond: number
  /** CPU of the app and of whatever `cpuMs` reads, in milliseconds, and the number of steps they went into. */
  readonly steps: number
  readonly appMs: number
  readonly otherMs: number
  readonly elapsedMs: number
}

/** Counts runs and steps of an app while it is open. */
export class SdkMeter {
  private readonly app: RunningApp
  private runs = 0
  private steps = 0
  private readonly onMessage = (message: Reply | FinishedNote): void => {
    if (message.is !== 'finished') return
    this.runs += message.runs
    this.steps += message.steps
    this.onFinished?.(message.runs)
  }
  /** Called with the number of runs that have just ended. */
  onFinished: ((runs: number) => void) | undefined

  constructor(app: RunningApp) {
    this.app = app
    app.child.on('message', this.onMessage)
  }

  /** Measures for `seconds`; `cpuMs` reads the CPU of the process that drives the app, if it is of interest. */
  async measure(seconds: number, cpuMs: () => number): Promise<Measured> {
    const begin = {
      at: monotonicMs(),
      runs: this.runs,
      steps: this.steps,
      app: processCpuMs(this.app.pid),
      other: cpuMs(),
    }
    await pause(seconds * 1000)
    const elapsedMs = monotonicMs() - begin.at
    const steps = this.steps - begin.steps
    return {
      runsPerSecond: ((this.runs - begin.runs) / elapsedMs) * 1000,
      stepsPerSecond: (steps / elapsedMs) * 1000,
      steps,
      appMs: processCpuMs(this.app.pid) - begin.app,
      otherMs: cpuMs() - begin.other,
      elapsedMs,
    }
  }

  /** Stops counting. */
  close(): void {
    this.app.child.off('message', this.onMessage)
  }
}
