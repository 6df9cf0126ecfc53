// What one decision does to limits: slots taken and freed, starts counted, lines joined. It reads what the store holds when
// it is asked and lays its own changes over that, so that of a hundred runs made in one operation the sixth meets the limit
// of five. A limit that is not locked for this group is unknown: nothing is given out on it.
import type { ItemRow, Key, LimitState, LineHead } from '@pawl/storage'

export interface LimitGround {
  /** Undefined when the limit is not locked for this group. */
  limit(name: string): LimitState | undefined
  line(name: string): LineHead
}

interface Account {
  held: number
  tat: number | null
  timer: ItemRow | null
  /** The known head of the line, without those that have left it. */
  heads: readonly ItemRow[]
  /** Whether somebody may stand behind the known head. */
  hasMore: boolean
  /** Functions of which somebody has joined it in this decision. */
  readonly joined: Set<Key | null>
}

export class Ledger {
  /** Set by an operation that only looks at lines: it has read as much of them as is read at once. */
  isLook = false
  readonly #ground: LimitGround
  readonly #accounts = new Map<string, Account | null>()
  /** Limits with a slot or a line that changed: who stands in line may move. */
  readonly #stirred = new Set<string>()
  /** Limits that could not be looked at here: another operation has to. */
  readonly #handedOver = new Set<string>()
  readonly #later = new Set<string>()

  constructor(ground: LimitGround) {
    this.#ground = ground
  }

  knows(name: string): boolean {
    return this.#account(name) !== null
  }

  held(name: string): number {
    return this.#known(name).held
  }

  tat(name: string): number | null {
    return this.#known(name).tat
  }

  timer(name: string): ItemRow | null {
    return this.#known(name).timer
  }

  /** The known head of the line, in its order. */
  heads(name: string): readonly ItemRow[] {
    return this.#known(name).heads
  }

  /** Whether somebody may stand in the line behind its known head. */
  hasMore(name: string): boolean {
    const { hasMore, joined } = this.#known(name)
    return hasMore || joined.size > 0
  }

  /** Whether somebody of another function than these may stand there, who is not in the known head. */
  mayHide(name: string, functions: ReadonlySet<Key | null>): boolean {
    const { hasMore, joined } = this.#known(name)
    return hasMore || [...joined].some((fn) => !functions.has(fn))
  }

  /** Whether somebody of the function has joined the line in this decision. */
  hasJoined(name: string, fn: Key | null): boolean {
    return this.#known(name).joined.has(fn)
  }

  take(name: string): void {
    this.#known(name).held += 1
  }

  setTat(name: string, tat: number): void {
    this.#known(name).tat = tat
  }

  setTimer(name: string, timer: ItemRow): void {
    this.#known(name).timer = timer
  }

  /** Slots of these limits are free again. */
  free(names: readonly string[]): void {
    for (const name of names) {
      const account = this.#account(name)
      if (account !== null) account.held = Math.max(0, account.held - 1)
      this.stir(name)
    }
  }

  /** An item stands in the line from now on. */
  join(name: string, fn: Key | null): void {
    const account = this.#account(name)
    if (account !== null) account.joined.add(fn)
    else this.handOver(name)
  }

  /** An item of the known head has left the line. */
  leave(name: string, item: ItemRow): void {
    const account = this.#account(name)
    if (account !== null) account.heads = account.heads.filter(({ key }) => key !== item.key)
  }

  /** Who stands in the line is to be looked at, here or in an operation of its own. */
  stir(name: string): void {
    if (this.knows(name)) this.#stirred.add(name)
    else this.#handedOver.add(name)
  }

  handOver(name: string): void {
    this.#handedOver.add(name)
  }

  /** To be looked at again a little later: nothing could be moved now, and not all of the line was seen. */
  lookLater(name: string): void {
    this.#later.add(name)
  }

  /** An item that stood in a line is gone. It may have been the one that stood there for those who wait for its other limits. */
  abandon({ line, limits }: ItemRow): void {
    for (const name of limits) if (name !== line) this.stir(name)
  }

  /** The next line that is to be looked at. */
  nextStirred(): string | undefined {
    const [name] = this.#stirred
    if (name !== undefined) this.#stirred.delete(name)
    return name
  }

  takeHandedOver(): readonly string[] {
    const names = [...this.#handedOver]
    this.#handedOver.clear()
    return names
  }

  takeLater(): readonly string[] {
    const names = [...this.#later].filter((name) => !this.#handedOver.has(name))
    this.#later.clear()
    return names
  }

  #known(name: string): Account {
    const account = this.#account(name)
    if (account === null) throw new Error(`The limit ${name} is not locked for this decision`)
    return account
  }

  #account(name: string): Account | null {
    const before = this.#accounts.get(name)
    if (before !== undefined) return before
    const state = this.#ground.limit(name)
    const account = state === undefined ? null : this.#open(name, state)
    this.#accounts.set(name, account)
    return account
  }

  #open(name: string, { held, tat, timer }: LimitState): Account {
    const { items, isWhole } = this.#ground.line(name)
    return { held, tat, timer, heads: items, hasMore: !isWhole, joined: new Set() }
  }
}
