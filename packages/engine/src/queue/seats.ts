// Places for open calls. A decision takes places while it is being made (so that several decisions of one group see each
// other's), and gives them back when its operation did not commit. A function that has many calls open leaves places to
// those that have few: 50,000 ready runs of one must not make the next run of another wait for the end of a call.
//
// The rule: a function leaves as many places free as it holds, up to a tenth of all, and up to one for each other function
// there is. So whoever has no call open finds a place as long as there is one; a function alone takes all of them; one
// beside many takes nine tenths; and many busy ones share all but the few that the least of them leaves.
import type { ItemRow, Key } from '@pawl/storage'

/** The part of all places that one function can be asked to leave to others. */
const KEPT_SHARE = 0.1

export class Seats {
  readonly max: number
  readonly #countFunctions: (holds: (fn: Key) => boolean) => number
  readonly #held = new Map<Key, number>()
  #taken = 0

  /** `countFunctions`: how many functions there are now that may have runs; it may ask who holds a place. */
  constructor(max: number, countFunctions: (holds: (fn: Key) => boolean) => number) {
    this.max = max
    this.#countFunctions = countFunctions
  }

  get taken(): number {
    return this.#taken
  }

  get free(): number {
    return this.max - this.#taken
  }

  /** Free places that every function may take, however many it holds. */
  get open(): number {
    return Math.max(0, this.free - this.#kept)
  }

  /** Whether a call of this function may begin. */
  isOpenTo(fn: Key): boolean {
    return mayTake(this.free, this.#held.get(fn) ?? 0, this.#kept)
  }

  /** Functions whose calls have to wait until another ends; all functions, named or not, when nothing is free. */
  full(): readonly Key[] {
    const { free } = this
    const kept = this.#kept
    return [...this.#held].flatMap(([fn, held]) => (mayTake(free, held, kept) ? [] : [fn]))
  }

  /** Gives one place back: its call has ended. */
  release(fn: Key): void {
    this.#change(fn, -1)
  }

  /** A booking for one operation; its decision may be made more than once. */
  book(): SeatBooking {
    let taken: Key[] = []
    const giveBack = () => {
      for (const fn of taken) this.#change(fn, -1)
      taken = []
    }
    return {
      begin: giveBack,
      take: (fn) => {
        if (!this.isOpenTo(fn)) return false
        this.#change(fn, 1)
        taken.push(fn)
        return true
      },
      keep: () => {
        taken = []
      },
      cancel: giveBack,
    }
  }

  get #kept(): number {
    return Math.max(
      0,
      Math.min(Math.floor(this.max * KEPT_SHARE), this.#countFunctions((fn) => this.#held.has(fn)) - 1),
    )
  }

  #change(fn: Key, by: 1 | -1): void {
    const held = (this.#held.get(fn) ?? 0) + by
    if (held > 0) this.#held.set(fn, held)
    else this.#held.delete(fn)
    this.#taken += by
  }
}

/** A function that holds so many places leaves as many of the free ones, up to those that are kept. */
function mayTake(free: number, held: number, kept: number): boolean {
  return free > Math.min(held, kept)
}

export interface SeatBooking {
  /** At the begin of a decision: gives back what an earlier try of it took. */
  begin(): void
  /** @returns false when there is no place for this function. */
  take(fn: Key): boolean
  /** The operation committed: the places now belong to the calls. */
  keep(): void
  /** The operation did not commit. */
  cancel(): void
}

/**
 * In the ready index all calls of jobs stand under this key as if they were of one function, and places are counted for
 * them so: ten thousand jobs that are due at once take turns with every function. No function has such a key: keys are
 * counted up from 1.
 */
export const JOBS_FN: Key = 1_000_000_000_000_000

/** Calls, gateway requests and calls of jobs hold a place; work of the server itself does not. */
export function takesSeat(item: Pick<ItemRow, 'kind'>): boolean {
  return item.kind === 'call' || item.kind === 'gateway' || item.kind === 'jobRun'
}
