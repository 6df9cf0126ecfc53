// The store's time as one process knows it: the database's clock, as last told, carried on in between by a clock that is
// never stepped. It never goes back; after a backward step of the database's clock it goes on at half speed until that one
// has caught up.

export interface CarriedClockOptions {
  /** Milliseconds from any origin, never stepped. */
  readonly monotonic: () => number
  /** The newest instant in the store: time does not begin before it. */
  readonly newestAt: number
}

export class CarriedClock {
  readonly #monotonic: () => number
  /** With its fraction, or half speed would lose what is below a millisecond. */
  #time: number
  #readAt: number
  #isAhead = false
  #told: number

  constructor({ monotonic, newestAt }: CarriedClockOptions) {
    this.#monotonic = monotonic
    this.#time = newestAt
    this.#told = newestAt
    this.#readAt = monotonic()
  }

  /** The time in whole milliseconds, without asking anybody. */
  now(): number {
    this.#told = Math.max(this.#told, Math.floor(this.#carried()))
    return this.#told
  }

  /** What the next answer must not be before. */
  floor(): number {
    return this.#isAhead ? this.now() : this.#told
  }

  /** Takes the answer of the database: its clock with the offset. Returns the time. */
  adopt(wall: number): number {
    const floor = this.floor()
    this.#isAhead = wall < floor
    this.#time = Math.max(floor, wall)
    this.#readAt = this.#monotonic()
    this.#told = Math.max(this.#told, this.#time)
    return this.#told
  }

  /** Starts again: for a store that was emptied and has no time to stay ahead of. */
  reset(): void {
    this.#time = 0
    this.#told = 0
    this.#isAhead = false
    this.#readAt = this.#monotonic()
  }

  #carried(): number {
    const passed = Math.max(0, this.#monotonic() - this.#readAt)
    return this.#time + (this.#isAhead ? passed / 2 : passed)
  }
}
