/**
 * Cron schedules: reading the five fields, and finding ticks in a time zone. This is the room's door; everything behind
 * it is pure and takes instants as values.
 */

export { jitterFor } from './jitter.ts'
export { type Cron, CronError, parseCron } from './parse.ts'
export { nextInstant, nextTick, previousTick, type WallSchedule } from './tick.ts'
export { offsetAt, type Zone, zoneOf } from './zone.ts'
