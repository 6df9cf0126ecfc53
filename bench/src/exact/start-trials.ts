// The trials of what decides about starts: throttle, rate limit and priority.

import { monotonicMs, pause } from '../stand/clock.ts'
import { runsOf } from './call-log.ts'
import { judgeLimit } from './judge-concurrency.ts'
import { judgeRateLimit, judgeThrottle } from './judge-starts.ts'
import { judgePriority } from './judge-windows.ts'
import { holdMs, judgeAccounts, postAll, type Size, type Trial, untilAllEnded } from './trial.ts'

const THROTTLE = { limit: 20, burst: 5, periodMs: 1_000 }

/** Starts at a rate; nothing is lost. */
export const THROTTLED: Trial = {
  title: 'throttle 20 in a second, burst 5',
  functions: () => [
    {
      name: 'only',
      event: 'exact/only',
      config: { throttle: { limit: THROTTLE.limit, burst: THROTTLE.burst, period: '1s' } },
      steps: 0,
      kind: 'sequence',
      holdMs: 0,
    },
  ],
  load: async (stand) => {
    const events = Array.from({ length: stand.size.runs }, (_, number) => ({ name: 'exact/only', number, key: 0 }))
    await postAll(stand.sender, events)
    await untilAllEnded(stand)
  },
  judge: (seen) => {
    const starts = runsOf(seen.calls).map((run) => run.startedAt)
    return [...judgeAccounts(seen), ...judgeThrottle(starts, THROTTLE, seen.disturbed)]
  },
}

const RATE_PERIOD_MS = 1_000
/** Events offered for each that can be admitted. */
const PRESSURE = 5
const POST_EVERY_MS = 100
/** A run's first call after its event was acknowledged; more only where a server that had it was lost. */
const SETTLE_MS = 2_000
const SETTLE_DISTURBED_MS = 45_000

/** Lossy: what does not fit starts nothing. */
export const RATE_LIMITED: Trial = {
  title: 'rate limit, five times as many events as it admits',
  functions: (size) => [
    {
      name: 'only',
      event: 'exact/only',
      config: { rateLimit: { limit: rateOf(size), period: '1s' } },
      steps: 0,
      kind: 'sequence',
      holdMs: 0,
    },
  ],
  load: async ({ size, app, sender }) => {
    const each = Math.ceil((rateOf(size) * PRESSURE * POST_EVERY_MS) / 1000)
    const posts: Promise<unknown>[] = []
    let number = 0
    let next = monotonicMs()
    while (app.endedEvents.size < size.runs && number < size.runs * PRESSURE * 3) {
      const events = Array.from({ length: each }, () => ({ name: 'exact/only', number: number++, key: 0 }))
      posts.push(sender.post(events))
      next += POST_EVERY_MS
      await pause(Math.max(0, next - monotonicMs()))
    }
    await Promise.all(posts)
    await pause(size.isDisturbed ? SETTLE_DISTURBED_MS : SETTLE_MS)
  },
  judge: ({ size, calls, sent }) => {
    const admitted = new Set(calls.flatMap((call) => call.events))
    const offers = sent.map((event) => ({ ...event, wasAdmitted: admitted.has(event.number) }))
    return [
      { holds: admitted.size >= size.runs, says: `admitted ${admitted.size} of ${sent.length}` },
      ...judgeRateLimit(offers, { limit: rateOf(size), periodMs: RATE_PERIOD_MS }),
    ]
  },
}

function rateOf({ isDisturbed }: Size): number {
  return isDisturbed ? 20 : 100
}

/** Seconds; far more apart than the events are sent. */
const PRIORITIES = [0, 400, -400, 200]

/** Behind a limit of 1 and a run that waits until all are queued. */
export const PRIORITY: Trial = {
  title: 'priority, behind a limit of 1',
  functions: (size) => [
    {
      name: 'only',
      event: 'exact/only',
      config: { concurrency: [{ limit: 1 }], priority: { run: 'event.data.priority' } },
      steps: 0,
      kind: 'sequence',
      holdMs: holdMs(size, { slots: 1, calls: size.runs }),
    },
  ],
  load: async (stand) => {
    const { app, calmSender, size } = stand
    let areAllQueued = false
    app.mayEnd = (call) => areAllQueued || call.events[0] !== 0
    const event = (number: number) => ({
      name: 'exact/only',
      number,
      key: 0,
      data: { priority: PRIORITIES[number % PRIORITIES.length] },
    })
    const arrived = new Promise<void>((resolve) => (app.onArrival = () => resolve()))
    await calmSender.post([event(0)])
    await arrived
    await postAll(
      calmSender,
      Array.from({ length: size.runs - 1 }, (_, index) => event(index + 1)),
    )
    areAllQueued = true
    app.release()
    await untilAllEnded({ ...stand, sender: calmSender })
  },
  judge: (seen) => {
    const first = (number: number) =>
      number === 0 ? Number.POSITIVE_INFINITY : (PRIORITIES[number % PRIORITIES.length] ?? 0)
    const limit = { title: 'function', limit: 1, groupOf: () => 'all', counts: 'calls' } as const
    return [...judgeAccounts(seen), judgeLimit(seen.calls, limit), judgePriority(runsOf(seen.calls), first)]
  },
}
