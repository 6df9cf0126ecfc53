// The bar of one row: its segments on the axis. What goes on has no right edge in the markup; `useGrowth` moves it, so that
// a running bar grows without drawing anything again.

import { ChevronRight } from 'lucide-react'
import { memo } from 'react'
import { cx, formatDuration, serverNow, statusClass, statusOf } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { Segment, TreeNode } from './span-tree.ts'
import { placeOf, type Scale } from './time-scale.ts'

const t = messages.waterfall.segment

export interface BarProps {
  readonly node: TreeNode
  readonly scale: Scale
  /** End of what goes on, where nothing runs any more. */
  readonly until: number
  readonly isLive: boolean
}

/** Segments of a row, from 0 to 100 % of the axis. */
export const Bar = memo(function Bar({ node, scale, until, isLive }: BarProps) {
  const isFaint = node.kind === 'loop' || node.kind === 'parallel' || node.kind === 'run'
  return node.segments.map((segment, index) => {
    const isOpen = segment.until === undefined && isLive
    const end = segment.until ?? (isLive ? serverNow() : until)
    const x0 = placeOf(scale, segment.from)
    const x1 = placeOf(scale, end)
    if (x1 < 0 || x0 > 1) return null
    const left = Math.max(0, x0)
    return (
      <Stretch
        // biome-ignore lint/suspicious/noArrayIndexKey: segments stand in the order of time and are only added to.
        key={index}
        segment={segment}
        left={left}
        width={Math.max(0, Math.min(1, x1) - left)}
        isOpen={isOpen}
        isCutLeft={x0 < 0}
        isCutRight={x1 > 1}
        isFaint={isFaint}
      />
    )
  })
})

interface StretchProps {
  readonly segment: Segment
  readonly left: number
  readonly width: number
  readonly isOpen: boolean
  readonly isCutLeft: boolean
  readonly isCutRight: boolean
  readonly isFaint: boolean
}

function Stretch({ segment, left, width, isOpen, isCutLeft, isCutRight, isFaint }: StretchProps) {
  const isFailed = segment.kind === 'attempt' && segment.status === 'FAILED' && !isFaint
  const length = segment.until === undefined ? '' : formatDuration(segment.until - segment.from)
  return (
    <span
      title={titleOf(segment, length)}
      data-grows={isOpen ? left : undefined}
      className={cx(
        'swatch absolute',
        shapes[segment.kind],
        fill(segment, isFaint),
        !isCutLeft && 'rounded-l-[3px]',
        !isCutRight && !isOpen && 'rounded-r-[3px]',
        isOpen && 'border-r-0',
      )}
      style={{ left: `${left * 100}%`, width: `${width * 100}%`, minWidth: segment.kind === 'attempt' ? 3 : 1 }}
    >
      {isFailed && !isCutRight && <Cross />}
      {isOpen && (segment.kind === 'rest' || segment.kind === 'backoff') && (
        <ChevronRight size={14} aria-hidden className="absolute top-1/2 -right-2.5 -translate-y-1/2 text-waiting-fg" />
      )}
      {isOpen && segment.kind === 'attempt' && !isFaint && (
        <span className="absolute inset-y-0 right-0 w-1 animate-pulse rounded-r-[3px] bg-running-fg" />
      )}
    </span>
  )
}

/** At the end of a failed attempt: shape beside hue. */
function Cross() {
  return (
    <svg
      viewBox="0 0 8 8"
      width={8}
      height={8}
      aria-hidden="true"
      className="-right-2.5 -translate-y-1/2 absolute top-1/2 text-failed-fg"
    >
      <path d="m1 1 6 6M7 1 1 7" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  )
}

const shapes: Readonly<Record<Segment['kind'], string>> = {
  waiting: 'hatched top-[10px] h-2',
  attempt: 'top-[7px] h-3.5',
  backoff: 'top-[12px] h-1 bg-[length:6px_4px] bg-repeat-x',
  rest: 'top-[8px] h-3 border',
}

function fill(segment: Segment, isFaint: boolean): string {
  const kind = statusOf(segment.status)
  switch (segment.kind) {
    case 'waiting':
      return 'bg-queued-solid/70'
    case 'backoff':
      return 'bg-[radial-gradient(circle_at_center,var(--status-failed-solid)_1.2px,transparent_1.5px)]'
    case 'rest':
      return kind === 'failed'
        ? 'border-failed-solid bg-failed-bg'
        : kind === 'cancelled'
          ? 'border-cancelled-solid bg-cancelled-bg'
          : 'border-waiting-solid bg-waiting-bg'
    case 'attempt':
      return cx(statusClass.solid[kind], isFaint && 'opacity-45', kind === 'cancelled' && 'hatched')
  }
}

function titleOf(segment: Segment, length: string): string {
  const number = (segment.attempt ?? 0) + 1
  switch (segment.kind) {
    case 'waiting':
      return t.waiting(length)
    case 'backoff':
      return t.backoff(length)
    case 'rest':
      return t.rest(length)
    case 'attempt':
      return segment.status === 'FAILED' ? t.failed(number, length) : t.attempt(number, length)
  }
}
