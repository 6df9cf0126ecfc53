// Order statistics over samples: what a latency or a figure over several rounds comes to.
// Samples stay where they are; nothing here rounds.

/** How samples lie. All zero when there were none. */
export interface Spread {
  readonly count: number
  readonly min: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Sorts a copy of the samples and reads off where they lie. */
export function spreadOf(samples: Iterable<number>): Spread {
  const sorted = Float64Array.from(samples).sort()
  const last = sorted.length - 1
  return {
    count: sorted.length,
    min: sorted[0] ?? 0,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: sorted[last] ?? 0,
  }
}

/** The middle sample, or the mean of the two in the middle. */
export function median(samples: Iterable<number>): number {
  return quantile(Float64Array.from(samples).sort(), 0.5)
}

/** Linear between the two nearest samples. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1)
  const below = sorted[Math.floor(position)] ?? 0
  const above = sorted[Math.ceil(position)] ?? 0
  return below + (above - below) * (position - Math.floor(position))
}
