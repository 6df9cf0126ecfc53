// Leases that nobody works on. When the answer of a commit is lost, what was leased in it has no handler in this process,
// and no other will take it. After any failure of the store the leases are read again; one that stands without a handler
// in two readings, under the same epoch, is given back.
import type { Key } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { QueueWorker } from './queue-worker.ts'

/**
 * How long after a failure a commit may still come to pass whose answer was lost, in milliseconds: a statement that PostgreSQL
 * has taken up goes on until its time-out, also when nobody listens any more.
 */
const STRAY_MS = 15_000

export class OrphanSweep {
  readonly #ctx: EngineContext
  readonly #queue: QueueWorker
  /** Item → epoch, as the last reading saw them without a handler. */
  #suspects = new Map<Key, number>()

  constructor(ctx: EngineContext, queue: QueueWorker) {
    this.#ctx = ctx
    this.#queue = queue
  }

  /** One reading. Nothing is read while nothing is in doubt. */
  async look(): Promise<void> {
    const { health, store, time } = this.#ctx
    if (health.doubtfulAt === null) return
    const leased = await store.state.leasedBy(store.process)
    const alone = leased.filter((item) => this.#queue.working(item.key) === undefined)
    const orphans = alone.filter((item) => this.#suspects.get(item.key) === item.epoch)
    this.#suspects = new Map(alone.map((item) => [item.key, item.epoch]))
    for (const item of orphans) await this.#queue.giveBack(item)
    if (alone.length === 0 && time.now() - health.doubtfulAt >= STRAY_MS) health.doubtfulAt = null
  }
}
