// What happened in a world, line by line. The last lines are kept for whoever reads a failure; the hash is over all of
// them, so that two runs of one seed can be told apart by one number.

/** Lines kept of a world that is not verbose. */
const KEPT_MAX = 400

export class Trace {
  readonly #now: () => number
  readonly #keepAll: boolean
  readonly #lines: string[] = []
  #hash = 0x811c9dc5
  #count = 0

  constructor(now: () => number, keepAll: boolean) {
    this.#now = now
    this.#keepAll = keepAll
  }

  add(line: string): void {
    const text = `${this.#now().toFixed(2)} ${line}`
    // FNV-1a over UTF-16 units.
    let hash = this.#hash
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    this.#hash = hash
    this.#count += 1
    this.#lines.push(text)
    if (!this.#keepAll && this.#lines.length >= 2 * KEPT_MAX) this.#lines.splice(0, KEPT_MAX)
  }

  lines(): readonly string[] {
    return this.#keepAll ? this.#lines : this.#lines.slice(-KEPT_MAX)
  }

  /** Of every line so far, with their number. */
  hash(): string {
    return `${this.#count}-${(this.#hash >>> 0).toString(16).padStart(8, '0')}`
  }
}
