// What one operation counts: one sum for each function and name, written beside what is counted. Names are those of
// `tally-names.ts`.
import type { Change, Key } from '@pawl/storage'
import { histogramClass } from '../tally-names.ts'

interface Sum {
  readonly add: 'tally'
  readonly fn: Key
  readonly name: string
  by: number
}

export class Tallies {
  /** By name, most of one function: a call counts five names or so. */
  readonly #sums = new Map<string, Sum[]>()

  add(fn: Key, name: string, by = 1): void {
    const sums = this.#sums.get(name)
    if (sums === undefined) return void this.#sums.set(name, [{ add: 'tally', fn, name, by }])
    const sum = sums.find((one) => one.fn === fn)
    if (sum === undefined) sums.push({ add: 'tally', fn, name, by })
    else sum.by += by
  }

  /** Counts a duration in its class of a histogram, whose name ends in `:`. */
  time(fn: Key, histogram: string, ms: number): void {
    this.add(fn, `${histogram}${histogramClass(ms)}`)
  }

  changes(): readonly Change[] {
    return [...this.#sums.values()].flat()
  }
}
