// How much of the machine others used while the bench ran. On a machine that is shared, every figure is worse than it need be,
// and a reader who is not told would blame the server.

import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { monotonicMs } from './clock.ts'
import { parseBusyMs, processCpuMs } from './usage.ts'

/** Counts from when it is made. Read it when all children of the bench have ended: only then is their CPU known to be ours. */
export class OtherProcesses {
  private readonly startedAt = monotonicMs()
  private readonly busyAtStart = machineBusyMs()
  private readonly oursAtStart = processCpuMs(process.pid)

  /** Cores that processes other than the bench's used on average. */
  cores(): number {
    const busy = machineBusyMs() - this.busyAtStart
    const ours = processCpuMs(process.pid) - this.oursAtStart
    return Math.max(0, busy - ours) / (monotonicMs() - this.startedAt)
  }

  /** The same as a sentence. */
  describe(): string {
    const cores = this.cores()
    const warning = cores > 0.15 ? ': too much for figures to be compared with those of another run' : ''
    return `Meanwhile other processes used ${cores.toFixed(2)} of ${cpus().length} cores${warning}.`
  }
}

function machineBusyMs(): number {
  return parseBusyMs(readFileSync('/proc/stat', 'utf8'))
}
