// What is done now and then, beside the work: old rows are deleted in small batches, and leases without a handler are
// looked for after a failure of the store. A chore that fails is tried at its next time; none of them stops the engine.
import type { EngineContext } from '../context.ts'
import { deleteExpired } from '../runs/retention.ts'
import { OrphanSweep } from './orphans.ts'
import type { QueueWorker } from './queue-worker.ts'

/** Between two batches of retention that found something, and between two rounds; milliseconds. */
const RETENTION_PAUSE_MS = 50
const RETENTION_ROUND_MS = 600_000

/** Between two looks at leases in doubt; milliseconds. */
const ORPHANS_ROUND_MS = 30_000

export interface Chores {
  start(): void
  stop(): void
}

export function createChores(ctx: EngineContext, queue: QueueWorker): Chores {
  const orphans = new OrphanSweep(ctx, queue)
  const chores = [
    repeat(ctx, RETENTION_ROUND_MS, async () =>
      (await deleteExpired(ctx)) > 0 ? RETENTION_PAUSE_MS : RETENTION_ROUND_MS,
    ),
    repeat(ctx, ORPHANS_ROUND_MS, async () => {
      await orphans.look()
      return ORPHANS_ROUND_MS
    }),
  ]
  return {
    start: () => {
      for (const chore of chores) chore.start()
    },
    stop: () => {
      for (const chore of chores) chore.stop()
    },
  }
}

/** Does a chore again and again; it says itself after how many milliseconds. */
function repeat(ctx: EngineContext, roundMs: number, chore: () => Promise<number>): Chores {
  let disarm: (() => void) | null = null
  let stopped = false
  const arm = (delayMs: number): void => {
    if (!stopped) disarm = ctx.clock.setTimer(delayMs, round)
  }
  const round = (): void => {
    chore()
      .catch((error: unknown) => {
        ctx.log.warn({ error: String(error) }, 'a chore failed; it is done at its next time')
        return roundMs
      })
      .then(arm)
  }
  return {
    start: () => arm(roundMs),
    stop: () => {
      stopped = true
      disarm?.()
    },
  }
}
