// Time. The store's time rules: every outcome of a commit brings it, and a monotonic clock carries it on in between, so
// that a step of the machine's wall clock neither wakes a sleep early nor loses one. The wall clock itself is read only
// for signatures.

export interface Clock {
  /** The machine's wall clock, epoch milliseconds. Only for what leaves the process (signatures). */
  wall(): number
  /** Milliseconds that never go back, from any origin. */
  monotonic(): number
  /** Calls `fire` once, after `delayMs`; the returned function prevents it. */
  setTimer(delayMs: number, fire: () => void): () => void
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    return () => clearTimeout(timer)
  },
}

/** The store's time, carried on by the monotonic clock. */
export class StoreTime {
  readonly #clock: Clock
  #now = 0
  #readAt = 0
  offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes over what the store says now. */
  observe(now: number): void {
    const monotonic = this.#clock.monotonic()
    // Two outcomes may resolve out of order; the later instant stands.
    if (now >= this.#now) {
      this.#now = now
      this.#readAt = monotonic
    }
  }

  /** Starts again from what the store says, also backwards (a reset takes development's offset off). */
  restart(now: number, offsetMs: number): void {
    this.#now = now
    this.#readAt = this.#clock.monotonic()
    this.offsetMs = offsetMs
  }

  /** Epoch milliseconds of the store's clock. */
  now(): number {
    return this.#now + Math.floor(this.#clock.monotonic() - this.#readAt)
  }
}
