// Which rows of the tree are shown: unfolded ones, or those that match a search or a filter together with what leads to
// them. Also finds a row's neighbours for the arrow keys, and what counts as slow. Pure.

import { isRest, type TreeNode } from './span-tree.ts'

export type Only = 'failed' | 'running' | 'slow'

export interface LayoutOptions {
  /** Rows that the reader turned from how they start to the other state. */
  readonly turned: ReadonlySet<string>
  /** Part of a name, in any case; empty: no search. */
  readonly words: string
  /** Rows of any of these kinds; empty: all. */
  readonly only: readonly Only[]
  /** From `slowFrom`. */
  readonly slowMs: number
}

export interface Row {
  readonly node: TreeNode
  /** It has rows below it, or an invoked run that can be read. */
  readonly canOpen: boolean
  readonly isOpen: boolean
  /** It is there for itself, not only for what it leads to. */
  readonly isHit: boolean
  /** Place among the rows of the same parent, from 1, and how many those are. */
  readonly place: number
  readonly setSize: number
}

/** From how many rows on only those that are seen are drawn. */
export const VIRTUAL_FROM = 200
/** Share of the steps that counts as slow. */
const SLOW_SHARE = 0.05

/** The rows in order, the run first. */
export function layoutRows(root: TreeNode, options: LayoutOptions): readonly Row[] {
  const rows: Row[] = []
  const isHit = matcher(options)
  if (isHit === undefined) {
    unfold(root, { rows, options, place: 1, setSize: 1 })
  } else {
    const kept = new Set<TreeNode>([root])
    if (!keep(root, isHit, kept))
      return [{ node: root, canOpen: false, isOpen: false, isHit: false, place: 1, setSize: 1 }]
    narrow(root, { rows, options, kept, isHit, place: 1, setSize: 1 })
  }
  return rows
}

interface Into {
  readonly rows: Row[]
  readonly options: LayoutOptions
  readonly place: number
  readonly setSize: number
}

function unfold(node: TreeNode, into: Into) {
  const { rows, options, place, setSize } = into
  const isOpen = isUnfolded(node, options.turned)
  rows.push({ node, canOpen: canOpen(node), isOpen, isHit: true, place, setSize })
  if (!isOpen) return
  node.children.forEach((child, index) => {
    unfold(child, { rows, options, place: index + 1, setSize: node.children.length })
  })
}

function isUnfolded(node: TreeNode, turned: ReadonlySet<string>): boolean {
  return canOpen(node) && (node.kind === 'run' && node.depth === 0 ? true : node.startsOpen !== turned.has(node.id))
}

function canOpen(node: TreeNode): boolean {
  return node.children.length > 0 || node.childRunId !== undefined
}

/** undefined when nothing is asked for. */
function matcher({ words, only, slowMs }: LayoutOptions): ((node: TreeNode) => boolean) | undefined {
  const wanted = words.trim().toLowerCase()
  if (wanted === '' && only.length === 0) return undefined
  return (node) => {
    if (node.kind === 'loop' || node.kind === 'parallel' || (node.kind === 'run' && node.depth === 0)) return false
    if (node.kind === 'attempt') return false
    if (wanted !== '' && !node.name.toLowerCase().includes(wanted)) return false
    return only.length === 0 || only.some((kind) => isOf(kind, node, slowMs))
  }
}

/** Whether a row is of a kind that one can filter by. A step that failed once and went on has failed too. */
export function isOf(kind: Only, node: TreeNode, slowMs: number): boolean {
  switch (kind) {
    case 'failed':
      return (
        node.status === 'FAILED' || node.segments.some((each) => each.kind === 'attempt' && each.status === 'FAILED')
      )
    case 'running':
      return node.endedAt === undefined && (node.status === 'RUNNING' || node.status === 'WAITING')
    case 'slow':
      return isTimed(node) && (node.durationMs ?? 0) >= slowMs
  }
}

/** Marks what matches and what leads there. @returns whether anything below or at `node` matches. */
function keep(node: TreeNode, isHit: (node: TreeNode) => boolean, kept: Set<TreeNode>): boolean {
  let isKept = isHit(node)
  for (const child of node.children) if (keep(child, isHit, kept)) isKept = true
  if (isKept) kept.add(node)
  return isKept
}

interface Narrowed extends Into {
  readonly kept: ReadonlySet<TreeNode>
  readonly isHit: (node: TreeNode) => boolean
}

function narrow(node: TreeNode, into: Narrowed) {
  const { rows, options, kept, isHit, place, setSize } = into
  const below = node.children.filter((child) => kept.has(child))
  // What leads to a match is open; a match itself opens as ever.
  const isOpen = below.length > 0 || isUnfolded(node, options.turned)
  rows.push({ node, canOpen: canOpen(node), isOpen, isHit: isHit(node), place, setSize })
  if (!isOpen) return
  const shown = below.length > 0 ? below : node.children
  shown.forEach((child, index) => {
    const at = { place: index + 1, setSize: shown.length }
    if (below.length > 0) narrow(child, { ...into, ...at })
    else unfold(child, { rows, options, ...at })
  })
}

/** Steps whose length says something: not those that rest, which are as long as was asked for. */
function isTimed(node: TreeNode): boolean {
  return (node.kind === 'step' || node.kind === 'body') && !isRest(node.op)
}

/** Least duration of the slowest twentieth of the steps; infinite when there are none. */
export function slowFrom(root: TreeNode): number {
  const durations: number[] = []
  visit(root, (node) => {
    if (isTimed(node) && node.durationMs !== undefined) durations.push(node.durationMs)
  })
  if (durations.length === 0) return Number.POSITIVE_INFINITY
  durations.sort((a, b) => b - a)
  return Math.max(1, durations[Math.max(0, Math.ceil(durations.length * SLOW_SHARE) - 1)] ?? 1)
}

/** How many steps there are of each kind. */
export function countSteps(root: TreeNode, slowMs: number): Readonly<Record<Only | 'all', number>> {
  const counts = { all: 0, failed: 0, running: 0, slow: 0 }
  visit(root, (node) => {
    if (node.kind !== 'step' && node.kind !== 'body') return
    counts.all++
    for (const kind of ['failed', 'running', 'slow'] as const) if (isOf(kind, node, slowMs)) counts[kind]++
  })
  return counts
}

/** Calls `see` for the node and all below it. */
export function visit(node: TreeNode, see: (node: TreeNode) => void) {
  see(node)
  for (const child of node.children) visit(child, see)
}

/** The node with this id. */
export function findNode(node: TreeNode, id: string): TreeNode | undefined {
  if (node.id === id) return node
  for (const child of node.children) {
    const found = findNode(child, id)
    if (found !== undefined) return found
  }
  return undefined
}

export type Move = { readonly focus: number } | { readonly turn: TreeNode } | undefined

/** What an arrow, Home or End does in a tree grid at row `at`; undefined: nothing. */
export function moveBy(key: string, rows: readonly Row[], at: number): Move {
  const row = rows[at]
  if (row === undefined) return undefined
  switch (key) {
    case 'ArrowDown':
      return focusOn(rows, at + 1)
    case 'ArrowUp':
      return focusOn(rows, at - 1)
    case 'Home':
      return { focus: 0 }
    case 'End':
      return { focus: rows.length - 1 }
    case 'PageDown':
      return { focus: Math.min(rows.length - 1, at + 10) }
    case 'PageUp':
      return { focus: Math.max(0, at - 10) }
    case 'ArrowRight':
      if (!row.canOpen) return undefined
      return row.isOpen ? focusOn(rows, at + 1) : { turn: row.node }
    case 'ArrowLeft':
      if (row.canOpen && row.isOpen && row.node.depth > 0) return { turn: row.node }
      return focusOn(rows, parentOf(rows, at))
    default:
      return undefined
  }
}

function focusOn(rows: readonly Row[], at: number): Move {
  return rows[at] === undefined ? undefined : { focus: at }
}

function parentOf(rows: readonly Row[], at: number): number {
  const depth = rows[at]?.node.depth ?? 0
  for (let above = at - 1; above >= 0; above--) if ((rows[above]?.node.depth ?? 0) < depth) return above
  return at
}
