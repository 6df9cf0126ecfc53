// Turns the trace of a run into the tree that the waterfall draws: steps in order of first appearance with their
// attempts, loops and parallel branches gathered under a row of their own, invoked runs in their place. Pure: the present
// moment does not come in; what is still open has no end. Linear in the number of spans, since a run may have 10,000.

import type { Span, SpanStatus, StepOp } from '../../api/types.ts'

/** What a row is. `body` is the function's own code: a request that led to no step, or the last one. */
export type NodeKind = 'run' | 'step' | 'body' | 'attempt' | 'loop' | 'parallel' | 'child-loading' | 'child-failed'

/** How a stretch of time is drawn. */
export type SegmentKind =
  /** Queued, or held back by a limit: hatched. */
  | 'waiting'
  /** An attempt at work: solid. */
  | 'attempt'
  /** Between a failed attempt and the next one: a dotted line. */
  | 'backoff'
  /** A sleep, a wait, an invoked run: outlined. */
  | 'rest'

export interface Segment {
  readonly kind: SegmentKind
  readonly from: number
  /** Absent: it goes on. */
  readonly until: number | undefined
  readonly status: SpanStatus
  /** Number of the attempt, from 0. */
  readonly attempt?: number
}

export interface TreeNode {
  /** Unique in the page: the span's id, with the run's id before it inside an invoked run. */
  readonly id: string
  readonly kind: NodeKind
  readonly name: string
  /** Place among steps of the same name, from 1; absent when the name is alone. */
  readonly loop: number | undefined
  readonly status: SpanStatus
  readonly op: StepOp | undefined
  /** The run it belongs to. */
  readonly runId: string
  readonly span: Span | undefined
  readonly queuedAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  /** Tries made so far, at least 1 once it started. */
  readonly tries: number
  /** From its first start to its end, milliseconds. */
  readonly durationMs: number | undefined
  readonly segments: readonly Segment[]
  readonly children: readonly TreeNode[]
  /** Run that this step invoked. */
  readonly childRunId: string | undefined
  /** Whether it is unfolded unless the reader says otherwise. */
  readonly startsOpen: boolean
  readonly depth: number
}

/** What is known of an invoked run that was unfolded. */
export type ChildTrace = { readonly root: Span } | { readonly error: Error } | 'loading'

export interface TreeOptions {
  readonly runId: string
  /** Name of the first row. */
  readonly name: string
  /** What the run shows as, where that is not what is stored: one that stands still is not shown as running. */
  readonly status?: SpanStatus | undefined
  /** Traces of invoked runs, by run id; those that are absent have not been asked for. */
  readonly childTraces?: ReadonlyMap<string, ChildTrace>
}

/** Steps of the same name in a row from which on they get a row above them. */
const LOOP_MIN = 3
/** Invoked runs within invoked runs that are drawn. */
const NESTING_MAX = 8

/** Builds the tree; its root is the run. */
export function buildTree(root: Span, options: TreeOptions): TreeNode {
  const build = new Builder(options)
  const children = build.steps(root, { runId: options.runId, prefix: '', depth: 1, nesting: 0 })
  const run = build.node(root, { kind: 'run', runId: options.runId, prefix: '', depth: 0 })
  const { status = run.status } = options
  return {
    ...run,
    name: options.name,
    status,
    segments: run.segments.map((segment) => (segment.until === undefined ? { ...segment, status } : segment)),
    children,
    startsOpen: true,
  }
}

interface Place {
  readonly runId: string
  /** Before the ids of spans. */
  readonly prefix: string
  readonly depth: number
}

class Builder {
  readonly #traces: ReadonlyMap<string, ChildTrace>

  constructor(options: TreeOptions) {
    this.#traces = options.childTraces ?? new Map()
  }

  steps(root: Span, place: Place & { readonly nesting: number }): readonly TreeNode[] {
    const spans = root.children ?? []
    const places = loopPlaces(spans)
    return gather(spans).map((set) => {
      const inner = set.kind === 'one' ? place : { ...place, depth: place.depth + 1 }
      const nodes = set.spans.map((span) => this.#step(span, { ...inner, loop: places.get(span) }))
      const [first] = nodes
      return set.kind === 'one' && first !== undefined ? first : group(set, nodes, place)
    })
  }

  #step(span: Span, place: Place & { readonly nesting: number; readonly loop: number | undefined }): TreeNode {
    const node = this.node(span, { ...place, kind: span.stepId === undefined ? 'body' : 'step' })
    const childRunId = textOf(span.stepInfo?.['runID'])
    const inner = { ...place, depth: place.depth + 1 }
    const attempts = (span.children ?? []).map((attempt) => this.node(attempt, { ...inner, kind: 'attempt' }))
    const invoked = childRunId === undefined ? [] : this.#invoked(childRunId, node.id, inner)
    return { ...node, loop: place.loop, childRunId, children: [...attempts, ...invoked] }
  }

  /** What the invoked run did, as far as it was read. */
  #invoked(runId: string, parent: string, place: Place & { readonly nesting: number }): readonly TreeNode[] {
    const trace = this.#traces.get(runId)
    if (trace === undefined || place.nesting >= NESTING_MAX) return []
    if (trace !== 'loading' && 'root' in trace) {
      const { root } = trace
      const within = { runId, prefix: `${runId}.`, depth: place.depth + 1, nesting: place.nesting + 1 }
      const run = this.node(root, { ...within, depth: place.depth, kind: 'run' })
      return [{ ...run, id: `${runId}.run`, startsOpen: true, children: this.steps(root, within) }]
    }
    const kind = trace === 'loading' ? 'child-loading' : 'child-failed'
    return [{ ...placeholder(kind, `${parent}/${kind}`, place), name: trace === 'loading' ? '' : trace.error.message }]
  }

  node(span: Span, place: Place & { readonly kind: NodeKind }): TreeNode {
    const { queuedAt, startedAt, endedAt } = timesOf(span)
    return {
      id: place.prefix + span.id,
      kind: place.kind,
      name: span.name,
      loop: undefined,
      status: statusOfSpan(span),
      op: span.stepOp,
      runId: place.runId,
      span,
      queuedAt: queuedAt ?? startedAt ?? 0,
      startedAt,
      endedAt,
      tries: span.children === undefined || place.kind === 'run' ? 1 : span.children.length,
      durationMs: startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt,
      segments: place.kind === 'run' ? tryOf(span, undefined) : (bodySegments(span) ?? segmentsOf(span)),
      children: [],
      childRunId: undefined,
      startsOpen: false,
      depth: place.depth,
    }
  }
}

function placeholder(kind: NodeKind, id: string, place: Place): TreeNode {
  return {
    id,
    kind,
    name: '',
    loop: undefined,
    status: 'UNKNOWN',
    op: undefined,
    runId: place.runId,
    span: undefined,
    queuedAt: 0,
    startedAt: undefined,
    endedAt: undefined,
    tries: 0,
    durationMs: undefined,
    segments: [],
    children: [],
    childRunId: undefined,
    startsOpen: false,
    depth: place.depth,
  }
}

/** Operations during which nothing is at work for the run itself. */
const RESTS: ReadonlySet<StepOp> = new Set(['SLEEP', 'WAIT_FOR_EVENT', 'WAIT_FOR_SIGNAL', 'INVOKE'])

/** Whether a span of this kind is drawn outlined and counts as idle time. */
export function isRest(op: StepOp | undefined): boolean {
  return op !== undefined && RESTS.has(op)
}

/** Bar of a step: of its attempts where there are several, else of itself. */
export function segmentsOf(span: Span): readonly Segment[] {
  const attempts = span.children
  if (attempts === undefined || attempts.length === 0) return tryOf(span, undefined)
  const segments: Segment[] = []
  let before: number | undefined
  for (const attempt of attempts) {
    for (const segment of tryOf(attempt, before)) segments.push(segment)
    before = timesOf(attempt).endedAt
  }
  return segments
}

/** One try: what came before it (the queue, or the back-off after a failed one), and the try. */
function tryOf(span: Span, before: number | undefined): readonly Segment[] {
  const { startedAt, endedAt, ...times } = timesOf(span)
  const queuedAt = before ?? times.queuedAt
  const { status, attempts: attempt } = span
  const segments: Segment[] = []
  const idle = before === undefined ? 'waiting' : 'backoff'
  if (queuedAt !== undefined && (startedAt === undefined || startedAt > queuedAt)) {
    segments.push({ kind: idle, from: queuedAt, until: startedAt ?? endedAt, status, attempt })
  }
  if (startedAt !== undefined) {
    segments.push({ kind: isRest(span.stepOp) ? 'rest' : 'attempt', from: startedAt, until: endedAt, status, attempt })
  }
  return segments
}

/** What rests, and a step whose next try is due, does not run: it waits. */
function statusOfSpan({ status, stepOp, children }: Span): SpanStatus {
  if (status !== 'RUNNING') return status
  const last = children?.at(-1)
  const isDue = last?.status === 'WAITING' && last.endedAt === undefined
  return isDue || isRest(last?.stepOp ?? stepOp) ? 'WAITING' : status
}

/** The last call of the function is part of the one that ran the steps: it did not wait while they worked. */
function bodySegments(span: Span): readonly Segment[] | undefined {
  if (span.name !== 'function success' && span.name !== 'function error') return undefined
  return segmentsOf(span).filter((segment) => segment.kind !== 'waiting')
}

interface SpanSet {
  readonly kind: 'one' | 'loop' | 'parallel'
  readonly spans: readonly Span[]
}

/**
 * Gathers steps that follow each other: those that were planned at one moment and overlap are branches of one
 * `Promise.all`; three or more of one name are a loop. Numbers at the end of a name do not make it another one.
 */
export function gather(spans: readonly Span[]): readonly SpanSet[] {
  const sets: SpanSet[] = []
  for (let at = 0; at < spans.length; ) {
    const loop = loopEnd(spans, at)
    const parallel = parallelEnd(spans, at)
    if (loop - at >= LOOP_MIN && loop >= parallel) {
      sets.push({ kind: 'loop', spans: spans.slice(at, loop) })
      at = loop
    } else if (parallel - at >= 2) {
      sets.push({ kind: 'parallel', spans: spans.slice(at, parallel) })
      at = parallel
    } else {
      sets.push({ kind: 'one', spans: spans.slice(at, at + 1) })
      at++
    }
  }
  return sets
}

function loopEnd(spans: readonly Span[], from: number): number {
  const first = spans[from]
  if (first?.stepId === undefined) return from
  const name = baseName(first.name)
  let end = from + 1
  for (let next = spans[end]; next?.stepId !== undefined && baseName(next.name) === name; next = spans[end]) end++
  return end
}

function parallelEnd(spans: readonly Span[], from: number): number {
  const first = spans[from]
  if (first?.stepId === undefined) return from
  const { queuedAt } = timesOf(first)
  let latest = endOf(first)
  let end = from + 1
  for (let next = spans[end]; next?.stepId !== undefined; next = spans[end]) {
    const times = timesOf(next)
    const start = times.startedAt ?? times.queuedAt ?? 0
    if (times.queuedAt !== queuedAt || start >= latest) break
    latest = Math.max(latest, endOf(next))
    end++
  }
  return end
}

function endOf(span: Span): number {
  return timesOf(span).endedAt ?? Number.POSITIVE_INFINITY
}

/** `page-12`, `page 3` and `page` are one loop. */
export function baseName(name: string): string {
  return name.replace(/[\s\-_.:#/]*\d+$/, '')
}

function group(set: SpanSet, nodes: readonly TreeNode[], place: Place): TreeNode {
  const [first] = nodes
  if (first === undefined) return placeholder(set.kind === 'loop' ? 'loop' : 'parallel', `${place.prefix}empty`, place)
  const isOpen = nodes.some((node) => node.endedAt === undefined)
  const starts = nodes.flatMap((node) => node.startedAt ?? [])
  const startedAt = starts.length === 0 ? undefined : least(starts)
  const endedAt = isOpen ? undefined : -least(nodes.map((node) => -(node.endedAt ?? 0)))
  const status = groupStatus(nodes)
  const queuedAt = least(nodes.map((node) => node.queuedAt))
  return {
    ...first,
    id: `${first.id}+`,
    kind: set.kind === 'loop' ? 'loop' : 'parallel',
    name: set.kind === 'loop' ? baseName(first.name) : '',
    loop: undefined,
    status,
    op: undefined,
    span: undefined,
    queuedAt,
    startedAt,
    endedAt,
    tries: 0,
    durationMs: startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt,
    segments: startedAt === undefined ? [] : [{ kind: 'attempt', from: startedAt, until: endedAt, status }],
    children: nodes,
    childRunId: undefined,
    startsOpen: true,
    depth: place.depth,
  }
}

/** Spreading 10,000 numbers into Math.min works, a million would not. */
function least(numbers: readonly number[]): number {
  let low = Number.POSITIVE_INFINITY
  for (const number of numbers) if (number < low) low = number
  return low
}

function groupStatus(nodes: readonly TreeNode[]): SpanStatus {
  for (const status of ['RUNNING', 'FAILED', 'WAITING', 'CANCELLED'] as const) {
    if (nodes.some((node) => node.status === status)) return status
  }
  return nodes[0]?.status ?? 'UNKNOWN'
}

/** Places of steps that share their exact name with another one. */
function loopPlaces(spans: readonly Span[]): ReadonlyMap<Span, number> {
  const counts = new Map<string, number>()
  const places = new Map<Span, number>()
  for (const span of spans) {
    if (span.stepId === undefined) continue
    const place = (counts.get(span.name) ?? 0) + 1
    counts.set(span.name, place)
    places.set(span, place)
  }
  for (const [span] of places) if (counts.get(span.name) === 1) places.delete(span)
  return places
}

interface Times {
  readonly queuedAt: number | undefined
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
}

/** Reading an instant takes 0.8 µs, and a live run of 10,000 steps is laid out again with every change of it. */
const known = new WeakMap<Span, Times>()

function timesOf(span: Span): Times {
  let times = known.get(span)
  if (times === undefined) {
    times = {
      queuedAt: instantOf(span.queuedAt),
      startedAt: instantOf(span.startedAt),
      endedAt: instantOf(span.endedAt),
    }
    known.set(span, times)
  }
  return times
}

/** Epoch milliseconds of an instant of the API. */
export function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
