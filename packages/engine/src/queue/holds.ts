// What this process works on: one hold for each handler, with the item as it is leased now. A process that was paused may
// have lost a lease while the call goes on, and may even have claimed the same item anew: then two handlers stand here
// under one key, and only the one with the newer lease is asked. Fences see to it that the other commits nothing.
import type { ItemRow, Key } from '@pawl/storage'

export interface Hold {
  item: ItemRow
}

export class Holds {
  /** By key: the newest lease. */
  readonly #held = new Map<Key, Hold>()
  /** Handlers whose lease is lost, as far as is known. */
  readonly #lost = new Set<Hold>()

  /** Handlers whose lease stands. */
  get count(): number {
    return this.#held.size
  }

  items(): readonly ItemRow[] {
    return [...this.#held.values()].map(({ item }) => item)
  }

  get(key: Key): ItemRow | undefined {
    return this.#held.get(key)?.item
  }

  /** A handler begins. An older one under the same key has lost its lease. */
  begin(item: ItemRow): Hold {
    const hold: Hold = { item }
    const older = this.#held.get(item.key)
    if (older !== undefined) this.#lost.add(older)
    this.#held.set(item.key, hold)
    return hold
  }

  /** The handler of this item has a new lease from its own commit, so whatever was thought of its lease: it stands. */
  goOn(item: ItemRow): void {
    const hold = this.#handlerOf(item)
    if (hold === undefined) return
    hold.item = item
    this.#lost.delete(hold)
    const other = this.#held.get(item.key)
    if (other !== undefined && other !== hold) this.#lost.add(other)
    this.#held.set(item.key, hold)
  }

  /** The item has changed under the same lease. */
  replace(item: ItemRow): void {
    const hold = this.#held.get(item.key)
    if (hold?.item.epoch === item.epoch) hold.item = item
  }

  /** The lease of a handler is lost: nobody asks it any more. @returns the item, if it was held under this epoch. */
  lose(key: Key, epoch: number): ItemRow | undefined {
    const hold = this.#held.get(key)
    if (hold?.item.epoch !== epoch) return undefined
    this.#held.delete(key)
    this.#lost.add(hold)
    return hold.item
  }

  end(hold: Hold): void {
    this.#lost.delete(hold)
    if (this.#held.get(hold.item.key) === hold) this.#held.delete(hold.item.key)
  }

  /** Going on raises the epoch by one. */
  #handlerOf({ key, epoch }: ItemRow): Hold | undefined {
    const hold = this.#held.get(key)
    if (hold !== undefined && (this.#lost.size === 0 || hold.item.epoch === epoch - 1)) return hold
    return [...this.#lost].find(({ item }) => item.key === key && item.epoch === epoch - 1)
  }
}
