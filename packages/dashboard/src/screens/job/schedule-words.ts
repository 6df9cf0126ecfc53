// The schedule of an HTTP Job in words. It says what the slots will be, not how the numbers were typed: 15 minutes from :50
// are :05, :20, :35 and :50. Pure.

import type { JobSchedule } from '../../api/index.ts'

const DAY = 1440
const WEEK = 7 * DAY
const HOUR = 60
/** More than so many minutes of the hour are not listed one by one. */
const LISTED_MAX = 4

/** Whether slots lie on the wall clock of the zone; else at constant distances of real time. */
export function isWallClock(intervalMinutes: number): boolean {
  return DAY % intervalMinutes === 0 || intervalMinutes % DAY === 0
}

/** Whether the hour of the start matters: not where slots are the same in every hour. */
export function hasStartHour(intervalMinutes: number): boolean {
  return HOUR % intervalMinutes !== 0
}

/** Whether the day from which slots are counted matters. */
export function hasAnchor(intervalMinutes: number): boolean {
  return intervalMinutes > DAY || !isWallClock(intervalMinutes)
}

/** `Every 15 minutes, at :05 :20 :35 :50`, `Every day at 09:00`. The zone is not in it. */
export function scheduleWords({ intervalMinutes, startMinute, startHour, anchorDate }: JobSchedule): string {
  const every = `Every ${lengthOf(intervalMinutes)}`
  const clock = `${two(startHour)}:${two(startMinute)}`
  if (!isWallClock(intervalMinutes)) return `${every}, counted from ${anchorDate} ${clock}`
  if (intervalMinutes >= DAY) {
    const isWeekly = intervalMinutes % WEEK === 0
    return `${every}${isWeekly ? `, ${weekdayOf(anchorDate)}` : ''} at ${clock}`
  }
  const first = (startHour * HOUR + startMinute) % intervalMinutes
  if (HOUR % intervalMinutes !== 0) return `${every} from ${two(Math.floor(first / HOUR))}:${two(first % HOUR)}`
  if (intervalMinutes === 1) return every
  const minutes = Array.from(
    { length: HOUR / intervalMinutes },
    (_, index) => `:${two(first + index * intervalMinutes)}`,
  )
  return minutes.length > LISTED_MAX ? `${every} from ${minutes[0]}` : `${every} at ${minutes.join(' ')}`
}

/** `15 minutes`, `hour`, `2 days`. */
export function lengthOf(minutes: number): string {
  const units = [
    [WEEK, 'week'],
    [DAY, 'day'],
    [HOUR, 'hour'],
  ] as const
  const [size, unit] = units.find(([each]) => minutes % each === 0) ?? [1, 'minute']
  const count = minutes / size
  return count === 1 ? unit : `${count.toLocaleString('en').replaceAll(',', '\u202f')} ${unit}s`
}

function weekdayOf(date: string): string {
  const at = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(at) ? date : new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(at)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
