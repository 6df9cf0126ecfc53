/**
 * The calendar side of a schedule: the next minute it names, on a clock that never changes. Wall time is written as
 * the epoch milliseconds that it would be in UTC; zones are `tick.ts`'s business.
 */
import type { Cron } from './parse.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The search stops here, so that 30 February ends. A leap day is at most eight years off, and four until 2096. */
const SEARCH_DAYS = 5 * 366

/** The first minute of the schedule at or after `from`, in wall time; null when there is none within five years. */
export function nextWall(cron: Cron, from: number): number | null {
  const start = Math.ceil(from / MINUTE_MS) * MINUTE_MS
  const today = Math.floor(start / DAY_MS)
  let date = new Date(today * DAY_MS)
  const minuteOfDay = (start - today * DAY_MS) / MINUTE_MS
  if (dayMatches(cron, date)) {
    const minute = minuteFrom(cron, minuteOfDay)
    if (minute !== null) return today * DAY_MS + minute * MINUTE_MS
  }
  const first = minuteFrom(cron, 0) ?? 0
  const last = (today + SEARCH_DAYS) * DAY_MS
  while (date.getTime() <= last) {
    date = nextDate(cron, date)
    if (dayMatches(cron, date)) return date.getTime() + first * MINUTE_MS
  }
  return null
}

// The day after, or the first of the next month when nothing can be found in this one.
function nextDate(cron: Cron, date: Date): Date {
  if (cron.months.has(date.getUTCMonth() + 1)) return new Date(date.getTime() + DAY_MS)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1))
}

function dayMatches(cron: Cron, date: Date): boolean {
  if (!cron.months.has(date.getUTCMonth() + 1)) return false
  const inMonth = cron.daysOfMonth.has(date.getUTCDate())
  const inWeek = cron.daysOfWeek.has(date.getUTCDay())
  return cron.eitherDay ? inMonth || inWeek : inMonth && inWeek
}

// The first minute of a day, at or after a given one.
function minuteFrom(cron: Cron, from: number): number | null {
  for (const hour of cron.hours) {
    if (hour * 60 + 59 < from) continue
    for (const minute of cron.minutes) {
      if (hour * 60 + minute >= from) return hour * 60 + minute
    }
  }
  return null
}
