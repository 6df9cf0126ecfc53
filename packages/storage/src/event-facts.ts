// Events that a group has looked for, by ULID and by name since a mark, with those that its operations have stored since.
import type { FactsData } from './contract/database.ts'
import type { EventRow, Key, Mark } from './contract/rows.ts'
import type { Needs, StoredEvent } from './contract/store.ts'
import { DECIDE_LATER } from './decide-later.ts'

export class EventFacts {
  /** By ULID; null: known to be absent. */
  readonly #byId = new Map<string, EventRow | null>()
  readonly #since = new Map<string, { readonly mark: Mark; readonly events: readonly StoredEvent[] }[]>()
  readonly #stored: StoredEvent[] = []

  constructor(data: FactsData, needs: Needs) {
    for (const id of needs.eventIds ?? []) this.#byId.set(id, null)
    for (const row of data.events) this.#byId.set(row.id, row)
    needs.since?.forEach(({ name, mark }, index) => {
      const searches = this.#since.get(name) ?? []
      searches.push({ mark, events: data.since[index]?.events ?? [] })
      this.#since.set(name, searches)
    })
  }

  /** Null is known to be absent; undefined was not asked for. */
  byId(id: string): EventRow | null | undefined {
    return this.#byId.get(id)
  }

  /**
   * What the search of one operation finds, undefined when it did not search.
   *
   * @throws DECIDE_LATER when an event of the group is put together from what the same group may write: it is read back
   *         after it.
   */
  since(name: string, searches: Needs['since']): readonly StoredEvent[] | undefined {
    const own = searches?.find((search) => search.name === name)
    const found = this.#since.get(name)?.find((search) => search.mark === own?.mark)
    if (own === undefined || found === undefined) return undefined
    const stored = this.#stored.filter((event) => event.row.name === name)
    if (stored.some((event) => event.text === null)) throw DECIDE_LATER
    return stored.length === 0 ? found.events : [...found.events, ...stored]
  }

  /** Repeats wake nobody and are not found by their ULID. */
  put(row: EventRow, body: string | null): void {
    if (row.isRepeat) return
    this.#byId.set(row.id, row)
    this.#stored.push({ row, text: body, ofRun: null })
  }

  end(key: Key): void {
    for (const [id, row] of this.#byId) if (row?.key === key) this.#byId.set(id, null)
  }
}
