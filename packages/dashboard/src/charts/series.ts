// The arithmetic of charts: stacking, which buckets are still filling, how values are written. Pure; a null is a gap, and
// stays one.

import { formatBytes, formatDuration, formatExact, formatNumber, formatPercent } from '../ui/format.ts'

export type Values = readonly (number | null)[]

export interface ChartSeries {
  readonly id: string
  readonly label: string
  readonly values: Values
  /** A token, such as `--status-failed-solid` or `--chart-2`; in order of the chart's colours when absent. */
  readonly colour?: string
  /** Drawn as a dashed line: a limit, a guide. */
  readonly isGuide?: boolean
}

export type Unit = 'count' | 'rate' | 'duration' | 'share' | 'bytes'

/** A value in its unit: short for axes, exact otherwise. */
export function formatValue(value: number | null | undefined, unit: Unit, isExact = true): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  switch (unit) {
    case 'duration':
      return formatDuration(value)
    case 'share':
      return formatPercent(value)
    case 'bytes':
      return formatBytes(value)
    case 'count':
    case 'rate':
      return isExact ? formatExact(value) : formatNumber(value)
  }
}

/** Upper edges of stacked series, in order from the bottom. Where all are null the edge is; a null among others is 0. */
export function stack(series: readonly Values[]): readonly Values[] {
  const length = Math.max(0, ...series.map((values) => values.length))
  const isGap = Array.from({ length }, (_, at) => series.every((values) => (values[at] ?? null) === null))
  let below: number[] = new Array(length).fill(0)
  return series.map((values) => {
    below = below.map((sum, at) => sum + (values[at] ?? 0))
    return below.map((sum, at) => (isGap[at] ? null : sum))
  })
}

/** Whether the last bucket is not over at `now`: its values will still grow. */
export function isLastOpen(at: readonly number[], bucketMs: number, now: number): boolean {
  const last = at.at(-1)
  return last !== undefined && last + bucketMs > now
}

/** Places of values that stand alone between gaps: a line cannot show them, a point can. */
export function lonelyPoints(values: Values): readonly number[] {
  return values.flatMap((value, at) =>
    value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? [at] : [],
  )
}

/** Whether there is anything to draw. */
export function hasData(series: readonly ChartSeries[]): boolean {
  return series.some((each) => each.isGuide !== true && each.values.some((value) => value !== null))
}

/** The next place with data from `from` on, going by `step`; `from` itself when there is none. */
export function nextPlace(length: number, from: number, step: number): number {
  return Math.max(0, Math.min(length - 1, from + step))
}

const COLOURS = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6', '--chart-7', '--chart-8']

/** The token of a series' colour. */
export function colourOf(series: ChartSeries, at: number): string {
  return series.colour ?? COLOURS[at % COLOURS.length] ?? '--chart-rest'
}
