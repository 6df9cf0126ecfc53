// What is done now and then, beside the work: old rows are deleted in small batches, what is queued is
// counted once a minute and minutes become hours, leases without a handler are looked
// for after a failure of the store, and other processes are told that this one lives. A chore that fails is tried at its
// next time; none of them stops the engine, and each is harmless when two processes do it at once.
import type { EngineContext } from '../context.ts'
import { deleteRecords, pagesFor } from '../runs/delete-records.ts'
import { deleteExpired } from '../runs/retention.ts'
import { FOLD_MS, foldTallies } from './fold-tallies.ts'
import { Heartbeat } from './heartbeat.ts'
import { OrphanSweep } from './orphans.ts'
import type { QueueWorker } from './queue-worker.ts'
import { SAMPLE_MS, sampleQueues } from './samples.ts'

/** Between two batches of retention that found something, and between two rounds; milliseconds. */
const RETENTION_PAUSE_MS = 50
const RETENTION_ROUND_MS = 600_000

/** Soon after a start, so that it is done at a server too that is started anew each hour. */
const FIRST_FOLD_MS = 120_000

/** Looks at leases in doubt in the time of a lease: what two of them find has to go on within it. */
const LOOKS_PER_LEASE = 3

/** Rounds of several processes that were started together drift apart by so much of their length. */
const SPREAD = 0.2

export interface Chores {
  start(): void
  stop(): void
}

/** The heartbeat: from before the first lease until the last one is given back. Nothing, where the store is not shared. */
export function createHeartbeat(ctx: EngineContext, queue: QueueWorker): Chores {
  if (!ctx.store.isShared) return { start: () => {}, stop: () => {} }
  const heartbeat = new Heartbeat(ctx, queue)
  return repeat(ctx, heartbeat.everyMs, () => heartbeat.beat())
}

export function createChores(ctx: EngineContext, queue: QueueWorker): Chores {
  const orphans = new OrphanSweep(ctx, queue)
  const orphansRoundMs = ctx.limits.leaseMs / LOOKS_PER_LEASE
  const chores = [
    repeat(ctx, RETENTION_ROUND_MS, async () =>
      (await deleteExpired(ctx)) > 0 ? RETENTION_PAUSE_MS : RETENTION_ROUND_MS * (1 + ctx.random() * SPREAD),
    ),
    repeat(ctx, RETENTION_ROUND_MS, recordsRound(ctx)),
    repeat(ctx, SAMPLE_MS, () => sampleQueues(ctx)),
    repeat(
      ctx,
      FOLD_MS,
      async () => {
        await foldTallies(ctx)
        return FOLD_MS * (1 + ctx.random() * SPREAD)
      },
      FIRST_FOLD_MS,
    ),
    repeat(ctx, orphansRoundMs, async () => {
      await orphans.look()
      return orphansRoundMs
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

/** Pages with pauses, then a rest. */
function recordsRound(ctx: EngineContext): () => Promise<number> {
  let pagesLeft = 0
  return async () => {
    if (pagesLeft === 0) {
      pagesLeft = pagesFor(ctx.activity.callsOfJobs)
      ctx.activity.callsOfJobs = 0
    }
    await deleteRecords(ctx)
    pagesLeft -= 1
    return pagesLeft > 0 ? RETENTION_PAUSE_MS : RETENTION_ROUND_MS * (1 + ctx.random() * SPREAD)
  }
}

/** Does a chore again and again; it says itself after how many milliseconds. `firstMs`: until the first time. */
function repeat(ctx: EngineContext, roundMs: number, chore: () => Promise<number>, firstMs = roundMs): Chores {
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
    start: () => arm(firstMs),
    stop: () => {
      stopped = true
      disarm?.()
    },
  }
}
