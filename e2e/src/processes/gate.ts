/**
 * A gate in the app's bodies: who comes while it is shut is held until it opens. A test knows how many are held, and so
 * which calls are open while something happens to a server.
 */
export class Gate {
  #held: (() => void)[] = []
  #isShut = false

  /** How many are held. */
  get waiting(): number {
    return this.#held.length
  }

  shut(): void {
    this.#isShut = true
  }

  open(): void {
    this.#isShut = false
    for (const go of this.#held.splice(0)) go()
  }

  async pass(): Promise<void> {
    if (this.#isShut) await new Promise<void>((resolve) => this.#held.push(resolve))
  }
}
