// Places for open calls. A decision takes places while it is being made (so that several decisions of one group see each
// other's), and gives them back when its operation did not commit.
import type { ItemRow } from '@pawl/storage'

export class Seats {
  readonly max: number
  #taken = 0

  constructor(max: number) {
    this.max = max
  }

  get taken(): number {
    return this.#taken
  }

  get free(): number {
    return this.max - this.#taken
  }

  /** Gives one place back: its call has ended. */
  release(): void {
    this.#taken -= 1
  }

  /** A booking for one operation; its decision may be made more than once. */
  book(): SeatBooking {
    let held = 0
    return {
      begin: () => {
        this.#taken -= held
        held = 0
      },
      take: () => {
        if (this.#taken >= this.max) return false
        this.#taken += 1
        held += 1
        return true
      },
      keep: () => {
        held = 0
      },
      cancel: () => {
        this.#taken -= held
        held = 0
      },
    }
  }
}

export interface SeatBooking {
  /** At the begin of a decision: gives back what an earlier try of it took. */
  begin(): void
  /** @returns false when every place is taken. */
  take(): boolean
  /** The operation committed: the places now belong to the calls. */
  keep(): void
  /** The operation did not commit. */
  cancel(): void
}

/** Calls and gateway requests hold a place; work of the server itself does not. */
export function takesSeat(item: Pick<ItemRow, 'kind'>): boolean {
  return item.kind === 'call' || item.kind === 'gateway'
}
