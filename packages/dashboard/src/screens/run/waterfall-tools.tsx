// Above the waterfall: search by name, filters, and buttons for what the brush does.

import {
  ChevronsDownUp,
  ChevronsUpDown,
  FoldHorizontal,
  Maximize,
  MoveLeft,
  MoveRight,
  Search,
  UnfoldHorizontal,
  ZoomIn,
  ZoomOut,
} from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { cx, formatDuration, IconButton, useCommands } from '../../ui/index.ts'
import { messages } from './messages.ts'
import type { RunState } from './run-state.ts'
import { panBy, type Range, zoomBy } from './time-scale.ts'
import type { Waterfall } from './use-waterfall.ts'
import type { Only } from './waterfall-layout.ts'

const t = messages.waterfall
const KINDS: readonly Only[] = ['failed', 'running', 'slow']

export interface ToolsProps {
  readonly waterfall: Waterfall
  readonly state: RunState
  readonly onZoom: (window: Range | undefined) => void
  /** On the page `/` goes to the search field. */
  readonly hasKeys: boolean
}

export function Tools({ waterfall, state, onZoom, hasKeys }: ToolsProps) {
  const { counts, rows, scale, fullScale, all, gaps, folded } = waterfall
  const { only = [], q = '' } = state.search
  const isZoomed = scale !== fullScale
  const isNarrowed = only.length > 0 || q !== ''
  const shown = isNarrowed ? rows.filter((row) => row.isHit).length : counts.all
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-border border-b bg-raised px-2 py-1.5">
      <SearchSteps state={state} hasKeys={hasKeys} />
      <fieldset className="flex items-center gap-1">
        <legend className="sr-only">{t.label}</legend>
        {KINDS.map((kind) => (
          <OnlyButton
            key={kind}
            kind={kind}
            count={counts[kind]}
            hint={kind === 'slow' ? t.onlyHint.slow(formatDuration(waterfall.slowMs)) : t.onlyHint[kind]}
            isOn={only.includes(kind)}
            onTurn={() => state.change({ only: turned(only, kind) })}
          />
        ))}
      </fieldset>
      <span role="status" className="whitespace-nowrap text-muted text-xs tabular-nums">
        {isNarrowed ? t.shown(shown, counts.all) : counts.all === 0 && waterfall.isLive ? t.none : t.steps(counts.all)}
      </span>
      <span className="flex-1" />
      <div className="flex items-center">
        {gaps.length > 0 && (
          <IconButton
            size="sm"
            label={folded.length > 0 ? t.openGaps : t.foldGaps}
            icon={folded.length > 0 ? UnfoldHorizontal : FoldHorizontal}
            onClick={() => waterfall.foldGaps(folded.length === 0)}
          />
        )}
        <IconButton
          size="sm"
          label={t.earlier}
          icon={MoveLeft}
          reason={!isZoomed && t.whole}
          onClick={() => onZoom(panBy(scale.window, -0.5, all))}
        />
        <IconButton
          size="sm"
          label={t.later}
          icon={MoveRight}
          reason={!isZoomed && t.whole}
          onClick={() => onZoom(panBy(scale.window, 0.5, all))}
        />
        <IconButton
          size="sm"
          label={t.zoomOut}
          icon={ZoomOut}
          reason={!isZoomed && t.whole}
          onClick={() => onZoom(zoomBy(scale, 2, all))}
        />
        <IconButton size="sm" label={t.zoomIn} icon={ZoomIn} onClick={() => onZoom(zoomBy(scale, 0.5, all))} />
        <IconButton
          size="sm"
          label={t.whole}
          icon={Maximize}
          reason={!isZoomed && t.whole}
          onClick={() => onZoom(undefined)}
        />
        <span aria-hidden className="mx-1 h-4 w-px bg-border" />
        <IconButton size="sm" label={t.expandAll} icon={ChevronsUpDown} onClick={() => waterfall.turnAll(true)} />
        <IconButton size="sm" label={t.collapseAll} icon={ChevronsDownUp} onClick={() => waterfall.turnAll(false)} />
      </div>
    </div>
  )
}

function turned(only: readonly Only[], kind: Only): readonly Only[] | undefined {
  const next = only.includes(kind) ? only.filter((each) => each !== kind) : [...only, kind]
  return next.length === 0 ? undefined : next
}

interface OnlyProps {
  readonly kind: Only
  readonly count: number
  readonly hint: string
  readonly isOn: boolean
  readonly onTurn: () => void
}

function OnlyButton({ kind, count, hint, isOn, onTurn }: OnlyProps) {
  // One that would show nothing is left out, unless it is on: then it must be possible to turn it off.
  if (count === 0 && !isOn) return null
  return (
    <button
      type="button"
      aria-pressed={isOn}
      title={hint}
      onClick={onTurn}
      className={cx(
        'inline-flex h-6 items-center gap-1 rounded-full border px-2 text-xs',
        isOn
          ? 'border-accent bg-selected text-accent-text'
          : 'border-border-strong bg-raised text-muted hover:bg-hover hover:text-text',
      )}
    >
      {kind === 'failed' && <span aria-hidden className="size-1.5 rounded-full bg-failed-solid" />}
      {kind === 'running' && <span aria-hidden className="size-1.5 rounded-full bg-running-solid" />}
      {t.only[kind]}
      <span className="tabular-nums">{count}</span>
    </button>
  )
}

/** Milliseconds after the last key before a search is taken over. */
const TYPING_MS = 120

function SearchSteps({ state, hasKeys }: { readonly state: RunState; readonly hasKeys: boolean }) {
  const { q = '' } = state.search
  const [words, setWords] = useState(q)
  const ref = useRef<HTMLInputElement>(null)
  const { change } = state
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is taken over, and only when typing rests.
  useEffect(() => {
    if (words === q) return
    const timer = setTimeout(() => change({ q: words === '' ? undefined : words }), TYPING_MS)
    return () => clearTimeout(timer)
  }, [words])
  const before = useRef(q)
  useEffect(() => {
    if (before.current !== q) setWords(q)
    before.current = q
  }, [q])
  useCommands([{ label: t.search, keys: '/', isOn: hasKeys, isKeyOnly: true, run: () => ref.current?.focus() }])
  return (
    <span className="relative min-w-32 max-w-56 flex-1">
      <Search size={13} aria-hidden className="pointer-events-none absolute top-1.5 left-2 text-muted" />
      <input
        ref={ref}
        type="search"
        aria-label={t.search}
        placeholder={t.search}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || words === '') return
          event.stopPropagation()
          setWords('')
        }}
        className="h-6 w-full rounded-md border border-border-strong bg-raised pr-1 pl-7 text-xs"
      />
    </span>
  )
}
