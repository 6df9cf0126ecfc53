// What the app saw: every call with its function, run, events, and when it was open. All judgements of `exact` are made from this,
// never from what the server says. Times are milliseconds of the monotonic clock that all processes of the bench share.

/** One call of one function, as the app saw it. */
export interface Call {
  readonly fn: string
  readonly run: string
  /** `step` for a discovery, else the hash of a planned step. */
  readonly step: string
  /** Memoized steps that the call brought. */
  readonly stepsDone: number
  /** Numbers of the events that the call brought, in its order. */
  readonly events: readonly number[]
  /** The key that the first event carried. */
  readonly key: number
  readonly arrivedAt: number
  /** When the function's body was done, whether or not anybody still listened. */
  readonly endedAt: number
  /** Its answer was the function's result. */
  readonly endsRun: boolean
}

/** One run, from its first call to the end of its last. */
export interface RunSeen {
  readonly fn: string
  readonly run: string
  readonly events: readonly number[]
  readonly key: number
  readonly startedAt: number
  readonly endedAt: number
}

/** Runs in the order of their starts. */
export function runsOf(calls: readonly Call[]): readonly RunSeen[] {
  const byRun = Map.groupBy(calls, (call) => call.run)
  const runs = [...byRun].map(([run, own]): RunSeen => {
    const first = own.reduce((least, call) => (call.arrivedAt < least.arrivedAt ? call : least))
    const endedAt = Math.max(...own.map((call) => call.endedAt))
    return { fn: first.fn, run, events: first.events, key: first.key, startedAt: first.arrivedAt, endedAt }
  })
  return runs.sort((a, b) => a.startedAt - b.startedAt)
}

/** A stretch of time. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Length of the spans' part inside `within` and outside all of `without`. */
export function overlapMs(spans: readonly Span[], within: Span, without: readonly Span[] = []): number {
  const inside = cut(spans, within)
  const outside = without.flatMap((hole) => cut([hole], within)).reduce((sum, hole) => sum + overlapMs(inside, hole), 0)
  return inside.reduce((sum, span) => sum + span.to - span.from, 0) - outside
}

function cut(spans: readonly Span[], within: Span): readonly Span[] {
  return spans
    .map(({ from, to }) => ({ from: Math.max(from, within.from), to: Math.min(to, within.to) }))
    .filter(({ from, to }) => to > from)
}
