// Locks by name, held until their transaction ends: shared or alone, with a queue that nobody overtakes. It stands for the
// advisory locks, row locks and unique inserts of PostgreSQL at once, since all of them wait in the same way. Whoever
// closes a circle of waiting is told at once; by the order in which groups lock there must be none.
import { StorageError } from '@pawl/storage'

export type LockMode = 'shared' | 'alone'

/** Who holds locks: a transaction. */
export interface LockOwner {
  readonly held: Set<string>
  /** It has ended, maybe without whoever works for it knowing. */
  readonly isOver: boolean
}

interface Waiter {
  readonly owner: LockOwner
  readonly mode: LockMode
  readonly settle: (error: StorageError | null) => void
}

interface Lock {
  readonly holders: Map<LockOwner, LockMode>
  waiters: Waiter[]
}

export interface LockOptions {
  /** Calls `fire` after a time; the returned function prevents it. */
  readonly after: (ms: number, fire: () => void) => () => void
  /** How long somebody waits for one lock, in milliseconds. */
  readonly timeoutMs: number
  readonly deadlock: (says: string) => void
}

export class LockTable {
  readonly #options: LockOptions
  readonly #locks = new Map<string, Lock>()
  readonly #waiting = new Map<LockOwner, string>()

  constructor(options: LockOptions) {
    this.#options = options
  }

  /** Takes the lock if nobody is in the way. @returns whether it is held now. */
  take(owner: LockOwner, name: string, mode: LockMode = 'alone'): boolean {
    if (owner.isOver) return false
    const lock = this.#lock(name)
    if (!isFree(lock, owner, mode) || (lock.waiters.length > 0 && !lock.holders.has(owner))) return false
    this.#grant(lock, name, { owner, mode })
    return true
  }

  /** Takes the lock, after whoever came before. @throws StorageError when that takes too long. */
  async wait(owner: LockOwner, name: string, mode: LockMode = 'alone'): Promise<void> {
    if (owner.isOver) throw new StorageError('storage_error', 'model: the transaction is over')
    if (this.take(owner, name, mode)) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const lock = this.#lock(name)
    const cancel = this.#options.after(this.#options.timeoutMs, () => this.#giveUp(lock, waiter, 'lock timeout'))
    const waiter: Waiter = {
      owner,
      mode,
      settle: (error) => {
        cancel()
        this.#waiting.delete(owner)
        if (error === null) resolve()
        else reject(error)
      },
    }
    // Who holds it already goes first, or it would wait for somebody who waits for it.
    if (lock.holders.has(owner)) lock.waiters.unshift(waiter)
    else lock.waiters.push(waiter)
    this.#waiting.set(owner, name)
    const circle = this.#circle(owner)
    if (circle !== null) {
      this.#options.deadlock(`transactions wait for each other: ${circle.join(' > ')}`)
      this.#giveUp(lock, waiter, 'deadlock detected')
    }
    await promise
  }

  /** Gives back all that the transaction holds, and what it waits for. */
  release(owner: LockOwner): void {
    const wanted = this.#waiting.get(owner)
    if (wanted !== undefined) {
      const lock = this.#lock(wanted)
      const waiter = lock.waiters.find((other) => other.owner === owner)
      if (waiter !== undefined) this.#giveUp(lock, waiter, 'the transaction is over')
    }
    for (const name of owner.held) {
      const lock = this.#lock(name)
      lock.holders.delete(owner)
      this.#serve(lock, name)
    }
    owner.held.clear()
  }

  #lock(name: string): Lock {
    let lock = this.#locks.get(name)
    if (lock === undefined) {
      lock = { holders: new Map(), waiters: [] }
      this.#locks.set(name, lock)
    }
    return lock
  }

  #grant(lock: Lock, name: string, { owner, mode }: Pick<Waiter, 'owner' | 'mode'>): void {
    if (mode === 'alone' || !lock.holders.has(owner)) lock.holders.set(owner, mode)
    owner.held.add(name)
  }

  #serve(lock: Lock, name: string): void {
    for (;;) {
      const [first] = lock.waiters
      if (first === undefined || !isFree(lock, first.owner, first.mode)) break
      lock.waiters.shift()
      this.#grant(lock, name, first)
      first.settle(null)
    }
    if (lock.holders.size === 0 && lock.waiters.length === 0) this.#locks.delete(name)
  }

  #giveUp(lock: Lock, waiter: Waiter, why: string): void {
    lock.waiters = lock.waiters.filter((other) => other !== waiter)
    const name = this.#waiting.get(waiter.owner) ?? ''
    waiter.settle(new StorageError('storage_conflict', `model: ${why} at ${name}`))
    this.#serve(lock, name)
  }

  /** The names along which the owner waits for itself, or null. */
  #circle(owner: LockOwner): readonly string[] | null {
    const seen = new Set<LockOwner>()
    const search = (at: LockOwner): readonly string[] | null => {
      const name = this.#waiting.get(at)
      if (name === undefined || seen.has(at)) return null
      seen.add(at)
      for (const holder of this.#locks.get(name)?.holders.keys() ?? []) {
        if (holder === at) continue
        if (holder === owner) return [name]
        const rest = search(holder)
        if (rest !== null) return [name, ...rest]
      }
      return null
    }
    return search(owner)
  }
}

function isFree(lock: Lock, owner: LockOwner, mode: LockMode): boolean {
  for (const [holder, held] of lock.holders) {
    if (holder !== owner && (mode === 'alone' || held === 'alone')) return false
  }
  return true
}
