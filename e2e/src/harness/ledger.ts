/**
 * The app's own record of which bodies really ran: a memoized step that runs again shows here and nowhere else.
 * Entries are kept in the order in which they were made, by a key that is a run's ID or whatever a test chooses.
 */

/** One body that ran. */
export interface Entry {
  readonly key: string
  readonly what: string
  /** The moment, in epoch milliseconds. */
  readonly at: number
}

/** What the apps of one test file have done. */
export class Ledger {
  readonly #entries: Entry[] = []

  /** Notes that something ran. Returns how often it has run under this key, this time included. */
  note(key: string, what: string): number {
    this.#entries.push({ key, what, at: Date.now() })
    return this.times(key, what)
  }

  /** How often something ran under a key. */
  times(key: string, what: string): number {
    return this.entries(key).filter((entry) => entry.what === what).length
  }

  /** Everything that ran under a key, in order. */
  of(key: string): readonly string[] {
    return this.entries(key).map((entry) => entry.what)
  }

  /** The entries under a key, with their moments. */
  entries(key: string): readonly Entry[] {
    return this.#entries.filter((entry) => entry.key === key)
  }

  /** The moment of the first entry of that kind under a key. */
  at(key: string, what: string): number | undefined {
    return this.entries(key).find((entry) => entry.what === what)?.at
  }
}
