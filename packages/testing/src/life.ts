// One incarnation of a process: what is meant for it reaches it only while it lives, and only once it is not paused. All
// that goes on in a simulated process goes on through here, so that a death drops its continuations and a pause freezes
// them.
import type { Random } from './random.ts'
import type { VirtualClock } from './virtual-clock.ts'

export class Life {
  isAlive = true
  readonly #clock: VirtualClock
  readonly #random: Random
  #pausedUntil = 0

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  end(): void {
    this.isAlive = false
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now + ms)
  }

  /** Goes on now, when the pause is over, or never. */
  deliver(go: () => void): void {
    if (!this.isAlive) return
    const left = this.#pausedUntil - this.#clock.now
    if (left > 0) this.#clock.after(left + this.#random.between(0, 2), () => this.deliver(go))
    else go()
  }

  /** Calls `fire` after a delay. @returns a function that prevents it. */
  after(delayMs: number, fire: () => void): () => void {
    let isOff = false
    const cancel = this.#clock.after(delayMs, () => this.deliver(() => isOff || fire()))
    return () => {
      isOff = true
      cancel()
    }
  }

  /** Resolves after a delay; never once this life has ended. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve))
  }
}
