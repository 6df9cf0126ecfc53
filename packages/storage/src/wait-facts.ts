// Open waits that a group's searches found, by name, path and value, with what the group has opened and ended since.
// Two operations of one group may search the same name: each sees what its own search would have found.
import type { Key, WaitRow } from './contract/rows.ts'
import type { WaitSearch } from './contract/store.ts'
import { DECIDE_LATER } from './decide-later.ts'

type ByValue = Map<string, WaitRow[]>

export class WaitFacts {
  /** By name, then path, then value; buckets in the order of keys. Names that were searched only. */
  readonly #buckets = new Map<string, Map<string, ByValue>>()
  readonly #live = new Map<Key, WaitRow>()

  constructor(searches: readonly WaitSearch[], found: readonly WaitRow[]) {
    for (const search of searches) if (!this.#buckets.has(search.name)) this.#buckets.set(search.name, new Map())
    if (searches.length === 0) return
    for (const row of found.toSorted((a, b) => a.key - b.key)) this.put(row)
  }

  /** A wait that was found, or that an operation of the group opened. */
  put(row: WaitRow): void {
    if (row.kind !== 'event' && row.kind !== 'cancel') return
    const byPath = this.#buckets.get(row.name)
    if (byPath === undefined || this.#live.has(row.key)) return
    const byValue: ByValue = byPath.get(row.path) ?? new Map()
    byPath.set(row.path, byValue)
    const bucket = byValue.get(row.value)
    if (bucket === undefined) byValue.set(row.value, [row])
    else bucket.push(row)
    this.#live.set(row.key, row)
  }

  end(key: Key): void {
    this.#live.delete(key)
  }

  /**
   * What the searches of one operation find of `name`, in the order of keys.
   *
   * @throws DECIDE_LATER when a page is full and earlier operations ended a part of it: what comes after the page is
   *         not known, so that a short page would be taken for the last one.
   */
  find(name: string, searches: readonly WaitSearch[]): readonly WaitRow[] {
    const pages: WaitRow[][] = []
    for (const search of searches) if (search.name === name) pages.push(this.#page(search))
    const [only] = pages
    if (only === undefined) throw new Error(`The waits on ${name} were not in the needs`)
    if (pages.length === 1) return only
    return [...new Set(pages.flat())].sort((a, b) => a.key - b.key)
  }

  #page(search: WaitSearch): WaitRow[] {
    const matching: WaitRow[] = []
    const byPath = this.#buckets.get(search.name)
    for (const { path, value } of search.keys) {
      for (const row of byPath?.get(path)?.get(value) ?? []) if (row.key > search.after) matching.push(row)
    }
    if (search.keys.length > 1) matching.sort((a, b) => a.key - b.key)
    const page = matching.length > search.max ? matching.slice(0, search.max) : matching
    const live = page.filter((row) => this.#live.get(row.key) === row)
    if (live.length < page.length && page.length === search.max) throw DECIDE_LATER
    return live
  }
}
