// JSON as a tree: folded at depth 2, keys in the order stored, searched within, values and paths copied. It draws only
// the rows that are seen and never builds the values, so that 5 MB open at once. Everything is text: nothing in a payload
// is run, and nothing in it can change how the page around it reads.

import { useVirtualizer } from '@tanstack/react-virtual'
import {
  Braces,
  ChevronDown,
  ChevronUp,
  Copy,
  Download,
  FoldVertical,
  Search,
  UnfoldVertical,
  WrapText,
} from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { IconButton } from './button.tsx'
import { cx } from './class-names.ts'
import { copyText } from './copy.tsx'
import { ARRAY, indexJson, type JsonIndex, searchJson, visibleRows } from './json-index.ts'
import { JsonRow } from './json-row.tsx'
import { messages } from './messages.ts'
import { preference, usePreference, yesNo } from './preference.ts'
import { RawText } from './raw-text.tsx'

export interface JsonViewProps {
  /** JSON text, or the beginning of some. */
  readonly text: string
  /** What it is: "Input", "Output of charge card". */
  readonly label: string
  /** What copied paths begin with, such as `event.data`. */
  readonly root?: string
  /** Below the tools: notices on size, masking. */
  readonly notice?: React.ReactNode
  /** File name for the download; absent: no download. */
  readonly fileName?: string | undefined
  /** Height at which it scrolls, px. */
  readonly maxHeight?: number
  readonly className?: string
}

const ROW_PX = 20
/** Containers at this depth and below begin folded. */
const FOLD_DEPTH = 2
const wrapPreference = preference('json-wrap', true, yesNo)

/** A payload as a tree, with its tools. */
export function JsonView(props: JsonViewProps) {
  const { text, label, notice, fileName, className } = props
  const index = useMemo(() => indexJson(text), [text])
  const [isRaw, setIsRaw] = useState(false)
  const [isWrapped, setIsWrapped] = usePreference(wrapPreference)
  const [turned, setTurned] = useState<{
    readonly of: string
    readonly base: 'fold' | 'open' | 'closed'
    readonly nodes: ReadonlySet<number>
  }>({
    of: text,
    base: 'fold',
    nodes: new Set(),
  })
  const state = turned.of === text ? turned : { of: text, base: 'fold' as const, nodes: new Set<number>() }
  const [words, setWords] = useState('')
  const [hit, setHit] = useState(0)
  const hits = useMemo(() => (index === undefined ? [] : searchJson(index, words.trim())), [index, words])
  const t = messages.json
  const isTree = index !== undefined && !isRaw
  const goTo = (to: number) => setHit(hits.length === 0 ? 0 : (to + hits.length) % hits.length)
  return (
    <div className={cx('flex min-h-0 flex-col rounded-md border border-border bg-raised', className)}>
      <div className="flex flex-wrap items-center gap-0.5 border-border border-b px-1.5 py-1">
        {isTree && (
          <div className="relative min-w-24 max-w-64 flex-1">
            <Search size={13} aria-hidden className="pointer-events-none absolute top-1.5 left-1.5 text-muted" />
            <input
              type="search"
              aria-label={t.search}
              placeholder={messages.search}
              value={words}
              onChange={(event) => {
                setWords(event.target.value)
                setHit(0)
              }}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return
                event.preventDefault()
                goTo(hit + (event.shiftKey ? -1 : 1))
              }}
              className="h-6 w-full rounded-md bg-transparent pr-1 pl-6 text-xs"
            />
          </div>
        )}
        {isTree && words.trim() !== '' && (
          <>
            <span className="whitespace-nowrap text-muted text-xs tabular-nums" role="status">
              {t.matches(hit + 1, hits.length)}
            </span>
            <IconButton size="sm" label={t.previous} icon={ChevronUp} onClick={() => goTo(hit - 1)} />
            <IconButton size="sm" label={t.next} icon={ChevronDown} onClick={() => goTo(hit + 1)} />
          </>
        )}
        <span className="flex-1" />
        {isTree && (
          <>
            <IconButton
              size="sm"
              label={t.expandAll}
              icon={UnfoldVertical}
              onClick={() => setTurned({ of: text, base: 'open', nodes: new Set() })}
            />
            <IconButton
              size="sm"
              label={t.collapseAll}
              icon={FoldVertical}
              onClick={() => setTurned({ of: text, base: 'closed', nodes: new Set() })}
            />
          </>
        )}
        <IconButton
          size="sm"
          label={t.wrap}
          icon={WrapText}
          isPressed={isWrapped}
          onClick={() => setIsWrapped(!isWrapped)}
        />
        {index !== undefined && (
          <IconButton
            size="sm"
            label={isRaw ? t.tree : t.raw}
            icon={Braces}
            isPressed={isRaw}
            onClick={() => setIsRaw(!isRaw)}
          />
        )}
        <IconButton size="sm" label={t.copyAll} icon={Copy} onClick={() => void copyText(text)} />
        {fileName !== undefined && (
          <IconButton size="sm" label={t.download} icon={Download} onClick={() => download(text, fileName)} />
        )}
      </div>
      {notice}
      {isTree ? (
        <Tree
          {...props}
          index={index}
          isWrapped={isWrapped}
          isOpen={(node) =>
            state.nodes.has(node) !==
            (state.base === 'open' || (state.base === 'fold' && (index.depth[node] ?? 0) < FOLD_DEPTH))
          }
          onTurn={(nodes) => {
            const next = new Set(state.nodes)
            for (const node of nodes) if (!next.delete(node)) next.add(node)
            setTurned({ ...state, nodes: next })
          }}
          hits={hits}
          hit={hits[hit]}
        />
      ) : (
        <RawText
          text={text}
          label={label}
          isWrapped={isWrapped}
          isJson={index !== undefined}
          maxHeight={props.maxHeight}
        />
      )}
    </div>
  )
}

/** A text file, never a page: what is in a payload must not be run by whoever opens it. */
export function download(text: string, name: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

interface TreeProps extends JsonViewProps {
  readonly index: JsonIndex
  readonly isWrapped: boolean
  readonly isOpen: (node: number) => boolean
  /** Turns these from open to folded or back. */
  readonly onTurn: (nodes: readonly number[]) => void
  readonly hits: readonly number[]
  readonly hit: number | undefined
}

function Tree({ index, label, root = '', isWrapped, isOpen, onTurn, hits, hit, maxHeight = 480 }: TreeProps) {
  const ref = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => visibleRows(index, isOpen), [index, isOpen])
  const [focused, setFocused] = useState(0)
  const [whole, setWhole] = useState<ReadonlySet<number>>(new Set())
  const hitSet = useMemo(() => new Set(hits), [hits])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => ref.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another hit moves the view.
  useEffect(() => {
    if (hit !== undefined) reveal(hit)
  }, [hit])
  function reveal(node: number) {
    const folded = ancestorsOf(index, node).filter((each) => !isOpen(each))
    if (folded.length > 0) onTurn(folded)
    // The rows of what was just unfolded are there after the next render.
    requestAnimationFrame(() => {
      const open = new Set(folded)
      const at = visibleRows(index, (each) => open.has(each) !== false || isOpen(each)).indexOf(node)
      if (at >= 0) virtual.scrollToIndex(at, { align: 'center' })
    })
  }
  const focus = (at: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, at))
    setFocused(to)
    virtual.scrollToIndex(to)
    requestAnimationFrame(() =>
      ref.current?.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus({ preventScroll: true }),
    )
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    const node = rows[focused] ?? 0
    const isContainer = node >= 0 && (index.kind[node] ?? 9) <= ARRAY && (index.size[node] ?? 0) > 0
    const toParent = () => focus(rows.indexOf(index.parent[node < 0 ? -node - 1 : node] ?? 0))
    const actions: Record<string, () => void> = {
      ArrowDown: () => focus(focused + 1),
      ArrowUp: () => focus(focused - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      ArrowRight: () => (isContainer && !isOpen(node) ? onTurn([node]) : focus(focused + 1)),
      ArrowLeft: () => (isContainer && isOpen(node) ? onTurn([node]) : toParent()),
      Enter: () => isContainer && onTurn([node]),
    }
    const action =
      event.target === event.currentTarget || (event.target as HTMLElement).dataset.at ? actions[event.key] : undefined
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    action()
  }
  const items = virtual.getVirtualItems()
  return (
    <div
      ref={ref}
      role="tree"
      aria-label={label}
      onKeyDown={onKeyDown}
      className="mono min-h-0 overflow-auto py-1 text-xs leading-5"
      style={{ maxHeight }}
    >
      <div
        className="relative"
        style={{ height: virtual.getTotalSize(), minWidth: '100%', width: isWrapped ? undefined : 'max-content' }}
      >
        <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
          {items.map((item) => {
            const node = rows[item.index] ?? 0
            return (
              <JsonRow
                key={node}
                measure={virtual.measureElement}
                at={item.index}
                node={node}
                index={index}
                root={root}
                isOpen={node >= 0 && isOpen(node)}
                isWrapped={isWrapped}
                isFocused={item.index === focused}
                isHit={hitSet.has(node)}
                isCurrentHit={node === hit}
                isWhole={whole.has(node)}
                onWhole={() => setWhole(new Set([...whole, node]))}
                onTurn={() => onTurn([node])}
                onFocus={() => setFocused(item.index)}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

function ancestorsOf(index: JsonIndex, node: number): readonly number[] {
  const found: number[] = []
  for (let at = node; at !== 0; ) {
    at = index.parent[at] ?? 0
    found.push(at)
  }
  return found
}
