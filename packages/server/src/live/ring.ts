// What the last messages of the stream were about, by keys alone, so that somebody who was away for a moment is told
// once what has changed since. Older messages are forgotten; then all that can be said is that there is a gap.
import type { Key, StoreChange } from '@pawl/storage'

/** What one message is about. */
export interface Entry {
  readonly seq: number
  /** Store's time at which its first change was heard of, in epoch milliseconds. */
  readonly since: number
  readonly change: StoreChange
}

/** Gathers changes until they are told. What goes beyond the bound is told as `isCut`. */
export class Gathered {
  readonly #runs = new Set<Key>()
  readonly #events = new Set<Key>()
  readonly #bulks = new Set<Key>()
  readonly #jobs = new Set<Key>()
  readonly #sessions = new Set<Key>()
  readonly #requests = new Set<Key>()
  readonly #max: number
  #registry = false
  #isCut = false

  /** @param max  Keys of one kind that are told in one message. */
  constructor(max: number) {
    this.#max = max
  }

  add(change: StoreChange): void {
    for (const key of change.runs) this.#put(this.#runs, key)
    for (const key of change.events) this.#put(this.#events, key)
    for (const key of change.bulks) this.#put(this.#bulks, key)
    for (const key of change.jobs) this.#put(this.#jobs, key)
    for (const key of change.sessions) this.#put(this.#sessions, key)
    for (const key of change.requests) this.#put(this.#requests, key)
    this.#registry ||= change.registry
    this.#isCut ||= change.isCut
  }

  change(): StoreChange {
    return {
      runs: [...this.#runs],
      events: [...this.#events],
      bulks: [...this.#bulks],
      jobs: [...this.#jobs],
      sessions: [...this.#sessions],
      requests: [...this.#requests],
      registry: this.#registry,
      isCut: this.#isCut,
    }
  }

  /** The newest keys stay: they stand at the top of the lists that people look at. */
  #put(keys: Set<Key>, key: Key): void {
    keys.add(key)
    if (keys.size <= this.#max) return
    this.#isCut = true
    const [first] = keys
    if (first !== undefined) keys.delete(first)
  }
}

export class Ring {
  readonly #size: number
  readonly #entries: Entry[] = []
  /** Of the newest entry, kept or not. */
  #seq = 0

  /** @param size  Entries that are kept. */
  constructor(size: number) {
    this.#size = size
  }

  get seq(): number {
    return this.#seq
  }

  push(since: number, change: StoreChange): Entry {
    const entry = { seq: ++this.#seq, since, change }
    this.#entries.push(entry)
    if (this.#entries.length > this.#size) this.#entries.shift()
    return entry
  }

  /** What was missed cannot be told any more to anybody who has only seen what is there by now. */
  cut(): void {
    this.#entries.length = 0
    this.#seq++
  }

  /** The entries after one; undefined when some of them are forgotten, or when it is none of ours. */
  after(seq: number): readonly Entry[] | undefined {
    if (seq === this.#seq) return []
    const first = this.#entries[0]?.seq
    if (first === undefined || seq > this.#seq || seq < first - 1) return undefined
    return this.#entries.slice(seq - first + 1)
  }
}
