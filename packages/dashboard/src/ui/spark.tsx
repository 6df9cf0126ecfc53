// Small pictures of a series as plain SVG: a line in a cell, and a strip of the last results. Each has its content in
// words for those who do not see it; the strip's cells are links with their own names.

import { cx } from './class-names.ts'
import type { StatusKind } from './status-kinds.ts'

export interface SparklineProps {
  readonly values: readonly (number | null)[]
  /** What it shows, with the numbers that matter, for screen readers. */
  readonly label: string
  readonly width?: number
  readonly height?: number
  /** Bars where each value is a count of its own, a line where it is one measure over time. */
  readonly look?: 'line' | 'bars'
  readonly className?: string
}

/** A series at a glance; gaps stay gaps. */
export function Sparkline({ values, label, width = 88, height = 22, look = 'bars', className }: SparklineProps) {
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0))
  const step = width / Math.max(1, values.length)
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      className={cx('block shrink-0', className)}
    >
      {look === 'bars' ? (
        values.map((value, index) => {
          const size = value === null ? 0 : value === 0 ? 1 : Math.max(1.5, (value / top) * (height - 1))
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: buckets are known by their place.
              key={index}
              x={index * step}
              y={height - size}
              width={Math.max(1, step - 1)}
              height={size}
              rx={0.5}
              fill={value === 0 ? 'var(--border-strong)' : 'var(--chart-1)'}
            />
          )
        })
      ) : (
        <path
          d={linePath(values, { step, height, top })}
          fill="none"
          stroke="var(--chart-1)"
          strokeWidth={1.5}
          vectorEffect="non-scaling-stroke"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      )}
    </svg>
  )
}

/** Path through the values; a null lifts the pen, and a value alone between gaps is a dot. */
export function linePath(
  values: readonly (number | null)[],
  { step, height, top }: { readonly step: number; readonly height: number; readonly top: number },
): string {
  let path = ''
  let isDown = false
  values.forEach((value, index) => {
    if (value === null) {
      isDown = false
      return
    }
    const x = round((index + 0.5) * step)
    const y = round(height - 1.5 - (value / top) * (height - 3))
    const isAlone = !isDown && (values[index + 1] ?? null) === null
    path += `${isDown ? 'L' : 'M'}${x} ${y}${isAlone ? 'h0.01' : ''}`
    isDown = true
  })
  return path
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

export interface StripCell {
  readonly id: string
  readonly kind: StatusKind
  /** Relative height, 0 to 1; such as its duration among the others. */
  readonly size: number
  /** "Failed, 3 h ago, took 2.1 s". */
  readonly label: string
}

export interface StripProps {
  /** The oldest first. */
  readonly cells: readonly StripCell[]
  readonly label: string
  /** Makes each cell a link. */
  readonly link?: (cell: StripCell, children: React.ReactNode, className: string) => React.ReactNode
}

const fill: Record<StatusKind, string> = {
  queued: 'bg-queued-solid',
  waiting: 'bg-waiting-solid',
  running: 'bg-running-solid',
  completed: 'bg-completed-solid',
  failed: 'bg-failed-solid',
  cancelled: 'bg-cancelled-solid',
  skipped: 'bg-skipped-solid',
  paused: 'bg-paused-solid',
}

/** The last results as cells: hue for the status, a notch for failures, height for the duration. */
export function Strip({ cells, label, link }: StripProps) {
  return (
    <ol aria-label={label} className="flex h-6 items-end">
      {cells.map((cell) => {
        const bar = (
          <span className="flex h-6 w-2 items-end px-px" title={cell.label}>
            <span
              aria-hidden
              className={cx(
                'swatch block w-full rounded-[1px]',
                fill[cell.kind],
                cell.kind === 'failed' && 'border-text border-t-2',
              )}
              style={{ height: `${Math.round(20 + Math.min(1, cell.size) * 80)}%` }}
            />
            <span className="sr-only">{cell.label}</span>
          </span>
        )
        return <li key={cell.id}>{link === undefined ? bar : link(cell, bar, 'block rounded-sm hover:bg-hover')}</li>
      })}
    </ol>
  )
}
