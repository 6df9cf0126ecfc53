// The limits of a group. Those that its needs name are locked before anything is read; those that found items name are
// locked where that can be had at once, and are left out where not: nobody waits for a limit while it holds a run.
import type { FactsData } from '../contract/database.ts'
import { encodeArray } from './arrays.ts'
import type { Flight } from './connection.ts'
import type { FoundRows } from './found-rows.ts'
import { LIMITS } from './limit-statements.ts'
import { limitBucket, limitLocks, TRY_LIMITS, TRY_NAMED } from './locks.ts'

type Limit = FactsData['limits'][number]

/** How long a line is: exact up to what was taken of it, else more than that. */
export interface Length {
  readonly ofRuns: number
  readonly alone: number
}

/** Nobody asks for the lines of limits that items bring. */
const NO_TAKE = -1

export class GroupLimits {
  readonly #space: number
  readonly #known = new Set<string>()
  readonly #limits = new Map<string, Limit>()
  readonly #lengths = new Map<string, Length>()

  constructor(space: number) {
    this.#space = space
  }

  get facts(): readonly Limit[] {
    return [...this.#limits.values()]
  }

  lengthOf(name: string): Length {
    return this.#lengths.get(name) ?? { ofRuns: 0, alone: 0 }
  }

  /** Reads limits that are locked: names with what is taken of their lines. */
  ask(flight: Flight, found: FoundRows, takes: ReadonlyMap<string, number>): () => Promise<void> {
    for (const name of takes.keys()) this.#known.add(name)
    const limits = flight.ask(LIMITS, limitValues(takes))
    return async () => {
      for (const [name, held, tat, timer, ofRuns, alone] of await limits) {
        this.#keep(found, { name, held, tat, timer })
        this.#lengths.set(name, { ofRuns, alone })
      }
    }
  }

  /** Tries to lock limits that items have brought, and reads those. A limit whose timer is busy is busy too. */
  try(flight: Flight, found: FoundRows, brought: readonly string[]): (() => Promise<void>) | null {
    const names = brought.filter((name) => !this.#known.has(name))
    for (const name of names) this.#known.add(name)
    if (names.length === 0) return null
    const locked = flight.ask(TRY_LIMITS, limitLocks(this.#space, names))
    const free = flight.ask(TRY_NAMED, [encodeArray('text', names)])
    const limits = flight.ask(LIMITS, limitValues(new Map(names.map((name) => [name, NO_TAKE]))))
    return async () => {
      const locks = new Set((await locked).map(([lock]) => lock))
      const keys = new Set((await free).map(([key]) => key))
      for (const [name, held, tat, timer] of await limits) {
        const isBusy = !locks.has(limitBucket(name)) || (timer !== null && !keys.has(timer))
        if (!isBusy) this.#keep(found, { name, held, tat, timer })
      }
    }
  }

  #keep(found: FoundRows, limit: Limit): void {
    this.#limits.set(limit.name, limit)
    if (limit.timer !== null) found.addItemKey(limit.timer)
  }
}

function limitValues(takes: ReadonlyMap<string, number>) {
  return [encodeArray('text', [...takes.keys()]), encodeArray('int8', [...takes.values()])]
}
