// A load in which one event makes many calls: twenty functions that listen to it, or a run with a hundred parallel steps.
// One event is under way at a time; what is measured is the time until the answer that ends the last of it was written.

import { type Spread, spreadOf } from '../report/spread.ts'
import { monotonicMs, pause, within } from '../stand/clock.ts'
import type { NullFunction } from './messages.ts'
import type { CallObserver } from './null-calls.ts'
import { FAN_OUT } from './null-functions.ts'
import type { Ring } from './ring.ts'

const EVENT_MS_MAX = 20_000
/** Lets the server finish with one event before the next. */
const REST_MS = 10

/** Measures one event after the other. */
export class FanLoad implements CallObserver {
  private readonly servers: Ring
  private readonly fn: 'fan' | 'parallel'
  private open = 0
  private onEnded: (() => void) | undefined

  constructor(servers: Ring, fn: 'fan' | 'parallel') {
    this.servers = servers
    this.fn = fn
  }

  /** Times in milliseconds, from the event's POST to the end of its last run. */
  async run(seconds: number): Promise<Spread> {
    const times: number[] = []
    const until = monotonicMs() + seconds * 1000
    while (monotonicMs() < until) {
      times.push(await within(EVENT_MS_MAX, `runs of ${this.fn} did not end`, this.once()))
      await pause(REST_MS)
    }
    return spreadOf(times)
  }

  private async once(): Promise<number> {
    this.open = this.fn === 'fan' ? FAN_OUT : 1
    const ended = new Promise<void>((resolve) => (this.onEnded = resolve))
    const sentAt = monotonicMs()
    const answer = await this.servers.send('/e/bench', `{"name":"bench/${this.fn}","data":{"sent":${sentAt}}}`)
    if (answer.status !== 200) throw new Error(`an event was answered with ${answer.status}: ${answer.body}`)
    await ended
    return monotonicMs() - sentAt
  }

  started(): void {}

  wentOn(): void {}

  ended(fn: NullFunction): void {
    if (!fn.startsWith(this.fn)) return
    this.open -= 1
    if (this.open === 0) this.onEnded?.()
  }
}
