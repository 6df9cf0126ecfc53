// Keeps a window of runs of the SDK app under way on a server: as many new events as the app says that runs have ended.
// The events are sent by the bench, not by the app, which is the bottleneck here and must not pay for them.

import { Caller, JSON_HEADERS } from '../../floor/caller.ts'
import { within } from './clock.ts'
import type { SdkFunction } from './direct-calls.ts'
import type { SdkMeter } from './sdk-meter.ts'

const CONNECTIONS = 8
const DRAIN_MS_MAX = 20_000

/** A load on one function. */
export class SdkLoad {
  private readonly server: Caller
  private readonly event: string
  private underWay = 0
  private stopped = false
  private onDrained: (() => void) | undefined
  private refusal: string | undefined

  constructor(serverUrl: string, fn: SdkFunction, meter: SdkMeter) {
    this.server = new Caller(serverUrl, CONNECTIONS)
    this.event = `{"name":"bench/${fn}","data":{"sent":0}}`
    meter.onFinished = (runs) => this.ended(runs)
  }

  /** Puts `count` runs under way and keeps it so. */
  start(count: number): void {
    this.underWay += count
    const body = `[${this.event}${`,${this.event}`.repeat(count - 1)}]`
    this.server.post('/e/bench', JSON_HEADERS, body, ({ status, body: text }) => {
      if (status !== 200) this.refusal ??= `events were answered with ${status}: ${text.slice(0, 200)}`
    })
  }

  /** Lets the runs under way end. */
  async stop(): Promise<void> {
    this.stopped = true
    const drained = this.underWay > 0 ? new Promise<void>((resolve) => (this.onDrained = resolve)) : Promise.resolve()
    await within(DRAIN_MS_MAX, `${this.underWay} runs of the SDK app did not end`, drained).finally(() =>
      this.server.close(),
    )
    if (this.refusal !== undefined) throw new Error(this.refusal)
  }

  private ended(runs: number): void {
    if (runs === 0) return
    this.underWay -= runs
    if (!this.stopped) this.start(runs)
    else if (this.underWay <= 0) this.onDrained?.()
  }
}

/** Has the SDK app register itself with the server, as a server does it: by a PUT to its serve URL. */
export async function syncSdkApp(appUrl: string): Promise<void> {
  const serveUrl = `${appUrl}/api/inngest`
  const response = await fetch(serveUrl, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-inngest-server-kind': 'dev' },
    body: JSON.stringify({ url: serveUrl }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the SDK app could not be synced: ${response.status} ${text}`)
}
