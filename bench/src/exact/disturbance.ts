// What happens to the servers in the middle of a trial: one is killed, another is held for longer than a lease and then goes on as if
// nothing had been. Afterwards the stretches of time in which leases ran out are known.

import { monotonicMs, pause } from '../stand/clock.ts'
import type { RunningServer } from '../stand/server.ts'
import type { Span } from './call-log.ts'

/** From the begin of the load. */
const KILL_MS = 15_000
const FREEZE_MS = 70_000
/** Longer than a lease. */
const FROZEN_MS = 40_000
/** A lease of 30 s runs out, and somebody looks for such; then what it held goes on. */
const LEASE_MS = 40_000

/** How long a trial's load has to last, so that much of it lies outside. */
export const DISTURBED_TRIAL_MS = 150_000

/** Of three processes the last is killed and the second is frozen; of two the second is killed; one is left alone. */
export class Disturbance {
  private readonly server: RunningServer
  private readonly spans: Span[] = []
  private readonly work: Promise<void>
  private isStopped = false
  private isOver = false

  constructor(server: RunningServer) {
    this.server = server
    this.work = this.run()
  }

  /** All of it has happened, and the leases have run out. */
  get isDone(): boolean {
    return this.isOver && this.spans.every(({ to }) => to < monotonicMs())
  }

  /** Does no more, and lets a process that is held go on. */
  async end(): Promise<readonly Span[]> {
    this.isStopped = true
    await this.work
    return this.spans
  }

  private async run(): Promise<void> {
    const begunAt = monotonicMs()
    const [, second, third] = this.server.processes
    const victim = third ?? second
    if (victim !== undefined && (await this.until(begunAt + KILL_MS))) {
      victim.kill()
      this.note(LEASE_MS)
    }
    if (third !== undefined && second !== undefined && (await this.until(begunAt + FREEZE_MS))) {
      second.freeze()
      this.note(Math.max(LEASE_MS, FROZEN_MS + 5_000))
      await this.until(begunAt + FREEZE_MS + FROZEN_MS)
      second.thaw()
    }
    this.isOver = true
  }

  private note(ms: number): void {
    this.spans.push({ from: monotonicMs(), to: monotonicMs() + ms })
  }

  /** False when there is nothing more to wait for. */
  private async until(at: number): Promise<boolean> {
    while (!this.isStopped && monotonicMs() < at) await pause(100)
    return !this.isStopped
  }
}
