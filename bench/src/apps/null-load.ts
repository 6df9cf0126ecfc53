// The null app's load: it sends events itself and knows by its own calls when runs go on and end, so that no other process
// has to be told. A load keeps a window of runs under way for some seconds, then lets the last ones end.

import { type Spread, spreadOf } from '../report/spread.ts'
import { monotonicMs, within } from '../stand/clock.ts'
import type { Load, LoadResult, NullFunction } from './messages.ts'
import type { CallObserver } from './null-calls.ts'
import type { Ring } from './ring.ts'

const DRAIN_MS_MAX = 20_000
const RESUME_MS_MAX = 20_000
const FILL_BATCH = 100
/** Events sent ahead of their first calls while a store is filled. */
const FILL_AHEAD = 400

/** Runs one load to its end. */
export class RunningLoad implements CallObserver {
  private readonly load: Load
  private readonly sender: EventSender
  private readonly starts: number[] = []
  private readonly steps: number[] = []
  private readonly startedAt = monotonicMs()
  private underWay = 0
  private due = 0
  private endedRuns = 0
  private armed = false
  private closed = false
  private onDrained: (() => void) | undefined

  constructor(servers: Ring, load: Load) {
    this.load = load
    this.sender = new EventSender(servers, `bench/${load.fn}`)
  }

  /** Fills the window, keeps it full, drains it. */
  async run(): Promise<LoadResult> {
    const { fn, seconds, window, batch } = this.load
    this.due = batch > 1 ? Math.floor(window / batch) * batch : window
    this.sendDue()
    await within(seconds * 1000 + DRAIN_MS_MAX, `runs of ${fn} did not all end`, this.untilDrained(seconds))
    const elapsedMs = monotonicMs() - this.startedAt
    return { runs: this.endedRuns, elapsedMs, start: spreadOf(this.starts), step: spreadOf(this.steps) }
  }

  started(fn: NullFunction, sentAt: number): void {
    if (fn === this.load.fn) this.starts.push(monotonicMs() - sentAt)
  }

  wentOn(fn: NullFunction, ms: number): void {
    if (fn === this.load.fn) this.steps.push(ms)
  }

  ended(fn: NullFunction): void {
    if (fn !== this.load.fn) return
    this.endedRuns += 1
    this.underWay -= 1
    if (this.closed) {
      if (this.underWay === 0) this.onDrained?.()
      return
    }
    this.due += 1
    if (this.load.restMs !== undefined) setTimeout(() => this.sendDue(), this.load.restMs)
    else if (this.load.batch === 1) this.sendDue()
    else if (this.load.batch > 1) this.sendFullBatches()
    else this.sendAtEndOfTurn()
  }

  private async untilDrained(seconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    this.closed = true
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.onDrained = resolve))
    this.sender.check()
  }

  private sendFullBatches(): void {
    while (this.due >= this.load.batch) this.sendOne(this.load.batch)
  }

  private sendAtEndOfTurn(): void {
    if (this.armed) return
    this.armed = true
    setImmediate(() => {
      this.armed = false
      this.sendDue()
    })
  }

  private sendDue(): void {
    if (this.closed) return
    const size = this.load.batch === 0 ? this.due : this.load.batch
    while (this.due > 0) this.sendOne(Math.min(size, this.due))
  }

  private sendOne(count: number): void {
    this.due -= count
    this.underWay += count
    this.sender.send(count)
  }
}

/** Sends events and remembers the first refusal, since a load that lost an event would otherwise just hang. */
class EventSender {
  private readonly servers: Ring
  private readonly name: string
  private refusal: string | undefined

  constructor(servers: Ring, name: string) {
    this.servers = servers
    this.name = name
  }

  send(count: number): void {
    const event = `{"name":"${this.name}","data":{"sent":${monotonicMs()}}}`
    const body = `[${event}${`,${event}`.repeat(count - 1)}]`
    this.servers.post('/e/bench', body, ({ status, body: text }) => {
      if (status !== 200) this.refusal ??= `events were answered with ${status}: ${text.slice(0, 200)}`
    })
  }

  check(): void {
    if (this.refusal !== undefined) throw new Error(this.refusal)
  }
}

/** Starts `count` runs that then sleep or wait, and counts those whose first call was answered. */
export class RunningFill implements CallObserver {
  private readonly servers: Ring
  private readonly fn: 'sleeper' | 'waiter'
  private readonly count: number
  private sent = 0
  private stored = 0
  private refused = 0
  private onFilled: (() => void) | undefined

  constructor(servers: Ring, fn: 'sleeper' | 'waiter', count: number) {
    this.servers = servers
    this.fn = fn
    this.count = count
  }

  /** Resolves when all are stored or the time is over, with how many are. */
  async run(secondsMax: number): Promise<{ stored: number; elapsedMs: number }> {
    const startedAt = monotonicMs()
    const filled = new Promise<void>((resolve) => (this.onFilled = resolve))
    const timer = setTimeout(() => this.onFilled?.(), secondsMax * 1000)
    this.sendAhead()
    await filled
    clearTimeout(timer)
    if (this.refused > 0) throw new Error(`${this.refused} POSTs of events were refused while the store was filled`)
    return { stored: this.stored, elapsedMs: monotonicMs() - startedAt }
  }

  started(fn: NullFunction): void {
    if (fn !== this.fn) return
    this.stored += 1
    if (this.stored === this.count) this.onFilled?.()
    else this.sendAhead()
  }

  wentOn(): void {}

  ended(): void {}

  private sendAhead(): void {
    while (this.sent < this.count && this.sent - this.stored <= FILL_AHEAD - FILL_BATCH) {
      const size = Math.min(FILL_BATCH, this.count - this.sent)
      const events = Array.from({ length: size }, (_, index) => ({
        name: `bench/${this.fn}`,
        data: { id: this.sent + index },
      }))
      this.sent += size
      this.servers.post('/e/bench', JSON.stringify(events), ({ status }) => {
        if (status !== 200) this.refused += 1
      })
    }
  }
}

/** Answers one wait after the other and measures from the event's POST to the call of the run that waited. */
export async function resumeWaits(
  servers: Ring,
  ids: readonly number[],
  observe: (observer: CallObserver) => void,
): Promise<Spread> {
  const latencies: number[] = []
  for (const id of ids) {
    const resumed = new Promise<number>((resolve) =>
      observe({ started() {}, wentOn: (fn) => fn === 'waiter' && resolve(monotonicMs()), ended() {} }),
    )
    const sentAt = monotonicMs()
    const answer = await servers.send('/e/bench', JSON.stringify([{ name: 'bench/answer', data: { id } }]))
    if (answer.status !== 200) throw new Error(`the answering event was refused with ${answer.status}: ${answer.body}`)
    latencies.push((await within(RESUME_MS_MAX, `the run that waits for ${id} was not resumed`, resumed)) - sentAt)
  }
  return spreadOf(latencies)
}
