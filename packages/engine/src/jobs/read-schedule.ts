// A job's schedule as it is stored: canonical JSON.
import { type Json, writeCanonical } from '@pawl/protocol'
import type { JobRow } from '@pawl/storage'
import type { JobSchedule } from './slots.ts'

/** The schedule of a stored job. The engine wrote it. */
export function readSchedule(row: Pick<JobRow, 'schedule'>): JobSchedule {
  return JSON.parse(row.schedule) as JobSchedule
}

export function scheduleText({ intervalMinutes, startMinute, startHour, timeZone, anchorDate }: JobSchedule): string {
  const schedule: Json = { intervalMinutes, startMinute, startHour, timeZone, anchorDate }
  return writeCanonical(schedule)
}
