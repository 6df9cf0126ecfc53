// Events that start one run together or in place of one another: debounce, batch and singleton; and runs that overtake: priority.

import { type Call, overlapMs, type RunSeen, runsOf, type Span } from './call-log.ts'
import { atMost, type Finding, none } from './verdict.ts'

/** Events of one key that were sent close together, and then none until a run had come of them. */
export interface Burst {
  readonly key: number
  readonly events: readonly number[]
  /** When the last was sent, and when it was acknowledged. */
  readonly sentAt: number
  readonly acknowledgedAt: number
  /** Whether its events lay too far apart for one window, or one of them may come again, as when a server was killed meanwhile. */
  readonly isTorn: boolean
}

/** How late a window may close. */
const LATE_MS_MAX = 500
/** Instants are stored in whole milliseconds. */
const ROUNDING_MS = 2

/** One run for each burst, with its last event, one period after it. */
export function judgeDebounce(
  bursts: readonly Burst[],
  runs: readonly RunSeen[],
  { periodMs, disturbed }: { readonly periodMs: number; readonly disturbed: readonly Span[] },
): readonly Finding[] {
  const whole = bursts.filter((burst) => !burst.isTorn)
  const byEvent = new Map(runs.map((run) => [run.events[0], run]))
  const runsOfBurst = ({ events }: Burst) => events.filter((event) => byEvent.has(event))
  const wrong = whole
    .map((burst) => ({ key: burst.key, events: burst.events, ran: runsOfBurst(burst) }))
    .filter(({ events, ran }) => ran.join() !== String(events.at(-1)))
  const started = whole.flatMap((burst) => {
    const run = byEvent.get(burst.events.at(-1))
    return run === undefined ? [] : [{ burst, startedAt: run.startedAt }]
  })
  const early = started.filter(({ burst, startedAt }) => startedAt < burst.sentAt + periodMs - ROUNDING_MS)
  const calm = started.filter(
    ({ burst, startedAt }) => overlapMs(disturbed, { from: burst.sentAt, to: startedAt }) === 0,
  )
  const late = Math.max(0, ...calm.map(({ burst, startedAt }) => startedAt - burst.acknowledgedAt - periodMs))
  return [
    none('bursts without exactly one run of their last event:', wrong),
    none(
      'runs before the period was over:',
      early.map(({ burst }) => burst),
    ),
    atMost('latest, ms', late, LATE_MS_MAX),
  ]
}

/** An event that was sent and acknowledged. */
export interface SentEvent {
  readonly number: number
  readonly key: number
  readonly sentAt: number
  readonly acknowledgedAt: number
  /** A server did not answer, and another was sent the same: the first may still take it, whenever it goes on. */
  readonly wasSentAgain: boolean
}

/** Each event in exactly one batch of its own key, none larger than the most, none older than the timeout. */
export function judgeBatches(
  sent: readonly SentEvent[],
  runs: readonly RunSeen[],
  rule: { readonly maxSize: number; readonly timeoutMs: number; readonly disturbed: readonly Span[] },
): readonly Finding[] {
  const { maxSize, timeoutMs, disturbed } = rule
  const byNumber = new Map(sent.map((event) => [event.number, event]))
  const times = new Map<number, number>()
  for (const number of runs.flatMap((run) => run.events)) times.set(number, (times.get(number) ?? 0) + 1)
  const keysOf = (run: RunSeen) => new Set(run.events.map((number) => byNumber.get(number)?.key))
  const ages = runs
    .map((run) => ({ run, sentAt: Math.min(...run.events.map((number) => byNumber.get(number)?.sentAt ?? 0)) }))
    .filter(({ run, sentAt }) => overlapMs(disturbed, { from: sentAt, to: run.startedAt }) === 0)
    .map(({ run, sentAt }) => run.startedAt - sentAt)
  const hasRoom = (run: RunSeen) => run.events.length < maxSize
  const early = runs.filter((run) => {
    const first = Math.min(...run.events.map((number) => byNumber.get(number)?.sentAt ?? 0))
    return hasRoom(run) && run.startedAt < first + timeoutMs - ROUNDING_MS
  })
  return [
    none(
      'events not in exactly one batch:',
      sent.filter(({ number }) => times.get(number) !== 1),
    ),
    atMost('largest batch', Math.max(0, ...runs.map((run) => run.events.length)), maxSize),
    none(
      'batches of several keys:',
      runs.filter((run) => keysOf(run).size !== 1),
    ),
    none('batches that were neither full nor old:', early),
    atMost('latest, ms', Math.max(0, ...ages.map((age) => age - timeoutMs)), LATE_MS_MAX),
  ]
}

/** Never two runs of one key at once. */
export function judgeSingleton(calls: readonly Call[]): Finding {
  const byKey = Map.groupBy(runsOf(calls), (run) => run.key)
  const together = [...byKey.values()].flatMap((runs) =>
    runs.filter((run, index) => {
      const before = runs.slice(0, index)
      return before.some((other) => other.endedAt > run.startedAt)
    }),
  )
  return none('runs that began while another of their key was live:', together)
}

/** After a newer event of the key was acknowledged: an open call may end, and one that was on its way may arrive. */
const CANCEL_GRACE_MS = 250

/** No call of a run that a newer one has cancelled. */
export function judgeCancelling(calls: readonly Call[], sent: readonly SentEvent[]): Finding {
  const byKey = Map.groupBy(sent, (event) => event.key)
  const late = calls.filter(({ key, events, arrivedAt }) => {
    const newer = (byKey.get(key) ?? []).find(({ number }) => number > (events[0] ?? 0))
    return newer !== undefined && arrivedAt > newer.acknowledgedAt + CANCEL_GRACE_MS
  })
  return none('calls of runs that were cancelled:', late)
}

/** Starts in the order of the priorities, and of the events within one. */
export function judgePriority(runs: readonly RunSeen[], priorityOf: (event: number) => number): Finding {
  const order = runs.map((run) => run.events[0] ?? 0)
  const wanted = order.toSorted((a, b) => priorityOf(b) - priorityOf(a) || a - b)
  return none(
    'starts out of order:',
    order.filter((event, index) => event !== wanted[index]),
  )
}
