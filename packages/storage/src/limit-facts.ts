// Limits as a group knows them: slots held, heads of lines, what rates remember, admissions in windows; with what the
// group's operations have taken, freed and admitted since. Every slot and place in line is an item's, so this follows the
// items; a slot is counted anew only for an item whose row before is known, and an operation that frees one has read it.
import type { FactsData } from './contract/database.ts'
import type { AdmissionRow, ItemRow, Key, RateRow } from './contract/rows.ts'
import type { LimitSearch, LineHead, Needs } from './contract/store.ts'

interface Line {
  /** In turn, round the functions. */
  items: ItemRow[]
  /** Nothing stands in the line beyond these. */
  isWhole: boolean
}

interface Window {
  readonly name: string
  readonly periodMs: number
  count: number
}

export class LimitFacts {
  readonly #now: number
  readonly #held = new Map<string, number>()
  readonly #tats = new Map<string, number | null>()
  readonly #lines = new Map<string, Line>()
  readonly #windows = new Map<string, Window>()

  constructor(data: FactsData, needs: Needs) {
    this.#now = data.now
    for (const { name, held, tat } of data.limits) {
      this.#held.set(name, held)
      this.#tats.set(name, tat)
    }
    const found = new Map<Key, ItemRow>()
    if (data.lines.length > 0) for (const item of data.items) found.set(item.key, item)
    for (const { name, items, isWhole } of data.lines) {
      this.#lines.set(name, { items: items.flatMap((key) => found.get(key) ?? []), isWhole })
    }
    needs.windows?.forEach(({ name, periodMs }, index) => {
      this.#windows.set(windowName(name, periodMs), { name, periodMs, count: data.windows[index]?.count ?? 0 })
    })
  }

  /** Undefined when the limit is not locked for the group. */
  state(name: string): { readonly held: number; readonly tat: number | null } | undefined {
    const held = this.#held.get(name)
    return held === undefined ? undefined : { held, tat: this.#tats.get(name) ?? null }
  }

  /** What the searches of one operation find of the line; undefined when it did not search it. */
  line(name: string, searches: readonly LimitSearch[]): LineHead | undefined {
    let take: number | undefined
    for (const search of searches) if (search.name === name) take = (take ?? 0) + search.take
    const line = this.#lines.get(name)
    if (take === undefined || line === undefined) return undefined
    const { items, isWhole } = line
    return { items: items.slice(0, take), isWhole: isWhole && items.length <= take }
  }

  window(name: string, searches: Needs['windows']): number | undefined {
    const own = searches?.find((search) => search.name === name)
    return own === undefined ? undefined : this.#windows.get(windowName(name, own.periodMs))?.count
  }

  setRate({ name, tat }: RateRow): void {
    this.#tats.set(name, tat)
  }

  admit({ name, at }: AdmissionRow): void {
    for (const window of this.#windows.values()) {
      if (window.name === name && at > this.#now - window.periodMs) window.count++
    }
  }

  /**
   * Follows a change of one item.
   *
   * @param before  null for an item that is new; undefined where it was not read: its slots are then taken to stay.
   * @param after   null for an item that ends.
   * @param isKnown Whether the group has read the item's run: without it nobody can be let in.
   */
  follow(before: ItemRow | null | undefined, after: ItemRow | null, isKnown = true): void {
    if (before?.line != null && before.line !== after?.line) this.#leave(before.line, before.key)
    if (after !== null && after.line !== null) this.#stand(after.line, after, isKnown)
    if (before === undefined) return
    if (before?.holds === true) for (const name of before.limits) this.#count(name, -1)
    if (after?.holds === true) for (const name of after.limits) this.#count(name, 1)
  }

  #count(name: string, by: 1 | -1): void {
    const held = this.#held.get(name)
    if (held !== undefined) this.#held.set(name, held + by)
  }

  #leave(name: string, key: Key): void {
    const line = this.#lines.get(name)
    if (line !== undefined) line.items = line.items.filter((item) => item.key !== key)
  }

  /** Where the line goes on beyond what was found, a new place in it is not known: others may stand before it. */
  #stand(name: string, row: ItemRow, isKnown: boolean): void {
    const line = this.#lines.get(name)
    if (line === undefined) return
    if (!isKnown) {
      line.isWhole = false
      return
    }
    const others = line.items.filter((item) => item.key !== row.key)
    if (others.length < line.items.length || line.isWhole) line.items = inTurn([...others, row])
  }
}

/** One of each function in turn, the least rank first within one. */
function inTurn(items: readonly ItemRow[]): ItemRow[] {
  const queues = [...Map.groupBy(items, (item) => item.fn).values()]
  for (const queue of queues) queue.sort((a, b) => a.rank - b.rank || a.key - b.key)
  const found: ItemRow[] = []
  for (let turn = 0; found.length < items.length; turn++) {
    for (const queue of queues) {
      const item = queue[turn]
      if (item !== undefined) found.push(item)
    }
  }
  return found
}

function windowName(name: string, periodMs: number): string {
  return `${periodMs} ${name}`
}
