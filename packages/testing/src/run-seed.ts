// Runs the world of one seed and says what became of it.
import type { BrokenGuard } from './broken-guards.ts'
import type { DiskFolder } from './disk.ts'
import type { Point } from './points.ts'
import type { Settings } from './settings.ts'
import type { Violation } from './violation.ts'
import { World } from './world.ts'

export interface SeedResult {
  readonly seed: number
  readonly violation: Violation | null
  /** Of the whole trace: equal for two runs of one seed. */
  readonly hash: string
  /** The last lines, or all of them. */
  readonly trace: readonly string[]
  /** Faults that were met, by point. */
  readonly met: ReadonlyMap<Point, number>
  readonly calls: number
  readonly runs: number
  readonly groups: number
  readonly events: number
}

export interface SeedOptions {
  readonly verbose?: boolean
  readonly brokenGuard?: BrokenGuard
  /** Changes what was drawn: a test may want more of one fault. */
  readonly adjust?: (drawn: Settings) => Settings
}

export async function runSeed(folder: DiskFolder, seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const disk = await folder.newDisk()
  try {
    const world = new World({ seed, disk, ...options })
    await world.live()
    await world.end()
    return {
      seed,
      violation: world.violation,
      hash: world.trace.hash(),
      trace: world.trace.lines(),
      met: world.points.met,
      calls: world.ledger.calls,
      runs: world.mirror.runs.size,
      groups: world.mirror.seq,
      events: world.clock.popped,
    }
  } finally {
    disk.remove()
  }
}
