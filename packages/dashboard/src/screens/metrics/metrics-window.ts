// The window that charts are read for. A range that ends now slides on with the clock and keeps one answer in the cache
// for all its instants; one between two instants stands still. Pure.

import { lastMs, type TimeRange } from '../../ui/time-range.ts'

export const USUAL_RANGE = '24h'
const MINUTE_MS = 60_000

export interface MetricsWindow {
  readonly from: string
  readonly until: string
  /** What names the window while it slides; absent: it stands still. */
  readonly slide?: string
}

/** The window of a range at `now`. It ends with the present minute, so that the newest counts are in it. */
export function metricsWindow(range: TimeRange, now: number): MetricsWindow {
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  if (range.from !== undefined && range.until !== undefined) return { from: range.from, until: range.until }
  if (range.from !== undefined) return { from: range.from, until: iso(end), slide: `from ${range.from}` }
  const last = range.last ?? USUAL_RANGE
  const length = lastMs(last) ?? lastMs(USUAL_RANGE) ?? 0
  if (range.until !== undefined) return { from: iso(Date.parse(range.until) - length), until: range.until }
  return { from: iso(end - length), until: iso(end), slide: last }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
