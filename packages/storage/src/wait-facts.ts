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
  /** Waits that the group has opened: after every event that was stored before it. */
  readonly #opened = new Set<Key>()
  /** For each name the stored event that all its searches name (see `mergeNeeds`): what was found is bounded by it. */
  readonly #stored = new Map<string, Key | undefined>()

  /** @param found  What the searches found; not what other rows have brought. */
  constructor(searches: readonly WaitSearch[], found: readonly WaitRow[]) {
    for (const { name, stored } of searches) {
      if (this.#buckets.has(name)) continue
      this.#buckets.set(name, new Map())
      this.#stored.set(name, stored)
    }
    if (searches.length === 0) return
    for (const row of found.toSorted((a, b) => a.key - b.key)) this.#file(row)
  }

  /** A wait that an operation of the group opened. */
  put(row: WaitRow): void {
    this.#opened.add(row.key)
    this.#file(row)
  }

  #file(row: WaitRow): void {
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
   *         not known, so that a short page would be taken for the last one. And for a search that names another
   *         stored event than the first of its name in the group: it was not asked.
   */
  find(name: string, searches: readonly WaitSearch[]): readonly WaitRow[] {
    const pages: WaitRow[][] = []
    for (const search of searches) if (search.name === name) pages.push(this.#page(search, searches))
    const [only] = pages
    if (only === undefined) throw new Error(`The waits on ${name} were not in the needs`)
    if (pages.length === 1) return only
    return [...new Set(pages.flat())].sort((a, b) => a.key - b.key)
  }

  #page(search: WaitSearch, own: readonly WaitSearch[]): WaitRow[] {
    if (search.stored !== this.#stored.get(search.name)) throw another(search, own)
    const matching: WaitRow[] = []
    const byPath = this.#buckets.get(search.name)
    for (const { path, value } of search.keys) {
      for (const row of byPath?.get(path)?.get(value) ?? []) if (this.#isSeen(row, search)) matching.push(row)
    }
    // Also for one value: a process with lower keys may have opened a wait in this group after those that were found.
    matching.sort((a, b) => a.key - b.key)
    const page = matching.length > search.max ? matching.slice(0, search.max) : matching
    const live = page.filter((row) => this.#live.get(row.key) === row)
    if (live.length < page.length && page.length === search.max) throw DECIDE_LATER
    return live
  }

  #isSeen({ key }: WaitRow, { after, stored }: WaitSearch): boolean {
    return key > after && (stored === undefined || !this.#opened.has(key))
  }
}

/** One operation that names two stored events would be put off for ever. */
function another({ name, stored }: WaitSearch, own: readonly WaitSearch[]): unknown {
  const isMixed = own.some((search) => search.name === name && search.stored !== stored)
  return isMixed ? new Error(`One operation searches the waits on ${name} for different stored events`) : DECIDE_LATER
}
