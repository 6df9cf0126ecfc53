// Sessions that a group has locked, with their items and requests of the needs, as its operations have left them.
import type { FactsData } from './contract/database.ts'
import type { Key, RequestRow, SessionItemRow, SessionRow } from './contract/rows.ts'
import type { Needs } from './contract/store.ts'
import { subjectOf } from './named-items.ts'

export class SessionFacts {
  /** Null: known to be absent. So it is in every map here. */
  readonly #sessions = new Map<Key, SessionRow | null>()
  readonly #names = new Map<string, Key | null>()
  readonly #items = new Map<string, SessionItemRow | null>()
  readonly #requests = new Map<Key, RequestRow | null>()
  readonly #requestIds = new Map<string, Key | null>()
  readonly #requestNames = new Map<string, Key | null>()
  /** Sessions all of whose pending requests are known. */
  readonly #whole: Set<Key>

  constructor(data: FactsData, needs: Needs) {
    this.#whole = new Set(needs.pendingOf)
    this.#markAbsent(data, needs)
    for (const row of data.sessions) this.#file(row)
    for (const row of data.sessionItems) this.putItem(row)
    for (const row of data.requests) {
      this.putRequest(row)
      if (!this.#sessions.has(row.session)) this.#sessions.set(row.session, null)
    }
  }

  /** Null is known to be absent; undefined was not asked for. */
  session(key: Key): SessionRow | null | undefined {
    return this.#sessions.get(key)
  }

  named(name: string): SessionRow | null | undefined {
    const key = this.#names.get(name)
    return key == null ? key : this.#sessions.get(key)
  }

  item(session: Key, name: string): SessionItemRow | null | undefined {
    return this.#items.get(`${session} ${name}`)
  }

  request(key: Key): RequestRow | null | undefined {
    return this.#requests.get(key)
  }

  requestById(id: string): RequestRow | null | undefined {
    const key = this.#requestIds.get(id)
    return key == null ? key : this.#requests.get(key)
  }

  requestNamed(session: Key, name: string): RequestRow | null | undefined {
    const key = this.#requestNames.get(`${session} ${name}`)
    return key == null ? key : this.#requests.get(key)
  }

  pendingOf(session: Key): readonly RequestRow[] | undefined {
    if (!this.#whole.has(session)) return undefined
    const found: RequestRow[] = []
    for (const row of this.#requests.values()) {
      if (row?.session === session && row.status === 'pending') found.push(row)
    }
    return found.sort((a, b) => a.key - b.key)
  }

  /** A session of this group has no items and requests but those that the group puts. */
  putSession(row: SessionRow): void {
    this.#file(row)
    this.#whole.add(row.key)
  }

  setSession(row: SessionRow): void {
    this.#file(row)
  }

  putItem(row: SessionItemRow): void {
    if (row.name !== null) this.#items.set(`${row.session} ${row.name}`, row)
  }

  putRequest(row: RequestRow): void {
    this.#requests.set(row.key, row)
    this.#requestIds.set(row.id, row.key)
    this.#requestNames.set(`${row.session} ${row.name}`, row.key)
  }

  #file(row: SessionRow): void {
    this.#sessions.set(row.key, row)
    this.#names.set(row.name, row.key)
  }

  #markAbsent(data: FactsData, needs: Needs): void {
    for (const key of needs.sessions ?? []) this.#sessions.set(key, null)
    for (const name of needs.sessionNames ?? []) this.#names.set(name, null)
    for (const { session, name } of needs.sessionItems ?? []) this.#items.set(`${session} ${name}`, null)
    for (const key of needs.requests ?? []) this.#requests.set(key, null)
    for (const { session, name } of needs.requestNames ?? []) this.#requestNames.set(`${session} ${name}`, null)
    for (const items of [data.items, data.named, data.ready]) {
      for (const item of items) {
        const subject = subjectOf(item)
        if (subject?.of === 'request') this.#requestIds.set(subject.id, null)
      }
    }
  }
}
