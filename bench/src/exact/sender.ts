// Sends the events of a trial to whichever server answers. An event has an ID, so that one that was sent twice, because nobody knew
// whether a server that was killed had taken it, counts once.

import { monotonicMs, pause } from '../stand/clock.ts'
import type { SentEvent } from './judge-windows.ts'

/** A stopped server takes the request and never answers. */
const ANSWER_MS_MAX = 3_000
const TRIES_MAX = 60
const BETWEEN_TRIES_MS = 250

/** An event to be sent; its number is its place in the trial. */
export interface OutgoingEvent {
  readonly name: string
  readonly number: number
  readonly key: number
  readonly data?: Readonly<Record<string, unknown>>
  /** Epoch milliseconds; where it is left out the server that takes the event says when that was. */
  readonly ts?: number
}

type Posted = Omit<SentEvent, 'number' | 'key'>

/** Sends to several servers in turns, and to the next when one does not answer. */
export class Sender {
  readonly sent: SentEvent[] = []
  private readonly urls: readonly string[]
  /** Apart from all other trials on the same store. */
  private readonly trial: string
  private turn = 0

  constructor(urls: readonly string[], trial: string) {
    this.urls = urls
    this.trial = trial
  }

  /** Posts events together; resolves when they are acknowledged. */
  async post(events: readonly OutgoingEvent[]): Promise<Posted> {
    const body = JSON.stringify(
      events.map(({ name, number, key, data, ts }) => ({
        id: `${this.trial}-${number}`,
        name,
        ts,
        data: { number, key, ...data },
      })),
    )
    const sentAt = monotonicMs()
    const wasSentAgain = (await this.deliver(body)) > 1
    const posted = { sentAt, acknowledgedAt: monotonicMs(), wasSentAgain }
    for (const { number, key } of events) this.sent.push({ number, key, ...posted })
    return posted
  }

  /** How often it had to be sent. */
  private async deliver(body: string): Promise<number> {
    let fault = ''
    for (let tried = 0; tried < TRIES_MAX; tried += 1) {
      this.turn += 1
      const url = this.urls[this.turn % this.urls.length]
      try {
        const response = await fetch(`${url}/e/bench`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(ANSWER_MS_MAX),
        })
        const text = await response.text()
        if (response.status === 200) return tried + 1
        if (response.status < 500) throw new Refused(`events were refused with ${response.status}: ${text}`)
        fault = `${response.status}: ${text}`
      } catch (error) {
        if (error instanceof Refused) throw error
        fault = error instanceof Error ? error.message : String(error)
      }
      if (tried >= this.urls.length) await pause(BETWEEN_TRIES_MS)
    }
    throw new Error(`no server took the events; the last answer: ${fault}`)
  }
}

class Refused extends Error {}
