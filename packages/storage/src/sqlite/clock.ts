// The store's time: the wall clock, held so that it never goes back. A forward step of the wall is taken at once; after a
// backward step time goes on at half speed until the wall has caught up. Development adds an offset.

export interface ClockOptions {
  /** The wall clock, epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds from any origin, never stepped. */
  readonly monotonic: () => number
  readonly offsetMs: number
  /** The newest instant in the store: time does not begin before it. */
  readonly newestAt: number
}

export class StoreClock {
  readonly #wall: () => number
  readonly #monotonic: () => number
  #offsetMs: number
  /** With its fraction, or half speed would lose what is below a millisecond. */
  #time: number
  #readAt: number

  constructor({ now, monotonic, offsetMs, newestAt }: ClockOptions) {
    this.#wall = now
    this.#monotonic = monotonic
    this.#offsetMs = offsetMs
    this.#time = Math.max(newestAt, now() + offsetMs)
    this.#readAt = monotonic()
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  /** The time in whole milliseconds; no later call gives a smaller one. */
  now(): number {
    const monotonic = this.#monotonic()
    const passed = Math.max(0, monotonic - this.#readAt)
    this.#readAt = monotonic
    this.#time = Math.max(this.#wall() + this.#offsetMs, this.#time + passed / 2)
    return Math.floor(this.#time)
  }

  /** From now on `ms` are added. An offset that is lowered is like a backward step of the wall. */
  setOffset(ms: number): void {
    this.now()
    this.#offsetMs = ms
  }

  /** What the time would be after `reset`. */
  wall(): number {
    return Math.floor(this.#wall())
  }

  /** Starts again from the wall: for a store that was emptied and has no time to stay ahead of. */
  reset(): void {
    this.#offsetMs = 0
    this.#time = this.#wall()
    this.#readAt = this.#monotonic()
  }
}
