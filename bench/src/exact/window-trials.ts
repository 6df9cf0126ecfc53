// The trials of events that meet: debounce, batch and singleton. The load of a key goes on when the app has seen what came of it.

import { monotonicMs, pause } from '../stand/clock.ts'
import { runsOf } from './call-log.ts'
import { judgeBatches, judgeCancelling, judgeDebounce, judgeSingleton } from './judge-windows.ts'
import type { RecordingApp } from './recording-app.ts'
import { holdMs, judgeAccounts, type Size, type Trial, type TrialStand, untilAllEnded } from './trial.ts'
import { none } from './verdict.ts'

const WAIT_MS_MAX = 120_000
const BURST = 3

/** Waits until any of `events` has arrived, or has ended; false when that takes too long. */
class Watch {
  private readonly wanted = new Map<number, () => void>()

  constructor(app: RecordingApp, moment: 'arrival' | 'end') {
    const tell = ({ events }: { readonly events: readonly number[] }) => {
      for (const event of events) this.wanted.get(event)?.()
    }
    if (moment === 'arrival') app.onArrival = tell
    else app.onRunEnd = tell
  }

  /** To be asked before the events are sent. */
  of(events: readonly number[], ms = WAIT_MS_MAX): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (happened: boolean) => {
        clearTimeout(timer)
        for (const event of events) this.wanted.delete(event)
        resolve(happened)
      }
      const timer = setTimeout(() => done(false), ms)
      for (const event of events) this.wanted.set(event, () => done(true))
    })
  }
}

/** Counts up over all keys. */
function numbersFrom(start: number): (count: number) => readonly number[] {
  let next = start
  return (count) => Array.from({ length: count }, () => next++)
}

const DEBOUNCE_KEYS_MAX = 200
const DEBOUNCES_PER_KEY = 10

function debouncePeriodMs({ isDisturbed }: Size): number {
  return isDisturbed ? 8_000 : 1_000
}

/** The last of several events, when none came for a while. */
export const DEBOUNCE: Trial = {
  title: 'debounce by key, bursts of three events',
  functions: (size) => [
    {
      name: 'only',
      event: 'exact/only',
      config: { debounce: { period: `${debouncePeriodMs(size) / 1000}s`, key: 'event.data.key' } },
      steps: 0,
      kind: 'sequence',
      holdMs: 0,
    },
  ],
  load: async ({ app, sender, size, bursts }) => {
    const arrivals = new Watch(app, 'arrival')
    const take = numbersFrom(0)
    const lane = async (key: number) => {
      for (let burst = 0; burst < DEBOUNCES_PER_KEY; burst += 1) {
        const events = take(BURST)
        const arrived = arrivals.of(events)
        const begunAt = monotonicMs()
        let sentAt = begunAt
        let wasSentAgain = false
        for (const [index, number] of events.entries()) {
          // The last one has the greatest `ts`, whatever the clocks of the servers say, and none lies in the future.
          const ts = Date.now() - BURST + index
          const posted = await sender.post([{ name: 'exact/only', number, key, ts }])
          sentAt = posted.sentAt
          wasSentAgain ||= posted.wasSentAgain
        }
        const acknowledgedAt = monotonicMs()
        const isTorn = wasSentAgain || acknowledgedAt - begunAt > debouncePeriodMs(size) / 2
        bursts.push({ key, events, sentAt, acknowledgedAt, isTorn })
        await arrived
      }
    }
    const keys = Math.min(DEBOUNCE_KEYS_MAX, Math.ceil(size.runs / DEBOUNCES_PER_KEY))
    await Promise.all(Array.from({ length: keys }, (_, key) => lane(key)))
    await pause(debouncePeriodMs(size) + 1_000)
  },
  judge: ({ size, calls, bursts, disturbed }) =>
    judgeDebounce(bursts, runsOf(calls), { periodMs: debouncePeriodMs(size), disturbed }),
}

const BATCH = { maxSize: 10, timeoutMs: 2_000 }
const BATCH_KEYS = 4
/** Events of each key that fill no batch. */
const BATCH_REST = 3
const BATCH_POST = 100

/** Several events, one run. */
export const BATCHES: Trial = {
  title: 'batches of 10 or 2 s by key, 4 keys',
  functions: () => [
    {
      name: 'only',
      event: 'exact/only',
      config: { batchEvents: { maxSize: BATCH.maxSize, timeout: '2s', key: 'event.data.key' } },
      steps: 0,
      kind: 'sequence',
      holdMs: 0,
    },
  ],
  load: async (stand) => {
    const { size, sender } = stand
    const full = Math.ceil((size.runs * BATCH.maxSize) / BATCH_KEYS / BATCH.maxSize) * BATCH.maxSize * BATCH_KEYS
    const total = full + BATCH_REST * BATCH_KEYS
    const everyMs = size.isDisturbed ? (DISTURBED_LOAD_MS * BATCH_POST) / total : 0
    let next = monotonicMs()
    for (let from = 0; from < total; from += BATCH_POST) {
      const count = Math.min(BATCH_POST, total - from)
      const numbers = Array.from({ length: count }, (_, index) => from + index)
      await sender.post(numbers.map((number) => ({ name: 'exact/only', number, key: number % BATCH_KEYS })))
      next += everyMs
      await pause(Math.max(0, next - monotonicMs()))
    }
    await untilAllEnded(stand)
  },
  judge: ({ calls, sent, disturbed }) => judgeBatches(sent, runsOf(calls), { ...BATCH, disturbed }),
}

const DISTURBED_LOAD_MS = 120_000
const SINGLETON_KEYS = 40
/** A burst that arrives before the end of the run before it was stored starts nothing, and rightly. */
const START_MS_MAX = 1_000
const AFTER_END_MS = 20

/** One run of a key at a time; others are skipped. */
export const SINGLETON_SKIP: Trial = {
  title: 'singleton by key, skip',
  functions: (size) => [
    {
      name: 'only',
      event: 'exact/only',
      config: { singleton: { mode: 'skip', key: 'event.data.key' } },
      steps: 0,
      kind: 'sequence',
      holdMs: holdMs(size, { slots: SINGLETON_KEYS, calls: size.runs }),
    },
  ],
  load: async (stand) => {
    const { app, sender, size } = stand
    const arrivals = new Watch(app, 'arrival')
    const ends = new Watch(app, 'end')
    const take = numbersFrom(0)
    const lane = async (key: number) => {
      const until = monotonicMs() + WAIT_MS_MAX * 3
      for (let run = 0; run < size.runs / SINGLETON_KEYS && monotonicMs() < until; ) {
        const events = take(BURST)
        const arrived = arrivals.of(events, START_MS_MAX)
        const ended = ends.of(events)
        await sender.post(events.map((number) => ({ name: 'exact/only', number, key })))
        if (!(await arrived)) continue
        await ended
        await pause(AFTER_END_MS)
        run += 1
      }
    }
    await Promise.all(Array.from({ length: SINGLETON_KEYS }, (_, key) => lane(key)))
  },
  judge: ({ size, calls, sent }) => {
    const runs = runsOf(calls)
    const once = new Set(sent.filter((event) => !event.wasSentAgain).map((event) => event.number))
    // Three events in one POST are decided upon together.
    const byBurst = Map.groupBy(
      runs.filter((run) => once.has(run.events[0] ?? -1)),
      (run) => Math.floor((run.events[0] ?? 0) / BURST),
    )
    return [
      { holds: runs.length >= Math.floor(size.runs / SINGLETON_KEYS) * SINGLETON_KEYS, says: `runs ${runs.length}` },
      judgeSingleton(calls),
      none(
        'bursts with several runs:',
        [...byBurst.values()].filter((own) => own.length > 1),
      ),
    ]
  },
}

const CANCEL_STEPS = 4

/** One run of a key at a time; the newest wins. */
export const SINGLETON_CANCEL: Trial = {
  title: 'singleton by key, cancel, runs of five calls',
  functions: (size) => [
    {
      name: 'only',
      event: 'exact/only',
      config: { singleton: { mode: 'cancel', key: 'event.data.key' } },
      steps: CANCEL_STEPS,
      kind: 'sequence',
      holdMs: cancelHoldMs(size),
    },
  ],
  load: async (stand: TrialStand) => {
    const { app, sender, size } = stand
    const arrivals = new Watch(app, 'arrival')
    const ends = new Watch(app, 'end')
    const take = numbersFrom(0)
    const lane = async (key: number) => {
      let ended = Promise.resolve(true)
      for (let run = 0; run < size.runs / SINGLETON_KEYS; run += 1) {
        const events = take(1)
        const arrived = arrivals.of(events)
        ended = ends.of(events)
        await sender.post(events.map((number) => ({ name: 'exact/only', number, key })))
        await arrived
        // In the middle of its second call.
        await pause(cancelHoldMs(size) * 1.5)
      }
      await ended
    }
    await Promise.all(Array.from({ length: SINGLETON_KEYS }, (_, key) => lane(key)))
  },
  judge: (seen) => {
    const last = [...Map.groupBy(seen.sent, (event) => event.key).values()].map((own) => own.at(-1)?.number ?? -1)
    const complete = new Set(seen.calls.flatMap((call) => (call.endsRun ? call.events : [])))
    return [
      ...judgeAccounts(seen),
      judgeCancelling(seen.calls, seen.sent),
      none(
        'newest runs that did not end:',
        last.filter((number) => !complete.has(number)),
      ),
      none(
        'older runs that ended:',
        [...complete].filter((number) => !last.includes(number)),
      ),
    ]
  },
}

function cancelHoldMs(size: Size): number {
  return holdMs(size, { slots: SINGLETON_KEYS, calls: size.runs * 1.5 })
}
