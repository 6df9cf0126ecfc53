// Loads that are queued at once and then worked off: events in large POSTs, and runs of many keys whose wait is kept by key.
// The events of a key come one after the other, so that the first keys stand before all of the last.

import { monotonicMs, within } from '../stand/clock.ts'
import type { KeyWaits, NullFunction } from './messages.ts'
import type { CallObserver } from './null-calls.ts'
import type { Ring } from './ring.ts'

const BATCH = 500
const POSTS_OPEN = 4
const DRAIN_MS_MAX = 120_000

/** Posts events with the given data, a few POSTs at a time; resolves when all are acknowledged. */
export async function postEvents(servers: Ring, fn: NullFunction, data: readonly string[]): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < data.length) {
      const batch = data.slice(next, next + BATCH)
      next += BATCH
      const body = `[${batch.map((text) => `{"name":"bench/${fn}","data":${text}}`).join(',')}]`
      const answer = await servers.send('/e/bench', body)
      if (answer.status !== 200) throw new Error(`events were answered with ${answer.status}: ${answer.body}`)
    }
  }
  await Promise.all(Array.from({ length: POSTS_OPEN }, lane))
}

/** Queues `runs` runs of each of `keys` keys and measures how long each key waited. */
export class KeyLoad implements CallObserver {
  private readonly waits: number[][]
  private readonly runs: number
  private open: number
  private sentAt = 0
  private onDrained: (() => void) | undefined

  constructor({ keys, runs }: { readonly keys: number; readonly runs: number }) {
    this.waits = Array.from({ length: keys }, () => [])
    this.runs = runs
    this.open = keys * runs
  }

  async run(servers: Ring): Promise<KeyWaits> {
    const drained = new Promise<void>((resolve) => (this.onDrained = resolve))
    const data = this.waits.flatMap((_, key) => Array.from({ length: this.runs }, () => `{"key":${key}}`))
    this.sentAt = monotonicMs()
    await postEvents(servers, 'keyed', data)
    await within(DRAIN_MS_MAX, `${this.open} runs of the keys did not end`, drained)
    const means = this.waits.map((waits) => waits.reduce((sum, wait) => sum + wait, 0) / waits.length)
    return { meanMs: means.reduce((sum, mean) => sum + mean, 0) / means.length, maxMs: Math.max(...means) }
  }

  started(fn: NullFunction, _sentAt: number, body: string): void {
    if (fn === 'keyed') this.waits[keyOf(body)]?.push(monotonicMs() - this.sentAt)
  }

  wentOn(): void {}

  ended(fn: NullFunction): void {
    if (fn !== 'keyed') return
    this.open -= 1
    if (this.open === 0) this.onDrained?.()
  }
}

function keyOf(body: string): number {
  return Number.parseInt(body.slice(body.indexOf('"key":') + '"key":'.length), 10)
}
