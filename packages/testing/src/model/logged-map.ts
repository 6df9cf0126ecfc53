// Maps that remember what they were, until they are told to keep what they are: a group whose change does not fit is taken
// back as a whole.

/** What has to be done to take everything back, the last one first. */
export class UndoLog {
  #steps: (() => void)[] = []

  note(step: () => void): void {
    this.#steps.push(step)
  }

  keep(): void {
    this.#steps = []
  }

  takeBack(): void {
    for (const step of this.#steps.toReversed()) step()
    this.#steps = []
  }
}

export class LoggedMap<K, V> {
  readonly #log: UndoLog
  readonly #map = new Map<K, V>()

  constructor(log: UndoLog) {
    this.#log = log
  }

  get size(): number {
    return this.#map.size
  }

  get(key: K): V | undefined {
    return this.#map.get(key)
  }

  has(key: K): boolean {
    return this.#map.has(key)
  }

  values(): V[] {
    return [...this.#map.values()]
  }

  /** The values that pass. */
  filter(passes: (value: V) => boolean): V[] {
    const found: V[] = []
    for (const value of this.#map.values()) if (passes(value)) found.push(value)
    return found
  }

  find(passes: (value: V) => boolean): V | undefined {
    for (const value of this.#map.values()) if (passes(value)) return value
    return undefined
  }

  set(key: K, value: V): void {
    const before = this.#map.get(key)
    const isNew = before === undefined && !this.#map.has(key)
    this.#map.set(key, value)
    this.#log.note(() => {
      if (isNew) this.#map.delete(key)
      else this.#map.set(key, before as V)
    })
  }

  delete(key: K): void {
    const before = this.#map.get(key)
    if (!this.#map.delete(key)) return
    this.#log.note(() => this.#map.set(key, before as V))
  }

  /** Takes away the values that pass. */
  deleteWhere(passes: (value: V) => boolean): void {
    for (const [key, value] of this.#map) if (passes(value)) this.delete(key)
  }

  clear(): void {
    for (const key of this.#map.keys()) this.delete(key)
  }
}
