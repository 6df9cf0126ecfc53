// Keeps every sample with its figure, contender and round, and reads medians, spreads and ratios off them.
// A ratio is taken within a round, where both contenders met the same machine, and only then its median over the rounds.

import { median, type Spread, spreadOf } from './spread.ts'

/**
 * Who a figure was measured of. `empty` and `full` are two stores of the server, `idle` and `noisy` what a function has beside
 * it, `pawl 2` and `pawl 4` as many processes on one database.
 */
export type Contender =
  | 'ceiling'
  | 'pawl'
  | 'pawl 2'
  | 'pawl 4'
  | 'pawl sqlite'
  | 'floor'
  | 'empty'
  | 'full'
  | 'idle'
  | 'noisy'
  | 'pg-boss'
  | 'graphile-worker'
  | 'graphile-batched'
  | 'dbos'
  | 'bullmq'

/** One measured value. */
export interface Sample {
  readonly figure: string
  readonly contender: Contender
  readonly round: number
  readonly value: number
}

/** All samples of one run of the bench. */
export class Recorder {
  /** The round that samples are recorded under, from 1. */
  round = 1
  readonly samples: Sample[] = []

  add(figure: string, contender: Contender, value: number): void {
    this.samples.push({ figure, contender, round: this.round, value })
  }

  /** Spread of a figure over all samples of a contender, or undefined when there are none. */
  spread(figure: string, contender: Contender): Spread | undefined {
    const values = this.values(figure, contender).map((sample) => sample.value)
    return values.length === 0 ? undefined : spreadOf(values)
  }

  /** Spread over the rounds of `above` ÷ `below`; several samples of a round count as their mean. */
  ratio(figure: string, above: Contender, below: Contender): Spread | undefined {
    return this.perRound(figure, above, below, (a, b) => (b === 0 ? undefined : a / b))
  }

  /** Spread over the rounds of `minuend` − `subtrahend`. */
  difference(figure: string, minuend: Contender, subtrahend: Contender): Spread | undefined {
    return this.perRound(figure, minuend, subtrahend, (a, b) => a - b)
  }

  private perRound(
    figure: string,
    first: Contender,
    second: Contender,
    combine: (first: number, second: number) => number | undefined,
  ): Spread | undefined {
    const firsts = meanByRound(this.values(figure, first))
    const seconds = meanByRound(this.values(figure, second))
    const combined: number[] = []
    for (const [round, value] of firsts) {
      const other = seconds.get(round)
      const result = other === undefined ? undefined : combine(value, other)
      if (result !== undefined) combined.push(result)
    }
    return combined.length === 0 ? undefined : spreadOf(combined)
  }

  private values(figure: string, contender: Contender): readonly Sample[] {
    return this.samples.filter((sample) => sample.figure === figure && sample.contender === contender)
  }
}

function meanByRound(samples: readonly Sample[]): Map<number, number> {
  const byRound = Map.groupBy(samples, (sample) => sample.round)
  // With the two ceilings of a round, before and after, the median is their mean.
  return new Map([...byRound].map(([round, group]) => [round, median(group.map((sample) => sample.value))]))
}
