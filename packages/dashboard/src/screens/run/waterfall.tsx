// The waterfall: a tree grid with one row for each step and a common time axis. Arrow keys walk through it, Enter opens a
// step. Beyond 200 rows only those that are seen are drawn. It owns the focus; what is chosen, zoomed and searched is kept
// by whoever shows it.
//
// biome-ignore-all lint/a11y/useSemanticElements: rows of a tree grid that are placed one by one are no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: in a tree grid the focus goes from row to row (WAI-ARIA, treegrid).

import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { memo, useCallback, useEffect, useRef, useState } from 'react'
import type { Span, SpanStatus } from '../../api/index.ts'
import { Button, cx, formatClock, formatDuration, StatusIcon, statusClass, statusOf, useZone } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { RunState } from './run-state.ts'
import type { TreeNode } from './span-tree.ts'
import { kindOf, nameOf, readRow, StepIcon } from './step-look.tsx'
import { instantAt, type Range, type Scale, writeZoom } from './time-scale.ts'
import { useGrowth } from './use-growth.ts'
import { type Waterfall as Shown, useWaterfall } from './use-waterfall.ts'
import { Axis, AxisLines } from './waterfall-axis.tsx'
import { Bar } from './waterfall-bar.tsx'
import { moveBy, type Row, VIRTUAL_FROM } from './waterfall-layout.ts'
import { Tools } from './waterfall-tools.tsx'

const t = messages.waterfall
const ROW_PX = 28
/** Columns of every row: name, duration, axis. Narrow ones have no column for the duration. */
const COLUMNS =
  'grid grid-cols-[minmax(10rem,34%)_4.75rem_minmax(0,1fr)] @max-[560px]:grid-cols-[minmax(8rem,42%)_minmax(0,1fr)]'

export interface WaterfallProps {
  readonly runId: string
  /** Name of the function. */
  readonly name: string
  /** What the run shows as, where it stands still. */
  readonly status?: SpanStatus | undefined
  readonly trace: Span
  readonly state: RunState
  readonly hasKeys: boolean
  /** Gets the tree each time it differs, for the inspector. */
  readonly onTree: (root: TreeNode) => void
  /** Enter on a row: the focus goes to the inspector. */
  readonly onEnter: () => void
  readonly className?: string
}

export function Waterfall({ runId, name, status, trace, state, hasKeys, onTree, onEnter, className }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [axisRef, width] = useWidth()
  const shown = useWaterfall({ runId, name, status, trace, state, width })
  const { root, rows, scale, all, isLive, turn } = shown
  useEffect(() => onTree(root), [root, onTree])
  useGrowth(scroller, scale, isLive)
  const { change } = state
  const onZoom = useCallback(
    (window: Range | undefined) => {
      const isAll = window === undefined || (window.from <= all.from && window.until >= all.until)
      change({ zoom: isAll ? undefined : writeZoom(window, all.from) })
    },
    [change, all],
  )
  const select = useCallback(
    (node: TreeNode) => change({ step: node.depth === 0 ? undefined : node.id }, { isStep: true }),
    [change],
  )
  return (
    <div className={cx('@container flex min-h-0 flex-col bg-raised', className)}>
      <Tools waterfall={shown} state={state} onZoom={onZoom} hasKeys={hasKeys} />
      <Grid
        shown={shown}
        scroller={scroller}
        chosen={state.search.step ?? root.id}
        onSelect={select}
        onEnter={onEnter}
        onTurn={turn}
        head={
          <div ref={axisRef} className="relative mr-4 ml-1">
            <Axis waterfall={shown} width={width} onZoom={onZoom} />
          </div>
        }
        lines={<AxisLines waterfall={shown} width={width} />}
      />
      {rows.length === 1 && (state.search.q !== undefined || state.search.only !== undefined) && (
        <p className="flex items-center gap-2 px-3 py-4 text-muted">
          {t.nothing}
          <Button size="sm" onClick={() => change({ q: undefined, only: undefined })}>
            {t.clear}
          </Button>
        </p>
      )}
    </div>
  )
}

function useWidth() {
  const [width, setWidth] = useState(600)
  const observer = useRef<ResizeObserver>(undefined)
  const attach = useCallback((element: HTMLDivElement | null) => {
    observer.current?.disconnect()
    if (element === null) return
    observer.current = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)))
    observer.current.observe(element)
  }, [])
  return [attach, width] as const
}

interface GridProps {
  readonly shown: Shown
  readonly scroller: React.RefObject<HTMLDivElement | null>
  readonly chosen: string
  readonly onSelect: (node: TreeNode) => void
  readonly onEnter: () => void
  readonly onTurn: (node: TreeNode) => void
  readonly head: React.ReactNode
  readonly lines: React.ReactNode
}

function Grid({ shown, scroller, chosen, onSelect, onEnter, onTurn, head, lines }: GridProps) {
  const { rows, scale, all, isLive } = shown
  const [focusedId, setFocusedId] = useState<string>()
  const at = Math.max(
    0,
    rows.findIndex((row) => row.node.id === (focusedId ?? chosen)),
  )
  const isVirtual = rows.length > VIRTUAL_FROM
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    enabled: isVirtual,
    scrollPaddingStart: 56,
  })
  const isFirst = useRef(true)
  const chosenAt = rows.findIndex((row) => row.node.id === chosen)
  // An address that names a step far down shows it.
  useEffect(() => {
    if (!isFirst.current || chosenAt <= 0) return
    isFirst.current = false
    scrollTo(scroller.current, chosenAt)
  }, [chosenAt, scroller])
  const focusRow = (to: number) => {
    const node = rows[to]?.node
    if (node === undefined) return
    setFocusedId(node.id)
    scrollTo(scroller.current, to)
    // The row is drawn after the scroll.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus({ preventScroll: true }),
      ),
    )
    // With a step open, walking through the rows walks through the steps.
    if (chosen !== shown.root.id) onSelect(node)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target as HTMLElement).matches('[role="row"]')) return
    const node = rows[at]?.node
    if ((event.key === 'Enter' || event.key === ' ') && node !== undefined) {
      event.preventDefault()
      onSelect(node)
      if (event.key === 'Enter') onEnter()
      return
    }
    const move = moveBy(event.key, rows, at)
    if (move === undefined) return
    event.preventDefault()
    event.stopPropagation()
    if ('focus' in move) focusRow(move.focus)
    else onTurn(move.turn)
  }
  const items = isVirtual ? virtual.getVirtualItems() : rows.map((_, index) => ({ index, start: index * ROW_PX }))
  return (
    <div
      ref={scroller}
      role="treegrid"
      aria-label={t.label}
      aria-rowcount={rows.length + 1}
      onKeyDown={onKeyDown}
      onPointerLeave={(event) => hideClock(event.currentTarget)}
      className="relative min-h-0 flex-1 overflow-y-auto overflow-x-hidden pb-3"
    >
      <div role="rowgroup" className="sticky top-0 z-20 border-border border-b bg-raised pt-1.5">
        <div role="row" aria-rowindex={1} className={COLUMNS}>
          <span role="columnheader" className="self-end truncate pb-0.5 pl-3 font-medium text-muted text-xs">
            {t.name}
          </span>
          <span
            role="columnheader"
            className="self-end pr-3 pb-0.5 text-right font-medium text-muted text-xs @max-[560px]:hidden"
          >
            {t.duration}
          </span>
          <div role="columnheader" aria-label={t.timeline} className="min-w-0">
            {head}
          </div>
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: rows.length * ROW_PX }}>
        <div aria-hidden className={cx('pointer-events-none absolute inset-0', COLUMNS)}>
          <span />
          <span className="@max-[560px]:hidden" />
          <span className="relative mr-4 ml-1">{lines}</span>
        </div>
        {items.map(({ index, start }) => {
          const row = rows[index]
          return (
            row && (
              <GridRow
                key={row.node.id}
                row={row}
                index={index}
                top={start}
                scale={scale}
                until={all.until}
                origin={all.from}
                isLive={isLive}
                isChosen={row.node.id === chosen}
                isFocusable={index === at}
                onSelect={onSelect}
                onTurn={onTurn}
                onFocusRow={setFocusedId}
              />
            )
          )
        })}
        <Clock scale={scale} origin={all.from} />
      </div>
    </div>
  )
}

/** Brings a row below the sticky head into view. */
function scrollTo(scroller: HTMLElement | null, at: number) {
  if (scroller === null) return
  const head = 56
  const top = at * ROW_PX
  const seen = scroller.clientHeight - head - 12
  if (top < scroller.scrollTop) scroller.scrollTop = top
  else if (top + ROW_PX > scroller.scrollTop + seen) scroller.scrollTop = top + ROW_PX - seen
}

interface GridRowProps {
  readonly row: Row
  readonly index: number
  readonly top: number
  readonly scale: Scale
  readonly until: number
  readonly origin: number
  readonly isLive: boolean
  readonly isChosen: boolean
  readonly isFocusable: boolean
  readonly onSelect: (node: TreeNode) => void
  readonly onTurn: (node: TreeNode) => void
  readonly onFocusRow: (id: string) => void
}

const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, index, top, scale, until, origin, isLive, isChosen, isFocusable, onSelect, onTurn, onFocusRow } = props
  const { node, canOpen, isOpen, isHit } = row
  const canTurn = canOpen && node.depth > 0
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on the row does the same, in the grid's own handler.
    <div
      role="row"
      data-row={index}
      aria-rowindex={index + 2}
      aria-level={node.depth + 1}
      aria-posinset={row.place}
      aria-setsize={row.setSize}
      aria-expanded={canOpen ? isOpen : undefined}
      aria-selected={isChosen}
      aria-label={readRow(node, origin)}
      tabIndex={isFocusable ? 0 : -1}
      onFocus={() => onFocusRow(node.id)}
      onClick={() => onSelect(node)}
      className={cx(
        COLUMNS,
        'absolute inset-x-0 cursor-pointer items-center outline-offset-[-2px]',
        isChosen && node.depth > 0 ? 'bg-selected' : 'hover:bg-hover/70',
        !isHit && 'text-muted',
      )}
      style={{ top, height: ROW_PX }}
    >
      <span role="gridcell" className="flex h-full min-w-0 items-center gap-1.5 pr-2 pl-2">
        <span aria-hidden className="shrink-0" style={{ width: Math.max(0, node.depth - 1) * 14 }} />
        {canTurn ? (
          <button
            type="button"
            tabIndex={-1}
            aria-label={isOpen ? t.collapse(nameOf(node)) : t.expand(nameOf(node))}
            onClick={(event) => {
              event.stopPropagation()
              onTurn(node)
            }}
            className="-mx-1 inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-border hover:text-text"
          >
            {isOpen ? <ChevronDown size={13} aria-hidden /> : <ChevronRight size={13} aria-hidden />}
          </button>
        ) : (
          node.depth > 0 && <span aria-hidden className="w-4 shrink-0" />
        )}
        <StepIcon node={node} />
        <span
          className={cx('min-w-0 truncate', node.depth === 0 && 'font-medium')}
          title={`${nameOf(node)} · ${kindOf(node)}`}
        >
          {nameOf(node)}
        </span>
        {node.loop !== undefined && <span className="mono shrink-0 text-2xs text-muted">{t.loopIndex(node.loop)}</span>}
        {node.kind === 'loop' && (
          <span className="mono shrink-0 text-2xs text-muted">{t.loop(node.children.length)}</span>
        )}
        {node.tries > 1 && (node.kind === 'step' || node.kind === 'body') && (
          <span className="shrink-0 rounded-full bg-hover px-1.5 text-2xs text-muted" title={t.attempts(node.tries)}>
            {`×\u202f${node.tries}`}
          </span>
        )}
        {isMarked(node) && (
          <span className={cx('ml-auto inline-flex shrink-0', statusClass.text[statusOf(node.status)])}>
            <StatusIcon kind={statusOf(node.status)} size={12} />
          </span>
        )}
      </span>
      <span role="gridcell" className="mono pr-3 text-right text-muted text-xs tabular-nums @max-[560px]:hidden">
        {node.durationMs === undefined ? '' : formatDuration(node.durationMs)}
      </span>
      <span role="gridcell" className="relative mr-4 ml-1 h-full min-w-0">
        <Bar node={node} scale={scale} until={until} isLive={isLive} />
      </span>
    </div>
  )
})

/** Completed is what one expects: only what differs is marked. */
function isMarked(node: TreeNode): boolean {
  return node.kind !== 'child-loading' && node.status !== 'COMPLETED' && node.status !== 'UNKNOWN'
}

/** The instant below the pointer: a line through the rows with elapsed and clock time, moved without drawing anything. */
function Clock({ scale, origin }: { readonly scale: Scale; readonly origin: number }) {
  const ref = useRef<HTMLDivElement>(null)
  const zone = useZone()
  useEffect(() => {
    const element = ref.current
    const host = element?.closest<HTMLElement>('[role="treegrid"]')
    const area = element?.parentElement
    if (!element || !host || !area) return
    const onMove = (event: PointerEvent) => {
      const box = area.getBoundingClientRect()
      const x = (event.clientX - box.left) / box.width
      if (event.pointerType === 'touch' || x < 0 || x > 1 || event.clientY < box.top) return hideClock(host)
      const instant = instantAt(scale, x)
      element.style.visibility = 'visible'
      element.style.left = `${x * 100}%`
      const label = element.firstElementChild
      if (label instanceof HTMLElement) {
        label.textContent = `${formatDuration(Math.max(0, Math.round(instant - origin)))} · ${formatClock(instant, zone)}`
        label.style.transform = `translateX(${x > 0.7 ? '-100%' : '0'})`
      }
    }
    host.addEventListener('pointermove', onMove)
    return () => host.removeEventListener('pointermove', onMove)
  }, [scale, origin, zone])
  return (
    <div aria-hidden className={cx('pointer-events-none absolute inset-0 z-10', COLUMNS)}>
      <span />
      <span className="@max-[560px]:hidden" />
      <span className="relative mr-4 ml-1">
        <span ref={ref} data-clock className="invisible absolute inset-y-0 w-px bg-accent/50">
          <span className="mono sticky top-13 inline-block whitespace-nowrap rounded-sm border border-border bg-raised px-1 text-2xs text-muted" />
        </span>
      </span>
    </div>
  )
}

function hideClock(host: HTMLElement) {
  const line = host.querySelector<HTMLElement>('[data-clock]')
  if (line !== null) line.style.visibility = 'hidden'
}
