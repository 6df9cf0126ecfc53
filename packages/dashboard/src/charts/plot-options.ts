// Turns a chart into what the drawing library wants: scales, axes, one entry for each series, and the hatching of the
// bucket that is still filling. Colours are read from the tokens at the moment of drawing, because a canvas has no CSS.

import uPlot from 'uplot'
import type { Zone } from '../ui/format.ts'
import { formatDuration } from '../ui/format.ts'
import { brokenLine } from './broken-line.ts'
import type { PlotProps } from './chart.tsx'
import { type ChartSeries, colourOf, formatValue, lonelyPoints, stack, type Values } from './series.ts'

/** The value of a token of the page. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

export interface Drawing {
  readonly options: uPlot.Options
  readonly data: uPlot.AlignedData
}

interface Ask {
  readonly chart: PlotProps
  readonly width: number
  readonly height: number
  readonly zone: Zone
}

/** Options and data for one chart at one size. */
export function drawingOf({ chart, width, height, zone }: Ask): Drawing {
  const { form, isStacked, at, bucketMs, classes, unit, isLog } = chart
  const drawn = drawnSeries(chart)
  const edges = isStacked ? stackedEdges(drawn) : drawn.map((each) => each.series.values)
  // Stacked shapes are drawn from the highest edge to the lowest, each over the one behind it.
  const order = isStacked ? drawn.map((_, index) => index).reverse() : drawn.map((_, index) => index)
  const x = classes === undefined ? at : at.map((_, place) => place)
  const step = classes === undefined ? bucketMs : 1
  const first = x[0] ?? 0
  const last = (x.at(-1) ?? 0) + step
  const muted = token('--text-muted')
  const grid = { stroke: token('--chart-grid'), width: 1 }
  const axis = { stroke: muted, grid, ticks: { show: false }, font: '11px system-ui, sans-serif', gap: 6 }
  return {
    data: [[...x], ...order.map((index) => [...(edges[index] ?? [])])] as uPlot.AlignedData,
    options: {
      width,
      height,
      ms: 1,
      tzDate: (stamp) => (zone === 'utc' ? uPlot.tzDate(new Date(stamp), 'Etc/UTC') : new Date(stamp)),
      legend: { show: false },
      padding: [10, classes === undefined ? 12 : 28, 0, 0],
      cursor: cursorOf(chart),
      select: { show: chart.onZoom !== undefined, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: classes === undefined, range: () => [first, last] },
        y: isLog
          ? { distr: 3, log: 10, range: (_u, low, high) => logRange(low, high) }
          : { range: (_u, _low, high) => [0, topOf(high, unit)] },
      },
      axes: [
        { ...axis, size: 28, grid: { show: false }, values: xValues({ zone, classes }) },
        {
          ...axis,
          size: 62,
          space: 34,
          values: (_u, splits) => splits.map((value) => formatValue(value, unit, false)),
        },
      ],
      series: [
        {},
        ...order.map((index) => {
          const each = drawn[index]
          return each === undefined ? {} : seriesOf(each, { form, edges: edges[index] ?? [] })
        }),
      ],
      hooks: { draw: [(plot) => chart.isOpen && hatch(plot, x.at(-1) ?? 0, last)] },
    },
  }
}

interface Drawn {
  readonly series: ChartSeries
  readonly colour: string
}

function drawnSeries({ series, shown }: PlotProps): readonly Drawn[] {
  return series.flatMap((each, index) =>
    shown.has(each.id) ? [{ series: each, colour: token(colourOf(each, index)) }] : [],
  )
}

/** Guides are not part of the stack. */
function stackedEdges(drawn: readonly Drawn[]): readonly Values[] {
  const stacked = stack(drawn.filter((each) => !each.series.isGuide).map((each) => each.series.values))
  let next = 0
  return drawn.map((each) => (each.series.isGuide ? each.series.values : (stacked[next++] ?? [])))
}

function seriesOf(each: Drawn, { form, edges }: { form: PlotProps['form']; edges: Values }): uPlot.Series {
  const { series, colour } = each
  if (series.isGuide) return { label: series.label, stroke: colour, width: 1.25, dash: [5, 4], points: { show: false } }
  if (form === 'bars' || form === 'classes') {
    const bars = uPlot.paths.bars?.({ size: form === 'classes' ? [0.9, 160, 1] : [0.82, 48, 1], align: 1, gap: 0 })
    return {
      label: series.label,
      fill: colour,
      width: 0,
      points: { show: false },
      ...(bars === undefined ? {} : { paths: bars }),
    }
  }
  const lonely = new Set(lonelyPoints(edges))
  const base: uPlot.Series = {
    label: series.label,
    stroke: colour,
    width: 1.5,
    paths: brokenLine(form === 'areas'),
    points: { show: lonely.size > 0, size: 5, fill: colour, width: 0, filter: () => [...lonely] },
  }
  return form === 'areas' ? { ...base, fill: `color-mix(in srgb, ${colour} 62%, ${token('--bg-raised')})` } : base
}

function cursorOf({ group, onZoom }: PlotProps): uPlot.Cursor {
  return {
    x: true,
    y: false,
    points: { size: 6 },
    drag: { x: onZoom !== undefined, y: false, setScale: false, dist: 4 },
    ...(group === undefined ? {} : { sync: { key: group, setSeries: false } }),
  }
}

/** The top of the scale: whole numbers for counts, all of it for shares that come near. */
function topOf(high: number | null, unit: PlotProps['unit']): number {
  if (high === null || high <= 0) return unit === 'share' ? 0.05 : unit === 'duration' ? 100 : 4
  if (unit === 'share') return Math.min(1, Math.max(0.02, high * 1.15))
  if (unit === 'count') return Math.max(4, high * 1.1)
  return high * 1.1
}

function logRange(low: number | null, high: number | null): [number, number] {
  const bottom = 10 ** Math.floor(Math.log10(Math.max(1, low ?? 1)))
  const top = 10 ** Math.ceil(Math.log10(Math.max(10, high ?? 10)))
  return [bottom, Math.max(top, bottom * 10)]
}

const DAY_MS = 86_400_000

function xValues({ zone, classes }: { zone: Zone; classes: readonly number[] | undefined }) {
  const timeZone = zone === 'utc' ? { timeZone: 'UTC' } : {}
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...timeZone })
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', ...timeZone })
  return (_u: uPlot, splits: number[], _axis: number, _space: number, increment: number): string[] => {
    // A class ends where the next begins: its label stands at its right edge.
    if (classes !== undefined) return splits.map((place) => formatClassEnd(classes[place - 1]))
    let before = ''
    return splits.map((at) => {
      const date = day.format(at)
      const time = clock.format(at)
      const isNewDay = before !== '' && before !== date
      before = date
      return increment >= DAY_MS || (isNewDay && time === '00:00') ? date : time
    })
  }
}

function formatClassEnd(untilMs: number | undefined): string {
  return untilMs === undefined ? '' : formatDuration(untilMs)
}

/** Lines across the last bucket: its values will still grow. */
function hatch(plot: uPlot, from: number, until: number) {
  const { ctx } = plot
  const left = Math.max(plot.bbox.left, plot.valToPos(from, 'x', true))
  const right = Math.min(plot.bbox.left + plot.bbox.width, plot.valToPos(until, 'x', true))
  if (right <= left) return
  const ratio = window.devicePixelRatio || 1
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, plot.bbox.top, right - left, plot.bbox.height)
  ctx.clip()
  ctx.strokeStyle = token('--bg-raised')
  ctx.lineWidth = 1.5 * ratio
  ctx.beginPath()
  for (let x = left - plot.bbox.height; x < right; x += 5 * ratio) {
    ctx.moveTo(x, plot.bbox.top + plot.bbox.height)
    ctx.lineTo(x + plot.bbox.height, plot.bbox.top)
  }
  ctx.stroke()
  ctx.restore()
}
