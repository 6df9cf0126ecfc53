// The head of the time axis: an overview of the whole run on which one drags out what to see, the ticks below it, and the
// marked breaks. Every drag has a button in the tools that does the same.

import { memo, useMemo, useRef, useState } from 'react'
import { cx, formatDuration, serverNow } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { isRest, type TreeNode } from './span-tree.ts'
import { coarseLength, instantAt, type Piece, placeOf, type Range, type Scale, ticksOf } from './time-scale.ts'
import type { Waterfall } from './use-waterfall.ts'
import { visit } from './waterfall-layout.ts'

const t = messages.waterfall

export interface AxisProps {
  readonly waterfall: Waterfall
  /** Width of the axis, px. */
  readonly width: number
  readonly onZoom: (window: Range | undefined) => void
}

/** Least pixels of a drag that zooms: a click is none. */
const DRAG_PX = 4
/** Pixels from one tick to the next. */
const TICK_PX = 84
const OVERVIEW_PX = 26

export function Axis({ waterfall, width, onZoom }: AxisProps) {
  const { scale, all, openGap } = waterfall
  const ticks = useMemo(() => ticksOf(scale, all.from, TICK_PX / Math.max(200, width)), [scale, all.from, width])
  return (
    <div className="relative h-full">
      <Brush waterfall={waterfall} onZoom={onZoom} />
      <div className="relative h-5 overflow-hidden">
        {ticks.map((tick) => (
          <span
            key={tick.elapsed}
            className={cx(
              'mono absolute top-0.5 whitespace-nowrap text-2xs text-muted',
              tick.x > 0.96 ? '-translate-x-full' : tick.x > 0.01 && '-translate-x-1/2',
            )}
            style={{ left: `${tick.x * 100}%` }}
          >
            {tick.sinceBreak === undefined ? formatDuration(tick.elapsed) : `+${formatDuration(tick.sinceBreak)}`}
          </span>
        ))}
        {scale.pieces.map(
          (piece) =>
            piece.isFolded && (
              <Break
                key={piece.from}
                piece={piece}
                ms={
                  (waterfall.isLive ? Math.min(piece.until, Math.max(piece.from, serverNow())) : piece.until) -
                  piece.from
                }
                width={(piece.x1 - piece.x0) * width}
                onOpen={() => openGap(gapAt(waterfall, piece))}
              />
            ),
        )}
      </div>
    </div>
  )
}

function gapAt({ folded }: Waterfall, piece: Piece): Range {
  return folded.find((gap) => gap.from <= piece.from && gap.until >= piece.until) ?? piece
}

/** Pixels of a character of a break's label. */
const CHARACTER_PX = 6.7

interface BreakProps {
  readonly piece: Piece
  /** Its length, milliseconds. */
  readonly ms: number
  /** Pixels. */
  readonly width: number
  readonly onOpen: () => void
}

function Break({ piece, ms, width, onOpen }: BreakProps) {
  const length = formatDuration(ms)
  const coarse = coarseLength(ms)
  return (
    <button
      type="button"
      title={t.gap(length)}
      aria-label={t.gap(length)}
      onClick={onOpen}
      className="absolute inset-y-0 z-10 flex items-center justify-center overflow-hidden bg-raised px-0.5 text-2xs text-muted hover:bg-hover hover:text-text"
      style={{ left: `${piece.x0 * 100}%`, width: `${(piece.x1 - piece.x0) * 100}%` }}
    >
      <span className="mono whitespace-nowrap">{coarse.length * CHARACTER_PX > width ? '…' : coarse}</span>
    </button>
  )
}

/** Vertical lines of the ticks, and bands of the breaks, behind the rows. */
export function AxisLines({ waterfall, width }: { readonly waterfall: Waterfall; readonly width: number }) {
  const { scale, all } = waterfall
  const ticks = useMemo(() => ticksOf(scale, all.from, TICK_PX / Math.max(200, width)), [scale, all.from, width])
  return (
    <div aria-hidden className="pointer-events-none absolute inset-0">
      {ticks.map((tick) => (
        <span
          key={tick.elapsed}
          className="absolute inset-y-0 w-px bg-border/70"
          style={{ left: `${tick.x * 100}%` }}
        />
      ))}
      {scale.pieces.map(
        (piece) =>
          piece.isFolded && (
            <span
              key={piece.from}
              className="absolute inset-y-0 border-border-strong border-x border-dashed bg-sunken"
              style={{ left: `${piece.x0 * 100}%`, width: `${(piece.x1 - piece.x0) * 100}%` }}
            />
          ),
      )}
    </div>
  )
}

function Brush({
  waterfall,
  onZoom,
}: {
  readonly waterfall: Waterfall
  readonly onZoom: (window: Range | undefined) => void
}) {
  const { fullScale, scale, all, root } = waterfall
  const ref = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>()
  const isZoomed = scale !== fullScale
  const placeAt = (event: React.PointerEvent) => {
    const box = ref.current?.getBoundingClientRect()
    return box === undefined ? 0 : Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
  }
  const end = (event: React.PointerEvent) => {
    if (drag === undefined) return
    setDrag(undefined)
    const to = placeAt(event)
    const size = Math.abs(to - drag.from) * (ref.current?.clientWidth ?? 0)
    if (size < DRAG_PX) return
    onZoom({
      from: instantAt(fullScale, Math.min(drag.from, to)),
      until: instantAt(fullScale, Math.max(drag.from, to)),
    })
  }
  const shown = drag
    ? { x0: Math.min(drag.from, drag.to), x1: Math.max(drag.from, drag.to) }
    : isZoomed
      ? {
          x0: Math.max(0, placeOf(fullScale, scale.window.from)),
          x1: Math.min(1, placeOf(fullScale, scale.window.until)),
        }
      : undefined
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for pointers only; the tools have a button for each of its drags.
    <div
      ref={ref}
      title={t.brush}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const x = placeAt(event)
        setDrag({ from: x, to: x })
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: placeAt(event) })}
      onPointerUp={end}
      onPointerCancel={() => setDrag(undefined)}
      onDoubleClick={() => onZoom(undefined)}
      className="relative cursor-crosshair touch-none overflow-hidden rounded-sm border border-border bg-sunken"
      style={{ height: OVERVIEW_PX }}
    >
      <Overview root={root} scale={fullScale} until={all.until} />
      {shown && (
        <>
          <span className="absolute inset-y-0 left-0 bg-bg/75" style={{ width: `${shown.x0 * 100}%` }} />
          <span className="absolute inset-y-0 right-0 bg-bg/75" style={{ width: `${(1 - shown.x1) * 100}%` }} />
          <span
            className="absolute inset-y-0 border-accent border-x-2"
            style={{ left: `${shown.x0 * 100}%`, width: `${Math.max(0.002, shown.x1 - shown.x0) * 100}%` }}
          />
        </>
      )}
    </div>
  )
}

/** Lines that the overview has room for; more steps share them. */
const LINES = 13
const SPAN_X = 1000

/** All steps as fine lines; a path for each hue, since a run may have 10,000. */
const Overview = memo(function Overview({
  root,
  scale,
  until,
}: {
  readonly root: TreeNode
  readonly scale: Scale
  readonly until: number
}) {
  const paths = useMemo(() => overviewPaths(root, scale, until), [root, scale, until])
  return (
    <svg
      viewBox={`0 0 ${SPAN_X} ${LINES}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className="absolute inset-x-0 inset-y-0.5 h-[calc(100%-4px)] w-full"
    >
      {(['rest', 'done', 'running', 'failed'] as const).map((hue) => (
        <path key={hue} d={paths[hue]} fill="none" strokeWidth={paths.strokeWidth} className={strokes[hue]} />
      ))}
    </svg>
  )
})

const strokes = {
  rest: 'stroke-waiting-solid/55',
  done: 'stroke-completed-solid',
  running: 'stroke-running-solid',
  failed: 'stroke-failed-solid',
} as const

function overviewPaths(root: TreeNode, scale: Scale, until: number) {
  const steps: TreeNode[] = []
  visit(root, (node) => {
    if (node.kind === 'step' || node.kind === 'body') steps.push(node)
  })
  const parts: Record<keyof typeof strokes, string[]> = { rest: [], done: [], running: [], failed: [] }
  const gap = LINES / Math.max(8, Math.min(LINES, steps.length))
  let before = ''
  steps.forEach((node, index) => {
    const line = steps.length <= LINES ? index : Math.floor((index / steps.length) * LINES)
    const y = (line + 0.5) * gap
    for (const { kind, from, until: end, status } of node.segments) {
      if (kind === 'waiting' || kind === 'backoff') continue
      const hue =
        kind === 'rest' || isRest(node.op)
          ? 'rest'
          : status === 'FAILED'
            ? 'failed'
            : end === undefined
              ? 'running'
              : 'done'
      const x0 = Math.round(placeOf(scale, from) * SPAN_X)
      const x1 = Math.max(x0 + 4, Math.round(placeOf(scale, end ?? until) * SPAN_X))
      const piece = `M${x0} ${y.toFixed(2)}H${x1}`
      // Neighbours that fall on the same spot are drawn once.
      if (piece === before) continue
      before = piece
      parts[hue].push(piece)
    }
  })
  return {
    rest: parts.rest.join(''),
    done: parts.done.join(''),
    running: parts.running.join(''),
    failed: parts.failed.join(''),
    strokeWidth: Math.max(0.7, Math.min(1.6, gap * 0.75)),
  }
}
