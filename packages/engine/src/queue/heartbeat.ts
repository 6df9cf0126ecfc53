// Says that this process lives, as long as it has a store with others: its leases end without it. What others have left
// behind is given back in the same breath. After a time in which it could not be heard (it stood still, or the store was
// out of reach), it asks the store what is still its own; fences make that safe, this makes it quick.
import type { EngineContext } from '../context.ts'
import type { QueueWorker } from './queue-worker.ts'

/** After a heartbeat that failed, in milliseconds, at most. */
const AGAIN_MS_MAX = 1_000
const BEATS_PER_LEASE = 6

/**
 * Milliseconds between two heartbeats. A store that counts a process as gone after a lease less one of these has given its
 * work to others within one lease of its death.
 */
export function heartbeatMs(leaseMs: number): number {
  return Math.ceil(leaseMs / BEATS_PER_LEASE)
}

export class Heartbeat {
  readonly #ctx: EngineContext
  readonly #queue: QueueWorker
  /** When this process was last heard, by the monotonic clock: at the latest then. */
  #heardAt: number

  constructor(ctx: EngineContext, queue: QueueWorker) {
    this.#ctx = ctx
    this.#queue = queue
    this.#heardAt = ctx.clock.monotonic()
  }

  /** Milliseconds between two heartbeats. */
  get everyMs(): number {
    return heartbeatMs(this.#ctx.limits.leaseMs)
  }

  /** One heartbeat. @returns after how many milliseconds the next one is due. */
  async beat(): Promise<number> {
    const { store, clock, limits, log, health } = this.#ctx
    const silentFrom = this.#heardAt
    try {
      const beganAt = clock.monotonic()
      const { released } = await store.heartbeat()
      health.storeOk = true
      if (released > 0) {
        log.info({ released }, 'work that another server has left is taken up')
        this.#queue.found()
      }
      const silentMs = clock.monotonic() - silentFrom
      if (silentMs > limits.leaseMs / 2) await this.#askWhatIsHeld(silentMs)
      this.#heardAt = beganAt
      return this.everyMs
    } catch (error) {
      health.storeOk = false
      log.warn({ error: String(error) }, 'this server could not say that it lives; it tries again')
      return Math.min(AGAIN_MS_MAX, this.everyMs / 2)
    }
  }

  /** Leases that are gone: their runs are read anew, and what their calls still bring is nobody's. */
  async #askWhatIsHeld(silentMs: number): Promise<void> {
    const { store, hot, health, log } = this.#ctx
    const held = this.#queue.holds.items()
    const leased = new Set((await store.state.leasedBy(store.process)).map(({ key }) => key))
    const lost = held.filter(({ key }) => !leased.has(key))
    for (const item of lost) {
      this.#queue.holds.lose(item.key, item.epoch)
      if (item.run !== null) hot.drop(item.run)
    }
    log.warn({ silentMs: Math.round(silentMs), lost: lost.length }, 'this server was not heard for a while')
    // What a commit has leased whose answer was lost in that time has no handler.
    health.doubtfulAt = this.#ctx.time.now()
    this.#queue.wake()
  }
}
