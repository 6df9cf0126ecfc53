// Percentiles and classes out of the counters of a histogram. A class is all that is known of a duration, so a percentile
// is told as the upper end of its class, within 19 %. Pure.
import { classEnd } from '../engine.ts'

/** How many durations fell into each class. */
export type Histogram = ReadonlyMap<number, number>

/** The class of a counter's name, such as 17 of `delay:17`; null for a name of another counter. */
export function classOf(name: string, prefix: string): number | null {
  if (!name.startsWith(prefix)) return null
  const histogram = Number(name.slice(prefix.length))
  return Number.isSafeInteger(histogram) && histogram >= 0 ? histogram : null
}

/** Adds to a class. */
export function addTo(histogram: Map<number, number>, index: number, count: number): void {
  histogram.set(index, (histogram.get(index) ?? 0) + count)
}

/** The duration that a share (0 to 1) of all stays within, in whole milliseconds; null where there are none. */
export function percentile(histogram: Histogram, share: number): number | null {
  const classes = ascending(histogram)
  const total = classes.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  for (const [index, count] of classes) {
    seen += count
    if (seen >= total * share) return Math.round(classEnd(index))
  }
  return null
}

/** The classes that hold any, ascending. */
export function classCounts(histogram: Histogram): readonly { readonly untilMs: number; readonly count: number }[] {
  return ascending(histogram).map(([index, count]) => ({ untilMs: Math.round(classEnd(index) * 100) / 100, count }))
}

function ascending(histogram: Histogram): readonly (readonly [number, number])[] {
  return [...histogram].filter(([, count]) => count > 0).sort(([a], [b]) => a - b)
}
