// The drawing of a chart on a canvas, with what the canvas cannot do: a reading of the values under the crosshair, by
// mouse and by arrow keys. It draws again when data, size, theme or zone change, and stands still otherwise.

import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './plot.css'
import type { Zone } from '../ui/format.ts'
import { formatClock, formatDate, formatDuration, useZone } from '../ui/index.ts'
import type { PlotProps } from './chart.tsx'
import { messages } from './messages.ts'
import { placeUnder, seriesUnder } from './pick.ts'
import { drawingOf } from './plot-options.ts'
import { colourOf, formatValue, nextPlace } from './series.ts'

interface Reading {
  readonly place: number
  /** px from the left edge of the whole drawing. */
  readonly left: number
  /** Only the chart under the mouse, or with the focus, shows the box; the others of its group the crosshair. */
  readonly isOwn: boolean
}

export function Plot(chart: PlotProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [size, setSize] = useState({ width: 0, height: 0 })
  const [theme, setTheme] = useState(0)
  const [reading, setReading] = useState<Reading>()
  const zone = useZone()
  const latest = useRef(chart)
  latest.current = chart
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined)
        setSize({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) })
    })
    observer.observe(element)
    const onTheme = () => setTheme((count) => count + 1)
    window.addEventListener('pawl:theme', onTheme)
    return () => {
      observer.disconnect()
      window.removeEventListener('pawl:theme', onTheme)
    }
  }, [])
  const shape = [...chart.shown].join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` and `shape` stand for what is read from the page and the set.
  const drawing = useMemo(
    () => (size.width < 40 ? undefined : drawingOf({ chart, ...size, zone })),
    [chart.series, chart.at, chart.isOpen, chart.isLog, chart.form, shape, size, zone, theme],
  )
  useEffect(() => {
    const element = host.current
    if (element === null || drawing === undefined) return
    const made = new uPlot(withHooks(drawing.options, latest, setReading), drawing.data, element)
    plot.current = made
    const onLeave = () => setReading(undefined)
    made.over.addEventListener('mouseleave', onLeave)
    return () => {
      made.over.removeEventListener('mouseleave', onLeave)
      made.destroy()
      plot.current = undefined
    }
  }, [drawing])
  const count = chart.at.length
  const place = Math.min(count - 1, reading?.place ?? count - 1)
  const moveTo = (to: number) => {
    const made = plot.current
    const at = made?.data[0][to]
    if (made === undefined || at === undefined) return
    made.setCursor({ left: made.valToPos(at, 'x') + 1, top: 0 })
    setReading({
      place: to,
      left: made.valToPos(at, 'x') + made.bbox.left / (window.devicePixelRatio || 1),
      isOwn: true,
    })
  }
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${messages.summary(chart.title, chart.unitLabel)} ${messages.keys}`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, count - 1)}
      aria-valuenow={Math.max(0, place)}
      aria-valuetext={readingText(chart, place, zone)}
      onKeyDown={(event) => {
        const steps: Record<string, number> = {
          ArrowLeft: -1,
          ArrowRight: 1,
          PageUp: 10,
          PageDown: -10,
          Home: -count,
          End: count,
        }
        const step = steps[event.key]
        if (step !== undefined) {
          event.preventDefault()
          moveTo(nextPlace(count, place, step))
        } else if (event.key === 'Enter' && chart.onBucket !== undefined) {
          const at = chart.at[place]
          if (at !== undefined) chart.onBucket(at, at + chart.bucketMs)
        } else if (event.key === 'Escape') setReading(undefined)
      }}
      onBlur={() => setReading(undefined)}
      className="relative size-full rounded-md outline-offset-[-2px]"
    >
      <div ref={host} className="absolute inset-0" />
      {reading?.isOwn && <ReadingBox chart={chart} reading={reading} width={size.width} zone={zone} />}
    </div>
  )
}

function withHooks(
  options: uPlot.Options,
  latest: React.RefObject<PlotProps>,
  setReading: (reading: Reading | undefined) => void,
): uPlot.Options {
  return {
    ...options,
    hooks: {
      ...options.hooks,
      setCursor: [
        (plot) => {
          const { idx, left, event } = plot.cursor
          if (idx === null || idx === undefined || left === undefined || left < 0) return setReading(undefined)
          if (event === undefined || event === null) return
          const isOwn = event.target instanceof Node && plot.root.contains(event.target)
          const place = placeUnder(latest.current, plot.posToVal(left, 'x'), idx)
          setReading({ place, left: left + plot.bbox.left / (window.devicePixelRatio || 1), isOwn })
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          const { onZoom } = latest.current
          if (width < 4 || onZoom === undefined) return
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
        },
      ],
      ready: [
        (plot) => {
          plot.over.addEventListener('click', () => {
            const { onBucket, at, bucketMs } = latest.current
            const { left = -1, top = -1, idx } = plot.cursor
            if (onBucket === undefined || idx === null || idx === undefined || left < 0) return
            const place = placeUnder(latest.current, plot.posToVal(left, 'x'), idx)
            const from = at[place]
            const hit = seriesUnder(latest.current, place, plot.posToVal(top, 'y'))
            if (from !== undefined) onBucket(from, from + bucketMs, hit)
          })
          if (latest.current.onBucket !== undefined) plot.over.classList.add('is-clickable')
        },
      ],
    },
  }
}

interface BoxProps {
  readonly chart: PlotProps
  readonly reading: Reading
  readonly width: number
  readonly zone: Zone
}

function ReadingBox({ chart, reading, width, zone }: BoxProps) {
  const { series, shown, unit } = chart
  const { place, left } = reading
  const isRight = left > width / 2
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-2 z-10 min-w-36 rounded-md bg-raised px-2.5 py-1.5 text-xs shadow-overlay forced:border"
      style={isRight ? { right: width - left + 12 } : { left: left + 12 }}
    >
      <p className="mb-1 whitespace-nowrap text-muted tabular-nums">{placeText(chart, place, zone)}</p>
      {series.map((each, index) =>
        shown.has(each.id) ? (
          <p key={each.id} className="flex items-center gap-2 whitespace-nowrap">
            <span className="swatch size-2 rounded-[2px]" style={{ background: `var(${colourOf(each, index)})` }} />
            <span className="flex-1">{each.label}</span>
            <span className="pl-3 font-medium tabular-nums">{formatValue(each.values[place], unit)}</span>
          </p>
        ) : null,
      )}
    </div>
  )
}

function placeText({ at, bucketMs, classes, isOpen }: PlotProps, place: number, zone: Zone): string {
  if (classes !== undefined) return `≤ ${formatDuration(classes[place] ?? 0)}`
  const from = at[place] ?? 0
  const text = `${formatDate(from, zone, Date.now())} – ${formatClock(from + bucketMs, zone).slice(0, 5)}`
  return isOpen && place === at.length - 1 ? `${text} (${messages.incomplete})` : text
}

function readingText(chart: PlotProps, place: number, zone: Zone): string {
  const values = chart.series
    .filter((each) => chart.shown.has(each.id))
    .map((each) => `${each.label} ${formatValue(each.values[place], chart.unit)}`)
  return messages.at(placeText(chart, place, zone), values.join(', '))
}
