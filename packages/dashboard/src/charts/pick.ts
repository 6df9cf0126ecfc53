// What lies under the pointer: a bucket, and in stacked bars the series whose part was hit. Pure.

import type { PlotProps } from './chart.tsx'
import { stack } from './series.ts'

type Pickable = Pick<PlotProps, 'form' | 'at' | 'bucketMs' | 'series' | 'shown' | 'isStacked' | 'classes'>

/** Place of the bucket at `x`. A bar fills its bucket; of a line the nearest point counts. */
export function placeUnder(chart: Pickable, x: number, nearest: number): number {
  const { form, at, bucketMs, classes } = chart
  if (form !== 'bars' && form !== 'classes') return nearest
  const place = classes === undefined ? Math.floor((x - (at[0] ?? 0)) / bucketMs) : Math.floor(x)
  return Math.max(0, Math.min(at.length - 1, place))
}

/** Id of the series whose part of the bar holds `y`; undefined above the bar, and where nothing is stacked. */
export function seriesUnder(chart: Pickable, place: number, y: number): string | undefined {
  if (!chart.isStacked || chart.form !== 'bars') return undefined
  const drawn = chart.series.filter((each) => chart.shown.has(each.id) && !each.isGuide)
  const edges = stack(drawn.map((each) => each.values))
  const hit = edges.findIndex((edge) => (edge[place] ?? 0) >= y)
  return drawn[hit]?.id
}
