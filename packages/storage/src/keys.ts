// The writer's stock of keys. Blocks are reserved ahead from the database's stored counter, so that drawing a key waits
// for nothing. Keys grow in the order in which they are drawn, and a key that was drawn is never drawn again.
import type { Database } from './contract/database.ts'
import type { Key } from './contract/rows.ts'

/** Keys in a block. A run needs about three, so one reservation serves more than a thousand runs. */
export const BLOCK_SIZE = 4_096

/** Thrown by `draw` through a `decide` that drew more than the stock; it is decided again once there are more. */
export const KEYS_EXHAUSTED = Symbol('keys exhausted')

export class KeyStock {
  readonly #database: Database
  #next = 0
  #end = 0
  #spareNext = 0
  #spareEnd = 0
  #reserving: Promise<void> | null = null
  /** Keys in the next block that is waited for: one decision may want more than a plain block. */
  #wanted = BLOCK_SIZE

  constructor(database: Database) {
    this.#database = database
  }

  draw(): Key {
    if (this.#next === this.#end) this.#turnToSpare()
    return this.#next++
  }

  get isEmpty(): boolean {
    return this.#next === this.#end && this.#spareNext === this.#spareEnd
  }

  /** Starts a reservation when there is no spare block. Its failure is found out by whoever runs dry. */
  topUp(): void {
    if (this.#spareNext !== this.#spareEnd || this.#reserving !== null) return
    this.#reserve(BLOCK_SIZE).catch(() => {})
  }

  /**
   * Waits for a block after `draw` has thrown: first a plain one, then twice as large each time, until `settle`.
   *
   * @throws StorageError of the database.
   */
  async refill(): Promise<void> {
    if (this.#reserving !== null) await this.#reserving.catch(() => {})
    if (this.isEmpty) await this.#reserve(this.#wanted)
    this.#wanted *= 2
  }

  /** A decision has got its keys: the next one starts from a plain block. */
  settle(): void {
    this.#wanted = BLOCK_SIZE
  }

  /** Resolves when no reservation is under way. */
  async idle(): Promise<void> {
    if (this.#reserving !== null) await this.#reserving.catch(() => {})
  }

  #turnToSpare(): void {
    if (this.#spareNext === this.#spareEnd) throw KEYS_EXHAUSTED
    this.#next = this.#spareNext
    this.#end = this.#spareEnd
    this.#spareNext = this.#spareEnd = 0
  }

  async #reserve(count: number): Promise<void> {
    const reserving = this.#database.reserveKeys(count).then((first) => {
      this.#spareNext = first
      this.#spareEnd = first + count
    })
    this.#reserving = reserving
    try {
      await reserving
    } finally {
      this.#reserving = null
    }
  }
}
