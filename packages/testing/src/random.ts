// The one source of chance of a simulated world: xoshiro128**, seeded by a number. Everything that is drawn in a world is
// drawn from one instance in the order of its events, so that a seed is a whole schedule and gives the same run again.

export class Random {
  readonly #state = new Uint32Array(4)

  constructor(seed: number) {
    // SplitMix32 spreads seeds that lie side by side.
    let mixed = seed >>> 0
    for (let index = 0; index < 4; index++) {
      mixed = (mixed + 0x9e3779b9) >>> 0
      let word = mixed
      word = Math.imul(word ^ (word >>> 16), 0x21f0aaad)
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
      this.#state[index] = (word ^ (word >>> 15)) >>> 0
    }
  }

  /** Uniform in [0, 2³²). */
  word(): number {
    const state = this.#state
    const [a = 0, b = 0, c = 0, d = 0] = state
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    state[2] = c ^ a
    state[3] = d ^ b
    state[1] = b ^ (state[2] ?? 0)
    state[0] = a ^ (state[3] ?? 0)
    state[2] = (state[2] ?? 0) ^ (b << 9)
    state[3] = rotate(state[3] ?? 0, 11)
    return result
  }

  /** Uniform in [0, 1). */
  float(): number {
    return this.word() / 2 ** 32
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.float() * (max - min + 1))
  }

  /** A number in [min, max). */
  between(min: number, max: number): number {
    return min + this.float() * (max - min)
  }

  chance(probability: number): boolean {
    return this.float() < probability
  }

  /** @throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.float() * list.length)]
    if (found === undefined) throw new RangeError('nothing to pick from')
    return found
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let index = 0; index < count; index++) bytes[index] = this.word() >>> 24
    return bytes
  }
}

function rotate(word: number, by: number): number {
  return ((word << by) | (word >>> (32 - by))) >>> 0
}
