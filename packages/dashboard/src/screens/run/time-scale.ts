// The time axis: from instants to places between 0 and 1 and back. Long stretches in which nothing is at work are folded
// to breaks of a fixed width, since a sleep of three days would leave no room for steps of a second. Pure.

import { isRest, type TreeNode } from './span-tree.ts'
import { visit } from './waterfall-layout.ts'

export interface Range {
  readonly from: number
  readonly until: number
}

/** A stretch of the axis; a folded one takes a fixed place whatever its length. */
export interface Piece extends Range {
  readonly x0: number
  readonly x1: number
  readonly isFolded: boolean
}

export interface Scale {
  readonly pieces: readonly Piece[]
  /** What is shown. */
  readonly window: Range
}

/** A gap must be this many times as long as the median step to be folded. */
const GAP_STEPS = 20
/** And this long, milliseconds: below, what is folded saves the reader nothing. */
const GAP_MS_MIN = 1000
/** Of the axis all breaks together take no more than this. */
const BREAKS_SHARE = 0.42

/** Stretches of work of all steps, joined and in order; what goes on ends at `now`. */
export function busyRanges(root: TreeNode, now: number): readonly Range[] {
  const ranges: Range[] = []
  visit(root, (node) => {
    if (node.children.length > 0 && node.kind !== 'step' && node.kind !== 'body') return
    if (node.kind === 'run' || node.kind === 'attempt') return
    for (const segment of node.segments) {
      if (segment.kind === 'attempt') ranges.push({ from: segment.from, until: segment.until ?? now })
    }
  })
  return joined(ranges)
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from)
  const result: Range[] = []
  for (const range of sorted) {
    const last = result.at(-1)
    if (last !== undefined && range.from <= last.until) {
      if (range.until > last.until) result[result.length - 1] = { from: last.from, until: range.until }
    } else result.push(range)
  }
  return result
}

/** Median duration of the steps that work; undefined when there is none. */
export function medianStepMs(root: TreeNode): number | undefined {
  const durations: number[] = []
  visit(root, (node) => {
    if ((node.kind !== 'step' && node.kind !== 'body') || isRest(node.op)) return
    for (const { kind, from, until } of node.segments)
      if (kind === 'attempt' && until !== undefined) durations.push(until - from)
  })
  durations.sort((a, b) => a - b)
  return durations[Math.floor(durations.length / 2)]
}

/** Stretches of `all` in which nothing works, long enough to be folded. */
export function gapsOf(busy: readonly Range[], all: Range, medianMs: number | undefined): readonly Range[] {
  if (medianMs === undefined) return []
  const least = Math.max(GAP_MS_MIN, GAP_STEPS * medianMs)
  const gaps: Range[] = []
  let from = all.from
  for (const range of [...busy, { from: all.until, until: all.until }]) {
    if (range.from - from > least) gaps.push({ from, until: Math.min(range.from, all.until) })
    from = Math.max(from, range.until)
  }
  // Folding all there is would leave an axis of breaks.
  return busy.length === 0 ? [] : gaps
}

export interface ScaleOptions {
  /** What is shown of the run. */
  readonly window: Range
  /** Breaks, those that the reader opened left out. */
  readonly gaps: readonly Range[]
  /** Place that a break takes, 0 to 1. */
  readonly breakWidth: number
}

/** Lays the window out between 0 and 1. */
export function makeScale({ window, gaps, breakWidth }: ScaleOptions): Scale {
  const inside = gaps.filter((gap) => gap.until > window.from && gap.from < window.until)
  const folded = inside.map((gap) => ({
    from: Math.max(gap.from, window.from),
    until: Math.min(gap.until, window.until),
  }))
  const width = folded.length === 0 ? 0 : Math.min(breakWidth, BREAKS_SHARE / folded.length)
  const foldedMs = folded.reduce((sum, gap) => sum + gap.until - gap.from, 0)
  const openMs = Math.max(0, window.until - window.from - foldedMs)
  const perMs = openMs === 0 ? 0 : (1 - width * folded.length) / openMs
  const pieces: Piece[] = []
  let x = 0
  let at = window.from
  const add = (until: number, isFolded: boolean) => {
    if (until <= at && !isFolded) return
    const x1 = isFolded ? x + (openMs === 0 ? 1 / folded.length : width) : x + (until - at) * perMs
    pieces.push({ from: at, until, x0: x, x1, isFolded })
    x = x1
    at = until
  }
  for (const gap of folded) {
    add(gap.from, false)
    add(gap.until, true)
  }
  add(window.until, false)
  return { pieces, window }
}

/** Place of an instant, 0 to 1 within the window; outside of it below 0 or above 1. */
export function placeOf(scale: Scale, at: number): number {
  const { pieces, window } = scale
  if (at <= window.from) return at === window.from ? 0 : -0.001
  if (at >= window.until) return at === window.until ? 1 : 1.001
  const piece = pieces[pieceAt(pieces, (each) => each.until >= at)]
  if (piece === undefined) return 1
  return piece.x0 + ((at - piece.from) / (piece.until - piece.from)) * (piece.x1 - piece.x0)
}

/** The instant at a place from 0 to 1. */
export function instantAt(scale: Scale, x: number): number {
  const { pieces, window } = scale
  if (x <= 0) return window.from
  if (x >= 1) return window.until
  const piece = pieces[pieceAt(pieces, (each) => each.x1 >= x)]
  if (piece === undefined || piece.x1 === piece.x0) return window.until
  return piece.from + ((x - piece.x0) / (piece.x1 - piece.x0)) * (piece.until - piece.from)
}

/** First piece that holds, found by halving: a run may have as many breaks as steps. */
function pieceAt(pieces: readonly Piece[], holds: (piece: Piece) => boolean): number {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    const piece = pieces[middle]
    if (piece !== undefined && holds(piece)) high = middle
    else low = middle + 1
  }
  return low
}

export interface Tick {
  readonly x: number
  /** Milliseconds from the start of the run. */
  readonly elapsed: number
  /** Milliseconds since the break before it, where the elapsed time would read the same for all ticks behind it. */
  readonly sinceBreak?: number
}

const STEPS_MS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 432_000_000,
  864_000_000, 2_592_000_000,
]

/** Round elapsed times with at least `apart` (0 to 1) between them, none inside a break. */
export function ticksOf(scale: Scale, origin: number, apart: number): readonly Tick[] {
  const open = scale.pieces.filter((piece) => !piece.isFolded)
  const perMs = open.reduce(
    (best, piece) => Math.max(best, (piece.x1 - piece.x0) / Math.max(1, piece.until - piece.from)),
    0,
  )
  if (perMs === 0) return []
  const step = STEPS_MS.find((ms) => ms * perMs >= apart) ?? Math.ceil(apart / perMs)
  const ticks: Tick[] = []
  for (const piece of open) {
    const start = piece.from - origin
    // `3 d 4 h` has two units: five seconds more or less do not show in it.
    const isFine = start > step * ELAPSED_STEPS_MAX
    const first = isFine ? start : Math.ceil(start / step) * step
    for (let elapsed = first; elapsed <= piece.until - origin; elapsed += step) {
      const x = placeOf(scale, origin + elapsed)
      const before = ticks.at(-1)
      if (before !== undefined && x - before.x < apart * 0.8) continue
      // A break's own label needs the room around its edges.
      if (isNearBreak(piece, x, apart * 0.3, scale)) continue
      ticks.push(isFine ? { x, elapsed, sinceBreak: elapsed - start } : { x, elapsed })
    }
  }
  return ticks
}

function isNearBreak(piece: Piece, x: number, room: number, { pieces }: Scale): boolean {
  const at = pieces.indexOf(piece)
  const isLeft = pieces[at - 1]?.isFolded === true && x - piece.x0 < room
  const isRight = pieces[at + 1]?.isFolded === true && piece.x1 - x < room
  return isLeft || isRight
}

/** Beyond this many steps of the axis an elapsed time is too coarse to tell two ticks apart. */
const ELAPSED_STEPS_MAX = 50

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const

/** A length in its largest unit, for the label of a break: `37 s`, `3 d`. */
export function coarseLength(ms: number): string {
  const [size, unit] = UNITS.find(([least]) => ms >= least * 0.95) ?? [1, 'ms']
  return `${Math.max(1, Math.round(ms / size))}\u202f${unit}`
}

/** How much further than the present the axis of a live run reaches: it grows in steps, so that bars move and it does not. */
const HORIZON = 1.3

/** Least room ahead of the present, milliseconds: more than from one look at the clock to the next. */
const AHEAD_MS = 2000

/** End of the axis for a run that has gone on for this long, milliseconds. */
export function horizonOf(elapsed: number): number {
  const steps = Math.ceil(Math.log(Math.max(1, (elapsed + AHEAD_MS) / 1000)) / Math.log(HORIZON))
  return 1000 * HORIZON ** Math.max(0, steps)
}

/** Least milliseconds that can be shown. */
const WINDOW_MS_MIN = 5

/** Brings a window into the run's bounds and to a length that can be shown. */
export function clampWindow(window: Range, all: Range): Range {
  const length = Math.min(all.until - all.from, Math.max(WINDOW_MS_MIN, window.until - window.from))
  const from = Math.min(Math.max(window.from, all.from), all.until - length)
  return { from, until: from + length }
}

/** The window `factor` times as long around its middle, by places so that breaks do not count. */
export function zoomBy(scale: Scale, factor: number, all: Range): Range {
  const { window } = scale
  if (factor < 1) {
    const half = factor / 2
    return clampWindow({ from: instantAt(scale, 0.5 - half), until: instantAt(scale, 0.5 + half) }, all)
  }
  const grow = ((window.until - window.from) * (factor - 1)) / 2
  return clampWindow({ from: window.from - grow, until: window.until + grow }, all)
}

/** The window moved by a share of its own length. */
export function panBy(window: Range, share: number, all: Range): Range {
  const by = (window.until - window.from) * share
  return clampWindow({ from: window.from + by, until: window.until + by }, all)
}

/** A window as the address has it: elapsed milliseconds, `1200-3400`. */
export function writeZoom(window: Range, origin: number): string {
  return `${Math.max(0, Math.floor(window.from - origin))}-${Math.ceil(window.until - origin)}`
}

/** undefined when it is none, or when nothing of the run is in it. */
export function readZoom(text: string | undefined, all: Range): Range | undefined {
  const [, from, until] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? []
  if (from === undefined || until === undefined || Number(from) >= Number(until)) return undefined
  const window = { from: all.from + Number(from), until: all.from + Number(until) }
  if (window.from >= all.until) return undefined
  return clampWindow(window, all)
}
