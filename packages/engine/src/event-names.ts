// Which names of events are counted by themselves: the first hundred of a process's minute. Whoever sends ever new names
// would else fill the store with counters.
import { STORE_TALLIES } from './tally-names.ts'

const NAMES_MAX = 100
const MINUTE_MS = 60_000

export class EventNames {
  #minute = 0
  readonly #names = new Set<string>()

  /** The counter of an event that is stored at this instant. Asked again, it says the same. */
  tallyOf(name: string, now: number): string {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#names.clear()
    }
    if (!this.#names.has(name)) {
      if (this.#names.size >= NAMES_MAX) return `${STORE_TALLIES.event}*`
      this.#names.add(name)
    }
    return `${STORE_TALLIES.event}${name}`
  }
}
