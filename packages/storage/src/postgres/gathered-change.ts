// Changes that are gathered to be told together, and the text that carries them in a notice:
//
//   c 17 01 r 4f,50 e 4e b      kind, process, registry and cut as digits, then keys in base 36, each list by its letter
//
// PostgreSQL takes no notice of 8,000 bytes or more, so that what would be longer is told as cut.
import type { Key } from '../contract/rows.ts'
import type { StoreChange } from '../contract/store.ts'

/** Bytes of a notice, at most; all of it is ASCII. */
const BYTES_MAX = 7_900
const RADIX = 36
const FORM = /^c \d+ ([01])([01]) r ([\da-z,]*) e ([\da-z,]*) b ([\da-z,]*)$/

export class Gathered {
  #runs = new Set<Key>()
  #events = new Set<Key>()
  #bulks = new Set<Key>()
  #registry = false
  #isCut = false

  get isEmpty(): boolean {
    return !this.#isCut && !this.#registry && this.#size === 0
  }

  add({ runs, events, bulks, registry, isCut }: StoreChange): void {
    this.#registry ||= registry
    this.#isCut ||= isCut
    // What is to be read again as a whole needs no names. A key takes two bytes at the least.
    if (!this.#isCut) {
      for (const key of runs) this.#runs.add(key)
      for (const key of events) this.#events.add(key)
      for (const key of bulks) this.#bulks.add(key)
    }
    if (this.#isCut || this.#size * 2 > BYTES_MAX) this.#cut()
  }

  text(process: number): string {
    const text = this.#text(process)
    if (text.length < BYTES_MAX) return text
    this.#cut()
    return this.#text(process)
  }

  get #size(): number {
    return this.#runs.size + this.#events.size + this.#bulks.size
  }

  #cut(): void {
    this.#isCut = true
    for (const keys of [this.#runs, this.#events, this.#bulks]) keys.clear()
  }

  #text(process: number): string {
    const flags = `${this.#registry ? 1 : 0}${this.#isCut ? 1 : 0}`
    return `c ${process} ${flags} r ${keysText(this.#runs)} e ${keysText(this.#events)} b ${keysText(this.#bulks)}`
  }
}

/** @returns null for a text of another kind, such as one of a later version's. */
export function readChange(text: string): StoreChange | null {
  const [, registry, isCut, runs = '', events = '', bulks = ''] = FORM.exec(text) ?? []
  if (registry === undefined) return null
  return {
    runs: readKeys(runs),
    events: readKeys(events),
    bulks: readKeys(bulks),
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
