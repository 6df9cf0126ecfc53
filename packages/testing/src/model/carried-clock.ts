// The store's time as one process knows it: what the database said last, carried on by a clock that is never stepped.
// It never goes back.

export class CarriedClock {
  readonly #monotonic: () => number
  #time: number
  #readAt: number
  /** The database's clock was behind what had been told: time goes on at half speed until it has caught up. */
  #isAhead = false
  #told: number

  constructor(monotonic: () => number, newestAt: number) {
    this.#monotonic = monotonic
    this.#time = newestAt
    this.#told = newestAt
    this.#readAt = monotonic()
  }

  now(): number {
    const passed = Math.max(0, this.#monotonic() - this.#readAt)
    this.#told = Math.max(this.#told, Math.floor(this.#time + (this.#isAhead ? passed / 2 : passed)))
    return this.#told
  }

  /** What the next answer must not be before. */
  floor(): number {
    return this.#isAhead ? this.now() : this.#told
  }

  /** Takes the database's clock. @returns the time. */
  adopt(wall: number): number {
    const floor = this.floor()
    this.#isAhead = wall < floor
    this.#time = Math.max(floor, wall)
    this.#readAt = this.#monotonic()
    this.#told = Math.max(this.#told, this.#time)
    return this.#told
  }

  /** For a store that was emptied and has no time to stay ahead of. */
  reset(wall: number): number {
    this.#time = wall
    this.#told = wall
    this.#isAhead = false
    this.#readAt = this.#monotonic()
    return wall
  }
}
