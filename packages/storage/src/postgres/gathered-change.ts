// Changes that are gathered to be told together, and the text that carries them in a notice:
//
//   c 17 01 r 4f,50 e 4e b  j  s  q      kind, process, registry and cut as digits, then keys in base 36, each list by its
//                                        letter: runs, events, bulks, jobs, sessions, requests
//
// PostgreSQL takes no notice of 8,000 bytes or more, so that what would be longer is told as cut.
import type { Key } from '../contract/rows.ts'
import type { StoreChange } from '../contract/store.ts'

/** Bytes of a notice, at most; all of it is ASCII. */
const BYTES_MAX = 7_900
const RADIX = 36
const FORM = /^c \d+ ([01])([01]) r ([\da-z,]*) e ([\da-z,]*) b ([\da-z,]*) j ([\da-z,]*) s ([\da-z,]*) q ([\da-z,]*)$/

/** Lists of keys with their letters, in the order of the text. */
const LISTS = { runs: 'r', events: 'e', bulks: 'b', jobs: 'j', sessions: 's', requests: 'q' } as const
type ListName = keyof typeof LISTS
const NAMES = Object.keys(LISTS) as ListName[]

export class Gathered {
  readonly #keys = new Map<ListName, Set<Key>>(NAMES.map((name) => [name, new Set()]))
  #registry = false
  #isCut = false

  get isEmpty(): boolean {
    return !this.#isCut && !this.#registry && this.#size === 0
  }

  add(change: StoreChange): void {
    this.#registry ||= change.registry
    this.#isCut ||= change.isCut
    // What is to be read again as a whole needs no names. A key takes two bytes at the least.
    if (!this.#isCut) for (const [name, keys] of this.#keys) for (const key of change[name]) keys.add(key)
    if (this.#isCut || this.#size * 2 > BYTES_MAX) this.#cut()
  }

  text(process: number): string {
    const text = this.#text(process)
    if (text.length < BYTES_MAX) return text
    this.#cut()
    return this.#text(process)
  }

  get #size(): number {
    let size = 0
    for (const keys of this.#keys.values()) size += keys.size
    return size
  }

  #cut(): void {
    this.#isCut = true
    for (const keys of this.#keys.values()) keys.clear()
  }

  #text(process: number): string {
    const lists = Array.from(this.#keys, ([name, keys]) => `${LISTS[name]} ${keysText(keys)}`)
    return `c ${process} ${this.#registry ? 1 : 0}${this.#isCut ? 1 : 0} ${lists.join(' ')}`
  }
}

/** @returns null for a text of another kind, such as one of another version's. */
export function readChange(text: string): StoreChange | null {
  const [, registry, isCut, runs = '', events = '', bulks = '', jobs = '', sessions = '', requests = ''] =
    FORM.exec(text) ?? []
  if (registry === undefined) return null
  return {
    runs: readKeys(runs),
    events: readKeys(events),
    bulks: readKeys(bulks),
    jobs: readKeys(jobs),
    sessions: readKeys(sessions),
    requests: readKeys(requests),
    registry: registry === '1',
    isCut: isCut === '1',
  }
}

function keysText(keys: ReadonlySet<Key>): string {
  return Array.from(keys, (key) => key.toString(RADIX)).join(',')
}

function readKeys(text: string): readonly Key[] {
  return text === '' ? [] : text.split(',').map((key) => Number.parseInt(key, RADIX))
}
