// Brings together what the waterfall shows: the trace of the run, those of the invoked runs that were unfolded, the rows
// that are left by search and filters, and the axis. All of it is derived; the only state here is what the reader turned.

import { useQueries, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { type Span, type SpanStatus, traceOptions } from '../../api/index.ts'
import { serverNow, useNowEvery } from '../../ui/index.ts'
import type { RunState } from './run-state.ts'
import { buildTree, type ChildTrace, instantOf, type TreeNode } from './span-tree.ts'
import {
  busyRanges,
  gapsOf,
  horizonOf,
  makeScale,
  medianStepMs,
  type Range,
  readZoom,
  type Scale,
} from './time-scale.ts'
import { countSteps, layoutRows, type Row, slowFrom } from './waterfall-layout.ts'

export interface Waterfall {
  readonly root: TreeNode
  readonly rows: readonly Row[]
  readonly counts: ReturnType<typeof countSteps>
  readonly slowMs: number
  /** The whole run: from its queueing to its end, or to a little beyond the present. */
  readonly all: Range
  readonly gaps: readonly Range[]
  /** Gaps that are folded. */
  readonly folded: readonly Range[]
  /** Scale of what is shown, and of the whole run. */
  readonly scale: Scale
  readonly fullScale: Scale
  readonly isLive: boolean
  readonly turn: (node: TreeNode) => void
  readonly turnAll: (isOpen: boolean) => void
  readonly openGap: (gap: Range) => void
  readonly foldGaps: (isFolded: boolean) => void
}

/** Place of a break, px. */
const BREAK_PX = 46
interface Ask {
  readonly runId: string
  readonly name: string
  /** What the run shows as, where it stands still. */
  readonly status: SpanStatus | undefined
  readonly trace: Span
  readonly state: RunState
  /** Width of the time axis, px. */
  readonly width: number
}

/** Rows and axis of a run. */
export function useWaterfall({ runId, name, status, trace, state, width }: Ask): Waterfall {
  const { q = '', only = [], zoom, step } = state.search
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const [openGaps, setOpenGaps] = useState<ReadonlySet<number> | 'all'>(new Set())
  const children = useChildTraces(runId, turned, trace, step)
  const root = useMemo(
    () => buildTree(trace, { runId, name, status, childTraces: children.traces }),
    [trace, runId, name, status, children.traces],
  )
  const effective = useMemo(() => withOpened(turned, root, children.forced), [turned, root, children.forced])
  const slowMs = useMemo(() => slowFrom(root), [root])
  const counts = useMemo(() => countSteps(root, slowMs), [root, slowMs])
  const onlyHash = only.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `onlyHash` stands for `only`.
  const rows = useMemo(
    () => layoutRows(root, { turned: effective, words: q, only, slowMs }),
    [root, effective, q, onlyHash, slowMs],
  )
  const isLive = trace.endedAt === undefined
  useNowEvery(isLive ? 1000 : 3_600_000)
  const from = instantOf(trace.queuedAt) ?? instantOf(trace.startedAt) ?? 0
  const now = isLive ? Math.floor(serverNow() / 1000) * 1000 : 0
  const ended = Math.max(from + 1, instantOf(trace.endedAt) ?? 0)
  const until = isLive ? from + horizonOf(now - from) : ended
  const all = useMemo(() => ({ from, until }), [from, until])
  const gaps = useMemo(
    () => gapsOf(busyRanges(root, isLive ? now : all.until), all, medianStepMs(root)),
    [root, all, isLive, now],
  )
  const folded = useMemo(
    () => (openGaps === 'all' ? [] : gaps.filter((gap) => !openGaps.has(gap.from))),
    [gaps, openGaps],
  )
  const breakWidth = BREAK_PX / Math.max(200, width)
  const fullScale = useMemo(() => makeScale({ window: all, gaps: folded, breakWidth }), [all, folded, breakWidth])
  const scale = useMemo(() => {
    const window = readZoom(zoom, all)
    return window === undefined ? fullScale : makeScale({ window, gaps: folded, breakWidth })
  }, [zoom, all, folded, breakWidth, fullScale])
  const turn = useCallback(
    (node: TreeNode) => {
      children.release(node)
      setTurned((before) => {
        const next = new Set(before)
        const isOpen = node.startsOpen !== effective.has(node.id)
        if (isOpen === node.startsOpen) next.add(node.id)
        else next.delete(node.id)
        return next
      })
    },
    [effective, children.release],
  )
  return {
    root,
    rows,
    counts,
    slowMs,
    all,
    gaps,
    folded,
    scale,
    fullScale,
    isLive,
    turn,
    turnAll: (isOpen) =>
      setTurned(new Set(foldable(root).flatMap((node) => (node.startsOpen === isOpen ? [] : node.id)))),
    openGap: (gap) => setOpenGaps((before) => (before === 'all' ? before : new Set([...before, gap.from]))),
    foldGaps: (isFolded) => setOpenGaps(isFolded ? new Set() : 'all'),
  }
}

/** Invoked runs are read only when one asks for them by hand: unfolding all must not read a thousand traces. */
function foldable(root: TreeNode): readonly TreeNode[] {
  const found: TreeNode[] = []
  const walk = (node: TreeNode) => {
    if (node.depth > 0 && node.children.length > 0) found.push(node)
    node.children.forEach(walk)
  }
  walk(root)
  return found
}

interface Children {
  readonly traces: ReadonlyMap<string, ChildTrace>
  /** Runs that are unfolded because the address names a step in them. */
  readonly forced: ReadonlySet<string>
  readonly release: (node: TreeNode) => void
}

/** Traces of the invoked runs that are unfolded, and of the one in which the chosen step is. */
function useChildTraces(runId: string, turned: ReadonlySet<string>, trace: Span, step: string | undefined): Children {
  const client = useQueryClient()
  const named = step?.includes('.') ? step.slice(0, step.indexOf('.')) : undefined
  const [released, setReleased] = useState<string>()
  const forced = useMemo(() => new Set(named === undefined || named === released ? [] : [named]), [named, released])
  const wanted = useMemo(() => {
    const found = new Set<string>()
    const look = (spans: readonly Span[] | undefined, prefix: string, depth: number) => {
      for (const span of spans ?? []) {
        const child = span.stepInfo?.['runID']
        if (typeof child !== 'string' || depth > 7) continue
        if (!turned.has(prefix + span.id) && !forced.has(child)) continue
        found.add(child)
        look(client.getQueryData<Span>(traceOptions(child).queryKey)?.children, `${child}.`, depth + 1)
      }
    }
    look(trace.children, '', 0)
    return [...found].filter((id) => id !== runId)
  }, [trace, turned, forced, client, runId])
  const queries = useQueries({ queries: wanted.map((id) => traceOptions(id)) })
  const hash = queries.map((query) => `${query.dataUpdatedAt}/${query.errorUpdatedAt}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `hash` says when an answer differs.
  const traces = useMemo(() => {
    const known = new Map<string, ChildTrace>()
    wanted.forEach((id, index) => {
      const query = queries[index]
      known.set(
        id,
        query?.data !== undefined ? { root: query.data } : query?.error ? { error: query.error } : 'loading',
      )
    })
    return known
  }, [wanted, hash])
  const release = useCallback((node: TreeNode) => {
    if (node.childRunId !== undefined) setReleased(node.childRunId)
  }, [])
  return { traces, forced, release }
}

/** What is turned, and the rows that lead to a forced run. */
function withOpened(turned: ReadonlySet<string>, root: TreeNode, forced: ReadonlySet<string>): ReadonlySet<string> {
  if (forced.size === 0) return turned
  const next = new Set(turned)
  const walk = (node: TreeNode) => {
    if (node.childRunId !== undefined && forced.has(node.childRunId)) next.add(node.id)
    node.children.forEach(walk)
  }
  walk(root)
  return next
}
