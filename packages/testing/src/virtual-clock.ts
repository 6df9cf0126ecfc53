// Simulated time: a heap of events, popped one by one in order of their instant (ties in the order in which they were
// put). Time stands still while an event is worked on and jumps to the next one, so that a day costs what happens in it.

/** The wall clock at the begin of a world, epoch milliseconds: 2026-01-01T00:00:30Z, half a minute before a cron tick. */
export const WORLD_BEGIN = Date.UTC(2026, 0, 1, 0, 0, 30)

interface Entry {
  readonly at: number
  readonly order: number
  /** null once it was cancelled. */
  fire: (() => void | Promise<void>) | null
}

export class VirtualClock {
  /** Milliseconds since the begin of the world, with their fraction. */
  now = 0
  /** Events popped so far. */
  popped = 0
  readonly #heap: Entry[] = []
  #order = 0

  /** Calls `fire` after `delayMs`. @returns a function that prevents it. */
  after(delayMs: number, fire: () => void | Promise<void>): () => void {
    const entry: Entry = { at: this.now + Math.max(0, delayMs), order: this.#order++, fire }
    this.#push(entry)
    return () => {
      entry.fire = null
    }
  }

  /** Resolves after `delayMs`. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve))
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0
  }

  /** Fires the next event and lets all that follows from it at once come to rest. @returns false when there is none. */
  async step(): Promise<boolean> {
    let entry = this.#pop()
    while (entry !== undefined && entry.fire === null) entry = this.#pop()
    if (entry === undefined || entry.fire === null) return false
    this.now = entry.at
    this.popped += 1
    await entry.fire()
    await atRest()
    return true
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(entry, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || first === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      const [one, other] = [heap[left], heap[right]]
      if (one === undefined) break
      const isRight = other !== undefined && isBefore(other, one)
      const least = isRight ? other : one
      if (!isBefore(least, last)) break
      heap[at] = least
      at = isRight ? right : left
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Every promise that can go on has gone on by then: an immediate comes after all microtasks. */
function atRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
