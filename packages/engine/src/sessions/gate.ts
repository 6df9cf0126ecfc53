// Lets so many through at a time; the others wait in order.
export class Gate {
  readonly #max: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(max: number) {
    this.#max = max
  }

  async pass<R>(work: () => Promise<R>): Promise<R> {
    if (this.#inside >= this.#max) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#inside += 1
    try {
      return await work()
    } finally {
      // A place that is handed on stays taken.
      const next = this.#waiting.shift()
      if (next === undefined) this.#inside -= 1
      else next()
    }
  }
}
