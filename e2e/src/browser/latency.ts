/**
 * How long it takes from a change in the store until it is seen: the page notes when the link to a run first stands in the
 * list, the test when the server has said that it took the event. Both clocks are the machine's.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { Api } from '../harness/api.ts'
import { until } from '../harness/until.ts'

/** How many changes are measured. */
const CHANGES = 40
/** Milliseconds between two events, so that they fall on all phases of the stream's beat. */
const PAUSES_MS = [90, 130, 170, 210] as const

export interface Latency {
  /** Milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly worst: number
}

/** Sends events one after the other and waits until the run of each is in the page's list of runs. */
export async function measureLatency(page: Page, api: Api, event: string): Promise<Latency> {
  await watchLinks(page)
  const sent: { readonly eventId: string; readonly at: number }[] = []
  for (let change = 0; change < CHANGES; change++) {
    const eventId = await api.sendOne({ name: event, data: { price: change } })
    sent.push({ eventId, at: Date.now() })
    await sleep(PAUSES_MS[change % PAUSES_MS.length])
  }
  const took = await Promise.all(
    sent.map(async ({ eventId, at }) => {
      const { id } = await api.firstRun(eventId)
      return (await until(`run ${id} in the page`, () => page.evaluate((of) => window.seenRuns?.[of], id))) - at
    }),
  )
  const sorted = took.toSorted((a, b) => a - b)
  const share = (of: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? Number.NaN
  return { p50: share(0.5), p95: share(0.95), worst: share(1) }
}

declare global {
  interface Window {
    /** Epoch milliseconds at which a link to each run was first seen. */
    seenRuns?: Record<string, number>
  }
}

async function watchLinks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Record<string, number> = {}
    window.seenRuns = seen
    const look = () => {
      for (const link of document.querySelectorAll('main a[href*="/runs/"]')) {
        const id = link.getAttribute('href')?.slice(-26)
        if (id !== undefined) seen[id] ??= Date.now()
      }
    }
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true })
  })
}

/** For the log of a test run. */
export function tell(what: string, { p50, p95, worst }: Latency): void {
  process.stdout.write(`${what}: ${CHANGES} changes seen, p50 ${p50} ms, p95 ${p95} ms, worst ${worst} ms\n`)
}
