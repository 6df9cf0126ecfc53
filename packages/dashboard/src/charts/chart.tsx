// The frame of every chart: title, unit, legend that toggles, switch to the table, and around the drawing what makes it
// usable without a mouse. The drawing itself (canvas) comes in a chunk of its own; the table never needs it.

import { ChartLine, Table2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { cx, IconButton, Skeleton, useNowEvery } from '../ui/index.ts'
import { ChartTable } from './chart-table.tsx'
import { messages } from './messages.ts'
import { type ChartSeries, colourOf, hasData, isLastOpen, type Unit } from './series.ts'

const Plot = lazy(() => import('./plot.tsx').then((module) => ({ default: module.Plot })))

export interface ChartProps {
  readonly title: string
  /** On the axis, in words: "runs per minute". */
  readonly unitLabel: string
  readonly unit: Unit
  /** Starts of the buckets, epoch milliseconds. */
  readonly at: readonly number[]
  readonly bucketMs: number
  readonly series: readonly ChartSeries[]
  /** px. */
  readonly height?: number
  /** Charts of one group share their crosshair. */
  readonly group?: string
  /** A range was drawn with the mouse. */
  readonly onZoom?: ((from: number, until: number) => void) | undefined
  /** A bucket was clicked, or Enter pressed on it. */
  readonly onBucket?: ((from: number, until: number, seriesId?: string) => void) | undefined
  /** Offers a logarithmic scale. */
  readonly hasLog?: boolean
  /** Beside the title. */
  readonly actions?: React.ReactNode
  readonly className?: string
}

export type ChartForm = 'lines' | 'bars' | 'areas' | 'classes'

export interface PlotProps extends ChartProps {
  readonly form: ChartForm
  readonly isStacked: boolean
  readonly isLog: boolean
  /** Ids of series that are shown. */
  readonly shown: ReadonlySet<string>
  /** The last bucket is still filling. */
  readonly isOpen: boolean
  /** Upper ends of classes, in place of times. */
  readonly classes?: readonly number[] | undefined
}

export interface FrameProps extends ChartProps {
  readonly form: ChartForm
  readonly isStacked?: boolean
  readonly classes?: readonly number[]
}

/** A chart of any form, with its frame. */
export function ChartFrame({ form, isStacked = false, classes, ...chart }: FrameProps) {
  const { title, unitLabel, series, at, bucketMs, height = 180, hasLog, actions, className } = chart
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [isTable, setIsTable] = useState(false)
  const [isLog, setIsLog] = useState(false)
  const now = useNowEvery(10_000)
  const shown = new Set(series.map((each) => each.id).filter((id) => !hidden.has(id)))
  const isOpen = classes === undefined && isLastOpen(at, bucketMs, now)
  const toggle = (id: string) => {
    const next = new Set(hidden)
    if (!next.delete(id)) next.add(id)
    setHidden(next)
  }
  return (
    <figure className={cx('min-w-0 rounded-lg border border-border bg-raised', className)}>
      <figcaption className="flex min-h-9 items-center gap-2 px-3 pt-1">
        <span className="truncate font-semibold text-sm">{title}</span>
        <span className="min-w-0 flex-1 truncate text-muted text-xs">{unitLabel}</span>
        {actions}
        {hasLog && (
          <label className="inline-flex min-h-6 items-center gap-1 text-muted text-xs" title={messages.log}>
            <input
              type="checkbox"
              className="accent-accent"
              checked={isLog}
              onChange={() => setIsLog(!isLog)}
              aria-label={`${messages.log}: ${title}`}
            />
            log
          </label>
        )}
        <IconButton
          size="sm"
          label={`${isTable ? messages.chart : messages.table}: ${title}`}
          icon={isTable ? ChartLine : Table2}
          onClick={() => setIsTable(!isTable)}
        />
      </figcaption>
      {series.length > 1 && (
        <ul className="flex flex-wrap gap-x-1 px-2">
          {series.map((each, index) => (
            <li key={each.id} className="max-w-full">
              <LegendEntry series={each} index={index} isShown={shown.has(each.id)} onToggle={() => toggle(each.id)} />
            </li>
          ))}
        </ul>
      )}
      {isTable ? (
        <ChartTable {...chart} isOpen={isOpen} classes={classes} />
      ) : hasData(series) ? (
        <Suspense fallback={<Skeleton className="m-3" />}>
          <div className="px-1 pb-1" style={{ height }}>
            <Plot
              {...chart}
              form={form}
              isStacked={isStacked}
              isLog={isLog}
              shown={shown}
              isOpen={isOpen}
              classes={classes}
            />
          </div>
        </Suspense>
      ) : (
        <p className="flex items-center justify-center text-muted" style={{ height }}>
          {messages.noData}
        </p>
      )}
    </figure>
  )
}

interface EntryProps {
  readonly series: ChartSeries
  readonly index: number
  readonly isShown: boolean
  readonly onToggle: () => void
}

function LegendEntry({ series, index, isShown, onToggle }: EntryProps) {
  return (
    <button
      type="button"
      aria-pressed={isShown}
      aria-label={messages.toggle(series.label)}
      onClick={onToggle}
      className={cx(
        'inline-flex h-6 max-w-full items-center gap-1.5 rounded-md px-1.5 text-xs hover:bg-hover',
        isShown ? 'text-text' : 'text-muted line-through',
      )}
    >
      <span
        aria-hidden
        className={cx('swatch', series.isGuide ? 'h-0 w-3 border-t-2 border-dashed' : 'size-2.5 rounded-[2px]')}
        style={
          series.isGuide
            ? { borderColor: `var(${colourOf(series, index)})` }
            : { background: isShown ? `var(${colourOf(series, index)})` : 'var(--border-strong)' }
        }
      />
      <span className="truncate">{series.label}</span>
    </button>
  )
}
