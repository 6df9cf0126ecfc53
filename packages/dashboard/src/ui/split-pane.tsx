// Two panels with a bar between them that can be dragged, moved with the arrow keys, and set back with Home. The share is
// remembered under a name. Below `stackBelow` pixels of own width the panels stand one above the other.

import { useEffect, useMemo, useRef, useState } from 'react'
import { cx } from './class-names.ts'
import { messages } from './messages.ts'
import { aNumber, preference, usePreference } from './preference.ts'

export interface SplitPaneProps {
  /** Under which the share is remembered. */
  readonly name: string
  readonly first: React.ReactNode
  /** Absent: the first panel has all the room. */
  readonly second: React.ReactNode | undefined
  /** Share of the first panel to begin with, 0 to 1. */
  readonly share?: number
  /** Least width of either panel, px. */
  readonly least?: number
  readonly stackBelow?: number
  readonly className?: string
}

const STEP = 0.02

/** Two panels, side by side where there is room. */
export function SplitPane({
  name,
  first,
  second,
  share = 0.6,
  least = 280,
  stackBelow = 900,
  className,
}: SplitPaneProps) {
  const remembered = useMemo(() => preference(`split:${name}`, share, aNumber), [name, share])
  const [stored, setStored] = usePreference(remembered)
  const ref = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY)
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const low = Math.min(0.5, least / width)
  const current = Math.min(1 - low, Math.max(low, stored))
  const isStacked = width < stackBelow
  const move = (next: number) => setStored(Math.min(1 - low, Math.max(low, next)))
  return (
    <div ref={ref} className={cx('flex min-h-0 min-w-0', isStacked && 'flex-col', className)}>
      <div
        className="min-h-0 min-w-0"
        style={second === undefined || isStacked ? { flex: '1 1 auto' } : { flex: `0 0 ${current * 100}%` }}
      >
        {first}
      </div>
      {second !== undefined && !isStacked && (
        // biome-ignore lint/a11y/useSemanticElements: a separator that moves is no `hr`.
        <div
          role="separator"
          aria-orientation="vertical"
          aria-label={messages.resize}
          aria-valuenow={Math.round(current * 100)}
          aria-valuemin={Math.round(low * 100)}
          aria-valuemax={Math.round((1 - low) * 100)}
          tabIndex={0}
          onKeyDown={(event) => {
            const steps: Record<string, number> = {
              ArrowLeft: current - STEP,
              ArrowRight: current + STEP,
              Home: share,
              End: 1 - low,
            }
            const next = steps[event.key]
            if (next === undefined) return
            event.preventDefault()
            move(next)
          }}
          onDoubleClick={() => setStored(share)}
          onPointerDown={(event) => {
            event.preventDefault()
            event.currentTarget.setPointerCapture(event.pointerId)
          }}
          onPointerMove={(event) => {
            const box = ref.current?.getBoundingClientRect()
            if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return
            move((event.clientX - box.left) / box.width)
          }}
          className="group relative z-10 -mx-1 w-2 shrink-0 cursor-col-resize touch-none"
        >
          <span className="absolute inset-y-0 left-1/2 w-px bg-border group-hover:bg-accent group-active:bg-accent" />
        </div>
      )}
      {second !== undefined && (
        <div className={cx('min-h-0 min-w-0 flex-1', isStacked && 'border-border border-t')}>{second}</div>
      )}
    </div>
  )
}
