// How fast a bulk operation goes: so many runs in one page, then a rest. The changes are spread over the time, and a page is
// worth its commit.
import { BULK_PAGE } from './bulk-item.ts'

/** Pages in a second, where the rate allows them. */
const PAGES_PER_SECOND = 10
const SECONDS_IN_MINUTE = 60

export interface Pace {
  /** Runs of one page. */
  readonly runs: number
  /** The rest after a page that has changed so many, in milliseconds. */
  restFor(changed: number): number
}

/** null: as fast as pages follow each other. Pure. */
export function paceOf(perMinute: number | null): Pace {
  if (perMinute === null) return { runs: BULK_PAGE, restFor: () => 0 }
  const { runs, restMs } = pageOf(perMinute / SECONDS_IN_MINUTE)
  return { runs, restFor: (changed) => Math.ceil((restMs * changed) / runs) }
}

/** Runs that are changed together, and the rest after them in milliseconds; never more in a second than the rate. Pure. */
export function pageOf(perSecond: number): { readonly runs: number; readonly restMs: number } {
  const runs = Math.min(BULK_PAGE, Math.max(1, Math.floor(perSecond / PAGES_PER_SECOND)))
  const pages = perSecond / runs
  return { runs, restMs: Math.ceil(1_000 / (pages >= 1 ? Math.floor(pages) : pages)) }
}
