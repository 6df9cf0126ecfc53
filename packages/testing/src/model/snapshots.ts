// Transaction numbers, and what can be seen at a moment. Numbers are not in the order of commits: a mark is therefore the
// set of transactions that were there to be seen, as text `<next>:<open>,<open>…`.
import type { Mark } from '@pawl/storage'

export class Snapshots {
  #next = 1
  readonly #open = new Set<number>()

  /** Gives a transaction its number. */
  draw(): number {
    const xid = this.#next++
    this.#open.add(xid)
    return xid
  }

  /** The transaction is over, whatever became of it. */
  end(xid: number): void {
    this.#open.delete(xid)
  }

  /** What can be seen now, and the own transaction as if it had committed. */
  mark(own: number | null): Mark {
    const open = [...this.#open].filter((xid) => xid !== own).sort((a, b) => a - b)
    return `${this.#next}:${open.join(',')}`
  }
}

/** Whether what a transaction wrote was to be seen at the mark. */
export function covers(mark: Mark, xid: number): boolean {
  const [next = '', open = ''] = String(mark).split(':')
  return xid < Number(next) && !open.split(',').includes(String(xid))
}
